from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.local_time import at_local, local_date
from handlers.when import (
    BARE_NUMBER,
    DAYS,
    FORMS,
    MIDNIGHT,
    NEXT,
    NO_SUCH_DATE,
    NO_SUCH_TIME,
    NUMERIC_DATE,
    TOO_FAR,
    parse_when,
)
from tests.handlers.zones import near_changes, unhurried

DUBLIN = ZoneInfo("Europe/Dublin")
NOW = datetime(2026, 6, 3, 11, 20, 30, tzinfo=UTC)  # a Wednesday, 12:20:30 in Dublin


def shown(words: str, now: datetime = NOW, end_of_day: time | None = None) -> str:
    found = parse_when(words, now=now, zone=DUBLIN, end_of_day=end_of_day)
    assert found.tzinfo is UTC
    return found.astimezone(DUBLIN).strftime("%a %Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize(
    ("words", "local"),
    [
        ("30m", "Wed 2026-06-03 12:50:30"),
        ("in 45 minutes", "Wed 2026-06-03 13:05:30"),
        ("2h", "Wed 2026-06-03 14:20:30"),
        ("in 2 hours", "Wed 2026-06-03 14:20:30"),
        ("1h30m", "Wed 2026-06-03 13:50:30"),
        ("1 hour 30 min", "Wed 2026-06-03 13:50:30"),
        ("1.5h", "Wed 2026-06-03 13:50:30"),
        ("1,5 h", "Wed 2026-06-03 13:50:30"),
        ("14:00", "Wed 2026-06-03 14:00:00"),
        ("until 14:00", "Wed 2026-06-03 14:00:00"),
        ("until at 14:00", "Wed 2026-06-03 14:00:00"),
        ("9:00", "Wed 2026-06-03 09:00:00"),  # past: for the caller to refuse
        ("2pm", "Wed 2026-06-03 14:00:00"),
        ("2:30 PM", "Wed 2026-06-03 14:30:00"),
        ("12am", "Wed 2026-06-03 00:00:00"),
        ("12pm", "Wed 2026-06-03 12:00:00"),
        ("noon", "Wed 2026-06-03 12:00:00"),
        ("0:00", "Wed 2026-06-03 00:00:00"),
        ("tomorrow 9:00", "Thu 2026-06-04 09:00:00"),
        ("tomorrow at 9am", "Thu 2026-06-04 09:00:00"),
        ("9:00 tomorrow", "Thu 2026-06-04 09:00:00"),
        ("noon, on friday", "Fri 2026-06-05 12:00:00"),
        ("friday 14:00", "Fri 2026-06-05 14:00:00"),
        ("  Until   FRIDAY  14:00 ", "Fri 2026-06-05 14:00:00"),
        ("mon 9:00", "Mon 2026-06-08 09:00:00"),
        ("tues 9:00", "Tue 2026-06-09 09:00:00"),
        ("2026-06-05 14:00", "Fri 2026-06-05 14:00:00"),
        ("2026-06-05T14:00", "Fri 2026-06-05 14:00:00"),
        ("5 june 14:00", "Fri 2026-06-05 14:00:00"),
        ("june 5, 2pm", "Fri 2026-06-05 14:00:00"),
        ("5th of june 2027 14:00", "Sat 2027-06-05 14:00:00"),
        ("2026-03-29 01:30", "Sun 2026-03-29 02:00:00"),  # skipped in spring
    ],
)
def test_a_time_is_read_in_the_readers_zone(words: str, local: str) -> None:
    assert shown(words) == local


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("today", "Wed 2026-06-03"),
        ("tomorrow", "Thu 2026-06-04"),
        ("friday", "Fri 2026-06-05"),
        ("fri", "Fri 2026-06-05"),
        ("tue", "Tue 2026-06-09"),
        ("2026-06-05", "Fri 2026-06-05"),
        ("by 2026-06-01", "Mon 2026-06-01"),
        ("5 june", "Fri 2026-06-05"),
        ("jun 5", "Fri 2026-06-05"),
        ("1st june", "Mon 2026-06-01"),  # two days past: this year's, for the caller to refuse
        ("1 may", "Sat 2027-05-01"),  # 33 days past: next year's
        ("may 2, 2026", "Sat 2026-05-02"),
        ("24 dec", "Thu 2026-12-24"),
        ("29 feb 2028", "Tue 2028-02-29"),
    ],
)
def test_a_day_alone_ends_with_the_working_day(words: str, day: str) -> None:
    assert shown(words, end_of_day=time(17, 30)) == f"{day} 17:30:00"


