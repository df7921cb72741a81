"""Zendesk: pulled as its exports are made, and never surprised by them."""

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from bot.helpdesks import CursorLostError, DeskAwayError, DeskRefusedError, Push, SlowDownError
from bot.helpdesks.zendesk import Zendesk
from simulator.desks import serving
from simulator.desks import zendesk as vendor
from simulator.desks.zendesk import stamp
from storage.pulled import Gone, Priority, RatingKind, Status
from tests.bot.helpdesks.conftest import NOON, pull

MORNING = NOON - timedelta(hours=3)
SINCE = NOON - timedelta(weeks=8)
SECRET = "hook-secret"


@pytest.fixture
async def acme() -> AsyncIterator[vendor.Zendesk]:
    desk = vendor.Zendesk(NOON)
    desk.users = [
        {"id": 11, "name": "Ramon", "email": "ramon@acme.example", "role": "agent", "active": True},
        {"id": 12, "name": "Gone", "email": "gone@acme.example", "role": "agent", "active": True, "suspended": True},
        {"id": 21, "name": "Carla", "email": "Carla@customer.example", "role": "end-user", "tags": ["vip"]},
    ]
    desk.groups = [{"id": 5, "name": "Care"}]
    desk.organizations = [{"id": 77, "name": "Customer Ltd", "organization_fields": {"tier": "gold"}, "tags": []}]
    await desk.start()
    yield desk
    await desk.stop()


@pytest.fixture
def ours(acme: vendor.Zendesk, http: aiohttp.ClientSession) -> Zendesk:
    return Zendesk(http, base_url=acme.base_url, email=vendor.EMAIL, token=vendor.TOKEN, push_secret=SECRET)


async def test_a_ticket_in_our_words_beside_its_own(acme: vendor.Zendesk, ours: Zendesk) -> None:
    acme.add(
        1,
        MORNING,
        updated_at=stamp(NOON),
        status="solved",
        priority="urgent",
        requester_id=21,
        organization_id=77,
        assignee_id=11,
        group_id=5,
        tags=["login", "mobile"],
    )
    acme.metric_sets[1] = {
        "ticket_id": 1,
        "reopens": 2,
        "replies": 3,
        "solved_at": stamp(NOON),
        "reply_time_in_minutes": {"calendar": 30, "business": 10},
    }
    acme.add(2, MORNING)
    pulled = await pull(ours, SINCE)
    told = pulled.tickets["1"]
    assert (told.status, told.status_raw, told.priority, told.priority_raw) == (
        Status.SOLVED,
        "solved",
        Priority.URGENT,
        "urgent",
    )
    assert (told.customer_key, told.customer_name, told.customer_tier) == ("org:77", "Customer Ltd", "gold")
    assert told.customer_is_vip is True
    assert (told.assignee_external_id, told.assignee_email) == ("11", "ramon@acme.example")
    assert (told.group, told.channel, told.tags) == ("Care", "email", ["login", "mobile"])
    assert (told.created_at, told.updated_at, told.solved_at) == (MORNING, NOON, NOON)
    assert told.first_agent_reply_at == MORNING + timedelta(minutes=30)
    assert (told.reopened, told.replies) == (2, 3)
    unknown = pulled.tickets["2"]
    assert unknown.status is Status.NEW
    assert (unknown.priority, unknown.customer_key, unknown.customer_is_vip, unknown.assignee_external_id) == (
        None,
        None,
        None,
        None,
    )
    assert (unknown.first_agent_reply_at, unknown.replies, unknown.reopened, unknown.sla_breached) == (
        None,
        None,
        None,
        None,
    )
    assert ours.url_of("1") == f"{acme.base_url}/agent/tickets/1"


async def test_the_next_pull_goes_on_where_the_last_ended(acme: vendor.Zendesk, ours: Zendesk) -> None:
    acme.longest_page = 2
    for id_ in range(1, 6):
        acme.add(id_, MORNING + timedelta(seconds=id_))
    first = await pull(ours, SINCE)
    assert sorted(first.tickets) == ["1", "2", "3", "4", "5"]
    again = await pull(ours, SINCE, first.cursor)
    assert again.told == [], "an empty export has no cursor: the last one stands"
    # exported now, though it says that it changed long ago: Zendesk's own work leaves updated_at alone
    acme.add(3, MORNING, exported_at=NOON, tags=["late"])
    later = await pull(ours, SINCE, again.cursor)
    assert later.told == ["3"]
    assert later.tickets["3"].updated_at == MORNING


async def test_a_cursor_that_repeats_ends_the_pull(acme: vendor.Zendesk, ours: Zendesk) -> None:
    acme.add(1, MORNING)
    first = await pull(ours, SINCE)
    stuck = acme.tickets[1]
    acme.next(
        serving.changed(
            lambda answer: {
                **answer,
                "tickets": [{name: value for name, value in stuck.items() if name != "exported_at"}],
                "end_of_stream": False,
            }
        ),
        path="/api/v2/incremental/tickets",
    )
    again = await pull(ours, SINCE, first.cursor, at_most=8)
    assert again.told == ["1"]


