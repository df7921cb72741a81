"""Figures of the queue: windows by index, and the same numbers whether they are counted from rows or from roll-ups."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import queue_figures, tickets
from storage.pulled import Gone, PulledRating, PulledTicket, RatingKind, Status
from storage.recounting import recount
from storage.sources import Source
from storage.store import Store
from storage.teams import Team
from storage.ticket_days import ALL, day_bounds
from tests.storage.costs import Question, asking, plans_of, read_whole, steps_of
from tests.storage.test_tickets import DUBLIN, founded, kept

NOW = datetime(2026, 6, 2, 9, tzinfo=UTC)
DAY = NOW - timedelta(days=1)
FOUNDED: dict[Store, tuple[Source, Team]] = {}
GROWS = ("tickets", "ticket_tags", "ratings", "ticket_days", "backlog_snapshots")

QUESTIONS: dict[str, Question] = {
    "replied": lambda session: queue_figures.replied(session, [1], DAY, NOW),
    "solved": lambda session: queue_figures.solved(session, [1], DAY, NOW),
    "solved by one person": lambda session: queue_figures.solved(session, [1], DAY, NOW, person_id=1),
    "rated": lambda session: queue_figures.rated(session, [1], DAY, NOW),
    "created": lambda session: queue_figures.created(session, [1], DAY, NOW),
    "arrivals": lambda session: queue_figures.arrivals(session, [1], DAY, NOW),
    "standing": lambda session: queue_figures.standing(session, [1], now=NOW, risk_until=NOW),
    "waiting": lambda session: queue_figures.waiting(session, 1, "oldest", now=NOW, risk_until=NOW, most=9),
    "days": lambda session: queue_figures.days(session, 1, date(2026, 4, 1), date(2026, 6, 2)),
    "every tag's days": lambda session: queue_figures.days(session, 1, date(2026, 4, 1), date(2026, 6, 2), tag=None),
    "first day": lambda session: queue_figures.first_day(session, 1),
    "snapshot": lambda session: queue_figures.snapshot_before(session, 1, date(2026, 6, 2)),
    "tags": lambda session: queue_figures.tags_between(session, 1, DAY, NOW),
    "tagged": lambda session: queue_figures.tagged(session, 1, "login", DAY, NOW, most=9),
    "came": lambda session: queue_figures.came(session, 1, DAY, NOW, most=9),
    "backlog": lambda session: tickets.backlog_of(session, 1),
}


def ticket(number: int, **facts: Any) -> PulledTicket:
    at = NOW - timedelta(hours=number)
    given_: dict[str, Any] = {
        "created_at": at,
        "updated_at": at,
        "status": Status.OPEN,
        "tags": ("login",) if number % 3 else (),
    }
    return PulledTicket(external_id=str(number), **given_ | facts)


async def test_no_question_reads_a_whole_table(store: Store) -> None:
    source, team = await founded(store)
    await kept(store, source, *[ticket(number) for number in range(60)])
    async with store.write() as session:
        await recount(session, team, {(NOW - timedelta(days=back)).date() for back in range(4)})
    for question, ask in QUESTIONS.items():
        for _, plan in await plans_of(store, asking(store, ask)):
            assert read_whole(plan, GROWS) == [], "\n".join([question, *plan])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_no_question_reads_more_when_only_the_past_grows(store: Store) -> None:
    source, team = await founded(store)
    await kept(store, source, *[ticket(number) for number in range(60)])
    async with store.write() as session:
        await recount(session, team, {(NOW - timedelta(days=back)).date() for back in range(4)})
    before = {question: await steps_of(store, asking(store, ask)) for question, ask in QUESTIONS.items()}
    long_ago = {
        "status": Status.SOLVED,
        "assignee_external_id": "a1",
        "first_agent_reply_at": NOW - timedelta(days=400),
    }
    old = [ticket(number, **long_ago, solved_at=NOW - timedelta(days=399)) for number in range(9000, 10000)]
    await kept(store, source, *old)
    for question, ask in QUESTIONS.items():
        assert await steps_of(store, asking(store, ask)) <= before[question] * 1.1 + 100, question


moments = st.integers(0, 4 * 24 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes))


@st.composite
def lives(draw: st.DrawFn) -> PulledTicket:
    created = draw(moments)
    is_solved = draw(st.booleans())
    return ticket(
        draw(st.integers(0, 10**6)),
        created_at=created,
        updated_at=NOW,
        solved_at=draw(moments) if is_solved else None,
        first_agent_reply_at=draw(st.none() | moments),
        status=Status.SOLVED if is_solved else Status.OPEN,
        replies=draw(st.none() | st.integers(0, 4)),
        reopened=draw(st.none() | st.integers(0, 2)),
        gone=draw(st.sampled_from([None, None, None, Gone.DELETED, Gone.MERGED])),
        tags=tuple(draw(st.sets(st.sampled_from(["login", "billing", "refund"]), max_size=2))),
    )


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(pulled=st.lists(lives(), max_size=14, unique_by=lambda one: one.external_id))
async def test_the_windows_of_days_add_up_to_what_a_recount_of_them_says(
    store: Store, pulled: list[PulledTicket]
) -> None:
    if store not in FOUNDED:  # one company for all the examples
        FOUNDED[store] = await founded(store)
    source, team = FOUNDED[store]
    rated = [
        PulledRating(
            external_id=one.external_id, ticket_external_id=one.external_id, kind=RatingKind.CSAT, value=1, at=NOW
        )
        for one in pulled[::2]
    ]
    await kept(store, source, *pulled, ratings=rated)
    zone = ZoneInfo(DUBLIN)
    days = [(NOW - timedelta(days=back)).date() for back in range(6)]
    async with store.write() as session:
        await recount(session, team, days)
    async with store.read() as session:
        for day in days[:5]:
            since, until = day_bounds(day, zone)
            rolled = {one.tag: one for one in await queue_figures.days(session, team.id, day, day, tag=None)}
            solved = await queue_figures.solved(session, [team.id], since, until)
            tags = {one.tag: one.tickets for one in await queue_figures.tags_between(session, team.id, since, until)}
            everything = rolled.get(ALL)
            assert await queue_figures.created(session, [team.id], since, until) == (
                everything.created if everything else 0
            )
            assert len(solved) == (everything.solved if everything else 0)
            assert {tag: n for tag, n in tags.items() if n} == {
                tag: one.created for tag, one in rolled.items() if one.created
            }
            good = [one for one in await queue_figures.rated(session, [team.id], since, until) if one.value > 0.5]
            assert len(good) == (everything.csat_good if everything else 0)
