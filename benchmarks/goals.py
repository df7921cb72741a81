"""What a pull costs the goals: only what changed is counted again.

Ten thousand goals of teams and their people, on every metric of the queue, weekly, monthly and quarterly, over a year
of tickets (a million). They are counted in full, as if nothing were known of any day; then a pull touches one day in a
hundred (the last ones) of every team, in each of which a ticket was reopened and solved again, and they are brought up
to date: `ratio` is that to the full recount.
"""

import itertools
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, text, update

from benchmarks import databases
from benchmarks.company import found_company, found_teams
from benchmarks.figures import Figures, Target, figure, ratio, run
from bot.app import furnish
from handlers.goals import counting
from handlers.goals.rules import periods
from handlers.measures import Adds, Measure
from storage import sources, ticket_days
from storage.base import insertion
from storage.goals import Better, Goal, Kind, Period, State, Unit, Whose
from storage.measured_days import CountedUntil
from storage.memberships import Membership
from storage.pulled import Status
from storage.store import Store, open_store
from storage.teams import Team
from storage.tickets import Ticket

CLAIM = "goals are counted again only where something changed"
TARGETS = {"ratio": Target(0.05)}
NOW = datetime(2026, 6, 30, 18, tzinfo=UTC)
YEAR = timedelta(days=365)
TOUCHED = 0.01
ROWS_AT_ONCE = 5000


def measure(*, quick: bool) -> Figures:
    desks, tickets, turns = (2, 2_000, 1) if quick else (152, 1_000_000, 3)
    figures: Figures = {"ratio": None, "tickets": tickets}
    for name, database in (("sqlite", databases.sqlite), ("postgresql", databases.postgres)):
        with ExitStack() as opened:
            url = opened.enter_context(database())
            figures[name] = None if url is None else run(_measure(url, desks, tickets, turns))
    ratios = [figures[name]["ratio"] for name in ("sqlite", "postgresql") if figures[name] is not None]
    return figures | {"ratio": max(ratios)}


async def _measure(url: str, desks: int, many: int, turns: int) -> Figures:
    store = open_store(url)
    measures = {key: one for key, one in furnish().measures.items() if key.startswith("queue.")}
    workspace_id, teams = await _fill(store, desks, many)
    goals = await _set_goals(store, teams, measures)
    full, again = [], []
    for _ in range(turns):
        await _forget(store)
        full.append(await _timed(store, workspace_id, measures))
        await _touch(store, teams)
        again.append(await _timed(store, workspace_id, measures))
    async with store.read() as session:
        counted = (await session.execute(select(Goal.id).where(Goal.sample > 0).limit(1))).first()
        assert counted is not None, "no goal has counted anything"
    await store.close()
    return {
        "ratio": ratio(min(again), min(full)),
        "goals": goals,
        "full_s": figure(min(full)),
        "after_a_pull_s": figure(min(again)),
    }


async def _timed(store: Store, workspace_id: str, measures: dict[str, Measure]) -> float:
    began = time.perf_counter()
    await counting.recount(store, workspace_id, measures, now=NOW)
    return time.perf_counter() - began


async def _forget(store: Store) -> None:
    async with store.write() as session:
        await session.execute(update(Goal).values(counted_at=None))
        await session.execute(text("DELETE FROM measured_days"))
        await session.execute(delete(CountedUntil))


async def _touch(store: Store, teams: list[Team]) -> None:
    """One day in a hundred of the year, the last ones, of every team: a ticket of each was reopened, and solved again
    an hour later than before."""
    days = [NOW.date() - timedelta(days=day) for day in range(max(1, round(YEAR.days * TOUCHED)))]
    begins = [datetime.combine(day, datetime.min.time(), UTC) for day in days]
    async with store.write() as session:
        for at in begins:
            solved = Ticket.solved_at.between(at, at + timedelta(hours=22))
            some = select(func.min(Ticket.id)).where(solved).group_by(Ticket.team_id)
            found = await session.execute(select(Ticket.id, Ticket.solved_at).where(Ticket.id.in_(some)))
            again = [
                {"id": one, "solved_at": solved_at + timedelta(hours=1), "reopened": 1}
                for one, solved_at in found
                if solved_at is not None
            ]
            if again:
                await session.execute(update(Ticket), again)
        await ticket_days.mark(session, [(team.id, at) for team in teams for at in begins])


