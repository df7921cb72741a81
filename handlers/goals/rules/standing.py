"""Where a goal stands: its pace, what is left, and the word for it.

- *reach*: the total so far against a straight line from nothing to the target, over the period's working days.
- *keep*: the level so far against the target; for a share, how many misses the period still forgives; for a total that
  isn't to be exceeded, the same straight line as an allowance.
- *improve*: the level of the last days against a straight line from the baseline to the target.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from handlers.goals.rules import periods
from handlers.shifts import Hours, holiday_on
from storage.goals import Better, Ending, Goal, Kind, State, Unit

TOO_FEW = 5
"""A level of fewer cases says nothing yet."""
BEFORE_PACE = 0.1
"""Before a tenth of the working days is over, being behind the line means nothing."""
NEAR = 0.9
"""From nine tenths of the line upwards a total is on track: days differ."""
FAR = 0.7
"""Below seven tenths of the line it is behind rather than at risk."""
STALE_AFTER = timedelta(days=14)


class Standing(StrEnum):
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    BEHIND = "behind"
    MET = "met"
    MISSED = "missed"
    NOT_ENOUGH = "not_enough"
    LAST_NUMBER = "last_number"
    """Kept by hand, and its period is over: it stays open until its last number was given and somebody closes it."""


WORSE = (Standing.AT_RISK, Standing.BEHIND, Standing.MISSED)
"""What its people are told of, from bad to worse."""


@dataclass(frozen=True)
class Pace:
    """How much of the period's working time is over: 0 (it begins) to 1 (it is over, or only days off are left)."""

    elapsed: float
    working_days: int
    left: int
    """Working days to come, today included."""
    ends_in_days_off: bool = False
    """No working day is left, and yet the period goes on: on the Saturday of a week."""

    @property
    def is_over(self) -> bool:
        return self.elapsed >= 1 and not self.ends_in_days_off


@dataclass(frozen=True)
class Progress:
    standing: Standing
    share: float
    """Of the target, 0 to 1: for the bar."""
    expected: float | None = None
    """Where the line stands today."""
    misses: int | None = None
    misses_left: int | None = None
    """How many more cases may miss before the level falls below the target, at the number of cases that the period is
    heading for. Negative: beyond it."""
    stale_days: int | None = None
    """Days since the last number was given, once that is too long ago."""


def working_days(first: date, last: date, hours: Hours) -> list[date]:
    """The days of [first, last] on which these hours are worked."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if day.weekday() in hours.days and not holiday_on(hours, day)]


def pace(first: date, last: date, today: date, hours: Hours) -> Pace:
    """How far the period is, in working days; a day counts as over when it is. In a period without working days, by
    the calendar."""
    days = working_days(first, last, hours) or [first + timedelta(days=n) for n in range((last - first).days + 1)]
    over = sum(day < today for day in days)
    left = len(days) - over
    return Pace(over / len(days), len(days), left, ends_in_days_off=not left and today <= last)


def standing_of(goal: Goal, now: datetime, *, last_update: datetime | None = None) -> Progress:
    """Where a goal stands at `now`, from what was counted. `last_update`: of a goal that is kept by hand."""
    at = pace(goal.first_day, goal.last_day, periods.today_of(goal, now), periods.hours_of(goal))
    return progress(goal, at, last_update=last_update, now=now)


def progress(goal: Goal, at: Pace, *, last_update: datetime | None = None, now: datetime | None = None) -> Progress:
    """Where the goal stands, from its level and sample. `last_update` and `now` only for one that is kept by hand."""
    if goal.state == State.CLOSED and goal.ending in {Ending.MET, Ending.MISSED}:
        made = Progress(Standing(str(goal.ending)), _share(goal))
    elif goal.kind == Kind.REACH:
        made = _reach(goal, at)
    elif goal.kind == Kind.IMPROVE:
        made = _improve(goal, at)
    elif _is_allowance(goal):
        made = _allowance(goal, at)
    else:
        made = _keep(goal, at)
    if goal.state == State.OPEN and goal.is_by_hand and at.is_over and not _is_decided(goal, made):
        made = replace(made, standing=Standing.LAST_NUMBER)
    return replace(made, stale_days=_stale_days(goal, last_update, now))


def _is_decided(goal: Goal, made: Progress) -> bool:
    """Whether no later number changes how it ended: a total was reached, or one that wasn't to be exceeded was."""
    if goal.kind == Kind.REACH:
        return made.standing == Standing.MET
    return _is_allowance(goal) and made.standing == Standing.MISSED


def _is_allowance(goal: Goal) -> bool:
    return goal.kind == Kind.KEEP and goal.better == Better.DOWN and goal.unit == Unit.COUNT


def ending(made: Progress) -> Ending | None:
    """How a period that is over ended; None: there is too little to say."""
    return {Standing.MET: Ending.MET, Standing.MISSED: Ending.MISSED}.get(made.standing)


def holds(value: float, target: float, better: Better) -> bool:
    """Whether a level is as good as the target, or better."""
    return value >= target - 1e-9 if better == Better.UP else value <= target + 1e-9


def _reach(goal: Goal, at: Pace) -> Progress:
    if goal.level is None:
        missed = at.is_over and not goal.is_by_hand
        return Progress(Standing.MISSED if missed else Standing.NOT_ENOUGH, 0.0)
    expected = goal.target * at.elapsed
    share = _share(goal)
    if goal.level >= goal.target:
        return Progress(Standing.MET, share, expected)
    if at.is_over:
        return Progress(Standing.MISSED, share, expected)
    if at.elapsed < BEFORE_PACE or goal.level >= NEAR * expected:
        return Progress(Standing.ON_TRACK, share, expected)
    return Progress(Standing.AT_RISK if goal.level >= FAR * expected else Standing.BEHIND, share, expected)


