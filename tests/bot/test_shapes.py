"""Payloads as Slack really sends them. Each is written after ones recorded in the tests of Slack's own libraries and in
their issues, and says what varies: a shape that is too narrow makes the bot deaf for somebody.
"""

from typing import Any

import pytest

from bot.shapes import EVENTS, misshapen
from handlers.forms import values

Payload = dict[str, Any]

WORKSPACE, ORG, OTHER_WORKSPACE = "T02AB34CD", "E07EF56GH", "T09ZY87XW"
MEI, CHANNEL, DIRECT = "U05MEI0001", "C04CARE001", "D06BOTMEI1"
BUTTON = {"action_id": "escalations.claim", "block_id": "b1", "type": "button", "value": "17", "action_ts": "1.5"}
SHOWN: Payload = {
    "id": "V05FORM001",
    "team_id": WORKSPACE,
    "type": "modal",
    "blocks": [{"type": "input", "block_id": "what", "element": {"type": "plain_text_input", "action_id": "a"}}],
    "private_metadata": "",
    "callback_id": "escalations.raise_form",
    "state": {"values": {"what": {"a": {"type": "plain_text_input", "value": None}}}},
    "hash": "1780390000.a1b2c3",
    "previous_view_id": None,
    "root_view_id": "V05FORM001",
    "app_installed_team_id": WORKSPACE,
    "bot_id": "B05BOT0001",
}
HOME = SHOWN | {
    "type": "home",
    "callback_id": "",
    "state": {"values": {}},
    "blocks": [{"type": "divider", "block_id": "d"}],
}


def interaction(kind: str, **more: Any) -> Payload:
    return {
        "type": kind,
        "team": {"id": WORKSPACE, "domain": "acme"},
        "enterprise": None,
        "is_enterprise_install": False,
        "user": {"id": MEI, "username": "mei", "name": "mei", "team_id": WORKSPACE},
        "api_app_id": "A05APP0001",
        "token": "given up long ago",
        "trigger_id": "13345224609.738474920.8088930838d88f008e0",
        **more,
    }


def clicked(**more: Any) -> Payload:
    """In a message."""
    where = {"type": "message", "message_ts": "1780390000.000100", "channel_id": CHANNEL, "is_ephemeral": False}
    said = {"type": "message", "ts": "1780390000.000100", "user": "U05BOT0001", "bot_id": "B05BOT0001", "text": "E-17"}
    usual = {
        "container": where,
        "channel": {"id": CHANNEL, "name": "care"},
        "message": said,
        "state": {"values": {}},
        "response_url": "https://hooks.slack.com/actions/T02AB34CD/1/a",
        "actions": [BUTTON],
    }
    return interaction("block_actions", **usual | more)


def clicked_in(view: Payload, **more: Any) -> Payload:
    """Neither channel, message nor response_url."""
    where = {"type": "view", "view_id": view["id"]}
    return interaction("block_actions", **{"container": where, "view": view, "actions": [BUTTON], **more})


def chosen(kind: str, **given: Any) -> Payload:
    return clicked_in(SHOWN, actions=[{"type": kind, "action_id": "a", "block_id": "b", "action_ts": "1.5", **given}])


def typed(**more: Any) -> Payload:
    """A form field each, all of them text."""
    return {
        "token": "given up long ago",
        "team_id": WORKSPACE,
        "team_domain": "acme",
        "channel_id": CHANNEL,
        "channel_name": "care",
        "user_id": MEI,
        "user_name": "mei",
        "command": "/escalate",
        "text": "",
        "api_app_id": "A05APP0001",
        "is_enterprise_install": "false",
        "response_url": "https://hooks.slack.com/commands/T02AB34CD/1/a",
        "trigger_id": "13345224609.738474920.8088930838d88f008e0",
        **more,
    }


def without(payload: Payload, *fields: str) -> Payload:
    return {name: value for name, value in payload.items() if name not in fields}


