"""Request Tracker's own code, on a port of this machine: what we read from it, and what we know of its ways."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest

from bot.helpdesks import DeskRefusedError
from bot.helpdesks.rt import RequestTracker
from bot.helpdesks.rt_asking import written
from storage.pulled import Gone, Priority, Status
from tests.bot.helpdesks.conftest import pull
from tests.bot.helpdesks.rt_itself import RtItself, is_installed

pytestmark = [
    pytest.mark.rt,
    pytest.mark.skipif(not is_installed(), reason="Request Tracker is not installed: make test-rt does it"),
]
NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture
async def rt(tmp_path: Path) -> AsyncIterator[RtItself]:
    itself = await RtItself.start(tmp_path)
    yield itself
    await itself.stop()


def ours(rt: RtItself, http: aiohttp.ClientSession, who: str = "backstop") -> RequestTracker:
    return RequestTracker(http, base_url=rt.base_url, token=rt.tokens[who])


async def raised(rt: RtItself, subject: str, **told: Any) -> str:
    """The id of a new ticket of Carla's."""
    body = {"Queue": "Support", "Subject": subject, "Requestor": "carla@example.test", "Content": "help", **told}
    return str((await rt.does("root", "POST", "/ticket", body))["id"])


def text(words: str) -> dict[str, str]:
    return {"Content": words, "ContentType": "text/plain"}


async def test_a_ticket_from_its_first_word_to_its_reopening(rt: RtItself, http: aiohttp.ClientSession) -> None:
    since = datetime.now(UTC) - timedelta(hours=1)
    desk = ours(rt, http)
    assert (await desk.check()).missing[0].startswith("It sees no ticket")
    one = await raised(rt, "Can’t log in", Priority=50)
    await raised(rt, "Nobody has looked")
    sound = await desk.check()
    assert (sound.missing, sound.groups) == ([], ["Support"])
    assert "backstop at" in sound.account
    await rt.does("carla", "POST", f"/ticket/{one}/correspond", text("me again"))
    await rt.does("ramon", "POST", f"/ticket/{one}/comment", text("an internal word"))
    await rt.does("ramon", "POST", f"/ticket/{one}/correspond", text("we look"))
    await rt.does("ramon", "POST", f"/ticket/{one}/correspond", text("try now"))
    await rt.does("ramon", "PUT", f"/ticket/{one}", {"Owner": "ramon", "Status": "resolved"})
    solved = (await pull(desk, since)).tickets[one]
    assert (solved.status, solved.status_raw, solved.priority) == (Status.SOLVED, "resolved", Priority.NORMAL)
    assert (solved.customer_key, solved.customer_name, solved.group) == ("carla@example.test", "Carla", "Support")
    assert (solved.assignee_external_id, solved.assignee_email) == ("ramon", "ramon@example.test")
    assert solved.replies == 2, "the customer's own words and the comment are no replies"
    assert solved.first_agent_reply_at is not None
    assert solved.solved_at is not None
    assert since < solved.created_at <= solved.first_agent_reply_at <= solved.solved_at
    assert (solved.reopened, solved.sla_due_at, solved.sla_breached) == (0, None, None)
    await rt.does("ramon", "PUT", f"/ticket/{one}", {"Status": "open"})
    pulled = await pull(desk, since)
    reopened, untouched = pulled.tickets[one], pulled.tickets[str(int(one) + 1)]
    assert (reopened.status, reopened.reopened, reopened.solved_at) == (Status.OPEN, 1, None)
    assert (untouched.status, untouched.assignee_external_id) == (Status.NEW, None)
    assert (untouched.first_agent_reply_at, untouched.replies, untouched.solved_at) == (None, 0, None)
    [agent] = await desk.agents()
    assert (agent.external_id, agent.name, agent.email) == ("ramon", "Ramon", "ramon@example.test")
    assert await desk.ticket("999") is None
    context = await desk.context(one)
    assert context is not None
    turns = [(turn.by, turn.text, turn.from_agent, turn.public) for turn in context.conversation]
    assert turns[1:] == [
        ("carla", "me again", False, True),
        ("ramon", "an internal word", True, False),
        ("ramon", "we look", True, True),
        ("ramon", "try now", True, True),
    ]
    assert not await desk.has_note(one, "E-7")
    await desk.note(one, "E-7 is resolved")
    assert await desk.has_note(one, "E-7")
    assert (await pull(desk, since)).tickets[one].replies == 2