def test_a_day_alone_ends_at_midnight_where_no_end_is_given() -> None:
    assert shown("friday") == "Sat 2026-06-06 00:00:00"


@pytest.mark.parametrize(
    ("now", "words", "day"),
    [
        (date(2026, 12, 20), "5 jan", "Tue 2027-01-05"),
        (date(2026, 1, 10), "5 dec", "Sat 2026-12-05"),
        (date(2027, 12, 20), "29 feb", "Tue 2028-02-29"),
    ],
)
def test_a_date_without_a_year_is_the_one_meant(now: date, words: str, day: str) -> None:
    noon = datetime.combine(now, time(12), UTC)
    assert shown(words, now=noon, end_of_day=time(9)) == f"{day} 09:00:00"


def test_today_is_the_readers_date_not_utcs() -> None:
    late = datetime(2026, 6, 3, 23, 30, tzinfo=UTC)
    assert shown("9:00", now=late) == "Thu 2026-06-04 09:00:00"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("05/06", NUMERIC_DATE),
        ("05/06/2026", NUMERIC_DATE),
        ("5/6 14:00", NUMERIC_DATE),
        ("05.06.2026", NUMERIC_DATE),
        ("05-06-2026", NUMERIC_DATE),
        ("9", BARE_NUMBER),
        ("until 14", BARE_NUMBER),
        ("mon 9", BARE_NUMBER),
        ("midnight", MIDNIGHT),
        ("friday midnight", MIDNIGHT),
        ("next friday", NEXT),
        ("next friday 14:00", NEXT),
        ("next week", NEXT),
        ("3 days", DAYS),
        ("in 1 week", DAYS),
        ("2d", DAYS),
        ("25:00", NO_SUCH_TIME),
        ("12:60", NO_SUCH_TIME),
        ("13pm", NO_SUCH_TIME),
        ("0am", NO_SUCH_TIME),
        ("2026-02-30", NO_SUCH_DATE),
        ("31 june", NO_SUCH_DATE),
        ("29 feb 2027", NO_SUCH_DATE),
        ("0000-01-01", NO_SUCH_DATE),
        ("2036-01-01", TOO_FAR),
        ("9999-12-31", TOO_FAR),
        ("0001-01-01 00:00", TOO_FAR),
        ("", FORMS),
        ("until", FORMS),
        ("a while", FORMS),
        ("1h30", FORMS),  # 01:30 or ninety minutes
        ("14.30", FORMS),
        ("-2h", FORMS),
        ("٢h", FORMS),
        ("14:00 <!channel>", FORMS),
        ("x" * 40_000, FORMS),
        ("2h" + " " * 40_000 + "or so", FORMS),
    ],
)
def test_what_is_unclear_is_refused_with_the_words_that_settle_it(words: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"\.$") as refused:
        parse_when(words, now=NOW, zone=DUBLIN)
    assert str(refused.value) == sentence


@pytest.mark.parametrize("words", ["wednesday", "wed 18:00"])
def test_todays_weekday_could_be_today_or_in_a_week(words: str) -> None:
    with pytest.raises(ValueError, match=r"It is Wednesday today\. Write today, or 2026-06-10 for the next\."):
        parse_when(words, now=NOW, zone=DUBLIN)


@unhurried
@given(near_changes(), st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.times())
def test_a_date_and_time_mean_that_wall_time_in_every_zone(drawn: tuple[str, datetime], day: date, wall: time) -> None:
    zone = ZoneInfo(drawn[0])
    to_the_minute = wall.replace(second=0, microsecond=0)
    now = datetime(2026, 6, 3, tzinfo=UTC)
    assert parse_when(f"{day} {wall:%H:%M}", now=now, zone=zone) == at_local(day, to_the_minute, zone)


@unhurried
@given(near_changes(), st.integers(1, 6))
def test_a_weekday_lies_within_the_next_six_days(drawn: tuple[str, datetime], ahead: int) -> None:
    zone, now = ZoneInfo(drawn[0]), drawn[1]
    day = local_date(now, zone) + timedelta(days=ahead)
    assert parse_when(f"{day:%A} 12:00", now=now, zone=zone) == at_local(day, time(12), zone)


@unhurried
@given(st.text(max_size=80) | st.from_regex(r"[a-z0-9 :/.-]{1,30}", fullmatch=True))
def test_whatever_is_typed_gives_a_time_or_a_sentence(words: str) -> None:
    try:
        found = parse_when(words, now=NOW, zone=DUBLIN)
    except ValueError as refused:
        assert str(refused).endswith(".")  # noqa: PT017 (either outcome is right)
    else:
        assert found.tzinfo is UTC