OPTION = {"text": {"type": "plain_text", "text": "High", "emoji": True}, "value": "high"}
OF_ORG: Payload = {"enterprise": {"id": ORG, "name": "Acme Group"}, "is_enterprise_install": True, "team": None}
"""The app belongs to the whole organisation, and Slack doesn't say in which of its workspaces it was used."""
GUEST_OF_CHANNEL = {"user": {"id": "W09STRANGE", "name": "sam", "team_id": OTHER_WORKSPACE}}

INTERACTIONS: dict[str, Payload] = {
    "a button in a channel": clicked(),
    "in an answer that only one person sees": clicked(
        container={"type": "message", "message_ts": "1780390000.000100", "channel_id": CHANNEL, "is_ephemeral": True},
        message=None,
    ),
    "in a thread": clicked(
        container={
            "type": "message",
            "message_ts": "2.1",
            "channel_id": CHANNEL,
            "thread_ts": "1.1",
            "is_ephemeral": False,
        }
    ),
    "in a direct message": clicked(channel={"id": DIRECT, "name": "directmessage"}),
    "in a private channel": clicked(channel={"id": "G04SECRET1", "name": "privategroup"}),
    "in an attachment": clicked(
        container={"type": "message_attachment", "message_ts": "1.1", "attachment_id": 1, "channel_id": CHANNEL}
    ),
    "a button that only opens a link": clicked(actions=[without(BUTTON, "value") | {"url": "https://example.com"}]),
    "by somebody of another workspace, in a channel that both share": clicked(**GUEST_OF_CHANNEL),
    "of an app that an organisation installed": clicked(**OF_ORG),
    "on Home": clicked_in(HOME),
    "on Home, of an app that an organisation installed": clicked_in(HOME, **OF_ORG),
    "in a form": clicked_in(SHOWN),
    "in a form, without saying where": without(clicked_in(SHOWN), "container"),
    "a menu": chosen("static_select", selected_option=OPTION),
    "a menu in which nothing is chosen any more": chosen("static_select", selected_option=None),
    "an overflow menu": chosen("overflow", selected_option=OPTION),
    "boxes": chosen("checkboxes", selected_options=[OPTION]),
    "a day": chosen("datepicker", selected_date="2026-06-02", initial_date="2026-06-01"),
    "an instant": chosen("datetimepicker", selected_date_time=1780390000),
    "people": chosen("multi_users_select", selected_users=[MEI]),
    "a channel": chosen("conversations_select", selected_conversation=CHANNEL),
    "words, as they are typed": chosen("plain_text_input", value="furious"),
    "a form that was sent": interaction("view_submission", view=SHOWN, response_urls=[]),
    "a form that answers into a channel": interaction(
        "view_submission",
        view=SHOWN,
        response_urls=[
            {"block_id": "c", "action_id": "a", "channel_id": CHANNEL, "response_url": "https://example.com"}
        ],
    ),
    "a form above another": interaction("view_submission", view=SHOWN | {"previous_view_id": "V05FORM000"}),
    "a form without fields": interaction("view_submission", view=SHOWN | {"state": {}}),
    "a form of an app that an organisation installed": interaction("view_submission", view=SHOWN, **OF_ORG),
    "a form sent by somebody of another workspace": interaction("view_submission", view=SHOWN, **GUEST_OF_CHANNEL),
    "a form that was closed": without(interaction("view_closed", view=SHOWN, is_cleared=False), "trigger_id"),
    "a search in a menu of a form": without(
        interaction("block_suggestion", action_id="a", block_id="b", value="eur", view=SHOWN), "trigger_id"
    ),
    "a search in a menu of a message": without(
        interaction("block_suggestion", action_id="a", block_id="b", value="", channel={"id": CHANNEL, "name": "care"}),
        "trigger_id",
    ),
    "a shortcut from anywhere": interaction("shortcut", callback_id="escalations.raise", action_ts="1.5"),
    "a shortcut from anywhere, of an organisation's app": interaction("shortcut", callback_id="x", **OF_ORG),
    "a shortcut of a message": interaction(
        "message_action",
        callback_id="escalations.escalate_message",
        message_ts="1.1",
        channel={"id": CHANNEL, "name": "care"},
        message={
            "type": "message",
            "user": MEI,
            "ts": "1.1",
            "text": "furious",
            "client_msg_id": "x",
            "team": WORKSPACE,
        },
        response_url="https://hooks.slack.com/app/T02AB34CD/1/a",
    ),
    "a shortcut of a bot's message without words": interaction(
        "message_action",
        callback_id="escalations.escalate_message",
        channel={"id": "C04MANY001", "name": "mpdm-mei--ben-1"},
        message={"type": "message", "subtype": "bot_message", "bot_id": "B1", "ts": "1.1", "text": None, "blocks": []},
    ),
    "a command": typed(text="48213 customer is furious"),
    "a command in a direct message": typed(channel_id=DIRECT, channel_name="directmessage"),
    "a command in a group of people": typed(channel_id="C05GROUP01", channel_name="mpdm-mei--ben-1"),
    "a command in an organisation": typed(enterprise_id=ORG, enterprise_name="Acme Group", user_id="W05MEI0001"),
}


