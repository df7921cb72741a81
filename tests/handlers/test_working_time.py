import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.working_time import (
    ALWAYS,
    HORIZON,
    WORKING_DAY,
    Absence,
    BeyondHorizon,
    Calendar,
    Hours,
    NeverCloses,
    NeverWorks,
    Reason,
    Shift,
    Why,
    holiday_on,
    shift_on,
)
from tests.handlers.zones import behaviours, changes, near_changes, unhurried, zones

ZERO, MICROSECOND = timedelta(0), timedelta(microseconds=1)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WEEK = frozenset(range(7))
MONDAY_TO_FRIDAY = frozenset(range(5))
DUBLIN = Hours("Europe/Dublin", MONDAY_TO_FRIDAY, time(9), time(17), "IE")
MANILA = Hours("Asia/Manila", MONDAY_TO_FRIDAY, time(9), time(18), "PH")
NIGHTS = Hours("Europe/Dublin", MONDAY_TO_FRIDAY, time(22), time(6), "IE")
FRIDAY = date(2026, 6, 5)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def of(*hours: Hours) -> Calendar:
    return Calendar(tuple(Shift(each) for each in hours))


COVERED = Calendar((Shift(DUBLIN, (Absence(utc("2026-06-08 00:00")),)), Shift(MANILA)))


# Fixed examples


@pytest.mark.parametrize(
    ("start", "worked", "reached"),
    [
        ("2026-06-05 08:00", HOUR, "2026-06-05 09:00"),
        ("2026-06-05 15:00", HOUR, "2026-06-05 16:00"),  # ends at the end of the day, not on Monday morning
        ("2026-06-05 15:00", HOUR + MINUTE, "2026-06-08 08:01"),  # over the weekend
        ("2026-06-06 12:00", HOUR, "2026-06-08 09:00"),  # begun on a Saturday
        ("2026-04-30 16:00", WORKING_DAY, "2026-05-01 16:00"),
        ("2026-05-01 16:00", WORKING_DAY, "2026-05-05 16:00"),  # Monday 4 May is a bank holiday
        ("2026-03-27 17:00", HOUR, "2026-03-30 09:00"),  # clocks went forward meanwhile
        ("2026-06-05 12:00", ZERO, "2026-06-05 12:00"),
        ("2026-06-06 12:00", ZERO, "2026-06-06 12:00"),
        ("2026-06-05 08:00", 10 * WORKING_DAY, "2026-06-18 16:00"),
    ],
)
def test_a_deadline_falls_where_that_much_has_been_worked(start: str, worked: timedelta, reached: str) -> None:
    assert of(DUBLIN).add(utc(start), worked) == utc(reached)


def test_a_day_of_a_policy_is_one_usual_working_day() -> None:
    assert of(DUBLIN).add(utc("2026-06-05 08:00"), WORKING_DAY) == utc("2026-06-05 16:00")


def test_a_teams_time_runs_while_any_member_works() -> None:
    team = of(DUBLIN, MANILA)
    assert list(team.open_intervals(utc("2026-06-05 00:00"), utc("2026-06-06 00:00"))) == [
        (utc("2026-06-05 01:00"), utc("2026-06-05 16:00"))
    ]
    assert team.between(utc("2026-06-05 00:00"), utc("2026-06-06 00:00")) == 15 * HOUR


def test_hours_that_two_share_count_once() -> None:
    assert of(DUBLIN, DUBLIN).between(utc("2026-06-05 00:00"), utc("2026-06-06 00:00")) == 8 * HOUR


def test_who_is_away_closes_only_their_own_shift() -> None:
    assert COVERED.is_open(utc("2026-06-08 02:00"))
    assert not COVERED.is_open(utc("2026-06-08 12:00"))
    assert COVERED.is_open(utc("2026-06-05 12:00"))


def test_an_absence_inside_a_shift_splits_it() -> None:
    calendar = Calendar((Shift(DUBLIN, (Absence(utc("2026-06-05 10:00"), utc("2026-06-05 11:30")),)),))
    assert list(calendar.open_intervals(utc("2026-06-05 00:00"), utc("2026-06-06 00:00"))) == [
        (utc("2026-06-05 08:00"), utc("2026-06-05 10:00")),
        (utc("2026-06-05 11:30"), utc("2026-06-05 16:00")),
    ]


