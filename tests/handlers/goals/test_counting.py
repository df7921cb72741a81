"""Counting, whatever happens meanwhile: where goals stand is what a count of everything would say."""

import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.company import found_company, found_teams
from benchmarks.goals import NOW, goal_of
from handlers.goals import counting
from handlers.goals.rules import standing
from handlers.measures import Adds, Case, Days, Measure, Scope, by_day, level
from storage.goals import Better, Goal, Kind, Period, State, Unit, Whose
from storage.measured_days import Part
from storage.memberships import Membership
from storage.store import Store
from storage.teams import Team

ROUNDS = 12


class StoppedError(Exception):
    """The process dies before this transaction."""


class Desk:
    """What happened in each team, and what changed there since."""

    def __init__(self, adds: Adds) -> None:
        self.cases: list[Case] = []
        self._changed: list[tuple[int, datetime]] = []
        self.measure = Measure(
            f"desk.{adds.value}", "Cases", Unit.COUNT, Better.UP, adds, self._count, self._changes, of_people=True
        )

    def happens(self, case: Case) -> None:
        self.cases.append(case)
        assert case.team_id is not None
        self._changed.append((case.team_id, case.at))

    def undoes(self, at: int) -> None:
        case = self.cases.pop(at)
        assert case.team_id is not None
        self._changed.append((case.team_id, case.at))

    def made(self, goal: Goal, first: date, last: date) -> tuple[float | None, int]:
        """(level, sample) of whose goal it is over these days (UTC), from every case by itself."""
        theirs = (case.team_id if goal.whose == Whose.TEAM else case.person_id for case in self.cases)
        values = [
            case.value
            for case, whose_id in zip(self.cases, theirs, strict=True)
            if whose_id == goal.whose_id and first <= case.at.date() <= last
        ]
        return level(self.measure.adds, [Part(value, 1, (value,)) for value in values])

    async def _count(
        self, _session: AsyncSession, scopes: Mapping[int, Scope], days: Days
    ) -> Mapping[int, Mapping[date, Part]]:
        within = [case for case in self.cases if days.first <= case.at.date() <= days.last]
        return by_day(within, scopes, days.zone, keep_raw=self.measure.adds == Adds.MEDIAN)

    async def _changes(
        self, _session: AsyncSession, _workspace: str, _since: datetime
    ) -> Iterable[tuple[int, datetime]]:
        return self._changed


async def found(store: Store, measures: Sequence[Measure]) -> tuple[str, list[tuple[int, int]]]:
    """Two desks, of each a goal a period for the team and each of its two people; (team, person) for each."""
    async with store.write() as session:
        workspace = found_company(2, lambda: NOW)
        teams = await found_teams(session, workspace, NOW)
        places = [(team, person) for team in teams for person in await _members(session, team)]
        number = 0
        for measure in measures:
            owners = [*((Whose.TEAM, team, team.id) for team in teams)]
            owners += [(Whose.PERSON, team, person) for team, person in places]
            for whose, team, whose_id in owners:
                for period in Period:
                    number += 1
                    goal = goal_of(team, whose, whose_id, measure, period, number)
                    goal.kind = Kind.IMPROVE if period == Period.MONTH else goal.kind
                    session.add(goal)
    return workspace.team_id, [(team.id, person) for team, person in places]


async def _members(session: AsyncSession, team: Team) -> Sequence[int]:
    query = select(Membership.person_id).where(Membership.team_id == team.id).order_by(Membership.person_id)
    return (await session.execute(query)).scalars().all()


@pytest.mark.parametrize("seed", range(3))
async def test_goals_stand_where_a_full_count_would_have_them_though_counting_is_stopped_anywhere(
    store: Store, seed: int
) -> None:
    chance = random.Random(seed)
    desks = [Desk(adds) for adds in (Adds.TOTAL, Adds.MEAN, Adds.MEDIAN)]
    measures = {desk.measure.key: desk.measure for desk in desks}
    workspace_id, places = await found(store, list(measures.values()))
    now = NOW
    died = 0
    for _ in range(ROUNDS):
        now += timedelta(minutes=chance.choice((5, 30)))
        for desk in desks:
            for _ in range(chance.randrange(4)):
                team_id, person_id = chance.choice(places)
                at = now - timedelta(days=chance.randrange(40), minutes=chance.randrange(600))
                desk.happens(Case(at, team_id, person_id, float(chance.randrange(1, 90))))
            if desk.cases and chance.random() < 0.3:
                desk.undoes(chance.randrange(len(desk.cases)))
        left = chance.randrange(25)

        async def dies(_session: AsyncSession) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise StoppedError

        try:
            await counting.recount(store, workspace_id, measures, now=now, hold=dies)
        except StoppedError:
            died += 1
            await counting.recount(store, workspace_id, measures, now=now)
        await _stand_where_they_should(store, desks, now.date())
    assert 0 < died < ROUNDS


async def test_a_goal_that_is_closed_during_a_count_stays_as_it_ended(store: Store) -> None:
    desk = Desk(Adds.TOTAL)
    measures = {desk.measure.key: desk.measure}
    workspace_id, [(team_id, person_id), *_] = await found(store, [desk.measure])
    desk.happens(Case(NOW, team_id, person_id, 1.0))
    await counting.recount(store, workspace_id, measures, now=NOW)
    desk.happens(Case(NOW, team_id, person_id, 1.0))

    async def closes(session: AsyncSession) -> None:
        await session.execute(update(Goal).where(Goal.whose == Whose.TEAM).values(state=State.CLOSED))

    await counting.recount(store, workspace_id, measures, now=NOW, hold=closes)
    async with store.read() as session:
        goals = (await session.execute(select(Goal).where(Goal.sample > 0))).scalars().all()
    assert {(goal.whose, goal.level) for goal in goals} == {(Whose.TEAM, 1.0), (Whose.PERSON, 2.0)}


async def _stand_where_they_should(store: Store, desks: Iterable[Desk], today: date) -> None:
    of_desk = {desk.measure.key: desk for desk in desks}
    async with store.read() as session:
        goals = (await session.execute(select(Goal))).scalars().all()
    for goal in goals:
        desk = of_desk[goal.metric]
        reached, sample = desk.made(goal, goal.first_day, goal.last_day)
        assert (goal.level, goal.sample) == (reached, sample), (goal.metric, goal.whose, goal.period)
        if goal.kind == Kind.IMPROVE:
            since = max(goal.first_day, today - timedelta(days=standing.recent_days(goal.first_day, goal.last_day) - 1))
            reached, sample = desk.made(goal, since, today)
            # where days were counted and nothing is left in them, a total is 0; where none ever were, there is none
            assert goal.recent_sample == sample
            assert goal.recent == reached if sample else goal.recent in {None, reached}