@pytest.mark.parametrize("payload", INTERACTIONS.values(), ids=INTERACTIONS.keys())
def test_what_people_do_is_heard(payload: Payload) -> None:
    assert misshapen(payload) is None


def happened(event: Payload, **more: Any) -> Payload:
    asked = {"enterprise_id": None, "team_id": WORKSPACE, "user_id": "U05BOT0001", "is_bot": True}
    return {
        "token": "given up long ago",
        "team_id": WORKSPACE,
        "context_team_id": WORKSPACE,
        "context_enterprise_id": None,
        "api_app_id": "A05APP0001",
        "event": {"event_ts": "1780390000.000100", **event},
        "type": "event_callback",
        "event_id": "Ev05EVENT1",
        "event_time": 1780390000,
        "authorizations": [asked | {"is_enterprise_install": False}],
        "is_ext_shared_channel": False,
        **more,
    }


def said(**more: Any) -> Payload:
    return {
        "type": "message",
        "channel": CHANNEL,
        "channel_type": "channel",
        "user": MEI,
        "text": "hm",
        "ts": "1.1",
        **more,
    }


ACCOUNT: Payload = {
    "id": MEI,
    "team_id": WORKSPACE,
    "name": "mei",
    "deleted": False,
    "real_name": "Mei Santos",
    "tz": "Asia/Manila",
    "tz_offset": 28800,
    "profile": {"real_name": "Mei Santos", "display_name": "", "email": "mei@acme.example", "fields": None},
    "is_admin": False,
    "is_bot": False,
}
"""What is left of it when it is closed, or of a bot's: no zone, no address."""
JOINED = {"user": MEI, "channel": CHANNEL, "channel_type": "C", "team": WORKSPACE}
RENAMED = {"channel": {"id": CHANNEL, "name": "care", "name_normalized": "care", "created": 1780390000}}
SLEEPING = {"dnd_enabled": True, "next_dnd_start_ts": 1780430400, "next_dnd_end_ts": 1780462800}

