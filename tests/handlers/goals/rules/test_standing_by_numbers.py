"""The word for each goal, number by number: totals, levels that are kept, levels that improve."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from handlers.goals.rules import standing
from handlers.goals.rules.standing import (
    Before,
    Pace,
    Progress,
    Standing,
    ending,
    holds,
    is_beyond,
    looking_back,
    misses_left,
    pace,
    progress,
    recent_days,
    standing_of,
    working_days,
)
from handlers.shifts import Hours
from storage.goals import Better, Ending, Kind, State, Unit
from tests.handlers.goals.rules.test_standing import HALF, OFFICE, OVER, goal

EARLY, TENTH = Pace(0.09, 20, 19), Pace(0.1, 20, 18)
ON, RISK, BEHIND, MET, MISSED, NOT_ENOUGH, LAST = (
    Standing.ON_TRACK,
    Standing.AT_RISK,
    Standing.BEHIND,
    Standing.MET,
    Standing.MISSED,
    Standing.NOT_ENOUGH,
    Standing.LAST_NUMBER,
)
BEGAN = datetime(2026, 6, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("level", "at", "stands", "share", "expected"),
    [
        (None, HALF, NOT_ENOUGH, 0.0, None),
        (None, OVER, MISSED, 0.0, None),
        (40.0, EARLY, MET, 1.0, pytest.approx(3.6)),
        (40.0, OVER, MET, 1.0, 40.0),
        (39.0, OVER, MISSED, 0.975, 40.0),
        (0.0, EARLY, ON, 0.0, pytest.approx(3.6)),  # so early nothing is said of a pace
        (0.0, TENTH, BEHIND, 0.0, 4.0),
        (18.0, HALF, ON, 0.45, 20.0),  # nine tenths of the line
        (17.9, HALF, RISK, pytest.approx(0.4475), 20.0),
        (14.0, HALF, RISK, 0.35, 20.0),  # seven tenths
        (13.9, HALF, BEHIND, pytest.approx(0.3475), 20.0),
    ],
)
def test_a_total_stands_by_its_line(
    level: float | None, at: Pace, stands: Standing, share: float, expected: float | None
) -> None:
    assert progress(goal(level=level), at) == Progress(stands, share, expected)


def test_a_total_by_hand_that_nobody_gave_a_number_for_is_not_missed() -> None:
    assert progress(goal(metric="hand:articles", level=None, state=State.CLOSED), OVER).standing == NOT_ENOUGH


@pytest.mark.parametrize(
    ("level", "sample", "at", "stands", "misses", "left"),
    [
        (97.0, 100, HALF, ON, 3, 7),  # 200 cases to come may miss 10
        (96.0, 100, HALF, ON, 4, 6),
        (95.0, 100, HALF, ON, 5, 5),
        (94.0, 100, HALF, RISK, 6, 4),  # below, but the rest can mend it
        (90.0, 100, HALF, RISK, 10, 0),
        (89.0, 100, HALF, BEHIND, 11, -1),
        (80.0, 100, EARLY, RISK, 20, 30),  # heads for 1000 at most: a tenth of the period counts as over
        (95.0, 19, OVER, MET, 1, -1),
        (95.0, 100, OVER, MET, 5, 0),
        (94.0, 100, OVER, MISSED, 6, -1),
        (100.0, 5, HALF, RISK, 0, 0),  # ten cases forgive none
        (100.0, 10, HALF, ON, 0, 1),
        (100.0, 4, HALF, NOT_ENOUGH, None, None),
        (None, 100, HALF, NOT_ENOUGH, None, None),
    ],
)
def test_a_share_that_is_kept_has_a_budget_of_misses(
    level: float | None, sample: int, at: Pace, stands: Standing, misses: int | None, left: int | None
) -> None:
    made = progress(goal(kind=Kind.KEEP, unit=Unit.PERCENT, target=95.0, level=level, sample=sample), at)
    assert (made.standing, made.misses, made.misses_left) == (stands, misses, left)
    assert made.expected == (None if stands == NOT_ENOUGH else 95.0)
    assert made.share == pytest.approx(0.0 if level is None else min(1.0, level / 95))


@pytest.mark.parametrize(
    "more", [{"unit": Unit.POINTS}, {"better": Better.DOWN}, {"level": None}, {"metric": "hand:quality"}]
)
def test_nothing_else_has_a_budget_of_misses(more: dict[str, object]) -> None:
    kept = goal(**{"kind": Kind.KEEP, "unit": Unit.PERCENT, "target": 95.0, "level": 97.0, **more})
    assert misses_left(kept, HALF) == (None, None)


@pytest.mark.parametrize(
    ("better", "level", "at", "stands"),
    [
        (Better.DOWN, 7200.0, OVER, MET),
        (Better.DOWN, 7201.0, OVER, MISSED),
        (Better.DOWN, 7201.0, HALF, BEHIND),
        (Better.DOWN, 7200.0, HALF, RISK),
        (Better.DOWN, 6840.0, HALF, RISK),  # within a twentieth of the target
        (Better.DOWN, 6839.0, HALF, ON),
        (Better.UP, 7560.0, HALF, RISK),
        (Better.UP, 7561.0, HALF, ON),
        (Better.UP, 7199.0, HALF, BEHIND),
    ],
)
def test_a_level_that_is_kept_is_at_risk_near_its_target(
    better: Better, level: float, at: Pace, stands: Standing
) -> None:
    kept = goal(kind=Kind.KEEP, unit=Unit.DURATION, better=better, target=7200.0, level=level)
    made = progress(kept, at)
    assert (made.standing, made.expected, made.misses, made.misses_left) == (stands, 7200.0, None, None)


def test_a_level_by_hand_is_on_track_as_long_as_it_is_good_however_near_the_target() -> None:
    """On a scale of 1 to 5 nearly everything that is good lies within a twentieth."""
    kept = goal(kind=Kind.KEEP, unit=Unit.POINTS, target=4.3, metric="hand:quality")
    for level, stands in ((4.3, ON), (4.4, ON), (4.2, BEHIND)):
        kept.level = level
        assert progress(kept, HALF).standing == stands


def test_a_share_by_hand_is_kept_however_few_its_cases_are() -> None:
    kept = goal(kind=Kind.KEEP, unit=Unit.PERCENT, target=95.0, level=97.0, sample=0, metric="hand:quality")
    assert progress(kept, HALF).standing == ON
    assert progress(
        goal(kind=Kind.KEEP, unit=Unit.PERCENT, target=95.0, level=94.0, metric="hand:q"), HALF
    ) == Progress(BEHIND, 94 / 95, 95.0)


@pytest.mark.parametrize(
    ("recent", "baseline", "at", "stands", "share", "expected"),
    [
        (None, 60.0, HALF, NOT_ENOUGH, 0.0, None),
        (80.0, None, HALF, ON, 1.0, None),
        (79.0, None, HALF, RISK, 79 / 80, None),
        (80.0, None, OVER, MET, 1.0, None),
        (79.0, None, OVER, MISSED, 79 / 80, None),
        (80.0, 60.0, OVER, MET, 1.0, 80.0),
        (79.0, 60.0, OVER, MISSED, 0.95, 80.0),
        (70.0, 60.0, HALF, ON, 0.5, 70.0),
        (69.0, 60.0, HALF, RISK, 0.45, 70.0),  # behind its line, but better than it began
        (60.0, 60.0, HALF, BEHIND, 0.0, 70.0),
        (50.0, 60.0, HALF, BEHIND, 0.0, 70.0),
        (50.0, 60.0, EARLY, ON, 0.0, 61.8),
        (50.0, 60.0, TENTH, BEHIND, 0.0, 62.0),
        (90.0, 60.0, HALF, ON, 1.0, 70.0),
        (40.0, 80.0, HALF, BEHIND, 0.5, 80.0),  # nothing to gain on: it was there before
    ],
)
def test_a_level_improves_along_a_line_from_where_it_began(
    recent: float | None, baseline: float | None, at: Pace, stands: Standing, share: float, expected: float | None
) -> None:
    better = goal(kind=Kind.IMPROVE, unit=Unit.POINTS, target=80.0, recent=recent, baseline=baseline, level=None)
    made = progress(better, at)
    assert made.standing == stands
    assert made.share == pytest.approx(share)
    assert made.expected == pytest.approx(expected)


def test_less_may_be_better_and_improves_downwards() -> None:
    less = goal(
        kind=Kind.IMPROVE, unit=Unit.DURATION, better=Better.DOWN, target=3600.0, baseline=7200.0, recent=5400.0
    )
    assert progress(less, HALF) == Progress(ON, 0.5, 5400.0)
    less.recent = 5401.0
    assert progress(less, HALF).standing == RISK
    less.recent = 7200.0
    assert progress(less, HALF).standing == BEHIND


def test_an_improvement_needs_five_recent_cases_unless_it_is_by_hand() -> None:
    few = {"kind": Kind.IMPROVE, "unit": Unit.POINTS, "target": 80.0, "baseline": 60.0, "recent": 80.0}
    assert progress(goal(**few, recent_sample=4), HALF) == Progress(NOT_ENOUGH, 1.0)
    assert progress(goal(**few, recent_sample=5), HALF).standing == ON
    assert progress(goal(**few, recent_sample=0, metric="hand:x"), HALF).standing == ON


@pytest.mark.parametrize(("better", "level", "share"), [(Better.UP, 0.0, 1.0), (Better.DOWN, 0.0, 1.0)])
def test_a_target_of_zero_is_reached_or_not(better: Better, level: float, share: float) -> None:
    zero = goal(kind=Kind.KEEP, unit=Unit.POINTS, better=better, target=0.0, level=level)
    assert progress(zero, OVER) == Progress(MET, share, 0.0)
    zero.level = -1.0 if better == Better.UP else 1.0
    assert progress(zero, OVER) == Progress(MISSED, 0.0, 0.0)


def test_a_level_that_recently_changed_counts_for_improving_alone() -> None:
    assert progress(goal(level=10.0, recent=40.0), HALF).share == 0.25


@pytest.mark.parametrize("closed", [Ending.MET, Ending.MISSED])
def test_what_is_closed_stands_as_it_ended(closed: Ending) -> None:
    made = progress(goal(level=10.0, state=State.CLOSED, ending=closed), OVER)
    assert made == Progress(Standing(closed.value), 0.25)
    assert ending(made) == closed


def test_what_was_dropped_stands_by_its_numbers() -> None:
    assert progress(goal(level=20.0, state=State.CLOSED, ending=Ending.DROPPED), HALF).standing == ON
    assert [ending(Progress(one, 0.0)) for one in Standing] == [None, None, None, Ending.MET, Ending.MISSED, None, None]


def test_pace_is_in_working_days_of_which_today_is_not_over() -> None:
    first, last = date(2026, 6, 1), date(2026, 6, 7)
    assert working_days(first, last, OFFICE) == [first + timedelta(days=n) for n in range(5)]
    assert pace(first, last, first, OFFICE) == Pace(0.0, 5, 5)
    assert pace(first, last, date(2026, 6, 4), OFFICE) == Pace(0.6, 5, 2)
    for day_off in (date(2026, 6, 6), last):
        at = pace(first, last, day_off, OFFICE)
        assert at == Pace(1.0, 5, 0, ends_in_days_off=True)
        assert not at.is_over
    assert pace(first, last, last + timedelta(days=1), OFFICE) == Pace(1.0, 5, 0)


def test_holidays_are_no_working_days_and_a_period_without_any_goes_by_the_calendar() -> None:
    irish = Hours("Europe/Dublin", OFFICE.days, OFFICE.start, OFFICE.end, "IE")
    first, last = date(2026, 6, 1), date(2026, 6, 7)  # which begins with a bank holiday
    assert working_days(first, last, irish)[0] == date(2026, 6, 2)
    idle = Hours("Europe/Dublin", frozenset(), OFFICE.start, OFFICE.end)
    assert pace(first, last, date(2026, 6, 3), idle) == Pace(2 / 7, 7, 5)
    assert pace(first, last, last, idle) == Pace(6 / 7, 7, 1)
    assert pace(first, last, last + timedelta(days=1), idle) == Pace(1.0, 7, 0)


def test_a_goal_stands_by_its_own_days_and_zone() -> None:
    kept = goal(level=18.0, first_day=date(2026, 6, 1), last_day=date(2026, 6, 12), zone="Asia/Manila")
    sunday_evening_in_dublin = datetime(2026, 6, 7, 17, tzinfo=UTC)  # Monday there
    made = standing_of(kept, sunday_evening_in_dublin)
    assert made == Progress(ON, 0.45, 20.0)


@pytest.mark.parametrize("state", [State.PROPOSED, State.TALKING, State.CLOSED])
def test_only_what_is_open_and_by_hand_can_be_stale(state: State) -> None:
    later = BEGAN + timedelta(days=20)
    assert standing_of(goal(metric="hand:x", created_at=BEGAN, level=1.0, state=state), later).stale_days is None
    assert standing_of(goal(created_at=BEGAN, level=1.0), later).stale_days is None
    stale = standing_of(goal(metric="hand:x", created_at=BEGAN, level=25.0), later)
    assert (stale.standing, stale.expected, stale.stale_days) == (ON, 40 * (15 / 22), 20)
    assert progress(goal(metric="hand:x", created_at=BEGAN, level=1.0), HALF).stale_days is None


@pytest.mark.parametrize(("level", "stands"), [(39.0, ON), (30.0, RISK), (20.0, BEHIND), (40.0, MET)])
def test_nothing_is_missed_before_the_period_is_over_though_only_days_off_are_left(
    level: float, stands: Standing
) -> None:
    kept = goal(level=level, first_day=date(2026, 6, 1), last_day=date(2026, 6, 7))
    assert standing_of(kept, datetime(2026, 6, 7, 20, tzinfo=UTC)).standing == stands
    assert standing_of(kept, datetime(2026, 6, 8, 0, tzinfo=UTC)).standing in {MET, MISSED}


@pytest.mark.parametrize(
    ("given", "stands"),
    [
        ({"level": 39.0}, LAST),
        ({"level": None}, LAST),
        ({"level": 40.0}, MET),
        ({"level": 39.0, "state": State.CLOSED, "ending": Ending.MISSED}, MISSED),
        ({"level": 5.0, "kind": Kind.KEEP, "unit": Unit.POINTS, "target": 4.0}, LAST),
        ({"level": 3.0, "kind": Kind.KEEP, "unit": Unit.POINTS, "target": 4.0}, LAST),
        ({"level": 41.0, "kind": Kind.KEEP, "better": Better.DOWN}, MISSED),
        ({"level": 40.0, "kind": Kind.KEEP, "better": Better.DOWN}, LAST),
        ({"recent": 80.0, "kind": Kind.IMPROVE, "unit": Unit.PERCENT, "target": 80.0}, LAST),
    ],
)
def test_a_goal_by_hand_that_is_over_waits_for_its_last_number_unless_none_can_change_it(
    given: dict[str, Any], stands: Standing
) -> None:
    assert progress(goal(metric="hand:x", **given), OVER).standing == stands


@pytest.mark.parametrize(("days", "recent"), [(7, 3), (12, 3), (15, 3), (16, 4), (30, 7), (91, 22)])
def test_a_trend_looks_at_a_quarter_of_the_period(days: int, recent: int) -> None:
    first = date(2026, 6, 1)
    assert recent_days(first, first + timedelta(days=days - 1)) == recent


@pytest.mark.parametrize(
    ("levels", "better", "best", "median"),
    [
        ([], Better.UP, None, None),
        ([None], Better.UP, None, None),
        ([3.0, None, 1.0, 2.0], Better.UP, 3.0, 2.0),
        ([3.0, None, 1.0, 2.0], Better.DOWN, 1.0, 2.0),
        ([4.0, 3.0, 1.0, 2.0], Better.UP, 4.0, 2.0),
    ],
)
def test_looking_back_finds_the_best_and_the_median(
    levels: list[float | None], better: Better, best: float | None, median: float | None
) -> None:
    past = looking_back(levels, better)
    assert past == Before(tuple(levels), best, median)
    assert not is_beyond(1e6 if better == Better.UP else 0.0, Before((), None, None), better)


@pytest.mark.parametrize(
    ("value", "better", "holding"),
    [
        (10.0, Better.UP, True),
        (10.0 - 1e-10, Better.UP, True),  # rounding doesn't make it a miss
        (9.999, Better.UP, False),
        (10.0, Better.DOWN, True),
        (10.0 + 1e-10, Better.DOWN, True),
        (10.001, Better.DOWN, False),
    ],
)
def test_as_good_as_the_target_holds_it(value: float, better: Better, holding: bool) -> None:
    assert holds(value, 10.0, better) is holding


def test_what_its_people_are_told_of_goes_from_bad_to_worse() -> None:
    assert standing.WORSE == (RISK, BEHIND, MISSED)
