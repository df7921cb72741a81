"""The figures of `/escalate stats`: counts, medians with their n, what was met, what is left in the month's budget.

Median and p90 are nearest-rank over the raw cases: the smallest value that at least half (nine tenths) don't exceed
(Hyndman & Fan 1996, definition 1), so that each figure is a case that really happened.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.clocks import ClockState
from storage.escalation_lists import Measured
from storage.escalations import RootCause, Severity

TOO_FEW = 3
"""Fewer cases than this have no median worth reading."""
MET_TARGET = 0.9
"""The share of resolve deadlines that a month is expected to meet: the rest is its budget of misses."""


@dataclass(frozen=True)
class Spread:
    """Durations in the clock's own time; median and p90 are None when there are fewer than TOO_FEW."""

    n: int
    median: timedelta | None
    p90: timedelta | None


@dataclass(frozen=True)
class Line:
    """One severity (or all of them, when `severity` is None)."""

    severity: Severity | None
    raised: int
    open: int
    acknowledge: Spread
    resolve: Spread
    met: int
    missed: int

    @property
    def met_share(self) -> float | None:
        """Resolve deadlines met, of those decided; None: none was decided yet."""
        decided = self.met + self.missed
        return self.met / decided if decided else None

    @property
    def misses_left(self) -> int:
        """How many more resolve deadlines may be missed before the share falls below MET_TARGET. Negative: exceeded."""
        decided = self.met + self.missed
        return math.floor(decided * (1 - MET_TARGET) + 1e-9) - self.missed


def spread(durations: Iterable[timedelta]) -> Spread:
    ordered = sorted(durations)
    if len(ordered) < TOO_FEW:
        return Spread(len(ordered), None, None)
    return Spread(len(ordered), _rank(ordered, 0.5), _rank(ordered, 0.9))


def line(severity: Severity | None, cases: Sequence[Measured]) -> Line:
    """The figures of these cases (already of that severity)."""
    return Line(
        severity=severity,
        raised=len(cases),
        open=sum(case.resolved_at is None for case in cases),
        acknowledge=spread(_durations(case.acknowledged_s for case in cases)),
        resolve=spread(_durations(case.resolve_s for case in cases)),
        met=sum(case.resolve == ClockState.MET for case in cases),
        missed=sum(case.resolve == ClockState.BREACHED for case in cases),
    )


def lines(cases: Sequence[Measured]) -> list[Line]:
    """One line per severity that has cases, then all together."""
    per = [line(severity, [case for case in cases if case.severity == severity]) for severity in Severity]
    return [*(one for one in per if one.raised), line(None, cases)]


def root_causes(cases: Iterable[Measured]) -> list[tuple[RootCause, int]]:
    """What the resolved ones came from, most frequent first."""
    return Counter(case.root_cause for case in cases if case.root_cause is not None).most_common()


def repeats(cases: Iterable[Measured]) -> int:
    """How many came from a customer who had one in the 90 days before."""
    return sum(case.is_repeat for case in cases)


def _durations(seconds: Iterable[int | None]) -> Iterator[timedelta]:
    return (timedelta(seconds=taken) for taken in seconds if taken is not None)


def _rank(ordered: Sequence[timedelta], share: float) -> timedelta:
    return ordered[math.ceil(share * len(ordered)) - 1]


REPORTER, TEAM, OTHERS = "reporter", "team", "other team"


def held_by_role(
    cases: Iterable[Measured], turns: Iterable[tuple[int, str, datetime]], now: datetime
) -> dict[str, timedelta]:
    """How long the cases lay with the reporter (returned), with the team, or with another team (on hold), by the wall
    clock until resolved or `now`; roles without time are left out. Roles, never persons.

    `turns`: (case, kind, instant) of the lines in HOLDER_AFTER, in the order in which they happened.
    """
    holding = {case.id: (TEAM, case.raised_at) for case in cases}
    held: Counter[str] = Counter()
    for case_id, kind, at in turns:
        role, since = holding[case_id]
        held[role] += round((at - since).total_seconds())
        holding[case_id] = (HOLDER_AFTER[kind], at)
    for role, since in holding.values():
        held[role] += round((now - since).total_seconds())
    return {role: timedelta(seconds=held[role]) for role in (REPORTER, TEAM, OTHERS) if held[role]}


NOBODY = "nobody"
HOLDER_AFTER = {
    "returned": REPORTER,
    "answered": TEAM,
    "held": OTHERS,
    "resumed": TEAM,
    "resolved": NOBODY,
    "reopened": TEAM,
}
"""With whom an escalation lies after each of these."""