def _allowance(goal: Goal, at: Pace) -> Progress:
    """At most so many: each day may use its part of them."""
    level = goal.level
    if level is None:
        return Progress(Standing.NOT_ENOUGH, 0.0)
    expected = goal.target * at.elapsed
    left = math.floor(goal.target - level + 1e-9)
    share = _share(goal)
    if level > goal.target:
        return Progress(Standing.MISSED, share, expected, round(level), left)
    if at.is_over:
        return Progress(Standing.MET, share, expected, round(level), left)
    if at.elapsed >= BEFORE_PACE and level * NEAR > expected:
        return Progress(Standing.AT_RISK, share, expected, round(level), left)
    return Progress(Standing.ON_TRACK, share, expected, round(level), left)


def _keep(goal: Goal, at: Pace) -> Progress:
    level = goal.level
    if level is None or (goal.sample < TOO_FEW and not goal.is_by_hand):
        return Progress(Standing.NOT_ENOUGH, _share(goal))
    share = _share(goal)
    good = holds(level, goal.target, goal.better)
    misses, left = misses_left(goal, at)
    if at.is_over:
        return Progress(Standing.MET if good else Standing.MISSED, share, goal.target, misses, left)
    if left is not None and left < 0:
        return Progress(Standing.BEHIND, share, goal.target, misses, left)
    if not good:
        return Progress(Standing.AT_RISK if left is not None else Standing.BEHIND, share, goal.target, misses, left)
    if left == 0 or (goal.unit != Unit.PERCENT and not goal.is_by_hand and _is_close(goal)):
        return Progress(Standing.AT_RISK, share, goal.target, misses, left)
    return Progress(Standing.ON_TRACK, share, goal.target, misses, left)


def misses_left(goal: Goal, at: Pace) -> tuple[int | None, int | None]:
    """(misses so far, misses that the period still forgives) of a share that is to be kept; (None, None) otherwise.

    The budget is (1 − target) of as many cases as the period is heading for: those so far, and the rest of it at the
    same rate (an error budget, as in Beyer et al., Site Reliability Engineering, 2016, ch. 3).
    """
    if goal.unit != Unit.PERCENT or goal.better != Better.UP or goal.level is None or goal.is_by_hand:
        return None, None
    misses = round(goal.sample * (1 - goal.level / 100))
    heading_for = goal.sample / max(at.elapsed, BEFORE_PACE)
    return misses, math.floor(heading_for * (1 - goal.target / 100) + 1e-9) - misses


def _improve(goal: Goal, at: Pace) -> Progress:
    level = goal.recent if goal.recent_sample >= TOO_FEW or goal.is_by_hand else None
    share = _share(goal)
    if level is None:
        return Progress(Standing.NOT_ENOUGH, share)
    reached = holds(level, goal.target, goal.better)
    if goal.baseline is None:
        if at.is_over:
            return Progress(Standing.MET if reached else Standing.MISSED, share)
        return Progress(Standing.ON_TRACK if reached else Standing.AT_RISK, share)
    expected = goal.baseline + (goal.target - goal.baseline) * at.elapsed
    if at.is_over:
        return Progress(Standing.MET if reached else Standing.MISSED, share, expected)
    if reached or at.elapsed < BEFORE_PACE or holds(level, expected, goal.better):
        return Progress(Standing.ON_TRACK, share, expected)
    gained = holds(level, goal.baseline, goal.better) and level != goal.baseline
    return Progress(Standing.AT_RISK if gained else Standing.BEHIND, share, expected)


def _share(goal: Goal) -> float:
    """How much of the way is done, for the bar; for what is to stay low, how much of the allowance is used."""
    level = goal.recent if goal.kind == Kind.IMPROVE and goal.recent is not None else goal.level
    if level is None:
        return 0.0
    if goal.kind == Kind.IMPROVE and goal.baseline is not None and goal.baseline != goal.target:
        made = (level - goal.baseline) / (goal.target - goal.baseline)
    elif goal.target == 0:
        made = 1.0 if holds(level, 0, goal.better) else 0.0
    else:
        made = level / goal.target
    return min(1.0, max(0.0, made))


def _is_close(goal: Goal) -> bool:
    """Within a twentieth of the target, on its good side."""
    level = goal.level
    return level is not None and abs(level - goal.target) <= abs(goal.target) / 20


def _stale_days(goal: Goal, last_update: datetime | None, now: datetime | None) -> int | None:
    if not goal.is_by_hand or goal.state != State.OPEN or now is None:
        return None
    since = now - (last_update or goal.created_at)
    return since.days if since >= STALE_AFTER else None


def recent_days(first: date, last: date) -> int:
    """How many days a trend looks at: a quarter of the period, at least three."""
    return max(3, ((last - first).days + 1) // 4)


@dataclass(frozen=True)
class Before:
    """What the periods before made of a measure."""

    levels: tuple[float | None, ...]
    """The latest first; None where there was too little."""
    best: float | None
    median: float | None


def looking_back(levels: Iterable[float | None], better: Better) -> Before:
    """Best and (nearest-rank) median of the periods that were measured."""
    kept = tuple(levels)
    known = sorted(level for level in kept if level is not None)
    if not known:
        return Before(kept, None, None)
    best = known[-1] if better == Better.UP else known[0]
    return Before(kept, best, known[math.ceil(len(known) / 2) - 1])


def is_beyond(target: float, past: Before, better: Better) -> bool:
    """Whether nobody has reached the target in these periods."""
    return past.best is not None and target != past.best and holds(target, past.best, better)
