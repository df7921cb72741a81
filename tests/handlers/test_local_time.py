import os
from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.local_time import as_utc, at_local, exists, latest_fire, local_date, next_fire, parse_zone
from tests.handlers.zones import FIRST, ZONES, behaviours, changes, near_changes, unhurried

DUBLIN = ZoneInfo("Europe/Dublin")
EVERY_DAY = frozenset(range(7))
MONDAY_TO_FRIDAY = frozenset(range(5))
MINUTE = timedelta(minutes=1)
EVERY_QUARTER_HOUR = bool(os.environ.get("BACKSTOP_EVERY_QUARTER_HOUR"))
QUARTERS = [time(hour, minute) for hour in range(24) for minute in (0, 15, 30, 45)]
SOME_TIMES = [time(0), time(1, 30), time(2, 30), time(9), time(23, 30)]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "wall", "instant"),
    [
        ("Europe/Dublin", "2026-06-05", "09:00", "2026-06-05 08:00"),
        ("Asia/Manila", "2026-06-05", "09:00", "2026-06-05 01:00"),
        ("Asia/Kathmandu", "2026-06-05", "09:00", "2026-06-05 03:15"),
        ("Europe/Dublin", "2026-03-29", "01:00", "2026-03-29 01:00"),  # spring: 01:00 to 02:00 is skipped
        ("Europe/Dublin", "2026-03-29", "01:30", "2026-03-29 01:00"),
        ("Europe/Dublin", "2026-03-29", "01:59:59.999999", "2026-03-29 01:00"),
        ("Europe/Dublin", "2026-03-29", "02:00", "2026-03-29 01:00"),
        ("Europe/Dublin", "2026-10-25", "01:30", "2026-10-25 00:30"),  # autumn: 01:00 to 02:00 comes twice
        ("Europe/Dublin", "2026-10-25", "02:00", "2026-10-25 02:00"),
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03 15:30"),  # half an hour is skipped
        ("America/Nuuk", "2026-03-28", "23:30", "2026-03-29 01:00"),  # the gap ends at midnight
        ("Africa/Cairo", "2026-04-24", "00:30", "2026-04-23 22:00"),  # the gap begins at midnight
        ("Pacific/Apia", "2011-12-30", "10:00", "2011-12-30 10:00"),  # a date that never was
        ("Pacific/Apia", "2011-12-30", "00:00", "2011-12-30 10:00"),
        ("Pacific/Kwajalein", "1993-08-21", "10:00", "1993-08-21 12:00"),
    ],
)
def test_a_wall_time_is_the_first_instant_that_shows_it_or_later(zone: str, day: str, wall: str, instant: str) -> None:
    found = at_local(date.fromisoformat(day), time.fromisoformat(wall), ZoneInfo(zone))
    assert found == utc(instant)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("zone", "day", "there"),
    [
        ("Pacific/Apia", date(2011, 12, 29), True),
        ("Pacific/Apia", date(2011, 12, 30), False),
        ("Pacific/Apia", date(2011, 12, 31), True),
        ("Pacific/Kwajalein", date(1993, 8, 21), False),
        ("Africa/Cairo", date(2026, 4, 24), True),
    ],
)
def test_dates_that_a_place_skipped_are_known(zone: str, day: date, there: bool) -> None:
    assert exists(day, ZoneInfo(zone)) is there


def test_around_every_change_of_clocks_in_every_zone_no_earlier_minute_shows_the_time() -> None:
    """The oracle is the definition: walk real minutes until the wall clock shows the time or a later one."""
    checked = 0
    for name in behaviours():
        zone = ZoneInfo(name)
        for instant, before, after in changes(name)[:4]:
            edge = (instant + min(before, after)).replace(tzinfo=None)
            walk = [instant + n * MINUTE for n in range(-200, 320)]
            shown = [minute.astimezone(zone).replace(tzinfo=None) for minute in walk]
            for n in range(-30, 151, 15):
                wall = edge + n * MINUTE
                expected = next(minute for minute, shows in zip(walk, shown, strict=True) if shows >= wall)
                assert at_local(wall.date(), wall.time(), zone) == expected, (name, wall)
                checked += 1
    assert checked > 1_500