async def _fill(store: Store, desks: int, many: int) -> tuple[str, list[Team]]:
    async with store.write() as session:
        workspace = found_company(desks, lambda: NOW)
        teams = await found_teams(session, workspace, NOW)
        source = await sources.connect(
            session, workspace_id=workspace.team_id, kind="zendesk", name="d", since=NOW - YEAR, by_id=None, now=NOW
        )
        people = dict((await session.execute(select(Membership.team_id, Membership.person_id))).all())
    rows = (_ticket(number, many, source.id, teams, people) for number in range(many))
    while some := list(itertools.islice(rows, ROWS_AT_ONCE)):
        async with store.write() as session:
            await session.execute(insertion(session, Ticket.__table__), some)  # the ORM would take each apart
    if store.dialect == "postgresql":
        async with store.write_engine.connect() as connection:
            by_itself = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await by_itself.execute(text("VACUUM ANALYZE"))  # autovacuum would, within minutes
    return workspace.team_id, teams


def _ticket(number: int, many: int, source_id: int, teams: list[Team], people: dict[int, int]) -> dict[str, Any]:
    team = teams[number % len(teams)]
    created = NOW - YEAR * (number / many) - timedelta(hours=2)
    return {
        "workspace_id": team.workspace_id,
        "source_id": source_id,
        "external_id": str(number),
        "team_id": team.id,
        "assignee_id": people[team.id],
        "status": Status.SOLVED,
        "in_backlog": False,
        "tags": [],
        "created_at": created,
        "updated_at": created + timedelta(hours=1),
        "first_agent_reply_at": created + timedelta(minutes=5 + number % 50),
        "solved_at": created + timedelta(minutes=60 + number % 50),
        "reopened": int(number % 20 == 0),
        "replies": 1 + number % 3,
    }


async def _set_goals(store: Store, teams: list[Team], measures: dict[str, Measure]) -> int:
    """Every metric and period of each team and of each of its people; how many they are."""
    numbers = itertools.count(1)
    async with store.write() as session:
        for team in teams:
            members = select(Membership.person_id).where(Membership.team_id == team.id)
            owners = [
                (Whose.TEAM, team.id),
                *((Whose.PERSON, one) for one in (await session.execute(members)).scalars()),
            ]
            for whose, whose_id in owners:
                for measure, period in itertools.product(measures.values(), Period):
                    if whose == Whose.TEAM or measure.of_people:
                        session.add(goal_of(team, whose, whose_id, measure, period, next(numbers)))
    return next(numbers) - 1


def goal_of(team: Team, whose: Whose, whose_id: int, measure: Measure, period: Period, number: int) -> Goal:
    """One that stands, over this period of it."""
    first, last = periods.around(NOW.date(), period)
    total = measure.adds == Adds.TOTAL and measure.better == Better.UP
    return Goal(
        workspace_id=team.workspace_id,
        number=number,
        form_key=f"goal-{number}",
        whose=whose,
        whose_id=whose_id,
        metric=measure.key,
        title=measure.title,
        unit=measure.unit,
        better=measure.better,
        kind=Kind.REACH if total else Kind.KEEP,
        target=95 if measure.unit == Unit.PERCENT else 40,
        period=period,
        first_day=first,
        last_day=last,
        zone="UTC",
        weekdays=[0, 1, 2, 3, 4],
        state=State.OPEN,
        created_at=NOW,
        changed_at=NOW,
        told="",
    )
