"""The figures' definitions, and what is usual: over anything."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.queue.rules import digesting, figures, usual
from handlers.queue.rules.figures import LEAST_SHARE, LEAST_SPREAD
from handlers.queue.views import words
from handlers.teams.rules.hours import hours_of_team
from handlers.working_time import Calendar, Shift
from storage.pulled import RatingKind
from storage.queue_figures import Rated, Replied, Solved
from storage.teams import Team

AT = datetime(2026, 6, 2, 9, tzinfo=UTC)
DUBLIN = ZoneInfo("Europe/Dublin")
instants = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: AT - timedelta(minutes=minutes))
zones = st.sampled_from(
    [ZoneInfo(name) for name in ("Europe/Dublin", "Asia/Manila", "Asia/Kolkata", "America/St_Johns")]
)


def rated(kind: RatingKind, value: float) -> Rated:
    return Rated(AT, 1, None, kind, value)


@given(st.lists(st.integers(0, 10**7)))
def test_median_and_p90_are_cases_that_happened_and_say_how_many_there_were(seconds: list[int]) -> None:
    spread = figures.first_responses(Replied(AT + timedelta(seconds=one), 1, None, AT) for one in seconds)
    assert spread.n == len(seconds)
    if spread.n < LEAST_SPREAD:
        assert spread.median is spread.p90 is None
        return
    assert spread.median is not None
    assert spread.p90 is not None
    took = [timedelta(seconds=one) for one in seconds]
    assert {spread.median, spread.p90} <= set(took)
    assert sum(one <= spread.median for one in took) * 2 >= len(took)
    assert sum(one < spread.median for one in took) * 2 < len(took)
    assert sum(one <= spread.p90 for one in took) * 10 >= 9 * len(took)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 10))
def test_csat_is_good_by_good_and_bad_and_nothing_else(good: int, bad: int, neither: int) -> None:
    rows = [rated(RatingKind.CSAT, value) for value, n in ((1, good), (0, bad), (0.5, neither)) for _ in range(n)]
    share = figures.csat([*rows, rated(RatingKind.NPS, 0)])
    assert share.n == good + bad
    assert share.percent == (100 * good / (good + bad) if good + bad >= LEAST_SHARE else None)
    assert figures.bad(rows) == bad


@given(st.lists(st.integers(0, 10), min_size=LEAST_SHARE))
def test_nps_lies_between_its_ends_and_passives_only_dilute(scores: list[int]) -> None:
    share = figures.nps(rated(RatingKind.NPS, one) for one in scores)
    assert share.percent is not None
    assert -100 <= share.percent <= 100
    with_passive = figures.nps(rated(RatingKind.NPS, one) for one in [*scores, 7])
    assert with_passive.percent is not None
    assert abs(with_passive.percent) <= abs(share.percent)


def test_one_touch_and_reopened_leave_out_what_the_desk_does_not_tell() -> None:
    told = [
        Solved(AT, 1, None, AT, replies, reopened) for replies, reopened in ((1, 0), (0, 0), (2, 0), (1, 1), (5, 0))
    ]
    untold = [Solved(AT, 1, None, AT, None, None)] * 7
    assert figures.one_touch([*told, *untold]) == figures.Share(5, 40.0)
    assert figures.reopened([*told, *untold]) == figures.Share(5, 20.0)
    assert figures.one_touch(untold) == figures.Share(0)


def test_an_answer_before_the_question_took_no_time_and_a_ratio_needs_its_denominator() -> None:
    assert figures.first_responses([Replied(AT - timedelta(hours=1), 1, None, AT)] * 3).median == timedelta()
    assert figures.contact_ratio(30, None) is None
    assert figures.contact_ratio(30, 1200) == 0.025


@given(instants, st.integers(1, 80), zones)
def test_the_hours_of_a_stretch_add_up_to_it(start: datetime, hours: int, zone: ZoneInfo) -> None:
    end = start + timedelta(hours=hours, minutes=17)
    parts = usual.hours_of(start, end, zone)
    assert all(0 < share <= 1 for share in parts.values())
    # an hour that comes twice in autumn is one key
    assert abs(sum(parts.values()) - (end - start) / timedelta(hours=1)) <= 1 + 1e-6


@given(st.integers(0, 200), st.integers(0, 70), st.integers(1, 24))
def test_where_every_week_is_the_same_the_usual_is_what_every_week_brings(each: int, known: int, hours: int) -> None:
    today = date(2026, 6, 3)
    by_hour = {today - timedelta(days=back): [each] * 24 for back in range(1, 100)}
    end = datetime.combine(today, time(9), DUBLIN)
    found = usual.arrivals(end - timedelta(hours=hours), end, DUBLIN, by_hour, today - timedelta(days=known))
    if found.mean is None:
        assert found.weeks < usual.LEAST_WEEKS
    else:
        assert abs(found.mean - each * hours) < 1e-6


def test_a_stretch_from_nine_to_nine_takes_each_days_share_of_its_shift() -> None:
    end = datetime(2026, 6, 3, 9, tzinfo=DUBLIN)
    shares = usual.shares_of(end - timedelta(days=1), end, DUBLIN, (time(9), time(17)))
    assert shares == {date(2026, 6, 2): 1.0}
    solved = {date(2026, 6, 2) - timedelta(days=7 * week): 40 for week in range(1, 9)}
    found = usual.departures(end - timedelta(days=1), end, DUBLIN, solved, (time(9), time(17)), date(2026, 1, 1))
    assert found == usual.Usual(8, 40.0)


def at(day: int, hour: int, minute: int = 0, *, month: int = 6) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=DUBLIN)


def only_on(weekday: int, hour: int, each: int) -> dict[date, list[int]]:
    """A year in which tickets come at one hour of one weekday alone."""
    days = (date(2026, 1, 1) + timedelta(days=n) for n in range(365))
    return {day: [each if (day.weekday(), hour) == (weekday, one) else 0 for one in range(24)] for day in days}


def test_a_weekend_is_compared_with_weekends_from_the_same_hour_to_the_same_hour() -> None:
    friday, monday = at(5, 17, 30), at(8, 9, 30)

    def usually(weekday: int, hour: int) -> float | None:
        came = only_on(weekday, hour, 8)
        return usual.arrivals(friday, monday, DUBLIN, came, date(2026, 1, 1)).mean

    assert usually(4, 16) == 0, "Friday’s work is over"
    assert usually(4, 17) == 4, "half of the hour lies within"
    assert usually(5, 11) == usually(6, 23) == usually(0, 8) == 8
    assert usually(0, 9) == 4
    assert usually(0, 10) == 0, "Monday’s work is to come"


def test_a_stretch_over_a_change_of_the_clocks_is_compared_by_the_clock_on_the_wall() -> None:
    for saturday in (28, 24):  # of March: an hour is missing; of October: one comes twice
        month = 3 if saturday == 28 else 10
        begins, ends = at(saturday, 9, month=month), at(saturday, 9, month=month) + timedelta(days=1)
        flat = {date(2026, 1, 1) + timedelta(days=n): [1] * 24 for n in range(365)}
        found = usual.arrivals(begins, ends, DUBLIN, flat, date(2026, 1, 1))
        assert found == usual.Usual(8, 23.0 if month == 3 else 24.0)


def test_what_is_longer_than_a_week_is_not_compared_with_a_part_of_itself() -> None:
    flat = {date(2026, 1, 1) + timedelta(days=n): [1] * 24 for n in range(151)}  # nothing from June on
    for days, weeks in ((7, 8), (8, 7), (14, 7), (15, 6)):
        begins = at(1, 9)
        found = usual.arrivals(begins, begins + timedelta(days=days), DUBLIN, flat, date(2026, 1, 1))
        assert found.weeks == weeks, days
        assert found.mean is not None
        assert found.mean <= 24 * days


def test_the_stretch_is_named_from_when_to_when() -> None:
    assert words.stretch(at(5, 17, 30), at(8, 9, 30)) == "Friday evening to Monday morning"
    assert words.stretch(at(2, 9), at(3, 9)) == "Tuesday morning to Wednesday morning"
    assert words.stretch(at(3, 9), at(3, 11)) == "Wednesday morning"
    assert words.stretch(at(2, 23), at(3, 0, 30)) == "Tuesday night to early Wednesday"
    assert words.stretch(at(1, 9, 15), at(8, 9, 15)) == "a week"
    assert words.stretch(at(1, 13), at(11, 9)) == "10 days from Monday afternoon on"


def test_a_holiday_of_the_stretch_is_named_and_one_of_a_free_day_is_not() -> None:
    care = Team(zone="Europe/Dublin", days=[0, 1, 2, 3, 4], start=time(9), end=time(17), country="IE")
    assert digesting.holidays_within(care, at(29, 9, month=5), at(2, 9)) == ["June Bank Holiday"]
    assert digesting.holidays_within(care, at(1, 9), at(1, 15)) == [], "the day isn’t over"
    care.days = [1, 2, 3, 4]
    assert digesting.holidays_within(care, at(29, 9, month=5), at(2, 9)) == []


def test_a_resolution_takes_from_the_creation_to_the_last_time_solved_in_the_calendars_time() -> None:
    rows = [Solved(AT + timedelta(hours=hours), 1, None, AT, 1, 0) for hours in (1, 2, 30)]
    hour = timedelta(hours=1)
    assert figures.resolutions(rows) == figures.Spread(3, 2 * hour, 30 * hour)
    care = Team(zone="Europe/Dublin", days=[1, 2], start=time(9), end=time(17), country=None)
    working = Calendar((Shift(hours_of_team(care)),))
    assert figures.resolutions(rows, working).p90 == 7 * hour + 7 * hour
    replies = [Replied(row.at, 1, None, AT) for row in rows]
    assert figures.first_responses(replies, working).p90 == 7 * hour + 7 * hour


def test_before_anything_was_counted_nothing_is_usual() -> None:
    end = datetime(2026, 6, 3, 9, tzinfo=DUBLIN)
    day = timedelta(days=1)
    assert usual.arrivals(end - day, end, DUBLIN, {}, None) == usual.Usual(0, None)
    assert usual.departures(end - day, end, DUBLIN, {}, (time(9), time(17)), None) == usual.Usual(0, None)
    assert usual.arrivals(end, end, DUBLIN, {}, date(2026, 1, 1)) == usual.Usual(0, None)
    assert usual.departures(end, end, DUBLIN, {}, (time(9), time(17)), date(2026, 1, 1)) == usual.Usual(0, None)


def test_a_day_without_a_row_counts_as_none() -> None:
    end = datetime(2026, 6, 3, 9, tzinfo=DUBLIN)
    last_week = {date(2026, 5, 26): [10] * 24}
    found = usual.arrivals(end - timedelta(hours=14), end - timedelta(hours=10), DUBLIN, last_week, date(2026, 1, 1))
    assert found == usual.Usual(8, 40 / 8)


def test_what_is_usually_solved_is_the_share_of_each_days_shift_where_the_team_is() -> None:
    manila = ZoneInfo("Asia/Manila")
    solved = {date(2026, 6, 2) - timedelta(days=7 * week): 40 for week in (1, 2, 4)}  # nothing in the third week
    noon = datetime(2026, 6, 2, 13, tzinfo=manila)
    found = usual.departures(noon, noon + timedelta(hours=2), manila, solved, (time(9), time(17)), date(2026, 5, 1))
    assert found == usual.Usual(4, 3 * 10 / 4)


@pytest.mark.parametrize(
    ("scores", "percent"),
    [
        ([9, 10, 9, 10, 9], 100.0),
        ([6, 0, 6, 3, 6], -100.0),
        ([8, 7, 8, 7, 8], 0.0),
        ([9, 9, 9, 6, 7], 40.0),
    ],
)
def test_nps_is_promoters_from_nine_less_detractors_to_six(scores: list[int], percent: float) -> None:
    assert figures.nps(rated(RatingKind.NPS, score) for score in scores) == figures.Share(5, percent)


def test_an_hour_is_cut_at_the_second_and_one_that_comes_twice_is_one() -> None:
    begins = datetime(2026, 6, 2, 9, 59, 59, 500_000, tzinfo=DUBLIN)
    parts = usual.hours_of(begins, begins + timedelta(seconds=1), DUBLIN)
    half = 0.5 / 3600
    assert parts == pytest.approx({(date(2026, 6, 2), 9): half, (date(2026, 6, 2), 10): half})
    twice = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 1:30 in Dublin, and at the end again
    assert usual.hours_of(twice, twice + timedelta(hours=1), DUBLIN) == {(date(2026, 10, 25), 1): 1.0}


def test_weeks_are_looked_at_as_far_back_as_anything_was_counted() -> None:
    day = date(2026, 6, 2)
    assert usual.weeks_before(day, day, day - timedelta(days=21)) == [1, 2, 3]
    assert usual.weeks_before(day, day, day - timedelta(days=20)) == [1, 2]
    assert usual.weeks_before(day, day, date(2020, 1, 1)) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert usual.weeks_before(day, day, day) == []