@unhurried
@given(near_changes())
def test_a_shown_time_is_found_again_in_every_zone(drawn: tuple[str, datetime]) -> None:
    zone, instant = ZoneInfo(drawn[0]), drawn[1]
    shown = instant.astimezone(zone)
    found = at_local(shown.date(), shown.time(), zone)
    assert found.astimezone(zone).replace(tzinfo=None) == shown.replace(tzinfo=None)
    assert found <= instant
    assert found == instant or shown.fold == 1


@unhurried
@given(near_changes(), st.times())
def test_the_instant_found_is_its_own_answer(drawn: tuple[str, datetime], wall: time) -> None:
    zone = ZoneInfo(drawn[0])
    found = at_local(drawn[1].date(), wall, zone)
    shown = found.astimezone(zone)
    assert at_local(shown.date(), shown.time(), zone) == found
    assert shown.replace(tzinfo=None) >= datetime.combine(drawn[1].date(), wall)


@unhurried
@given(near_changes(), st.times(), st.times())
def test_later_wall_times_are_never_earlier_instants(drawn: tuple[str, datetime], one: time, other: time) -> None:
    zone, day = ZoneInfo(drawn[0]), drawn[1].date()
    assert at_local(day, min(one, other), zone) <= at_local(day, max(one, other), zone)
    assert at_local(day, max(one, other), zone) <= at_local(day + timedelta(days=1), min(one, other), zone)


def test_a_wall_time_with_its_own_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no zone"):
        at_local(date(2026, 6, 5), time(9, tzinfo=UTC), DUBLIN)


def test_the_second_coming_of_a_wall_time_means_the_first() -> None:
    assert at_local(date(2026, 10, 25), time(1, 30, fold=1), DUBLIN) == utc("2026-10-25 00:30")


def test_a_local_date_is_the_one_on_that_places_calendar() -> None:
    assert local_date(utc("2026-06-05 23:30"), ZoneInfo("Asia/Manila")) == date(2026, 6, 6)
    assert local_date(utc("2026-06-05 03:30"), ZoneInfo("America/New_York")) == date(2026, 6, 4)


@pytest.mark.parametrize("name", ["as_utc", "local_date"])
def test_a_naive_instant_is_refused(name: str) -> None:
    naive = utc("2026-06-05 12:00").replace(tzinfo=None)
    with pytest.raises(ValueError, match="naive"):
        as_utc(naive) if name == "as_utc" else local_date(naive, DUBLIN)


# Weekly rules


@pytest.mark.timeout(3600 if EVERY_QUARTER_HOUR else 120)
@pytest.mark.parametrize("wall", QUARTERS if EVERY_QUARTER_HOUR else SOME_TIMES)
def test_in_every_zone_each_date_fires_exactly_once_in_order(wall: time) -> None:
    """Of one year; of 2024 to 2030, each quarter hour of the day, with `make clocks`."""
    begins, ends = (FIRST, date(2031, 1, 1)) if EVERY_QUARTER_HOUR else (utc("2026-03-01 12:00"), date(2027, 3, 1))
    for name in behaviours():
        zone, fires = ZoneInfo(name), []
        at, day = next_fire(begins, wall, EVERY_DAY, zone)
        while day < ends:
            fires.append((at, day))
            at, day = next_fire(at, wall, EVERY_DAY, zone)
        first = fires[0][1]
        assert [day for _, day in fires] == [first + timedelta(days=n) for n in range(len(fires))], name
        assert len(fires) >= (ends - begins.date()).days - 2
        assert all(later[0] > earlier[0] for earlier, later in pairwise(fires)), name


@unhurried
@given(near_changes(), st.times(), st.frozensets(st.integers(0, 6), min_size=1))
def test_nothing_fires_between_an_instant_and_its_next_fire(
    drawn: tuple[str, datetime], wall: time, weekdays: frozenset[int]
) -> None:
    zone, after = ZoneInfo(drawn[0]), drawn[1]
    at, day = next_fire(after, wall, weekdays, zone)
    assert at > after
    assert day.weekday() in weekdays
    assert at == at_local(day, wall, zone)
    earlier = [day - timedelta(days=n) for n in range(1, 10)]
    assert all(at_local(d, wall, zone) <= after for d in earlier if d.weekday() in weekdays)
    assert next_fire(at - timedelta(microseconds=1), wall, weekdays, zone) == (at, day)


