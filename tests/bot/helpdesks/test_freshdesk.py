"""Freshdesk: pulled by the time of last change, round the edges that its lists have."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import aiohttp
import pytest

from bot.helpdesks import CursorLostError, DeskRefusedError, Push, SlowDownError
from bot.helpdesks.freshdesk import Freshdesk
from simulator.desks import freshdesk as vendor
from simulator.desks import serving
from simulator.desks.zendesk import stamp
from storage.pulled import Priority, RatingKind, Status
from tests.bot.helpdesks.conftest import NOON, pull

MORNING = NOON - timedelta(hours=3)
SINCE = NOON - timedelta(weeks=8)


@pytest.fixture
async def acme() -> AsyncIterator[vendor.Freshdesk]:
    desk = vendor.Freshdesk(NOON)
    desk.agents = [{"id": 11, "contact": {"name": "Ramon", "email": "ramon@acme.example"}}]
    desk.groups = [{"id": 5, "name": "Care"}]
    desk.companies = [{"id": 77, "name": "Customer Ltd", "account_tier": "VIP"}]
    desk.contacts = {21: {"id": 21, "name": "Carla", "email": "Carla@customer.example"}}
    await desk.start()
    yield desk
    await desk.stop()


@pytest.fixture
def ours(acme: vendor.Freshdesk, http: aiohttp.ClientSession) -> Freshdesk:
    return Freshdesk(http, base_url=acme.base_url, key=vendor.KEY, push_secret="hook")


async def test_a_ticket_in_our_words_beside_its_own(acme: vendor.Freshdesk, ours: Freshdesk) -> None:
    replied = MORNING + timedelta(minutes=30)
    stats = {"first_responded_at": stamp(replied), "resolved_at": stamp(NOON), "reopened_at": stamp(replied)}
    names = {"requester_id": 21, "company_id": 77, "responder_id": 11, "group_id": 5}
    acme.add(1, MORNING, status=4, priority=4, tags=["login"], stats=stats, **names)
    acme.add(2, MORNING, requester_id=21, source=99, status=9)
    pulled = await pull(ours, SINCE)
    told, other = pulled.tickets["1"], pulled.tickets["2"]
    assert (told.status, told.status_raw, told.priority, told.priority_raw) == (
        Status.SOLVED,
        "Resolved",
        Priority.URGENT,
        "Urgent",
    )
    assert (told.customer_key, told.customer_name, told.customer_tier) == ("company:77", "Customer Ltd", "VIP")
    assert told.customer_is_vip is True
    assert (told.assignee_external_id, told.assignee_email, told.group) == ("11", "ramon@acme.example", "Care")
    assert (told.first_agent_reply_at, told.solved_at, told.reopened) == (replied, NOON, 1)
    assert (told.replies, told.channel, told.tags) == (None, "email", ["login"])
    assert (other.status, other.status_raw, other.channel) == (Status.OPEN, "9", "99")
    assert (other.customer_key, other.customer_name) == ("carla@customer.example", "Carla")
    assert (other.first_agent_reply_at, other.solved_at, other.reopened, other.sla_breached) == (None, None, 0, False)


async def test_the_accounts_own_statuses_have_their_names(acme: vendor.Freshdesk, ours: Freshdesk) -> None:
    acme.statuses["8"] = ["With engineering", "In progress"]
    acme.add(1, MORNING, status=8)
    acme.add(2, MORNING, status=8, stats={"pending_since": stamp(MORNING)})
    pulled = await pull(ours, SINCE)
    assert {(one.status, one.status_raw) for one in pulled.tickets.values()} == {
        (Status.OPEN, "With engineering"),
        (Status.PENDING, "With engineering"),
    }


@pytest.mark.parametrize(
    ("told", "due", "breached"),
    [
        ({}, None, False),
        ({"fr_due_by": NOON, "due_by": NOON + timedelta(hours=4)}, NOON, False),
        ({"fr_due_by": NOON, "fr_escalated": True}, NOON, True),
        ({"is_escalated": None, "fr_escalated": None}, None, None),
    ],
)
async def test_targets_and_breaches(
    told: dict[str, object], due: datetime | None, breached: bool | None, acme: vendor.Freshdesk, ours: Freshdesk
) -> None:
    acme.add(1, MORNING, **{name: stamp(at) if isinstance(at, datetime) else at for name, at in told.items()})
    ticket = (await pull(ours, SINCE)).tickets["1"]
    assert (ticket.sla_due_at, ticket.sla_breached) == (due, breached)


async def test_a_late_first_reply_is_a_breach_that_nobody_marked(acme: vendor.Freshdesk, ours: Freshdesk) -> None:
    late = {"first_responded_at": stamp(NOON)}
    acme.add(1, MORNING, fr_due_by=stamp(MORNING), due_by=stamp(NOON), stats=late)
    ticket = (await pull(ours, SINCE)).tickets["1"]
    assert (ticket.sla_due_at, ticket.sla_breached) == (NOON, True)


async def test_what_is_older_than_thirty_days_is_pulled_too(acme: vendor.Freshdesk, ours: Freshdesk) -> None:
    acme.add(1, NOON - timedelta(days=50))
    assert (await pull(ours, SINCE)).told == ["1"]


async def test_pages_do_not_lose_what_moves_while_they_are_turned(acme: vendor.Freshdesk, ours: Freshdesk) -> None:
    for id_ in range(250):
        acme.add(id_, MORNING + timedelta(seconds=id_))
    first = await ours.pull(None, SINCE)
    # the first hundred change, and slip to the end: what was on page two is on page one now
    for id_ in range(100):
        acme.tickets[id_]["updated_at"] = stamp(NOON + timedelta(seconds=id_))
    rest = await pull(ours, SINCE, first.cursor)
    assert {ticket.external_id for ticket in first.tickets} | set(rest.tickets) == {str(id_) for id_ in range(250)}
    assert all(one.query.get("page", "1") == "1" for one in acme.asked if one.path == "/api/v2/tickets")


async def test_more_tickets_of_one_second_than_a_page_holds(acme: vendor.Freshdesk, ours: Freshdesk) -> None:
    for id_ in range(250):
        acme.add(id_, MORNING)
    acme.add(999, NOON)
    pulled = await pull(ours, SINCE)
    assert len(pulled.tickets) == 251
    again = await pull(ours, SINCE, pulled.cursor)
    assert again.told == ["999"]


async def test_no_page_after_the_three_hundredth_is_asked_for(
    acme: vendor.Freshdesk, ours: Freshdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.helpdesks.freshdesk.PAGES", 2)
    monkeypatch.setattr(vendor, "LAST_PAGE", 2)
    for id_ in range(350):
        acme.add(id_, MORNING)
    acme.add(999, NOON)
    pulled = await pull(ours, SINCE)
    assert "999" in pulled.tickets, "more of one second than Freshdesk shows do not hold up the rest"


async def test_deleted_tickets_and_spam_are_told(acme: vendor.Freshdesk, ours: Freshdesk) -> None:
    acme.add(1, MORNING, deleted=True)
    acme.add(2, MORNING, spam=True)
    acme.add(3, MORNING)
    pulled = await pull(ours, SINCE)
    assert (pulled.deleted, pulled.told) == ({"1", "2"}, ["3"])


async def test_ratings_of_either_scale(acme: vendor.Freshdesk, ours: Freshdesk) -> None:
    codes = {1: 103, 2: 100, 3: -103, 4: 1, 5: 3, 6: 77}
    for id_, code in codes.items():
        row = {"id": id_, "ticket_id": 9, "group_id": 5, "created_at": stamp(MORNING), "updated_at": stamp(MORNING)}
        acme.ratings.append({**row, "ratings": {"default_question": code}})
    pulled = await pull(ours, SINCE)
    values = {id_: rating.value for id_, rating in pulled.ratings.items()}
    assert values == {"1": 1.0, "2": 0.5, "3": 0.0, "4": 1.0, "5": 0.0, "6": None}
    assert {(one.kind, one.ticket_external_id) for one in pulled.ratings.values()} == {(RatingKind.CSAT, "9")}
    acme.ratings.append({"id": 7, "created_at": stamp(NOON), "ratings": {"default_question": 101}})
    assert "7" in (await pull(ours, SINCE, pulled.cursor)).ratings


async def test_ratings_are_turned_to_the_last_page(acme: vendor.Freshdesk, ours: Freshdesk) -> None:
    for id_ in range(230):
        # in no order
        at = MORNING + timedelta(seconds=(id_ * 7) % 230)
        acme.ratings.append({"id": id_, "created_at": stamp(at), "ratings": {"default_question": 103}})
    assert len((await pull(ours, SINCE)).ratings) == 230


async def test_a_key_with_few_rights_still_pulls(acme: vendor.Freshdesk, ours: Freshdesk) -> None:
    acme.me["ticket_scope"] = 2
    acme.closed |= {"/api/v2/groups", "/api/v2/companies", "/api/v2/ticket_fields", "/api/v2/surveys"}
    acme.add(1, MORNING, responder_id=11, group_id=5, company_id=77, requester_id=21)
    lacking = await ours.check()
    assert ["only some tickets" in lacking.missing[0], "groups" in lacking.missing[1]] == [True, True]
    pulled = await pull(ours, SINCE)
    told = pulled.tickets["1"]
    assert (told.group, told.customer_key, told.customer_name) == (None, "company:77", "Carla")
    acme.closed.add("/api/v2/agents")
    with pytest.raises(DeskRefusedError, match="administrator"):
        await ours.agents()


async def test_check_says_who_we_are(acme: vendor.Freshdesk, ours: Freshdesk, http: aiohttp.ClientSession) -> None:
    sound = await ours.check()
    assert (sound.missing, sound.groups) == ([], ["Care"])
    assert sound.account.startswith("support@acme.example at ")
    with pytest.raises(DeskRefusedError, match="credentials"):
        await Freshdesk(http, base_url=acme.base_url, key="wrong").check()


async def test_the_budget_of_the_minute_is_kept(acme: vendor.Freshdesk, ours: Freshdesk) -> None:
    acme.headers = {"X-RateLimit-Total": "50", "X-RateLimit-Remaining": "5"}
    acme.add(1, MORNING)
    with pytest.raises(SlowDownError, match="60 s"):
        await pull(ours, SINCE)


async def test_the_conversation_and_a_private_note(acme: vendor.Freshdesk, ours: Freshdesk) -> None:
    acme.add(1, MORNING, requester_id=21, responder_id=11)
    for minute in range(1, 13):
        incoming = minute % 2 == 0
        acme.conversations.setdefault(1, []).append(
            {
                "incoming": incoming,
                "private": False,
                "user_id": 21 if incoming else 11,
                "body_text": f"turn {minute}",
                "created_at": stamp(MORNING + timedelta(minutes=minute)),
            }
        )
    context = await ours.context("1")
    assert context is not None
    assert [turn.text for turn in context.conversation] == [f"turn {minute}" for minute in range(3, 13)]
    assert [(turn.by, turn.from_agent) for turn in context.conversation[-2:]] == [("Ramon", True), ("Carla", False)]
    assert not await ours.has_note("1", "E-7 <x>")
    await ours.note("1", "E-7 <x>\nis resolved & done")
    assert await ours.has_note("1", "E-7 <x>")
    assert acme.conversations[1][-1]["private"] is True
    assert acme.conversations[1][-1]["body"] == "E-7 &lt;x&gt;<br>is resolved &amp; done"
    assert await ours.context("404") is None
    assert ours.url_of("1") == f"{acme.base_url}/a/tickets/1"


async def test_a_page_that_breaks_is_asked_for_again(acme: vendor.Freshdesk, ours: Freshdesk) -> None:
    acme.add(1, MORNING)
    acme.next(serving.breaks_off, serving.web_page(502), path="/api/v2/tickets")
    assert (await pull(ours, SINCE)).told == ["1"]
    with pytest.raises(CursorLostError):
        await ours.pull('{"stage": "tickets"}', SINCE)


def test_only_a_push_that_brings_the_secret_is_genuine(ours: Freshdesk, http: aiohttp.ClientSession) -> None:
    def push(secret: str) -> Push:
        return Push(method="POST", url="https://x/push/freshdesk", headers={"x-backstop-secret": secret}, body=b"")

    assert ours.is_genuine(push("hook"), now=NOON)
    assert not ours.is_genuine(push("other"), now=NOON)
    assert not ours.is_genuine(push("höök"), now=NOON)
    unset = Freshdesk(http, base_url="https://acme.freshdesk.com", key="k")
    assert not unset.is_genuine(push(""), now=NOON)
    assert unset.name == "Freshdesk (acme)"