async def test_an_export_never_begins_within_the_last_minute(acme: vendor.Zendesk, ours: Zendesk) -> None:
    acme.add(1, NOON)
    assert (await pull(ours, NOON)).told == ["1"]


async def test_a_cursor_that_zendesk_forgot_begins_anew(acme: vendor.Zendesk, ours: Zendesk) -> None:
    acme.add(1, MORNING)
    first = await pull(ours, SINCE)
    acme.next(serving.error(400), path="/api/v2/incremental/tickets")
    with pytest.raises(CursorLostError):
        await pull(ours, SINCE, first.cursor)
    with pytest.raises(CursorLostError):
        await ours.pull("not ours", SINCE)


async def test_deleted_and_merged_tickets_are_gone(acme: vendor.Zendesk, ours: Zendesk) -> None:
    acme.add(1, MORNING, status="deleted")
    acme.add(2, MORNING, status="closed", tags=["closed_by_merge"])
    pulled = await pull(ours, SINCE)
    assert {id_: ticket.gone for id_, ticket in pulled.tickets.items()} == {"1": Gone.DELETED, "2": Gone.MERGED}


async def test_ratings_of_both_surveys(acme: vendor.Zendesk, ours: Zendesk) -> None:
    for id_, score in ((1, "good"), (2, "bad"), (3, "offered")):
        at = stamp(MORNING)
        acme.ratings.append({"id": id_, "ticket_id": 10 + id_, "score": score, "created_at": at, "updated_at": at})
    question = {"type": "rating_scale_emoji", "sub_type": "customer_satisfaction"}
    for letter, rating, category in (("A", 5, "good"), ("B", 3, "neutral"), ("C", 1, "bad")):
        answer = {"type": "rating_scale", "rating": rating, "rating_category": category, "question": question}
        times = {"created_at": "2026-06-02T10:00:00.000Z", "updated_at": "2026-06-02T10:30:00.000Z"}
        acme.survey_responses.append(
            {
                "id": letter,
                "offered_at": stamp(MORNING),
                "subjects": [{"type": "zen:ticket" if letter == "B" else "ticket", "id": "99"}],
                "answers": [{"type": "skipped", "question": {}}, {**answer, **times}],
            }
        )
    acme.survey_responses.append({"id": "D", "offered_at": stamp(MORNING), "subjects": [], "answers": []})
    pulled = await pull(ours, SINCE)
    values = {id_: (rating.value, rating.raw) for id_, rating in pulled.ratings.items()}
    assert values == {
        "rating:1": (1.0, "good"),
        "rating:2": (0.0, "bad"),
        "survey:A": (1.0, "5 (good)"),
        "survey:B": (0.5, "3 (neutral)"),
        "survey:C": (0.0, "1 (bad)"),
    }
    assert {rating.kind for rating in pulled.ratings.values()} == {RatingKind.CSAT}
    assert {pulled.ratings[f"survey:{letter}"].ticket_external_id for letter in "ABC"} == {"99"}
    assert pulled.ratings["survey:A"].at == datetime(2026, 6, 2, 10, 30, tzinfo=UTC)


async def test_ratings_are_asked_for_every_half_hour_and_looked_back_for(acme: vendor.Zendesk, ours: Zendesk) -> None:
    first = await pull(ours, SINCE)
    acme.forget()
    acme.date += timedelta(minutes=29)
    second = await pull(ours, SINCE, first.cursor)
    assert not any("satisfaction" in path for path in acme.paths())
    # offered before the first pull, answered after it
    at = stamp(NOON - timedelta(days=6))
    acme.ratings.append({"id": 1, "ticket_id": 1, "score": "good", "created_at": at, "updated_at": stamp(NOON)})
    acme.date += timedelta(minutes=2)
    third = await pull(ours, SINCE, second.cursor)
    assert list(third.ratings) == ["rating:1"]


async def test_an_account_without_surveys_and_slas_is_pulled_all_the_same(acme: vendor.Zendesk, ours: Zendesk) -> None:
    acme.closed |= {"/api/v2/satisfaction_ratings", "/api/v2/guide", "/api/v2/incremental/ticket_metric_events"}
    acme.add(1, MORNING)
    assert (await pull(ours, SINCE)).told == ["1"]


async def test_breaches_come_from_metric_events_and_running_targets(acme: vendor.Zendesk, ours: Zendesk) -> None:
    for id_ in (1, 2, 3, 4):
        acme.add(id_, MORNING, status="open")
    for id_, deleted in ((1, False), (2, True)):
        event = {"id": id_, "ticket_id": id_, "metric": "reply_time", "type": "breach", "time": stamp(MORNING)}
        acme.metric_events.append({**event, "deleted": deleted})
    due = NOON + timedelta(hours=1)
    acme.tickets[3]["slas"] = {"policy_metrics": [{"stage": "active", "breach_at": stamp(due)}]}
    acme.tickets[4]["slas"] = {"policy_metrics": [{"stage": "active", "breach_at": stamp(MORNING)}]}
    pulled = await pull(ours, SINCE)
    assert {id_: ticket.sla_breached for id_, ticket in pulled.tickets.items()} == {
        "1": True,
        "2": None,
        "3": None,
        "4": True,
    }
    assert pulled.tickets["3"].sla_due_at == due