def test_a_night_shift_belongs_to_the_day_it_starts_on() -> None:
    nights = of(NIGHTS)
    assert nights.is_open(utc("2026-06-06 03:00"))  # Friday night runs into Saturday
    assert not nights.is_open(utc("2026-06-06 22:00"))
    assert not nights.is_open(utc("2026-06-08 03:00"))  # no shift started on Sunday
    assert nights.between(utc("2026-06-05 12:00"), utc("2026-06-06 12:00")) == 8 * HOUR


def test_a_holiday_takes_out_the_night_shift_that_starts_on_it() -> None:
    nights = of(NIGHTS)
    assert not nights.is_open(utc("2026-05-04 22:00"))  # May Bank Holiday
    assert not nights.is_open(utc("2026-05-05 03:00"))
    assert nights.is_open(utc("2026-05-05 22:00"))


@pytest.mark.parametrize(
    ("zone", "day", "start", "end", "hours"),
    [
        ("Europe/Dublin", "2026-03-28", 0, 8, 8),
        ("Europe/Dublin", "2026-03-29", 0, 8, 7),
        ("Europe/Dublin", "2026-10-25", 0, 8, 9),
        ("Europe/Dublin", "2026-03-28", 22, 6, 7),  # the night before
        ("Europe/Dublin", "2026-10-24", 22, 6, 9),
        ("Europe/Dublin", "2026-03-29", 0, 0, 23),
        ("Europe/Dublin", "2026-10-25", 0, 0, 25),
        ("Australia/Lord_Howe", "2026-10-04", 0, 0, 23.5),
        ("Antarctica/Troll", "2026-03-29", 0, 0, 22),
        ("America/Nuuk", "2026-03-28", 0, 0, 23),  # 23:00 to midnight is skipped: Saturday's hour
        ("America/Nuuk", "2026-10-24", 0, 0, 25),
        ("Africa/Cairo", "2026-04-24", 0, 0, 23),  # midnight to 01:00 is skipped: Friday's hour
        ("Africa/Cairo", "2026-10-29", 0, 0, 25),
    ],
)
def test_a_shift_over_a_change_of_clocks_is_as_long_as_it_is(
    zone: str, day: str, start: int, end: int, hours: float
) -> None:
    shift = shift_on(Hours(zone, WEEK, time(start), time(end)), date.fromisoformat(day))
    assert shift is not None
    assert shift[1] - shift[0] == hours * HOUR


def test_a_shift_that_a_gap_swallows_is_none() -> None:
    assert shift_on(Hours("Europe/Dublin", WEEK, time(1, 15), time(1, 45)), date(2026, 3, 29)) is None
    assert shift_on(Hours("Pacific/Apia", WEEK, time(9), time(17)), date(2011, 12, 30)) is None


def test_equal_start_and_end_is_the_whole_day() -> None:
    round_the_clock = of(Hours("Europe/Dublin", WEEK, time(7), time(7)))
    start, end = utc("2026-01-01 00:00"), utc("2027-01-01 00:00")
    assert list(round_the_clock.open_intervals(start, end)) == [(start, end)]


def test_opening_and_closing_times_are_found_from_inside_and_outside() -> None:
    calendar = of(DUBLIN)
    assert calendar.next_open(utc("2026-06-05 12:00")) == utc("2026-06-05 12:00")
    assert calendar.next_open(utc("2026-06-05 16:00")) == utc("2026-06-08 08:00")
    assert calendar.next_close(utc("2026-06-05 12:00")) == utc("2026-06-05 16:00")
    assert calendar.next_close(utc("2026-06-05 16:00")) == utc("2026-06-08 16:00")


def test_a_part_of_a_country_has_its_own_holidays() -> None:
    germany = Hours("Europe/Berlin", MONDAY_TO_FRIDAY, time(9), time(17), "DE")
    bavaria = Hours("Europe/Berlin", MONDAY_TO_FRIDAY, time(9), time(17), "DE", "BY")
    epiphany = date(2026, 1, 6)
    assert holiday_on(germany, epiphany) is None
    assert holiday_on(bavaria, epiphany) == "Epiphany"
    assert shift_on(bavaria, epiphany) is None


