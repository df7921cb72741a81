"""What Slack never sends reaches no listener, is no error, and is answered so that nothing typed is lost."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.hearing import hear
from bot.shapes import INTERACTIONS, Shape
from tests.office import Office

CLICK: dict[str, Any] = {
    "type": "block_actions",
    "user": {"id": "U1"},
    "trigger_id": "1.2",
    "container": {"type": "message"},
    "actions": [{"action_id": "teams.create"}],
}
FORM: dict[str, Any] = {"id": "V1", "type": "modal", "blocks": []}
JOINED: dict[str, Any] = {"type": "member_joined_channel", "user": "U1", "channel": "C1"}
NOT_SLACKS: list[tuple[dict[str, Any], str]] = [
    (CLICK | {"actions": []}, "actions"),
    (CLICK | {"actions": [{"action_id": "teams.create", "value": 5}]}, "actions.0.value"),
    (CLICK | {"user": {}}, "user.id"),
    (CLICK | {"user": {"id": "U1", "team_id": []}}, "user.team_id"),
    (CLICK | {"container": {"type": "view"}}, "the whole"),
    ({"type": "view_submission", "user": {"id": "U1"}}, "view"),
    ({"type": "view_submission", "user": {"id": "U1"}, "view": FORM | {"blocks": [{}]}}, "view.blocks.0.type"),
    ({"command": "/escalate", "user_id": "x" * 33, "channel_id": "C1"}, "user_id"),
]
NO_EVENTS: list[tuple[dict[str, Any], str]] = [
    (JOINED | {"channel": None}, "channel"),
    (JOINED | {"type": ["x"]}, "event.type"),
    ({"type": "user_change", "user": {"id": "U1", "profile": {"real_name": "\ud800"}}}, "user.profile.real_name"),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_payload_of_another_shape_than_slacks_wakes_nobody(office: Office) -> None:
    events = [({"team_id": "T0CARE", "type": "event_callback", "event": event}, at) for event, at in NO_EVENTS]
    for status, payloads in ((400, NOT_SLACKS), (200, events)):
        for body, at in payloads:
            with capture_logs() as logs:
                response = await hear(office.bot.bolt, mode="socket_mode", body=body)
            assert (response.status, response.body) == (status, ""), body
            assert [(line["log_level"], line["at"]) for line in logs] == [("warning", at)], body


UNREADABLE: list[dict[str, Any]] = [
    {"mode": "http", "body": "payload={", "headers": {}},
    {"mode": "http", "body": "[" * 100_000, "headers": {"Content-Type": "application/json"}},
    {"mode": "http", "body": "9" * 5_000, "headers": {"Content-Type": "application/json"}},
    {"mode": "http", "body": "[]", "headers": {"Content-Type": "application/json"}},
    {"mode": "socket_mode", "body": {"event": None, "authorizations": 5}},
    {"mode": "socket_mode", "body": {"event": None, "authorizations": {"0": {}}}},
    {"mode": "socket_mode", "body": {"type": "view_submission", "response_urls": ["https://nowhere"]}},
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_bolt_cannot_read_is_refused_and_no_error(office: Office) -> None:
    for request in UNREADABLE:
        with capture_logs() as logs:
            response = await hear(office.bot.bolt, **request)
        assert (response.status, response.body) == (400, ""), request
        assert [line["log_level"] for line in logs] == ["warning"], request


class Broken(Shape):
    @classmethod
    def model_validate(cls, *_: Any, **__: Any) -> "Broken":
        raise KeyError("what Ben typed")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_bug_in_hearing_is_told_as_one(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(INTERACTIONS, "block_actions", Broken)
    with capture_logs() as logs:
        response = await hear(office.bot.bolt, mode="socket_mode", body=CLICK)
    assert response.status == 500, "Slack is told that it wasn't heard"
    assert [(line["log_level"], line["event"]) for line in logs] == [("error", "hearing failed")]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_fails_inside_bolt_is_told_without_its_words(office: Office) -> None:
    async def broken() -> None:
        raise KeyError("what Ben typed")

    office.bot.bolt.use(broken)
    with capture_logs() as logs:
        await hear(office.bot.bolt, mode="socket_mode", body=CLICK)
    assert [(line["event"], line["error"]) for line in logs] == [("bolt failed", "KeyError")]
    assert "broken" in str(logs[0]["where"])
    assert "typed" not in str(logs)
