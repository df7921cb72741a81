"""Weeks, months and quarters: which days they have, what they are called, and when they are over."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.goals.rules import periods
from handlers.shifts import Hours
from storage.goals import Goal, Period

TODAY = date(2026, 6, 10)
"""A Wednesday."""
WEEK, MONTH, QUARTER = Period.WEEK, Period.MONTH, Period.QUARTER


@pytest.mark.parametrize(
    ("day", "period", "first", "last", "called"),
    [
        (TODAY, WEEK, date(2026, 6, 8), date(2026, 6, 14), "8–14 June"),
        (date(2026, 6, 29), WEEK, date(2026, 6, 29), date(2026, 7, 5), "29 June – 5 July"),
        (date(2027, 1, 3), WEEK, date(2026, 12, 28), date(2027, 1, 3), "28 December – 3 January"),
        (TODAY, MONTH, date(2026, 6, 1), date(2026, 6, 30), "June 2026"),
        (date(2028, 2, 29), MONTH, date(2028, 2, 1), date(2028, 2, 29), "February 2028"),
        (date(2026, 12, 31), MONTH, date(2026, 12, 1), date(2026, 12, 31), "December 2026"),
        (date(2026, 1, 1), QUARTER, date(2026, 1, 1), date(2026, 3, 31), "Q1 2026"),
        (TODAY, QUARTER, date(2026, 4, 1), date(2026, 6, 30), "Q2 2026"),
        (date(2026, 9, 30), QUARTER, date(2026, 7, 1), date(2026, 9, 30), "Q3 2026"),
        (date(2026, 12, 31), QUARTER, date(2026, 10, 1), date(2026, 12, 31), "Q4 2026"),
    ],
)
def test_a_day_lies_in_its_period_and_the_period_has_a_name(
    day: date, period: Period, first: date, last: date, called: str
) -> None:
    assert periods.around(day, period) == (first, last)
    assert periods.name(first, last, period) == called


@given(st.dates(date(2024, 1, 1), date(2031, 12, 31)), st.sampled_from(Period))
def test_every_day_of_a_period_lies_in_that_period(day: date, period: Period) -> None:
    first, last = periods.around(day, period)
    assert first <= day <= last
    assert {periods.around(first + timedelta(days=n), period) for n in range((last - first).days + 1)} == {
        (first, last)
    }


def test_a_period_is_chosen_by_one_of_its_days_or_is_the_present_one() -> None:
    assert periods.chosen(None, MONTH, TODAY) == periods.around(TODAY, MONTH)
    assert periods.chosen(date(2026, 7, 30), MONTH, TODAY) == (date(2026, 7, 1), date(2026, 7, 31))
    # it has begun, and its last day is today
    assert periods.chosen(date(2026, 6, 8), WEEK, date(2026, 6, 14)) == (date(2026, 6, 8), date(2026, 6, 14))


def test_a_period_that_is_over_or_far_away_is_refused() -> None:
    with pytest.raises(ValueError, match=r"over\. Choose today"):
        periods.chosen(date(2026, 6, 8), WEEK, date(2026, 6, 15))
    begins_in_a_year = date(2026, 5, 31) + periods.FARTHEST
    assert periods.chosen(begins_in_a_year, MONTH, date(2026, 5, 31))[0] == begins_in_a_year
    with pytest.raises(ValueError, match="more than a year ahead"):
        periods.chosen(begins_in_a_year, MONTH, date(2026, 5, 30))


def test_a_period_begins_and_ends_at_midnight_where_its_people_are() -> None:
    goal = Goal(first_day=date(2026, 3, 1), last_day=date(2026, 3, 31), zone="Europe/Dublin", weekdays=[0, 2])
    assert periods.begins_at(goal) == datetime(2026, 3, 1, tzinfo=UTC)
    ends = datetime(2026, 3, 31, 23, tzinfo=UTC)  # summer time by then
    assert periods.ends_at(goal) == ends
    assert not periods.is_over(goal, ends - timedelta(microseconds=1))
    assert periods.is_over(goal, ends)
    manila = Goal(first_day=date(2026, 3, 1), last_day=date(2026, 3, 31), zone="Asia/Manila")
    assert periods.begins_at(manila) == datetime(2026, 2, 28, 16, tzinfo=UTC)
    assert periods.today_of(goal, ends - timedelta(microseconds=1)) == date(2026, 3, 31)
    assert periods.today_of(goal, ends) == date(2026, 4, 1)


@pytest.mark.parametrize(("country", "kept"), [("IE", "IE"), ("", None), (None, None)])
def test_a_goals_working_days_are_those_it_was_set_with(country: str | None, kept: str | None) -> None:
    goal = Goal(zone="Asia/Manila", weekdays=[0, 2, 4], country=country)
    assert periods.hours_of(goal) == Hours("Asia/Manila", frozenset({0, 2, 4}), time(9), time(17), kept)
