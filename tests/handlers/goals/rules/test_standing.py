"""Pace and standing: what holds for every goal, whatever its numbers."""

import itertools
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.goals.rules import periods
from handlers.goals.rules.standing import (
    Pace,
    Standing,
    ending,
    is_beyond,
    looking_back,
    misses_left,
    pace,
    progress,
    standing_of,
)
from handlers.measures import Adds, level
from handlers.shifts import Hours
from storage.goals import Better, Goal, Kind, Period, State, Unit, Whose
from storage.measured_days import Part

OFFICE = Hours("Europe/Dublin", frozenset(range(5)), time(9), time(17))
HALF, OVER = Pace(0.5, 20, 10), Pace(1.0, 20, 0)
LEVELS = st.floats(0, 1000, allow_nan=False)
SHARES = st.floats(0, 1)
RANK = (Standing.BEHIND, Standing.AT_RISK, Standing.ON_TRACK, Standing.MET)


def goal(**given: object) -> Goal:
    usual: dict[str, object] = {
        "whose": Whose.TEAM,
        "metric": "queue.csat",
        "kind": Kind.REACH,
        "unit": Unit.COUNT,
        "better": Better.UP,
        "target": 40.0,
        "state": State.OPEN,
        "sample": 100,
        "recent_sample": 100,
        "first_day": date(2026, 6, 1),
        "last_day": date(2026, 6, 30),
        "zone": "Europe/Dublin",
        "weekdays": [0, 1, 2, 3, 4],
        "country": None,
        "period": Period.MONTH,
    }
    return Goal(**{**usual, **given})


@given(LEVELS, LEVELS, st.floats(0.1, 0.99))
def test_more_of_a_total_never_stands_worse(one: float, other: float, elapsed: float) -> None:
    at = Pace(elapsed, 20, 5)
    low, high = sorted((one, other))
    worse, better = (RANK.index(progress(goal(level=value), at).standing) for value in (low, high))
    assert worse <= better


@given(LEVELS, st.floats(0.1, 900), st.sampled_from(Kind), st.sampled_from(Better), st.sampled_from(Unit))
def test_at_the_end_every_measured_goal_is_met_or_missed(
    value: float, target: float, kind: Kind, better: Better, unit: Unit
) -> None:
    made = progress(goal(level=value, recent=value, target=target, kind=kind, better=better, unit=unit), OVER)
    assert made.standing in {Standing.MET, Standing.MISSED}
    assert ending(made) is not None
    assert 0 <= made.share <= 1


@given(st.integers(0, 4), st.floats(0, 100), st.sampled_from([Kind.KEEP, Kind.IMPROVE]))
def test_too_few_cases_say_nothing(n: int, value: float, kind: Kind) -> None:
    few = goal(kind=kind, unit=Unit.PERCENT, target=95.0, level=value, recent=value, sample=n, recent_sample=n)
    assert progress(few, HALF).standing == Standing.NOT_ENOUGH
    assert ending(progress(few, OVER)) is None


@given(st.integers(5, 2000), st.data())
def test_the_budget_of_misses_is_what_the_end_would_forgive(n: int, data: st.DataObject) -> None:
    misses = data.draw(st.integers(0, n))
    kept = goal(kind=Kind.KEEP, unit=Unit.PERCENT, target=95.0, level=100 * (n - misses) / n, sample=n)
    told, left = misses_left(kept, OVER)
    assert told == misses
    assert left is not None
    assert (left >= 0) == (100 * (n - misses) / n >= 95 - 1e-9)
    assert (progress(kept, OVER).standing == Standing.MET) == (left >= 0)


@given(st.floats(1, 99), st.floats(1, 99), SHARES)
def test_an_improvement_on_its_line_is_on_track(start: float, target: float, elapsed: float) -> None:
    better = Better.UP if target >= start else Better.DOWN
    line = start + (target - start) * elapsed
    kept = goal(kind=Kind.IMPROVE, unit=Unit.POINTS, better=better, baseline=start, target=target, recent=line)
    assert progress(kept, Pace(min(elapsed, 0.99), 20, 1)).standing == Standing.ON_TRACK