HAPPENED: dict[str, Payload] = {
    "said in a channel": said(team=WORKSPACE, client_msg_id="x", blocks=[]),
    "said in a thread": said(thread_ts="1.0", parent_user_id="U05BOT0001"),
    "said to the bot": said(channel=DIRECT, channel_type="im"),
    "said with a file, which has no team": said(subtype="file_share", files=[{"id": "F1"}], upload=False),
    "said by another app": without(said(subtype="bot_message", bot_id="B1", username="Statuspage"), "user"),
    "said with nothing but blocks": said(text=None),
    "said by a stranger in a shared channel": said(user="W09STRANGE", user_team=OTHER_WORKSPACE, source_team=ORG),
    "changed": without(
        said(subtype="message_changed", hidden=True, message=said(), previous_message=said()), "user", "text"
    ),
    "deleted": without(
        said(subtype="message_deleted", hidden=True, deleted_ts="1.0", previous_message=said()), "user", "text"
    ),
    "a thread that was answered": without(
        said(subtype="message_replied", message=said()), "user", "text", "channel_type"
    ),
    "the bot was named": said(type="app_mention") | {"channel_type": None},
    "Home was opened": {"type": "app_home_opened", "user": MEI, "channel": DIRECT, "tab": "home", "view": HOME},
    "Home was opened for the first time": {"type": "app_home_opened", "user": MEI, "channel": DIRECT, "tab": "home"},
    "messages were opened": {"type": "app_home_opened", "user": MEI, "channel": DIRECT, "tab": "messages"},
    "joined": {"type": "member_joined_channel", **JOINED, "inviter": "U05AOIFE01"},
    "joined from elsewhere in the organisation": {
        "type": "member_joined_channel",
        **JOINED,
        "enterprise": ORG,
        "team": ORG,
    },
    "left": {"type": "member_left_channel", **JOINED},
    "renamed": {"type": "channel_rename", **RENAMED},
    "renamed, and private": {"type": "group_rename", **RENAMED},
    "archived": {"type": "channel_archive", "channel": CHANNEL, "user": MEI, "is_moved": 0},
    "archived, and private": {"type": "group_archive", "channel": "G04SECRET1", "user": MEI, "is_moved": 0},
    "unarchived": {"type": "channel_unarchive", "channel": CHANNEL, "user": MEI},
    "unarchived, and private": {"type": "group_unarchive", "channel": "G04SECRET1", "actor_id": MEI},
    "a new colleague": {"type": "team_join", "user": ACCOUNT},
    "a new bot": {"type": "team_join", "user": without(ACCOUNT, "tz") | {"is_bot": True, "profile": {"bot_id": "B1"}}},
    "changed account": {"type": "user_change", "user": ACCOUNT, "cache_ts": 1780390000},
    "closed account": {"type": "user_change", "user": without(ACCOUNT, "tz", "real_name") | {"deleted": True}},
    "an account without a zone": {
        "type": "user_change",
        "user": ACCOUNT | {"tz": None, "profile": {"display_name": None}},
    },
    "an account of an organisation": {
        "type": "user_change",
        "user": ACCOUNT | {"id": "W05MEI0001", "enterprise_user": {}},
    },
    "sleeps": {"type": "dnd_updated_user", "user": MEI, "dnd_status": SLEEPING},
    "never sleeps": {
        "type": "dnd_updated_user",
        "user": MEI,
        "dnd_status": {"dnd_enabled": False, "next_dnd_start_ts": 1, "next_dnd_end_ts": 1},
    },
    "snoozes": {
        "type": "dnd_updated_user",
        "user": MEI,
        "dnd_status": SLEEPING | {"snooze_enabled": True, "snooze_endtime": 1780396800, "snooze_remaining": 3600},
    },
}
SENT: dict[str, Payload] = {
    "in one workspace": {},
    "from a channel that began in another": {"team_id": OTHER_WORKSPACE, "is_ext_shared_channel": True},
    "in an organisation": {"enterprise_id": ORG, "context_enterprise_id": ORG},
    "for a whole organisation": {
        "team_id": None,
        "enterprise_id": ORG,
        "authorizations": [{"enterprise_id": ORG, "team_id": None, "user_id": "U1", "is_enterprise_install": True}],
    },
    "without what was added later": {"authorizations": None, "context_team_id": None, "authed_users": [MEI]},
}


@pytest.mark.parametrize("sent", SENT.values(), ids=SENT.keys())
@pytest.mark.parametrize("event", HAPPENED.values(), ids=HAPPENED.keys())
def test_what_happens_is_heard(event: Payload, sent: Payload) -> None:
    assert misshapen(happened(event, **sent)) is None


def test_every_kind_of_event_is_among_them() -> None:
    assert {event["type"] for event in HAPPENED.values()} == set(EVENTS)


def test_a_form_without_fields_has_no_values() -> None:
    assert values(SHOWN | {"state": {}}) == {}
