"""When a digest is made, which time it covers, and what stands on top of it."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.blocks import button
from handlers.house import NeedsYou
from handlers.queue.rules import digesting
from storage.digests import DigestSettings
from storage.teams import Team, TeamState

DUE = datetime(2026, 6, 2, 8, 0, tzinfo=UTC)
"""Tuesday 2 June 2026, 9:00 in Dublin."""
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
spans = st.timedeltas(timedelta(), timedelta(days=60))


def team(**more: Any) -> Team:
    usual = {"zone": "Europe/Dublin", "days": [0, 1, 2, 3, 4], "start": time(9), "end": time(17), "country": "IE"}
    return Team(**{**usual, "state": TeamState.ACTIVE, **more})


def wanted(**more: bool) -> DigestSettings:
    return DigestSettings(**{"in_channel": True, "to_managers": False, "weekly": True, **more})


@pytest.mark.parametrize(
    ("days", "weekly", "daily"),
    [
        ([4, 0, 2], [0], [0, 2, 4]),
        ([1, 2], [1], [1, 2]),
        ([6, 3], [3], [3, 6]),
        ([], [0], [0, 1, 2, 3, 4]),
    ],
)
def test_a_digest_comes_on_working_days_and_the_weekly_one_on_monday_or_the_first_of_them(
    days: list[int], weekly: list[int], daily: list[int]
) -> None:
    assert digesting.weekdays_of(team(days=days), weekly=True) == weekly
    assert digesting.weekdays_of(team(days=days), weekly=False) == daily


@pytest.mark.parametrize("weekly", [False, True])
def test_an_ordinary_digest_is_made(weekly: bool) -> None:
    assert digesting.why_not(team(), wanted(), DUE, DUE, weekly=weekly) is None


@pytest.mark.parametrize("weekly", [False, True])
@pytest.mark.parametrize("of", [None, *(team(state=state) for state in TeamState if state != TeamState.ACTIVE)])
def test_a_team_that_isnt_there_gets_none(of: Team | None, weekly: bool) -> None:
    assert digesting.why_not(of, wanted(), DUE, DUE, weekly=weekly) == digesting.NO_TEAM


@pytest.mark.parametrize(
    ("settings", "daily", "weekly"),
    [
        (wanted(in_channel=False), digesting.OFF, None),
        (wanted(in_channel=False, to_managers=True), None, None),
        (wanted(weekly=False), None, digesting.OFF),
    ],
)
def test_each_is_switched_off_by_itself(settings: DigestSettings, daily: str | None, weekly: str | None) -> None:
    assert digesting.why_not(team(), settings, DUE, DUE, weekly=False) == daily
    assert digesting.why_not(team(), settings, DUE, DUE, weekly=True) == weekly


def test_a_holiday_where_the_team_is_puts_off_the_digest_and_not_the_weekly_report() -> None:
    bank_holiday = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
    told = digesting.why_not(team(), wanted(), bank_holiday, bank_holiday, weekly=False)
    assert told == "public holiday: June Bank Holiday"
    assert digesting.why_not(team(), wanted(), bank_holiday, bank_holiday, weekly=True) is None
    assert digesting.why_not(team(country=None), wanted(), bank_holiday, bank_holiday, weekly=False) is None
    evening_before = bank_holiday - 10 * HOUR  # 23:00 on Sunday in Dublin, Monday 6:00 in Manila
    assert digesting.why_not(team(), wanted(), evening_before, evening_before, weekly=False) is None
    manila = team(zone="Asia/Manila")
    assert digesting.why_not(manila, wanted(), evening_before, evening_before, weekly=False) == told


@pytest.mark.parametrize(("weekly", "longest"), [(False, 4 * HOUR), (True, 30 * HOUR)])
def test_what_comes_too_late_is_left_to_the_next(weekly: bool, longest: timedelta) -> None:
    assert digesting.why_not(team(), wanted(), DUE, DUE + longest, weekly=weekly) is None
    told = digesting.why_not(team(), wanted(), DUE, DUE + longest + SECOND, weekly=weekly)
    at = (DUE + longest).strftime("%H:%M")
    assert told == f"Backstop was down until {at} UTC; the next one covers this time too"


@given(spans, st.booleans())
def test_each_digest_covers_from_where_the_last_one_ended_within_a_month(ago: timedelta, weekly: bool) -> None:
    begins = digesting.since(DUE - ago, DUE, weekly=weekly)
    assert begins == DUE - min(ago, timedelta(days=31))


def test_the_first_covers_a_day_or_a_week_and_none_ends_before_it_begins() -> None:
    assert digesting.since(None, DUE, weekly=False) == DUE - DAY
    assert digesting.since(None, DUE, weekly=True) == DUE - 7 * DAY
    assert digesting.since(DUE + HOUR, DUE, weekly=False) == DUE


def test_five_minutes_are_not_worth_a_word() -> None:
    five = timedelta(minutes=5)
    assert digesting.lateness(DUE, DUE + five) is None
    assert digesting.lateness(DUE, DUE + five + SECOND) == five + SECOND


def need(subject: str, urgency: int, action: str = "escalations.show") -> NeedsYou:
    return NeedsYou(f"{subject} needs you", button("Show", action, subject), urgency)


def test_the_three_most_urgent_stand_on_top_in_the_order_in_which_they_came() -> None:
    needs = [need("a", 5), need("b", 9), need("c", 0), need("d", 5), need("e", 5)]
    assert [one.text[0] for one in digesting.foremost(needs)] == ["c", "a", "d"]


def test_a_thing_stands_there_once_with_its_greatest_urgency() -> None:
    needs = [need("a", 5), need("a", 2), need("a", 5, "goals.show"), need("b", 3)]
    assert [(one.text[0], one.urgency) for one in digesting.foremost(needs)] == [("a", 2), ("b", 3), ("a", 5)]


def test_a_line_is_known_by_its_button_within_the_length_of_its_column() -> None:
    assert digesting.line_of(need("E-42", 0)) == "escalations.show:E-42"
    plain = NeedsYou("", {"action_id": "queue.show"}, 0)
    assert digesting.line_of(plain) == "queue.show:"
    assert len(digesting.line_of(need("x" * 300, 0))) == 255


def test_a_holiday_is_of_the_stretch_where_the_team_is() -> None:
    manila = team(zone="Asia/Manila")
    evening = datetime(2026, 5, 31, 17, tzinfo=UTC)  # Monday 1 June, 1:00 in Manila
    assert digesting.holidays_within(manila, evening, evening + DAY) == ["June Bank Holiday"]
    assert digesting.holidays_within(manila, evening - DAY, evening) == []
    assert digesting.holidays_within(manila, evening + DAY, evening + 2 * DAY) == []