@unhurried
@given(near_changes(), st.times(), st.frozensets(st.integers(0, 6), min_size=1))
def test_the_latest_fire_is_the_one_whose_next_lies_ahead(
    drawn: tuple[str, datetime], wall: time, weekdays: frozenset[int]
) -> None:
    zone, until = ZoneInfo(drawn[0]), drawn[1]
    at, day = latest_fire(until, wall, weekdays, zone)
    assert at <= until < next_fire(at, wall, weekdays, zone)[0]
    assert latest_fire(at, wall, weekdays, zone) == (at, day)


def test_a_rule_on_working_days_skips_the_weekend() -> None:
    friday = utc("2026-06-05 08:00")
    assert next_fire(friday, time(9), MONDAY_TO_FRIDAY, DUBLIN) == (utc("2026-06-08 08:00"), date(2026, 6, 8))


def test_a_rule_on_the_night_that_comes_twice_fires_the_first_time_only() -> None:
    at, day = next_fire(utc("2026-10-24 12:00"), time(1, 30), EVERY_DAY, DUBLIN)
    assert (at, day) == (utc("2026-10-25 00:30"), date(2026, 10, 25))
    assert next_fire(at, time(1, 30), EVERY_DAY, DUBLIN) == (utc("2026-10-26 01:30"), date(2026, 10, 26))


def test_a_fire_that_a_midnight_gap_pushes_over_keeps_its_date() -> None:
    at, day = next_fire(utc("2026-03-28 12:00"), time(23, 30), EVERY_DAY, ZoneInfo("America/Nuuk"))
    assert (at, day) == (utc("2026-03-29 01:00"), date(2026, 3, 28))


def test_a_date_that_a_place_skipped_does_not_fire() -> None:
    apia, wall = ZoneInfo("Pacific/Apia"), time(9)
    at, day = next_fire(utc("2011-12-29 12:00"), wall, EVERY_DAY, apia)
    assert day == date(2011, 12, 29)
    after_the_leap = next_fire(at, wall, EVERY_DAY, apia)
    assert after_the_leap == (utc("2011-12-30 19:00"), date(2011, 12, 31))
    assert next_fire(at, wall, frozenset({4}), apia)[1] == date(2012, 1, 6)
    assert latest_fire(utc("2012-01-01 00:00"), wall, frozenset({4}), apia)[1] == date(2011, 12, 23)


@pytest.mark.parametrize("weekdays", [frozenset[int](), frozenset({7}), frozenset({-1, 2})])
@pytest.mark.parametrize("rule", [next_fire, latest_fire])
def test_a_rule_needs_real_weekdays(rule: object, weekdays: frozenset[int]) -> None:
    assert callable(rule)
    with pytest.raises(ValueError, match="weekdays"):
        rule(FIRST, time(9), weekdays, DUBLIN)


@unhurried
@given(near_changes(), st.times())
def test_the_zone_in_which_an_instant_is_given_does_not_matter(drawn: tuple[str, datetime], wall: time) -> None:
    zone, after = ZoneInfo(drawn[0]), drawn[1]
    elsewhere = after.astimezone(timezone(timedelta(hours=-9, minutes=-30)))
    assert next_fire(elsewhere, wall, EVERY_DAY, zone) == next_fire(after, wall, EVERY_DAY, zone)


# Names of zones


def test_every_zone_is_known_by_its_name() -> None:
    assert [parse_zone(name).key for name in ZONES] == ZONES


@pytest.mark.parametrize("name", ["europe/dublin", " Europe/Dublin ", "EUROPE/DUBLIN"])
def test_capitals_and_spaces_do_not_matter_in_a_zones_name(name: str) -> None:
    assert parse_zone(name).key == "Europe/Dublin"


def test_a_space_may_stand_for_the_underscore() -> None:
    assert parse_zone("america/new york").key == "America/New_York"


@pytest.mark.parametrize("name", ["Dublin", "Europe/Dubln"])
def test_a_near_miss_is_offered(name: str) -> None:
    with pytest.raises(ValueError, match=r"Did you mean Europe/Dublin\?"):
        parse_zone(name)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            " ",
            "../etc/passwd",
            "/etc/passwd",
            "Europe/",
            "America",
            "UTC\0",
            "tzdata.zi",
            "x" * 40_000,
            "<!channel>",
        ),
        *("localtime", "Factory", "right/UTC", "posix/UTC"),
    ],
)
def test_what_is_no_place_is_refused_without_repeating_it(name: str) -> None:
    with pytest.raises(ValueError, match="isn’t a time zone I know") as refused:
        parse_zone(name)
    assert "channel" not in str(refused.value)
    assert len(str(refused.value)) < 200
