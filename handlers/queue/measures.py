"""What goals may count of the queue: the metrics of the catalogue. Each ticket counts on the day on which the thing
happened that is measured: its first reply, its last solving, its rating."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.measures import (
    Adds,
    Case,
    Changes,
    Count,
    Days,
    Marks,
    Measure,
    Scope,
    Unmeasured,
    bounds,
    by_day,
    instants_of,
    read_once,
)
from handlers.queue.rules import catalogue
from handlers.queue.rules.figures import DETRACTOR, GOOD, PROMOTER
from handlers.queue.rules.rights import PersonalMetrics
from storage import personal_metrics, queue_figures, sources, ticket_days
from storage.goals import Better, Unit
from storage.measured_days import Part
from storage.pulled import RatingKind

Cases = Callable[[AsyncSession, Sequence[int], datetime, datetime], Awaitable[list[Case]]]
SWITCHED_OFF = "Figures about one person are switched off in your team, so no goal is measured by them. Choose another."
NOT_CONNECTED = "No help desk is connected for this team. `/backstop team connect` connects one."
MARKS = Marks(ticket_days.take_changed, ticket_days.settle_changed)


async def _first_responses(session: AsyncSession, teams: Sequence[int], start: datetime, end: datetime) -> list[Case]:
    found = await read_once(session, queue_figures.replied, teams, start, end)
    return [Case(one.at, one.team_id, one.person_id, _seconds(one.created_at, one.at)) for one in found]


async def _resolutions(session: AsyncSession, teams: Sequence[int], start: datetime, end: datetime) -> list[Case]:
    found = await read_once(session, queue_figures.solved, teams, start, end)
    return [Case(one.at, one.team_id, one.person_id, _seconds(one.created_at, one.at)) for one in found]


async def _solved(session: AsyncSession, teams: Sequence[int], start: datetime, end: datetime) -> list[Case]:
    found = await read_once(session, queue_figures.solved, teams, start, end)
    return [Case(one.at, one.team_id, one.person_id, 1.0) for one in found]


async def _one_touch(session: AsyncSession, teams: Sequence[int], start: datetime, end: datetime) -> list[Case]:
    found = await read_once(session, queue_figures.solved, teams, start, end)
    return [
        Case(one.at, one.team_id, one.person_id, float(one.replies <= 1 and not one.reopened))
        for one in found
        if one.replies is not None
    ]


async def _reopened(session: AsyncSession, teams: Sequence[int], start: datetime, end: datetime) -> list[Case]:
    found = await read_once(session, queue_figures.solved, teams, start, end)
    return [
        Case(one.at, one.team_id, one.person_id, float(bool(one.reopened))) for one in found if one.reopened is not None
    ]


async def _csat(session: AsyncSession, teams: Sequence[int], start: datetime, end: datetime) -> list[Case]:
    found = await read_once(session, queue_figures.rated, teams, start, end)
    return [
        Case(one.at, one.team_id, one.person_id, float(one.value > GOOD))
        for one in found
        if one.kind == RatingKind.CSAT and one.value != GOOD
    ]


async def _nps(session: AsyncSession, teams: Sequence[int], start: datetime, end: datetime) -> list[Case]:
    found = await read_once(session, queue_figures.rated, teams, start, end)
    return [
        Case(one.at, one.team_id, one.person_id, 100.0 * ((one.value >= PROMOTER) - (one.value <= DETRACTOR)))
        for one in found
        if one.kind == RatingKind.NPS
    ]


async def _created(session: AsyncSession, teams: Sequence[int], start: datetime, end: datetime) -> list[Case]:
    found = await read_once(session, queue_figures.arrivals, teams, start, end)
    return [Case(at, team_id, person_id, 1.0) for at, team_id, person_id in found]


def _seconds(start: datetime, end: datetime) -> float:
    return max(0.0, (end - start).total_seconds())


def _counting(cases: Cases, *, keep_raw: bool = False) -> Count:
    async def count(
        session: AsyncSession, scopes: Mapping[int, Scope], days: Days
    ) -> Mapping[int, Mapping[date, Part]]:
        start, end = bounds(days)
        off = await _switched_off(session, scopes.values())
        allowed = {
            key: scope if scope.person_id is None else replace(scope, team_ids=_without(scope.team_ids, off))
            for key, scope in scopes.items()
        }
        teams = sorted({team_id for scope in allowed.values() for team_id in scope.team_ids})
        return by_day(await cases(session, teams, start, end), allowed, days.zone, keep_raw=keep_raw)

    return count


async def _changed(session: AsyncSession, workspace_id: str, _since: datetime) -> Iterable[tuple[int, datetime]]:
    """Every day that writing tickets marked, however late the desk told of them: a local day has one of these."""
    return instants_of(await ticket_days.taken(session, workspace_id))


async def _switched_off(session: AsyncSession, scopes: Iterable[Scope]) -> Collection[int]:
    """Of the teams of these people those in which nobody sees figures about one person."""
    asked = sorted({team_id for scope in scopes if scope.person_id is not None for team_id in scope.team_ids})
    return await personal_metrics.teams_at(session, asked, PersonalMetrics.OFF) if asked else ()


def _without(team_ids: Iterable[int], off: Collection[int]) -> tuple[int, ...]:
    return tuple(one for one in team_ids if one not in off)


async def _unmeasured(session: AsyncSession, scope: Scope) -> str | None:
    open_to = _without(scope.team_ids, await _switched_off(session, [scope]))
    if scope.team_ids and not open_to:
        return SWITCHED_OFF
    for team_id in open_to:
        if await sources.of_team(session, team_id):
            return None
    return NOT_CONNECTED


CHANGED: Changes = _changed
UNMEASURED: Unmeasured = _unmeasured


def _measure(
    metric: catalogue.Metric, unit: Unit, better: Better, adds: Adds, cases: Cases, *, of_people: bool = True
) -> Measure:
    return Measure(
        f"queue.{metric.key}",
        metric.title,
        unit,
        better,
        adds,
        _counting(cases, keep_raw=adds == Adds.MEDIAN),
        CHANGED,
        of_people=of_people,
        is_theirs=of_people,
        unmeasured=UNMEASURED,
        marks=MARKS,
    )


MEASURES: tuple[Measure, ...] = (
    _measure(catalogue.FIRST_RESPONSE, Unit.DURATION, Better.DOWN, Adds.MEDIAN, _first_responses),
    _measure(catalogue.RESOLUTION, Unit.DURATION, Better.DOWN, Adds.MEDIAN, _resolutions),
    _measure(catalogue.ONE_TOUCH, Unit.PERCENT, Better.UP, Adds.SHARE, _one_touch),
    _measure(catalogue.CSAT, Unit.PERCENT, Better.UP, Adds.SHARE, _csat),
    _measure(catalogue.NPS, Unit.POINTS, Better.UP, Adds.MEAN, _nps),
    _measure(catalogue.REOPEN_RATE, Unit.PERCENT, Better.DOWN, Adds.SHARE, _reopened),
    _measure(catalogue.SOLVED, Unit.COUNT, Better.UP, Adds.TOTAL, _solved),
    _measure(catalogue.CREATED, Unit.COUNT, Better.DOWN, Adds.TOTAL, _created, of_people=False),
)
"""Of people: only where they agree to the goal themselves (handlers.goals); nobody else sees it."""
