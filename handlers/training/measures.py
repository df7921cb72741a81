"""What goals may count of training: who was at sessions, and whether what is required was done in time."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.local_time import at_local, local_date, parse_zone
from handlers.measures import Adds, Case, Days, Measure, Scope, bounds, by_day, instants_of
from storage import requirements, training
from storage.goals import Better, Part, Unit

NOTHING_REQUIRED = "No training is required there, so there is nothing to measure. `/training required` asks for one."
_DAY = timedelta(days=1)


def _teams(scopes: Mapping[int, Scope]) -> list[int]:
    return sorted({team_id for scope in scopes.values() for team_id in scope.team_ids})


async def _attended(
    session: AsyncSession, scopes: Mapping[int, Scope], days: Days
) -> Mapping[int, Mapping[date, Part]]:
    found = await training.attended(session, _teams(scopes), *bounds(days))
    return by_day((Case(at, team_id, person_id, 1.0) for at, team_id, person_id in found), scopes, days.zone)


async def _in_time(session: AsyncSession, scopes: Mapping[int, Scope], days: Days) -> Mapping[int, Mapping[date, Part]]:
    """Each part counts on the day after its date: from then on it is known whether it was in time."""
    zone = parse_zone(days.zone)
    found = await requirements.due_between(session, _teams(scopes), days.first - _DAY, days.last - _DAY)
    cases = [
        Case(
            at_local(one.due_on + _DAY, time(12), zone),
            one.team_id,
            one.person_id,
            float(one.done_at is not None and local_date(one.done_at, zone) <= one.due_on),
        )
        for one in found
    ]
    return by_day(cases, scopes, days.zone)


async def _attendance_said(session: AsyncSession, workspace_id: str, since: datetime) -> Iterable[datetime]:
    return await training.attendance_said_since(session, workspace_id, since)


async def _came_due(session: AsyncSession, workspace_id: str, since: datetime) -> Iterable[datetime]:
    touched = await requirements.due_dates_touched(session, workspace_id, since)
    return instants_of(due_on + _DAY for due_on in touched)


async def _unmeasured(session: AsyncSession, scope: Scope) -> str | None:
    return None if await requirements.running(session, scope.team_ids, most=1) else NOTHING_REQUIRED


ATTENDED = Measure(
    "training.attended",
    "Training sessions attended",
    Unit.COUNT,
    Better.UP,
    Adds.TOTAL,
    _attended,
    _attendance_said,
    of_people=True,
)
MEASURES: tuple[Measure, ...] = (
    ATTENDED,
    Measure(
        "training.required_in_time",
        "Required training done in time",
        Unit.PERCENT,
        Better.UP,
        Adds.SHARE,
        _in_time,
        _came_due,
        of_people=True,
        unmeasured=_unmeasured,
    ),
)
