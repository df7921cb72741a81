"""When what is due: the working day before, rounds of a year, days of reminding, days of onboarding."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from handlers.local_time import local_date, parse_zone
from handlers.shifts import Hours
from handlers.training.rules import dates
from tests.handlers.zones import unhurried

zones = st.sampled_from(["UTC", "Europe/Dublin", "Asia/Manila", "Pacific/Auckland", "America/St_Johns", "Pacific/Apia"])
instants = st.integers(1_704_067_200, 1_924_991_999).map(lambda at: datetime.fromtimestamp(at, UTC))
hours = st.builds(
    Hours,
    zone=zones,
    days=st.frozensets(st.integers(0, 6), min_size=1),
    start=st.just(time(9)),
    end=st.just(time(17, 30)),
)
days = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@unhurried
@given(instants, hours)
def test_the_working_day_before_is_a_shift_of_an_earlier_date(at: datetime, of: Hours) -> None:
    before = dates.working_day_before(at, of)
    if before is not None:
        zone = parse_zone(of.zone)
        assert before < at
        assert local_date(before, zone) < local_date(at, zone)
        assert local_date(before, zone).weekday() in of.days


def test_before_a_monday_comes_friday_and_a_holiday_is_passed_over() -> None:
    dublin = Hours(zone="Europe/Dublin", days=frozenset(range(5)), start=time(9), end=time(17), country="IE")
    monday = datetime(2026, 6, 8, 13, tzinfo=UTC)
    assert dates.working_day_before(monday, dublin) == datetime(2026, 6, 5, 8, tzinfo=UTC)
    after_holiday = datetime(2026, 6, 2, 13, tzinfo=UTC)  # Monday 1 June 2026 is a holiday in Ireland
    assert dates.working_day_before(after_holiday, dublin) == datetime(2026, 5, 29, 8, tzinfo=UTC)


@unhurried
@given(days, st.integers(0, 20))
def test_each_round_is_due_on_the_same_day_of_its_year(first: date, round_: int) -> None:
    due = dates.due_of_round(first, round_)
    assert due.year == first.year + round_
    assert (due.month, due.day) == (first.month, first.day) or (first.month, first.day, due.day) == (2, 29, 28)
    assert dates.next_round_opens(first, round_) > due


@unhurried
@given(days, st.integers(0, 40), st.integers(0, 60))
def test_each_day_of_reminding_comes_once_whatever_nights_are_missed(due: date, asked_before: int, every: int) -> None:
    asked_on = due - timedelta(days=asked_before)
    nights = [asked_on + timedelta(days=n) for n in range(0, 100, every % 3 + 1)]
    reminded = [dates.reminder_due(due, night, assigned_on=asked_on) for night in nights]
    come = [day for day in reminded if day is not None]
    assert come == sorted(come)
    assert set(come) <= set(dates.REMINDED_ON)
    assert come[-1] == dates.REMINDED_ON[-1]
    assert all(due + timedelta(days=day) > asked_on for day in come)


@unhurried
@given(instants, hours, st.sampled_from(dates.ONBOARDING_DAYS))
def test_a_day_of_onboarding_is_that_many_dates_after_joining_by_their_own_calendar(
    since: datetime, of: Hours, day: int
) -> None:
    at = dates.onboarding_at(since, day, of)
    zone = parse_zone(of.zone)
    assert at >= since
    assert (local_date(at, zone) - local_date(since, zone)).days in {day, day + 1}  # a date that a zone skipped
    assert dates.ONBOARDING_DAYS == (0, 3, 7, 14, 30, 60, 90)
