"""Which part of each day's shift lies in a stretch of time."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from handlers.queue.rules.usual import shares_of

DUBLIN = ZoneInfo("Europe/Dublin")
OFFICE, NIGHT = (time(9), time(17)), (time(22), time(6))
TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 6, day) for day in (2, 3, 4))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "shift", "shares"),
    [
        ("2026-06-02T08:00", "2026-06-02T16:00", OFFICE, {TUESDAY: 1.0}),
        ("2026-06-02T08:00", "2026-06-02T12:00", OFFICE, {TUESDAY: 0.5}),
        ("2026-06-02T14:00", "2026-06-04T10:00", OFFICE, {TUESDAY: 0.25, WEDNESDAY: 1.0, THURSDAY: 0.25}),
        ("2026-06-02T16:00", "2026-06-03T08:00", OFFICE, {}),
        ("2026-06-02T23:30", "2026-06-03T08:00", OFFICE, {}),  # begins on Wednesday in Dublin
        ("2026-06-02T11:00", "2026-06-02T22:59:59", NIGHT, {TUESDAY: pytest.approx(0.5, abs=1e-4)}),
    ],
)
def test_a_days_share_is_how_much_of_its_shift_lies_within(
    start: str, end: str, shift: tuple[time, time], shares: dict[date, float]
) -> None:
    assert shares_of(utc(start), utc(end), DUBLIN, shift) == shares


def test_days_begin_and_end_where_the_team_is() -> None:
    evening, early = (time(18), time(23)), (time(5), time(13))
    west, east = ZoneInfo("America/Los_Angeles"), ZoneInfo("Asia/Manila")
    tuesday_night = utc("2026-06-02T04:00")  # 21:00 on Monday in Los Angeles
    monday = date(2026, 6, 1)
    assert shares_of(tuesday_night, utc("2026-06-02T07:00"), west, evening) == {monday: 0.4}
    monday_night = utc("2026-06-01T23:00")  # 7:00 on Tuesday in Manila
    assert shares_of(utc("2026-06-01T12:00"), monday_night, east, early) == {TUESDAY: 0.25}


def test_a_shift_that_ends_when_it_begins_is_the_whole_day() -> None:
    noon = utc("2026-06-02T11:00")
    [(day, share)] = shares_of(noon, utc("2026-06-02T17:00"), DUBLIN, (time(9), time(9))).items()
    assert (day, round(share, 3)) == (TUESDAY, 0.25)
