"""The attention budget, tried: whatever teams, zones and schedules there are, nobody gets more unrequested messages a
day than the limit, none outside their hours or while away, and what is due together comes as one."""

import asyncio
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as some
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.claiming import MERGED_AT_MOST, claim_due, count_attention
from handlers.attention import shift_of
from handlers.local_time import local_date, parse_zone
from handlers.working_time import Calendar
from storage import settling
from storage.memberships import Membership
from storage.messages import Attention, Message, MessageState, Priority, want
from storage.people import Person
from storage.settling import Sent
from storage.store import Store, open_store
from storage.teams import Team, TeamState
from tests.handlers.zones import ZONES

WORKSPACE = "T0CARE"
MONDAY = datetime(2026, 3, 23, tzinfo=UTC)
"""The week in which Europe's clocks change; America's changed two weeks before."""
DAYS = 6
HALF_HOUR = timedelta(minutes=30)


@dataclass(frozen=True)
class Somebody:
    zone: str
    start: int
    """Half hours after midnight, like `end`; an end before it lies on the next date."""
    end: int
    days: frozenset[int]
    away: tuple[int, int] | None
    """Half hours of the week."""
    due: tuple[int, ...]
    """Half hours of the week at which something unrequested is due."""


half_hours_of_a_day = some.integers(0, 47)
half_hours = some.integers(0, DAYS * 48 - 1)
people = some.builds(
    Somebody,
    zone=some.sampled_from(ZONES),
    start=half_hours_of_a_day,
    end=half_hours_of_a_day,
    days=some.frozensets(some.integers(0, 6), min_size=1),
    away=some.none() | some.tuples(half_hours, some.integers(1, 96)),
    due=some.lists(half_hours | some.sampled_from([60, 61, 62]), max_size=12).map(tuple),
)


@settings(max_examples=12, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(crowd=some.lists(people, min_size=1, max_size=3), limit=some.integers(1, 4))
@example(crowd=[Somebody("UTC", 0, 0, frozenset(range(7)), None, (0, 1, 2))], limit=1)
def test_nobody_gets_more_than_the_limit_and_what_is_due_together_comes_as_one(
    sqlite_template: Path, crowd: list[Somebody], limit: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "budget.sqlite3"
        shutil.copy(sqlite_template, file)
        asyncio.run(live(f"sqlite:///{file}", crowd, limit))


async def live(url: str, crowd: list[Somebody], limit: int) -> None:
    """The week, and then as long as anything waits; what leaves is held to the budget as it leaves."""
    store = open_store(url)
    try:
        async with store.write() as session:
            members = await hire(session, crowd)
        sent: Counter[tuple[int, date]] = Counter()
        last: dict[int, datetime] = {}
        carried = 0
        now: datetime | None = MONDAY
        while now is not None and now < MONDAY + timedelta(days=60):
            async with store.write() as session:
                claimed = await claim_due(session, now=now, most=100, daily_dm_limit=limit)
            for claim in claimed.claims:
                person, team = members[claim.head.person_id or 0]
                assert Calendar((shift_of(person, team),)).is_open(now), "outside their hours, or while they are away"
                day = local_date(now, parse_zone(person.zone))
                sent[person.id, day] += 1
                assert sent[person.id, day] <= limit
                whole = len(claim.messages) == MERGED_AT_MOST
                assert whole or last.get(person.id, MONDAY - HALF_HOUR) <= now - timedelta(minutes=1), (
                    "two messages where one would have carried both"
                )
                last[person.id] = now if not whole else MONDAY - HALF_HOUR
                carried += len(claim.messages)
                async with store.write() as session:
                    ts = f"{now.timestamp()}"
                    await settling.settle_sent(session, [Sent(claim, f"D{person.id}", ts)], now=now)
                    await count_attention(session, claim, now=now)
            now = await next_due(store, now)
        async with store.read() as session:
            delivered = select(func.count()).where(Message.state == MessageState.SENT)
            assert carried == (await session.execute(delivered)).scalar_one(), "something was sent twice, or not at all"
            gone = select(func.count()).where(Message.state == MessageState.CANCELLED)
            assert (await session.execute(gone)).scalar_one() == 0, "everybody works some day, so nothing is given up"
    finally:
        await store.close()


async def hire(session: AsyncSession, crowd: list[Somebody]) -> dict[int, tuple[Person, Team]]:
    """Each in a team of their own, with what is due to them."""
    members: dict[int, tuple[Person, Team]] = {}
    for number, one in enumerate(crowd):
        team = Team(
            workspace_id=WORKSPACE,
            form_key=f"team-{number}",
            name=f"Team {number}",
            channel=f"C{number}",
            escalation_channel=f"C{number}",
            zone="UTC",
            days=sorted(one.days),
            start=time(one.start // 2, one.start % 2 * 30),
            end=time(one.end // 2, one.end % 2 * 30),
            policy={},
            state=TeamState.ACTIVE,
            requested_at=MONDAY,
        )
        person = Person(
            workspace_id=WORKSPACE, slack_id=f"U{number}", name=f"Person {number}", zone=one.zone, seen_at=MONDAY
        )
        if one.away:
            person.away_from = MONDAY + one.away[0] * HALF_HOUR
            person.away_until = person.away_from + one.away[1] * HALF_HOUR
        session.add_all([team, person])
        await session.flush()
        session.add(Membership(team_id=team.id, person_id=person.id, since=MONDAY))
        for turn, at in enumerate(one.due):
            await want(
                session,
                workspace_id=WORKSPACE,
                key=f"note:{number}:{turn}",
                renderer="note",
                destination=person.slack_id,
                person_id=person.id,
                attention=Attention.UNREQUESTED,
                priority=Priority.SCHEDULED,
                due_at=MONDAY + at * HALF_HOUR,
                now=MONDAY,
            )
        members[person.id] = (person, team)
    return members


async def next_due(store: Store, now: datetime) -> datetime | None:
    """When the next message wants to leave; a second later at least, as delivery comes back."""
    async with store.read() as session:
        soonest = select(func.min(Message.due_at)).where(Message.state == MessageState.READY)
        due = (await session.execute(soonest)).scalar_one()
    return None if due is None else max(due, now + timedelta(seconds=1))
