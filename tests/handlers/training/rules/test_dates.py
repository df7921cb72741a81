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


NEVER = Hours(zone="UTC", days=frozenset[int](), start=time(9), end=time(17))


def test_where_nobody_works_there_is_no_day_before() -> None:
    assert dates.working_day_before(datetime(2026, 6, 8, tzinfo=UTC), NEVER) is None


def test_two_weeks_back_is_looked_and_no_further() -> None:
    mondays = Hours(zone="UTC", days=frozenset({0}), start=time(9), end=time(17))
    monday = datetime(2026, 6, 8, 9, tzinfo=UTC)
    assert dates.working_day_before(monday, mondays) == monday - timedelta(days=7)
    assert dates.LOOKED_BACK_DAYS == 14
    # Christmas and New Year are on Fridays, the only day of these hours
    fridays = Hours(zone="Europe/Dublin", days=frozenset({4}), start=time(9), end=time(17), country="IE")
    new_year = datetime(2027, 1, 1, 9, tzinfo=UTC)
    assert dates.working_day_before(new_year, fridays) == datetime(2026, 12, 18, 9, tzinfo=UTC)
    assert dates.working_day_before(new_year + timedelta(days=1), fridays) is None


def test_who_joins_later_has_two_weeks_and_who_is_there_until_it_is_due() -> None:
    due = date(2026, 6, 30)
    assert dates.due_for_newcomer(due, date(2026, 6, 16)) == due
    assert dates.due_for_newcomer(due, date(2026, 6, 17)) == date(2026, 7, 1)


def test_the_next_round_opens_thirty_days_before_it_is_due() -> None:
    assert dates.next_round_opens(date(2026, 6, 30), 0) == date(2027, 5, 31)
    assert dates.due_of_round(date(2024, 2, 29), 1) == date(2025, 2, 28)


def test_a_reminder_comes_on_its_day_and_not_on_the_one_on_which_it_was_asked_for() -> None:
    due = date(2026, 6, 30)
    week = timedelta(days=7)
    assert dates.reminder_due(due, due - week - timedelta(days=1), assigned_on=date(2026, 6, 1)) is None
    assert dates.reminder_due(due, due - week, assigned_on=date(2026, 6, 1)) == -7
    assert dates.reminder_due(due, due - week, assigned_on=due - week) is None
    assert dates.reminder_due(due, due, assigned_on=due - week) == 0
    assert dates.reminder_due(due, due + 9 * week, assigned_on=due - week) == 28


def test_the_first_day_of_onboarding_is_at_once_and_the_third_at_the_shifts_start() -> None:
    office = Hours(zone="Europe/Dublin", days=frozenset(range(5)), start=time(9), end=time(17))
    joined = datetime(2026, 6, 2, 13, tzinfo=UTC)
    assert dates.onboarding_at(joined, 0, office) == joined
    assert dates.onboarding_at(joined, 3, office) == datetime(2026, 6, 5, 8, tzinfo=UTC)
    early = datetime(2026, 6, 2, 5, tzinfo=UTC)
    assert dates.onboarding_at(early, 0, office) == datetime(2026, 6, 2, 8, tzinfo=UTC)


def test_the_day_before_is_of_the_sessions_date_where_they_are() -> None:
    manila = Hours(zone="Asia/Manila", days=frozenset(range(5)), start=time(9), end=time(17))
    wednesday_at_two = datetime(2026, 6, 9, 18, tzinfo=UTC)  # 2:00 on Wednesday there
    assert dates.working_day_before(wednesday_at_two, manila) == datetime(2026, 6, 9, 1, tzinfo=UTC)


def test_a_holiday_of_last_week_is_passed_over_for_the_week_before() -> None:
    mondays = Hours(zone="Europe/Dublin", days=frozenset({0}), start=time(9), end=time(17), country="IE")
    monday = datetime(2026, 6, 8, 8, tzinfo=UTC)  # a week after a bank holiday
    assert dates.working_day_before(monday, mondays) == datetime(2026, 5, 25, 8, tzinfo=UTC)