async def test_how_rt_reads_instants(rt: RtItself, http: aiohttp.ClientSession) -> None:
    """Each of these is a trap that we go round; when one of them changes, so may we."""
    await raised(rt, "one")
    now = datetime.now(UTC)
    before, after = now - timedelta(minutes=5), now + timedelta(minutes=5)
    naive = "%Y-%m-%d %H:%M:%S"
    assert await rt.found("backstop", f"LastUpdated >= '{before.astimezone(NEW_YORK):{naive}}'") == 1
    assert await rt.found("backstop", f"LastUpdated >= '{after.astimezone(NEW_YORK):{naive}}'") == 0
    assert await rt.found("backstop", f"LastUpdated >= '{before:{naive}}'") == 0, "UTC is hours ahead of New York"
    tonight = now.astimezone(NEW_YORK).replace(hour=23, minute=59, second=59)
    assert await rt.found("backstop", f"LastUpdated >= '{tonight:%Y-%m-%dT%H:%M:%S}Z'") == 1, "Z drops the time of day"
    assert await rt.found("backstop", f"LastUpdated >= '{before:{naive}} +0000'") == 0, "a zone matches nothing"
    assert await rt.found("backstop", f"LastUpdated >= '{int(after.timestamp())}'") == 1, "seconds match everything"
    assert await rt.found("backstop", f"LastUpdated >= '{written(before, NEW_YORK)}'") == 1
    assert await rt.found("backstop", f"LastUpdated >= '{written(after, NEW_YORK)}'") == 0
    # whoever's zone isn't set: half a day too early, and what is too old is left out here
    zoneless = ours(rt, http, "zoneless")
    assert "time zone" in (await zoneless.check()).missing[-1]
    assert len((await pull(zoneless, before)).told) == 1
    assert (await pull(zoneless, after)).told == []


async def test_more_tickets_of_one_second_than_a_page_holds(rt: RtItself, http: aiohttp.ClientSession) -> None:
    since = datetime.now(UTC) - timedelta(minutes=5)
    many = [{"Queue": "Support", "Subject": f"T{number}", "Content": "x"} for number in range(120)]
    created = await rt.does("root", "POST", "/tickets/bulk", many)
    wanted = sorted(str(one["id"]) for one in created)
    for who in ("backstop", "zoneless"):
        desk = ours(rt, http, who)
        first = await pull(desk, since)
        assert sorted(first.tickets) == wanted
        assert first.pages[0].total == 120
        again = await pull(desk, since, first.cursor)
        assert set(again.tickets) <= set(wanted)


async def test_what_was_merged_or_deleted_is_gone_and_may_come_back(rt: RtItself, http: aiohttp.ClientSession) -> None:
    since = datetime.now(UTC) - timedelta(minutes=5)
    desk = ours(rt, http)
    kept, merged, deleted, restored = [await raised(rt, subject) for subject in ("kept", "merged", "del", "back")]
    first = await pull(desk, since)
    assert set(first.tickets) == {kept, merged, deleted, restored}
    await rt.does("root", "PUT", f"/ticket/{merged}", {"MergeInto": kept})
    await rt.does("root", "DELETE", f"/ticket/{deleted}")
    await rt.does("root", "DELETE", f"/ticket/{restored}")
    await rt.does("root", "PUT", f"/ticket/{restored}", {"Status": "open"})
    later = await pull(desk, since, first.cursor)
    assert later.deleted == {deleted}
    assert (later.tickets[merged].gone, later.tickets[merged].merged_into) == (Gone.MERGED, kept)
    assert later.tickets[merged].subject == "merged"
    assert later.tickets[kept].gone is None
    assert later.tickets[restored].gone is None
    led = await desk.ticket(merged)
    assert led is not None
    assert led.external_id == kept
    assert await desk.ticket(deleted) is None


async def test_without_rights_nothing_is_there_and_check_says_so(rt: RtItself, http: aiohttp.ClientSession) -> None:
    one = await raised(rt, "hidden")
    stranger = ours(rt, http, "stranger")
    found = await stranger.check()
    assert [sentence.split(":")[0] for sentence in found.missing] == ["It sees no queue", "It sees no ticket"]
    pulled = await pull(stranger, datetime.now(UTC) - timedelta(hours=1))
    assert (pulled.told, pulled.pages[0].total) == ([], 0)
    assert await stranger.ticket(one) is None
    reader = await ours(rt, http, "zoneless").check()
    assert any("CommentOnTicket" in sentence for sentence in reader.missing)
    forged = RequestTracker(http, base_url=rt.base_url, token="1-35-0000")
    with pytest.raises(DeskRefusedError, match="credentials"):
        await forged.check()
