"""What goals may count of training: who was at sessions, and whether what is required was done in time."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.local_time import at_local, local_date, parse_zone
from handlers.measures import Adds, Case, Days, Measure, Scope, bounds, by_day, instants_of
from storage import requirements, training
from storage.goals import Better, Unit
from storage.measured_days import Part
from storage.requirements import Due

NOTHING_REQUIRED = "No training is required there, so there is nothing to measure. `/training required` asks for one."
TOO_FEW = (
    "Required training is counted for a team only where six or more people have it to do: of fewer, one could tell who "
    "hasn’t. Set it for each person instead."
)
A_FEW = 50
LEAST_OTHERS = 5
"""A team reads its goals, and each of it knows whether they did their own part: of those who had it to do by one date,
so many others must be left."""
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
    together: dict[tuple[int, date], set[int]] = {}
    for one in found:
        together.setdefault((one.team_id, one.due_on), set()).add(one.person_id)

    def cases(parts: Iterable[Due]) -> list[Case]:
        return [
            Case(
                at_local(one.due_on + _DAY, time(12), zone),
                one.team_id,
                one.person_id,
                float(one.done_at is not None and local_date(one.done_at, zone) <= one.due_on),
            )
            for one in parts
        ]

    own = {key: scope for key, scope in scopes.items() if scope.person_id is not None}
    of_groups = {key: scope for key, scope in scopes.items() if scope.person_id is None}
    told = [one for one in found if len(together[one.team_id, one.due_on]) > LEAST_OTHERS]
    return {**by_day(cases(found), own, days.zone), **by_day(cases(told), of_groups, days.zone)}


async def _attendance_said(session: AsyncSession, workspace_id: str, since: datetime) -> Iterable[tuple[int, datetime]]:
    return await training.attendance_said_since(session, workspace_id, since)


async def _came_due(session: AsyncSession, workspace_id: str, since: datetime) -> Iterable[tuple[int, datetime]]:
    touched = await requirements.due_dates_touched(session, workspace_id, since)
    return instants_of((team_id, due_on + _DAY) for team_id, due_on in touched)


async def _unmeasured(session: AsyncSession, scope: Scope) -> str | None:
    running = await requirements.running(session, scope.team_ids, most=A_FEW)
    if not running:
        return NOTHING_REQUIRED
    if scope.person_id is None:
        made = await requirements.progress_of(session, {one.id: one.due_on for one in running})
        if all(one.assigned <= LEAST_OTHERS for one in made.values()):
            return TOO_FEW
    return None


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
