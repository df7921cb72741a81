"""Request Tracker, as recorded: what test_rt_itself tries on RT's own code, everywhere and at once."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.helpdesks import DeskRefusedError, Push
from bot.helpdesks.rt import RequestTracker
from bot.helpdesks.rt_asking import written
from simulator.desks import rt as vendor
from simulator.desks import serving
from simulator.desks.zendesk import stamp
from storage.pulled import Gone, Priority, Status
from tests.bot.helpdesks.conftest import NOON, pull

MORNING = NOON - timedelta(hours=3)
SINCE = NOON - timedelta(weeks=8)
ZONES = sorted(available_timezones())


@pytest.fixture
async def acme() -> AsyncIterator[vendor.RequestTracker]:
    desk = vendor.RequestTracker()
    desk.date = NOON
    await desk.start()
    yield desk
    await desk.stop()


@pytest.fixture
def ours(acme: vendor.RequestTracker, http: aiohttp.ClientSession) -> RequestTracker:
    return RequestTracker(http, base_url=acme.base_url, token=vendor.TOKEN, push_secret="hook")


async def test_a_ticket_in_our_words_beside_its_own(acme: vendor.RequestTracker, ours: RequestTracker) -> None:
    acme.add(1, MORNING, Status="resolved", Owner="ramon", Priority="100", Resolved=stamp(NOON), Due=stamp(MORNING))
    acme.happened(1, "Correspond", "carla", MORNING + timedelta(minutes=1), "me again")
    acme.happened(1, "Correspond", "ramon", MORNING + timedelta(minutes=9), "we look")
    acme.happened(1, "Comment", "ramon", MORNING + timedelta(minutes=5), "aside")
    acme.happened(1, "Correspond", "ramon", MORNING + timedelta(minutes=7), "earlier, and known later")
    acme.happened(1, "Status", "carla", NOON, OldValue="resolved", NewValue="open")
    acme.add(2, MORNING, Status="awaiting parts", Priority="50")
    pulled = await pull(ours, SINCE)
    told, other = pulled.tickets["1"], pulled.tickets["2"]
    assert (told.status, told.status_raw, told.priority, told.priority_raw) == (
        Status.SOLVED,
        "resolved",
        Priority.HIGH,
        "100",
    )
    assert (told.customer_key, told.customer_name, told.group) == ("carla@customer.example", "Carla", "Support")
    assert (told.assignee_external_id, told.assignee_email) == ("ramon", "ramon@acme.example")
    assert (told.first_agent_reply_at, told.replies) == (MORNING + timedelta(minutes=7), 2)
    assert (told.solved_at, told.reopened, told.sla_breached) == (NOON, 1, True)
    assert (other.status, other.priority, other.assignee_external_id) == (Status.OPEN, Priority.NORMAL, None)
    assert (other.solved_at, other.sla_due_at, other.first_agent_reply_at, other.replies) == (None, None, None, 0)


async def test_a_colleague_who_asks_is_the_customer_of_that_ticket(
    acme: vendor.RequestTracker, ours: RequestTracker
) -> None:
    acme.add(1, MORNING, Requestor=["ramon"])
    acme.happened(1, "Correspond", "ramon", NOON)
    assert (await pull(ours, SINCE)).tickets["1"].replies == 0


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Manila", None])
async def test_only_what_changed_since_is_told_whatever_the_users_zone(
    zone: str | None, acme: vendor.RequestTracker, http: aiohttp.ClientSession
) -> None:
    acme.zone = zone
    ours = RequestTracker(http, base_url=acme.base_url, token=vendor.TOKEN)
    for hour in range(48):
        acme.add(hour + 1, NOON - timedelta(hours=hour))
    pulled = await pull(ours, NOON - timedelta(hours=10))
    assert sorted(map(int, pulled.told)) == list(range(1, 12))


@pytest.mark.parametrize("zone", ["America/New_York", None])
async def test_more_tickets_than_a_page_holds(
    zone: str | None, acme: vendor.RequestTracker, http: aiohttp.ClientSession
) -> None:
    acme.zone = zone
    ours = RequestTracker(http, base_url=acme.base_url, token=vendor.TOKEN)
    for id_ in range(1, 351):
        acme.add(id_, MORNING + timedelta(seconds=max(0, id_ - 150)))
    first = await pull(ours, SINCE)
    assert len(first.tickets) == 350
    assert first.pages[0].total == 350
    again = await pull(ours, SINCE, first.cursor)
    assert len(again.told) <= 61, "the last minute again, and no more"


async def test_what_was_merged_or_deleted_is_gone_and_may_come_back(
    acme: vendor.RequestTracker, ours: RequestTracker
) -> None:
    for id_ in (1, 2, 3, 4):
        acme.add(id_, MORNING)
    first = await pull(ours, SINCE)
    later = NOON + timedelta(minutes=5)
    acme.tickets[2]["EffectiveId"] = 1
    for end in (1, 2):
        acme.happened(end, "AddLink", "ramon", later, Field="MergedInto", NewValue="fsck.com-rt://acme/ticket/1")
    acme.tickets[3]["Status"] = "deleted"
    for id_ in (3, 4):
        acme.happened(id_, "Status", "ramon", later, Field="Status", OldValue="new", NewValue="deleted")
    acme.tickets[4]["LastUpdated"] = stamp(later)
    second = await pull(ours, SINCE, first.cursor)
    assert second.deleted == {"3"}
    assert (second.tickets["2"].gone, second.tickets["2"].merged_into) == (Gone.MERGED, "1")
    assert second.tickets["4"].gone is None, "brought back since"
    led = await ours.ticket("2")
    assert led is not None
    assert led.external_id == "1"
    assert await ours.ticket("3") is None
    assert await ours.ticket("99") is None


async def test_check_says_what_is_missing(
    acme: vendor.RequestTracker, ours: RequestTracker, http: aiohttp.ClientSession
) -> None:
    acme.add(1, MORNING)
    sound = await ours.check()
    assert (sound.missing, sound.groups) == ([], ["Support"])
    assert sound.account.startswith("backstop at ")
    acme.may_comment = False
    acme.zone = "Not/AZone"
    lacking = await RequestTracker(http, base_url=acme.base_url, token=vendor.TOKEN).check()
    assert ["CommentOnTicket" in lacking.missing[0], "time zone" in lacking.missing[1]] == [True, True]
    acme.queues = []
    blind = await ours.check()
    assert [sentence.split(":")[0] for sentence in blind.missing] == ["It sees no queue", "It sees no ticket"]
    assert (await pull(ours, SINCE)).told == []
    with pytest.raises(DeskRefusedError, match="credentials"):
        await RequestTracker(http, base_url=acme.base_url, token="1-35-wrong").check()


async def test_queues_are_named_however_many_there_are(acme: vendor.RequestTracker, ours: RequestTracker) -> None:
    acme.add(1, MORNING, Queue="Queue 0")
    acme.queues = [f"Queue {number}" for number in range(200)]
    assert sorted((await ours.check()).groups) == sorted(acme.queues)
    acme.queues.append("The last one")
    assert "The last one" in (await ours.check()).groups


async def test_owners_are_the_agents(acme: vendor.RequestTracker, ours: RequestTracker) -> None:
    acme.add(1, MORNING, Owner="ramon")
    acme.add(2, MORNING, Owner="ramon")
    acme.add(3, MORNING)
    [agent] = await ours.agents()
    assert (agent.external_id, agent.name, agent.email) == ("ramon", "Ramon", "ramon@acme.example")


async def test_the_conversation_and_a_comment(acme: vendor.RequestTracker, ours: RequestTracker) -> None:
    acme.add(1, MORNING)
    acme.happened(1, "Create", "carla", MORNING, "I can’t log in")
    acme.happened(1, "Comment", "ramon", MORNING, "aside")
    acme.happened(1, "Correspond", "ramon", NOON, "try now")
    context = await ours.context("1")
    assert context is not None
    assert [(turn.text, turn.from_agent, turn.public) for turn in context.conversation] == [
        ("I can’t log in", False, True),
        ("aside", True, False),
        ("try now", True, True),
    ]
    assert not await ours.has_note("1", "E-7")
    await ours.note("1", "E-7 is resolved")
    assert await ours.has_note("1", "E-7")
    assert await ours.context("99") is None
    assert ours.url_of("1") == f"{acme.base_url}/Ticket/Display.html?id=1"


async def test_a_page_that_breaks_is_asked_for_again(acme: vendor.RequestTracker, ours: RequestTracker) -> None:
    acme.add(1, MORNING)
    acme.next(serving.half_of_it, serving.web_page(502), path="/REST/2.0/tickets")
    assert (await pull(ours, SINCE)).told == ["1"]


@given(st.sampled_from(ZONES), st.integers(0, 6 * 365 * 24 * 4), st.sampled_from([0, 1]))
def test_what_is_written_is_read_as_that_instant_or_up_to_an_hour_before(name: str, quarters: int, fold: int) -> None:
    """Whichever of the two RT takes in the hour that comes twice."""
    zone, at = ZoneInfo(name), datetime(2024, 1, 1, tzinfo=UTC) + quarters * timedelta(minutes=15)
    read = datetime.fromisoformat(written(at, zone)).replace(tzinfo=zone, fold=fold).astimezone(UTC)
    assert at - timedelta(hours=2) <= read <= at
    without = datetime.fromisoformat(written(at, None)).replace(tzinfo=zone, fold=fold).astimezone(UTC)
    assert without <= at


def test_only_a_push_that_brings_the_secret_is_genuine(ours: RequestTracker) -> None:
    def push(secret: str) -> Push:
        return Push(method="POST", url="https://x/push/rt", headers={"x-backstop-secret": secret}, body=b"")

    assert ours.is_genuine(push("hook"), now=NOON)
    assert not ours.is_genuine(push(""), now=NOON)