def test_without_a_country_holidays_are_worked() -> None:
    christmas = date(2026, 12, 25)
    assert shift_on(Hours("Europe/Dublin", MONDAY_TO_FRIDAY, time(9), time(17)), christmas)
    assert shift_on(DUBLIN, christmas) is None
    assert holiday_on(DUBLIN, christmas) == "Christmas Day"


def test_a_day_off_has_no_shift() -> None:
    assert shift_on(DUBLIN, FRIDAY) == (utc("2026-06-05 08:00"), utc("2026-06-05 16:00"))
    assert shift_on(DUBLIN, date(2026, 6, 6)) is None


def test_always_counts_at_every_instant() -> None:
    saturday_night = utc("2026-06-06 23:00")
    assert ALWAYS.is_open(saturday_night)
    assert ALWAYS.add(saturday_night, 4 * HOUR) == saturday_night + 4 * HOUR
    assert ALWAYS.between(saturday_night, saturday_night + 90 * HOUR) == 90 * HOUR
    assert ALWAYS.next_open(saturday_night) == saturday_night


# What can't be answered


@pytest.mark.parametrize(
    "calendar",
    [
        Calendar(),
        of(Hours("Europe/Dublin", frozenset(), time(9), time(17))),
        Calendar((Shift(DUBLIN, (Absence(utc("2026-06-01 00:00")),)),)),
    ],
)
def test_a_calendar_that_never_works_says_so(calendar: Calendar) -> None:
    at = utc("2026-06-05 12:00")
    with pytest.raises(NeverWorks, match="two years"):
        calendar.add(at, MINUTE)
    for ask in (calendar.next_open, calendar.next_close):
        with pytest.raises(NeverWorks, match="two years"):
            ask(at)
    assert calendar.between(at, at + HORIZON) == ZERO
    assert calendar.add(at, ZERO) == at


def test_more_work_than_two_years_hold_is_refused() -> None:
    with pytest.raises(NeverWorks):
        of(DUBLIN).add(utc("2026-06-05 12:00"), 600 * WORKING_DAY)
    with pytest.raises(BeyondHorizon):
        ALWAYS.add(utc("2026-06-05 12:00"), HORIZON + MICROSECOND)
    assert ALWAYS.add(utc("2026-06-05 12:00"), HORIZON) == utc("2026-06-05 12:00") + HORIZON


def test_what_never_closes_says_so() -> None:
    for calendar in (ALWAYS, of(Hours("Europe/Dublin", WEEK, time(7), time(7)))):
        with pytest.raises(NeverCloses, match="somebody is always on"):
            calendar.next_close(utc("2026-06-05 12:00"))


def test_working_time_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="forward"):
        of(DUBLIN).add(utc("2026-06-05 12:00"), -MINUTE)


