"""What goals may count of check-ins: a team's or department's totals, never a person's. A round belongs to its date.

A team's goals are read by the team. Whoever answered knows their own answer, so the mean is made only of rounds in
which that leaves five others; and how many answered, only of rounds that asked so many.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.checkins.rules.results import LEAST_ANSWERS, told_to_the_team
from handlers.measures import Adds, Count, Days, Measure, Scope, instants_of
from storage import checkins, memberships
from storage.checkins import Round
from storage.goals import Better, Unit
from storage.measured_days import Part

NOBODY_ASKED = (
    "Nobody is asked about their load there, so there is nothing to measure. `/backstop team` switches check-ins on."
)
TOO_FEW = (
    "Check-ins are counted for a team only where six or more people are asked: of fewer, one could tell who said what."
)


def _load(round_: Round) -> Part | None:
    counts = told_to_the_team(round_)
    if counts is None:
        return None
    return Part(float(sum(step * number for step, number in enumerate(counts, start=1))), sum(counts))


def _answered(round_: Round) -> Part | None:
    asked = round_.asked or 0
    return Part(float(round_.answered or 0), asked) if asked > LEAST_ANSWERS else None


def _counting(made: Callable[[Round], Part | None]) -> Count:
    async def count(
        session: AsyncSession, scopes: Mapping[int, Scope], days: Days
    ) -> Mapping[int, Mapping[date, Part]]:
        teams = sorted({team_id for scope in scopes.values() for team_id in scope.team_ids})
        parts: dict[int, dict[date, Part]] = {}
        for round_ in await checkins.closed_of_teams(session, teams, days.first, days.last):
            if (part := made(round_)) is not None:
                parts.setdefault(round_.team_id, {})[round_.day] = part
        return {key: _together(parts.get(team_id, {}) for team_id in scope.team_ids) for key, scope in scopes.items()}

    return count


def _together(of_teams: Iterable[Mapping[date, Part]]) -> dict[date, Part]:
    found: dict[date, Part] = {}
    for of_team in of_teams:
        for day, part in of_team.items():
            before = found.get(day, Part())
            found[day] = Part(before.total + part.total, before.count + part.count)
    return found


async def _changes(session: AsyncSession, workspace_id: str, since: datetime) -> Iterable[tuple[int, datetime]]:
    return instants_of(await checkins.days_closed_since(session, workspace_id, since))


async def _unmeasured(session: AsyncSession, scope: Scope) -> str | None:
    if not await checkins.asks_any(session, scope.team_ids):
        return NOBODY_ASKED
    for team_id in scope.team_ids:
        if len(await memberships.members(session, team_id)) > LEAST_ANSWERS:
            return None
    return TOO_FEW


MEASURES: tuple[Measure, ...] = (
    Measure(
        "checkins.load",
        "Felt load (mean of check-ins, 1 too little to 5 too much)",
        Unit.POINTS,
        Better.DOWN,
        Adds.MEAN,
        _counting(_load),
        _changes,
        unmeasured=_unmeasured,
    ),
    Measure(
        "checkins.answered",
        "Check-ins answered",
        Unit.PERCENT,
        Better.UP,
        Adds.SHARE,
        _counting(_answered),
        _changes,
        unmeasured=_unmeasured,
    ),
)
