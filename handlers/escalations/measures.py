"""What goals may count of escalations. A case belongs to the day on which it was raised, as in `/escalate stats`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import said
from handlers.escalations.views.card import OPEN
from handlers.escalations.views.words import SEVERITY_SIGN, clock_line, title
from handlers.measures import Adds, Case, Count, Days, Measure, Scope, Threat, Threats, bounds, by_day
from storage import escalation_lists
from storage.clocks import ClockState, Kind
from storage.escalation_lists import Counted
from storage.goals import Better, Unit
from storage.measured_days import Part

THREATS_SHOWN = 5
Valued = Callable[[Counted], float | None]
"""What a case counts as; None: it doesn't count (yet)."""


def _is_met(state: ClockState) -> float | None:
    return {ClockState.MET: 1.0, ClockState.BREACHED: 0.0}.get(state)


def _counting(valued: Valued, *, keep_raw: bool = False) -> Count:
    async def count(
        session: AsyncSession, scopes: Mapping[int, Scope], days: Days
    ) -> Mapping[int, Mapping[date, Part]]:
        start, end = bounds(days)
        teams = sorted({team_id for scope in scopes.values() for team_id in scope.team_ids})
        found = await escalation_lists.counted_between(session, team_ids=teams, start=start, end=end)
        cases = [
            Case(one.raised_at, one.team_id, one.owner_id, value) for one in found if (value := valued(one)) is not None
        ]
        return by_day(cases, scopes, days.zone, keep_raw=keep_raw)

    return count


async def _changes(session: AsyncSession, workspace_id: str, since: datetime) -> Iterable[tuple[int, datetime]]:
    return await escalation_lists.changed_since(session, workspace_id, since)


def _threats(kind: Kind) -> Threats:
    async def threats(
        session: AsyncSession, scope: Scope, viewer_id: int | None, until: datetime, now: datetime
    ) -> Sequence[Threat]:
        found = await escalation_lists.open_deadlines(
            session, kind=kind, team_ids=scope.team_ids, viewer_id=viewer_id, before=until, most=THREATS_SHOWN
        )
        return [
            Threat(
                f"{SEVERITY_SIGN[one.severity]} *{one.label}* {said(title(one, 60), 160)}\n{clock_line(clock, now)}",
                OPEN,
                one.id,
                f"Open {one.label}",
            )
            for one, clock in found
            if scope.person_id is None or one.owner_id == scope.person_id
        ]

    return threats


MEASURES: tuple[Measure, ...] = (
    Measure(
        "escalations.resolved_in_time",
        "Escalations resolved in time",
        Unit.PERCENT,
        Better.UP,
        Adds.SHARE,
        _counting(lambda one: _is_met(one.resolve)),
        _changes,
        of_people=True,
        threats=_threats(Kind.RESOLVE),
    ),
    Measure(
        "escalations.acknowledged_in_time",
        "Escalations claimed in time",
        Unit.PERCENT,
        Better.UP,
        Adds.SHARE,
        _counting(lambda one: _is_met(one.acknowledge)),
        _changes,
        threats=_threats(Kind.ACKNOWLEDGE),
    ),
    Measure(
        "escalations.time_to_resolve",
        "Time to resolve an escalation (median, the clock’s own time)",
        Unit.DURATION,
        Better.DOWN,
        Adds.MEDIAN,
        _counting(lambda one: one.resolve_s, keep_raw=True),
        _changes,
    ),
    Measure(
        "escalations.resolved",
        "Escalations resolved",
        Unit.COUNT,
        Better.UP,
        Adds.TOTAL,
        _counting(lambda one: 1.0 if one.is_resolved else None),
        _changes,
        of_people=True,
    ),
    Measure(
        "escalations.raised",
        "Escalations raised",
        Unit.COUNT,
        Better.DOWN,
        Adds.TOTAL,
        _counting(lambda one: 1.0),  # noqa: ARG005  # each counts, whatever became of it
        _changes,
    ),
    Measure(
        "escalations.repeats",
        "Escalations of customers who had one in the 90 days before",
        Unit.COUNT,
        Better.DOWN,
        Adds.TOTAL,
        _counting(lambda one: 1.0 if one.is_repeat else None),
        _changes,
    ),
)