async def test_exports_keep_to_ten_a_minute(acme: vendor.Zendesk, ours: Zendesk) -> None:
    acme.longest_page = 1
    for id_ in range(1, 30):
        acme.add(id_, MORNING + timedelta(seconds=id_))
    with pytest.raises(SlowDownError):
        await pull(ours, SINCE)
    assert len(acme.asked) == 10


async def test_a_ticket_that_cannot_be_read_is_left_out_and_a_changed_api_is_told(
    acme: vendor.Zendesk, ours: Zendesk
) -> None:
    acme.add(1, MORNING)
    acme.add(2, MORNING)["created_at"] = None
    acme.add(3, MORNING, tags=None, via="email", priority=4, status="triage")
    pulled = await pull(ours, SINCE)
    assert pulled.told == ["1", "3"]
    assert (pulled.tickets["3"].status, pulled.tickets["3"].status_raw) == (Status.OPEN, "triage")
    renamed = serving.changed(lambda answer: {**answer, "tickets": [{"ticket": 1}]})
    acme.next(renamed, path="/api/v2/incremental")
    with pytest.raises(DeskAwayError, match="has changed how it answers"):
        await ours.pull(None, SINCE)


async def test_check_says_what_is_missing(acme: vendor.Zendesk, ours: Zendesk, http: aiohttp.ClientSession) -> None:
    sound = await ours.check()
    assert (sound.missing, sound.groups) == ([], ["Care"])
    assert sound.account.startswith(vendor.EMAIL)
    acme.me["role"] = "agent"
    acme.closed |= {"/api/v2/satisfaction_ratings", "/api/v2/guide"}
    lacking = await ours.check()
    assert len(lacking.missing) == 2
    assert "admin" in lacking.missing[0]
    # wrong credentials make an anonymous user, not an error
    stranger = Zendesk(http, base_url=acme.base_url, email="who@example.test", token="wrong")
    with pytest.raises(DeskRefusedError, match="e-mail address and API token"):
        await stranger.check()


async def test_agents_page_by_page(acme: vendor.Zendesk, ours: Zendesk) -> None:
    acme.longest_page = 1
    agents = {agent.external_id: agent for agent in await ours.agents()}
    assert {id_: agent.active for id_, agent in agents.items()} == {"11": True, "12": False}
    assert agents["11"].email == "ramon@acme.example"


async def test_the_conversation_and_a_note_that_customers_do_not_see(acme: vendor.Zendesk, ours: Zendesk) -> None:
    acme.add(1, MORNING, requester_id=21)
    for minute in range(12):
        author = 21 if minute % 2 else 11
        acme.comments.setdefault(1, []).append(
            {
                "author_id": author,
                "public": True,
                "plain_body": f"<b>turn</b> {minute}<br>&nbsp;more",
                "created_at": stamp(MORNING + timedelta(minutes=minute)),
            }
        )
    context = await ours.context("1")
    assert context is not None
    assert len(context.conversation) == 10
    assert [turn.from_agent for turn in context.conversation[-2:]] == [True, False]
    assert context.conversation[-1].text == "turn 11\nmore"
    assert ("Customer", "Carla") in context.facts
    assert not await ours.has_note("1", "E-7")
    await ours.note("1", "E-7 is claimed")
    assert await ours.has_note("1", "E-7")
    assert acme.comments[1][-1]["public"] is False
    assert await ours.context("404") is None
    assert await ours.ticket("../users") is None


def signed(body: bytes, at: datetime, secret: str = SECRET) -> dict[str, str]:
    timestamp = stamp(at)
    digest = hmac.new(secret.encode(), timestamp.encode() + body, hashlib.sha256).digest()
    return {
        "x-zendesk-webhook-signature": base64.b64encode(digest).decode(),
        "x-zendesk-webhook-signature-timestamp": timestamp,
    }


def test_only_what_zendesk_signed_lately_is_genuine(ours: Zendesk, http: aiohttp.ClientSession) -> None:
    def push(headers: dict[str, str], body: bytes = b'{"id": 1}') -> Push:
        return Push(method="POST", url="https://x/push/zendesk", headers=headers, body=body)

    good = signed(b'{"id": 1}', NOON)
    assert ours.is_genuine(push(good), now=NOON)
    assert not ours.is_genuine(push(good), now=NOON + timedelta(minutes=6))
    assert not ours.is_genuine(push(good, b'{"id": 2}'), now=NOON)
    assert not ours.is_genuine(push(signed(b'{"id": 1}', NOON, "other")), now=NOON)
    assert not ours.is_genuine(push({}), now=NOON)
    assert not ours.is_genuine(push({**good, "x-zendesk-webhook-signature": "ü"}), now=NOON)
    assert not ours.is_genuine(push({**good, "x-zendesk-webhook-signature-timestamp": "now"}), now=NOON)
    unset = Zendesk(http, base_url="https://acme.zendesk.com", email="a@b.example", token="t")
    assert not unset.is_genuine(push(good), now=NOON)
    assert unset.name == "Zendesk (acme)"