@given(st.dates(date(2025, 1, 1), date(2027, 12, 31)), st.sampled_from(Period), st.integers(-200, 200))
def test_working_days_pass_one_by_one_from_none_to_all(day: date, period: Period, shift: int) -> None:
    first, last = periods.around(day, period)
    assert first <= day <= last
    at = pace(first, last, day + timedelta(days=shift), OFFICE)
    later = pace(first, last, day + timedelta(days=shift + 1), OFFICE)
    assert 0 <= at.elapsed <= later.elapsed <= 1
    assert at.left - later.left in {0, 1}
    assert pace(first, last, last + timedelta(days=1), OFFICE).is_over
    assert pace(first, last, first, OFFICE).elapsed == 0


@given(st.dates(date(2025, 1, 1), date(2027, 12, 31)), st.sampled_from(Period))
def test_periods_follow_each_other_without_a_gap(day: date, period: Period) -> None:
    first, last = periods.around(day, period)
    following, _ = periods.following(last, period)
    assert following == last + timedelta(days=1)
    before = periods.before(first, period)
    assert len(before) == periods.BEFORE
    assert before[0][1] == first - timedelta(days=1)
    assert all(one[0] == other[1] + timedelta(days=1) for one, other in itertools.pairwise(before))


@given(st.lists(st.lists(st.floats(0, 1e6, allow_nan=False), max_size=6), max_size=8), st.sampled_from(Adds))
def test_days_together_make_what_their_cases_make_at_once(days: list[list[float]], adds: Adds) -> None:
    parts = [Part(sum(day), len(day), tuple(day)) for day in days]
    cases = [value for day in days for value in day]
    at_once = level(adds, [Part(sum(cases), len(cases), tuple(cases))])
    apart = level(adds, parts)
    assert apart[1] == at_once[1] == len(cases)
    if apart[0] is None or at_once[0] is None:
        assert apart[0] is at_once[0] is None
    else:
        assert abs(apart[0] - at_once[0]) <= 1e-6 * max(1, abs(at_once[0]))


@given(st.lists(st.one_of(st.none(), LEVELS), max_size=8), st.sampled_from(Better))
def test_the_best_of_the_periods_before_is_not_beyond_itself(levels: list[float | None], better: Better) -> None:
    past = looking_back(levels, better)
    known = [value for value in levels if value is not None]
    assert (past.best is None) == (not known)
    if past.best is not None:
        assert not is_beyond(past.best, past, better)
        beyond = past.best + 1 if better == Better.UP else past.best - 1
        assert is_beyond(beyond, past, better)
        assert past.median in known


def test_a_goal_by_hand_is_stale_after_two_weeks() -> None:
    began = datetime(2026, 6, 1, 9, tzinfo=UTC)
    kept = goal(metric="hand:articles", created_at=began, level=None)
    assert standing_of(kept, began + timedelta(days=13)).stale_days is None
    assert standing_of(kept, began + timedelta(days=14)).stale_days == 14
    assert standing_of(kept, began + timedelta(days=20), last_update=began + timedelta(days=15)).stale_days is None


@pytest.mark.parametrize(
    ("level", "at", "stands", "left"),
    [
        (None, HALF, Standing.NOT_ENOUGH, None),
        (0.0, HALF, Standing.ON_TRACK, 10),
        (5.0, HALF, Standing.ON_TRACK, 5),  # as many as half of the time allows
        (5.6, HALF, Standing.AT_RISK, 4),
        (10.0, HALF, Standing.AT_RISK, 0),
        (2.0, Pace(0.1, 20, 18), Standing.AT_RISK, 8),  # from a tenth of the time on
        (10.0, Pace(0.9, 20, 2), Standing.ON_TRACK, 0),  # nine tenths of it are just the line
        (10.0, Pace(0.05, 20, 19), Standing.ON_TRACK, 0),  # so early nothing is said of a pace
        (11.0, HALF, Standing.MISSED, -1),
        (10.0, OVER, Standing.MET, 0),
        (11.0, OVER, Standing.MISSED, -1),
    ],
)
def test_at_most_ten_breaches_are_an_allowance_that_days_use_up(
    level: float | None, at: Pace, stands: Standing, left: int | None
) -> None:
    made = progress(goal(kind=Kind.KEEP, better=Better.DOWN, target=10.0, level=level), at)
    assert (made.standing, made.misses_left) == (stands, left)
    if level is None:
        assert made.share == 0.0
    else:
        assert made.misses == round(level)
        assert made.expected == 10.0 * at.elapsed
        assert made.share == min(1.0, level / 10)