@pytest.mark.parametrize(
    "ask",
    [
        lambda calendar, naive: calendar.add(naive, HOUR),
        lambda calendar, naive: calendar.between(naive, naive),
        lambda calendar, naive: calendar.is_open(naive),
        lambda calendar, naive: calendar.next_open(naive),
        lambda calendar, naive: calendar.next_close(naive),
        lambda calendar, naive: list(calendar.open_intervals(naive, naive)),
        lambda calendar, naive: calendar.explain(naive, naive),
        lambda _, naive: Absence(naive),
    ],
)
def test_naive_times_are_refused(ask: Callable[[Calendar, datetime], object]) -> None:
    with pytest.raises(ValueError, match="naive"):
        ask(of(DUBLIN), utc("2026-06-05 12:00").replace(tzinfo=None))


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Hours("Dublin", WEEK, time(9), time(17)), "Did you mean Europe/Dublin"),
        (lambda: Hours("UTC", frozenset({7}), time(9), time(17)), "Weekdays"),
        (lambda: Hours("UTC", WEEK, time(9, tzinfo=UTC), time(17)), "zone is given apart"),
        (lambda: Hours("UTC", WEEK, time(9), time(17), "XX"), "two-letter code"),
        (lambda: Hours("UTC", WEEK, time(9), time(17), "DE", "ZZ"), "BB, BE, BW"),
        (lambda: Hours("UTC", WEEK, time(9), time(17), None, "BY"), "needs its country"),
        (lambda: Absence(utc("2026-06-05 12:00"), utc("2026-06-05 11:00")), "ends after it starts"),
    ],
)
def test_hours_that_make_no_sense_are_refused_with_a_sentence(make: Callable[[], object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        make()


# Kept and read back


@pytest.mark.parametrize("calendar", [ALWAYS, Calendar(), of(NIGHTS), COVERED])
def test_a_calendar_survives_json(calendar: Calendar) -> None:
    kept = json.loads(json.dumps(calendar.to_json()))
    assert Calendar.from_json(kept) == calendar
    assert hash(Calendar.from_json(kept)) == hash(calendar)
    assert Calendar.from_json(kept).to_json() == calendar.to_json()


def test_a_kept_calendar_is_plain_to_read() -> None:
    assert of(DUBLIN).to_json() == {
        "shifts": [
            {
                "hours": {
                    "zone": "Europe/Dublin",
                    "days": [0, 1, 2, 3, 4],
                    "start": "09:00:00",
                    "end": "17:00:00",
                    "country": "IE",
                    "subdivision": None,
                },
                "absences": [],
            }
        ],
        "always": False,
    }


@pytest.mark.parametrize("kept", [{"shifts": [{"hours": {"zone": "Nowhere"}}]}, {"shifts": 4}, {"always": "perhaps"}])
def test_what_is_no_calendar_is_refused(kept: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        Calendar.from_json(kept)


# The clock receipt


def test_the_receipt_says_what_counted_and_why_the_rest_did_not() -> None:
    receipt = of(DUBLIN).explain(utc("2026-05-01 15:00"), utc("2026-05-05 09:00"))
    assert [(line.start, line.end, line.counts, line.reason) for line in receipt] == [
        (utc("2026-05-01 15:00"), utc("2026-05-01 16:00"), True, "working time"),
        (utc("2026-05-01 16:00"), utc("2026-05-01 23:00"), False, "outside hours"),
        (utc("2026-05-01 23:00"), utc("2026-05-03 23:00"), False, "weekend"),
        (utc("2026-05-03 23:00"), utc("2026-05-04 23:00"), False, "holiday May Bank Holiday"),
        (utc("2026-05-04 23:00"), utc("2026-05-05 08:00"), False, "outside hours"),
        (utc("2026-05-05 08:00"), utc("2026-05-05 09:00"), True, "working time"),
    ]


def test_the_receipt_names_each_thing_that_keeps_a_team_off() -> None:
    receipt = COVERED.explain(utc("2026-06-12 10:00"), utc("2026-06-12 12:00"))  # Independence Day in Manila
    assert [line.reason for line in receipt] == ["holiday Independence Day, away"]
    assert receipt[0].reasons == (Reason(Why.HOLIDAY, "Independence Day"), Reason(Why.AWAY))


def test_the_receipt_knows_the_rest_of_a_night_shift_that_a_holiday_took_out() -> None:
    receipt = of(NIGHTS).explain(utc("2026-05-05 02:00"), utc("2026-05-05 08:00"))
    assert [(line.end, line.reason) for line in receipt] == [
        (utc("2026-05-05 05:00"), "holiday May Bank Holiday"),
        (utc("2026-05-05 08:00"), "outside hours"),
    ]


def test_the_receipt_tells_a_day_off_from_a_weekend() -> None:
    part_time = of(Hours("UTC", frozenset({0, 1, 2}), time(9), time(17)))
    receipt = part_time.explain(utc("2026-06-04 00:00"), utc("2026-06-08 00:00"))
    assert [line.reason for line in receipt] == ["day off", "weekend"]


def test_the_receipt_says_away_only_as_long_as_somebody_is() -> None:
    back = utc("2026-06-05 06:00")
    calendar = Calendar((Shift(DUBLIN, (Absence(utc("2026-06-03 12:00"), back),)),))
    receipt = calendar.explain(utc("2026-06-03 11:00"), utc("2026-06-05 09:00"))
    assert [(line.start, line.reason) for line in receipt] == [
        (utc("2026-06-03 11:00"), "working time"),
        (utc("2026-06-03 12:00"), "away"),
        (back, "outside hours"),
        (utc("2026-06-05 08:00"), "working time"),
    ]


def test_the_receipt_of_an_always_counting_clock_is_one_line() -> None:
    receipt = ALWAYS.explain(utc("2026-01-01 00:00"), utc("2026-06-01 00:00"))
    assert [(line.counts, line.reason) for line in receipt] == [(True, "always counts")]


def test_the_receipt_of_nobodys_hours_says_so() -> None:
    assert [line.reason for line in Calendar().explain(utc("2026-06-01 00:00"), utc("2026-06-03 00:00"))] == [
        "nobody has hours"
    ]


# Properties, over every zone and 2024 to 2030

COUNTRIES = ("IE", "PH", "US", "DE", "IN", "EG", "BR", "JP")
walls = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45, 59]))


