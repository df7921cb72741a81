"""Who sees what, who would be notified of it, and what the workspace tells its watchers."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from simulator.changes import Change, NeverHappened
from simulator.rendering import Reader
from simulator.workspace import Message, Workspace
from tests.simulator.conftest import Clock


def said(workspace: Workspace, author: str, text: str, channel: str = "care", **more: Any) -> Message:
    return workspace.post(workspace.channel(channel), workspace.person(author), text, **more)


def heard(workspace: Workspace, message: Message) -> dict[str, str]:
    return {
        workspace.people[notification.user_id].name: notification.why
        for notification in workspace.notified
        if notification.ts == message["ts"]
    }


def test_public_channels_are_open_to_members_of_the_team_only(workspace: Workspace) -> None:
    workspace.add_person("Sam", tz="UTC", is_stranger=True)

    def seen(who: str) -> list[str]:
        return [channel.name for channel in workspace.visible_channels(who)]

    assert seen("Ben") == ["care", "random"]
    assert seen("Aoife") == ["care", "random", "leads"]
    assert seen("Gus") == seen("Sam") == seen("Dan") == []
    workspace.join("care", "Gus")
    assert seen("Gus") == ["care"]


def test_a_dm_is_between_one_person_and_the_bot(workspace: Workspace) -> None:
    dm = workspace.im_with("Ben")
    assert workspace.im_with("Ben") is dm
    assert workspace.can_see("Ben", dm)
    assert not workspace.can_see("Aoife", dm)


def test_a_mention_reaches_members_only(workspace: Workspace) -> None:
    ben, cara, gus = (workspace.person(name).id for name in ("Ben", "Cara", "Gus"))
    message = said(workspace, "Ben", f"<@{cara}> <@{gus}> <@{ben}>")
    assert heard(workspace, message) == {"Cara": "mention"}


def test_broadcasts_groups_and_dms_reach_people_but_no_bots(workspace: Workspace) -> None:
    group = workspace.add_user_group("tier-2", ["Cara", "Gus"])
    assert heard(workspace, said(workspace, "Backstop", "<!channel>")) == {
        "Ben": "channel",
        "Cara": "channel",
        "Aoife": "channel",
    }
    assert heard(workspace, said(workspace, "Ben", f"<!subteam^{group}>")) == {"Cara": "group"}
    assert heard(workspace, workspace.post(workspace.im_with("Ben"), workspace.bot, "hi")) == {"Ben": "dm"}
    assert heard(workspace, said(workspace, "Ben", "&lt;!channel&gt; @Cara")) == {}


def test_mentions_in_blocks_count_except_in_plain_text(workspace: Workspace) -> None:
    cara, aoife = workspace.person("Cara").id, workspace.person("Aoife").id
    blocks = [
        {"type": "section", "text": {"type": "plain_text", "text": f"<@{cara}>"}},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": f"for <@{aoife}>"}]},
    ]
    assert heard(workspace, said(workspace, "Backstop", "x", blocks=blocks)) == {"Aoife": "mention"}
    rich = {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "user", "user_id": cara}]}],
    }
    assert heard(workspace, said(workspace, "Backstop", "x", blocks=[rich])) == {"Cara": "mention"}


def test_a_thread_is_followed_by_its_author_repliers_and_mentioned(workspace: Workspace) -> None:
    parent = said(workspace, "Ben", "help")
    assert heard(workspace, said(workspace, "Cara", "on it", thread_ts=parent["ts"])) == {"Ben": "thread"}
    aoife = workspace.person("Aoife").id
    asked = said(workspace, "Ben", f"<@{aoife}>?", thread_ts=parent["ts"])
    assert heard(workspace, asked) == {"Aoife": "mention", "Cara": "thread"}
    assert heard(workspace, said(workspace, "Cara", "done", thread_ts=parent["ts"])) == {
        "Ben": "thread",
        "Aoife": "thread",
    }


def test_do_not_disturb_makes_notifications_silent(workspace: Workspace, clock: Clock) -> None:
    cara = workspace.person("Cara")
    workspace.set_dnd("Cara", True, until=clock() + timedelta(hours=2))
    said(workspace, "Ben", f"<@{cara.id}>")
    clock.move(timedelta(hours=3))
    said(workspace, "Ben", f"<@{cara.id}>")
    assert [notification.silent for notification in workspace.notified] == [True, False]


def test_an_edit_notifies_nobody(workspace: Workspace) -> None:
    message = said(workspace, "Backstop", "x")
    workspace.edit(workspace.channel("care"), message["ts"], {"text": "<!channel>"}, by=workspace.bot)
    assert workspace.notified == []


def test_timestamps_rise_while_the_clock_stands_still_or_goes_back(workspace: Workspace, clock: Clock) -> None:
    first, second = said(workspace, "Ben", "1")["ts"], said(workspace, "Ben", "2")["ts"]
    clock.move(timedelta(hours=-1))
    third = said(workspace, "Ben", "3")["ts"]
    assert first < second < third


def test_a_parent_counts_its_replies_as_they_come_and_go(workspace: Workspace) -> None:
    care = workspace.channel("care")
    parent = said(workspace, "Ben", "help")
    reply = said(workspace, "Cara", "on it", thread_ts=parent["ts"])
    assert care.messages[parent["ts"]]["reply_count"] == 1
    assert care.messages[parent["ts"]]["reply_users"] == [workspace.person("Cara").id]
    workspace.delete(care, reply["ts"])
    assert "reply_count" not in care.messages[parent["ts"]]
    assert care.timeline == [parent["ts"]]


def test_a_renamed_channel_is_found_by_its_new_name_only(workspace: Workspace) -> None:
    care = workspace.channel("#care")
    workspace.rename("care", "customer-care")
    assert workspace.channel("#customer-care") is care
    with pytest.raises(KeyError):
        workspace.channel("#care")


def test_the_deactivated_leave_their_channels_and_screens(workspace: Workspace) -> None:
    workspace.deactivate("Cara")
    cara = workspace.person("Cara")
    assert cara.id not in workspace.channel("care").members
    assert not workspace.can_see(cara, "care")


async def test_waiting_ends_with_the_change_that_makes_it_true(workspace: Workspace) -> None:
    care = workspace.channel("care")
    asked = 0

    def two_messages() -> bool:
        nonlocal asked
        asked += 1
        return len(care.timeline) == 2

    waiting = asyncio.create_task(workspace.wait_until(two_messages, within=2))
    await asyncio.sleep(0)
    said(workspace, "Ben", "1")
    await asyncio.sleep(0)
    workspace.announce(Change("clock"))
    said(workspace, "Ben", "2")
    assert await waiting
    assert asked <= 4


async def test_waiting_in_vain_says_for_what(workspace: Workspace) -> None:
    with pytest.raises(NeverHappened, match="no card"):
        await workspace.wait_until(lambda: False, within=0.01, missing="no card")


def test_a_reader_sees_names_labels_and_dates_in_their_zone(workspace: Workspace, clock: Clock) -> None:
    ben, care = workspace.person("Ben"), workspace.channel("care")
    cara = Reader(workspace, workspace.person("Cara").id)
    at = int(clock().timestamp())
    source = (
        f"*E-1* &lt;b&gt; <@{ben.id}> in <#{care.id}> <https://example.com|the ticket> `code` 2*3*4 "
        f"<!date^{at}^{{date_short_pretty}} at {{time}}|sometime>"
    )
    assert cara.mrkdwn(source) == "E-1 <b> @Ben in #care the ticket code 2*3*4 today at 4:00 PM"
    yesterday = at - 86_400
    assert cara.mrkdwn(f"<!date^{yesterday}^{{date_pretty}}|x>") == "yesterday"
    assert cara.mrkdwn(f"<!date^{yesterday}^{{date_short}} {{date_num}}|x>") == "Jun 1, 2026 2026-06-01"