def _minutes(hours: Hours) -> int:
    start, end = (wall.hour * 60 + wall.minute for wall in (hours.start, hours.end))
    return (end - start) % 1440 or 1440


shift_hours = st.builds(
    Hours, zones, st.frozensets(st.integers(0, 6), min_size=1), walls, walls, st.none() | st.sampled_from(COUNTRIES)
).filter(lambda hours: _minutes(hours) >= 120)  # two hours a week hold the 120 that are added below within two years
spans = st.timedeltas(ZERO, timedelta(hours=60))


@st.composite
def calendars_and_instants(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    """One to three shifts, with an instant that is often near a change of clocks in one of their zones."""
    hours = draw(st.lists(shift_hours, min_size=1, max_size=3))
    at = draw(near_changes(st.sampled_from([each.zone for each in hours])))[1]
    shifts = []
    for each in hours:
        away = draw(st.lists(st.tuples(st.timedeltas(-10 * WORKING_DAY, 10 * WORKING_DAY), spans), max_size=2))
        shifts.append(Shift(each, tuple(Absence(at + gap, at + gap + length) for gap, length in away)))
    return Calendar(tuple(shifts)), at


cases = calendars_and_instants()


@unhurried
@given(cases, spans)
def test_what_is_added_is_exactly_what_lies_between(case: tuple[Calendar, datetime], worked: timedelta) -> None:
    calendar, start = case
    assert calendar.between(start, calendar.add(start, worked)) == worked


@unhurried
@given(cases, st.timedeltas(MICROSECOND, timedelta(hours=60)))
def test_a_deadline_is_the_earliest_there_is(case: tuple[Calendar, datetime], worked: timedelta) -> None:
    calendar, start = case
    reached = calendar.add(start, worked)
    assert calendar.is_open(reached - MICROSECOND)
    assert calendar.between(start, reached - MICROSECOND) == worked - MICROSECOND


@unhurried
@given(cases, spans, spans)
def test_adding_in_two_steps_is_adding_at_once(case: tuple[Calendar, datetime], a: timedelta, b: timedelta) -> None:
    calendar, start = case
    assert calendar.add(calendar.add(start, a), b) == calendar.add(start, a + b)


@unhurried
@given(cases, spans, spans)
def test_more_work_or_a_later_start_never_ends_sooner(
    case: tuple[Calendar, datetime], more: timedelta, later: timedelta
) -> None:
    calendar, start = case
    assert calendar.add(start, HOUR) <= calendar.add(start, HOUR + more)
    assert calendar.add(start, HOUR) <= calendar.add(start + later, HOUR)


@unhurried
@given(cases, st.timedeltas(-90 * WORKING_DAY, 90 * WORKING_DAY), st.timedeltas(-90 * WORKING_DAY, 90 * WORKING_DAY))
def test_working_time_adds_up_over_splits(case: tuple[Calendar, datetime], first: timedelta, second: timedelta) -> None:
    calendar, start = case
    middle, end = start + first, start + second
    assert calendar.between(start, middle) + calendar.between(middle, end) == calendar.between(start, end)
    assert calendar.between(start, end) == -calendar.between(end, start)


@unhurried
@given(cases)
def test_a_pause_moves_a_deadline_by_the_working_time_paused(case: tuple[Calendar, datetime]) -> None:
    calendar, start = case
    deadline = calendar.add(start, 8 * HOUR)
    paused, resumed = calendar.add(start, 2 * HOUR), calendar.add(start, 5 * HOUR) + 3 * HOUR
    left = calendar.between(paused, deadline)
    moved = calendar.add(resumed, left)
    assert moved == calendar.add(deadline, calendar.between(paused, resumed))


@unhurried
@given(cases, st.timedeltas(ZERO, timedelta(days=40)))
def test_open_stretches_are_apart_in_order_and_what_between_counts(
    case: tuple[Calendar, datetime], length: timedelta
) -> None:
    calendar, start = case
    stretches = list(calendar.open_intervals(start, start + length))
    assert all(start <= opens < closes <= start + length for opens, closes in stretches)
    assert all(earlier[1] < later[0] for earlier, later in pairwise(stretches))
    assert sum((closes - opens for opens, closes in stretches), ZERO) == calendar.between(start, start + length)
    for opens, closes in stretches:
        assert calendar.is_open(opens)
        assert calendar.is_open(closes - MICROSECOND)
        assert calendar.next_open(opens) == opens


@unhurried
@given(cases, st.timedeltas(ZERO, timedelta(days=12)))
def test_the_receipt_covers_everything_and_counts_what_counts(
    case: tuple[Calendar, datetime], length: timedelta
) -> None:
    calendar, start = case
    receipt = calendar.explain(start, start + length)
    edges = [start, *(line.end for line in receipt)]
    assert [line.start for line in receipt] == edges[:-1]
    assert edges[-1] == start + length
    assert all(line.reasons and line.start < line.end for line in receipt)
    assert sum((line.end - line.start for line in receipt if line.counts), ZERO) == calendar.between(
        start, start + length
    )
    assert all(earlier.reasons != later.reasons for earlier, later in pairwise(receipt))


@unhurried
@given(cases)
def test_opening_and_closing_bracket_the_next_stretch(case: tuple[Calendar, datetime]) -> None:
    calendar, at = case
    opens = calendar.next_open(at)
    assert calendar.is_open(opens)
    assert calendar.between(at, opens) == ZERO
    try:
        closes = calendar.next_close(at)
    except NeverCloses:
        return
    assert not calendar.is_open(closes)
    assert calendar.between(opens, closes) == closes - opens


@unhurried
@given(cases)
def test_an_instant_is_open_when_a_wall_clock_would_say_so(case: tuple[Calendar, datetime]) -> None:
    """A second, simpler way to the same answer: the wall clock in the shift's zone, away from changes of clocks."""
    calendar, at = case
    near = timedelta(days=2)
    for shift in calendar.shifts:
        if any(at - near < instant < at + near for instant, _, _ in changes(shift.hours.zone)):
            return
    assert calendar.is_open(at) is any(_on_the_wall(shift, at) for shift in calendar.shifts)


def _on_the_wall(shift: Shift, at: datetime) -> bool:
    hours = shift.hours
    if any(absence.start <= at < (absence.end or at + HOUR) for absence in shift.absences):
        return False
    local = at.astimezone(ZoneInfo(hours.zone))
    today, yesterday = local.date(), local.date() - timedelta(days=1)
    started_today = today.weekday() in hours.days and not holiday_on(hours, today) and local.time() >= hours.start
    started_before = yesterday.weekday() in hours.days and not holiday_on(hours, yesterday)
    if hours.start < hours.end:
        return started_today and local.time() < hours.end
    return started_today or (started_before and local.time() < hours.end)


@pytest.mark.parametrize("wall", [time(0), time(2, 30), time(9)])
def test_in_every_zone_whole_days_make_whole_years(wall: time) -> None:
    """Round-the-clock days leave no hole and count no hour twice, at whatever minute they turn."""
    start, end = utc("2026-02-01 00:00"), utc("2026-12-01 00:00")
    for zone in behaviours():
        if changes(zone):
            assert of(Hours(zone, WEEK, wall, wall)).between(start, end) == end - start, zone


# Speed


def test_ten_working_days_of_a_team_are_added_in_well_under_a_millisecond() -> None:
    team = Calendar(
        tuple(
            Shift(Hours(zone, MONDAY_TO_FRIDAY, time(8, minute), time(17), country))
            for zone, country in (("Europe/Dublin", "IE"), ("Asia/Manila", "PH"))
            for minute in range(6)
        )
    )
    at = utc("2026-06-05 12:00")
    team.add(at, 10 * WORKING_DAY)
    times = []
    for _ in range(50):
        began = perf_counter()
        team.add(at, 10 * WORKING_DAY)
        times.append(perf_counter() - began)
    assert min(times) < 0.001
