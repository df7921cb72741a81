"""When somebody is asked: near the end of their own shift, wherever that is, and not when it is none of their time."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from handlers.attention import hours_of
from handlers.checkins.rules import windows
from handlers.checkins.rules.windows import Asked, Plan, Window, planned, planned_by_hand, who_asks
from handlers.local_time import next_fire
from handlers.shifts import shift_on
from storage.checkins import CheckinSettings
from storage.people import Person
from storage.teams import Team
from tests.handlers.zones import ZONES, instants

TUESDAY = date(2026, 6, 2)
NINE, SIX = time(9), time(18)


def a_team(team_id: int = 1, *, start: time = NINE, end: time = SIX, country: str | None = None) -> Team:
    return Team(
        id=team_id, zone="UTC", days=list(range(5)), start=start, end=end, country=country, checkins=True, name="Care"
    )


def person(zone: str = "Europe/Berlin", **more: object) -> Person:
    own = {"is_bot": False, "is_guest": False, "is_stranger": False, "deactivated": False}
    return Person(id=7, zone=zone, **{**own, **more})


def settings(**more: object) -> CheckinSettings:
    usual = {"days": [1, 3], "lead_min": 180, "nudge_min": 45, "window_min": None}
    return CheckinSettings(**{**usual, **more})


def asked(one: Person, team: Team, **more: bool) -> Asked:
    return Asked(one, home=team, asks=team, **more)


def there(zone: str, hour: int, minute: int = 0, *, day: date = TUESDAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def test_berlin_austin_and_auckland_are_asked_at_their_own_hour() -> None:
    team = a_team()
    for zone in ("Europe/Berlin", "America/Chicago", "Pacific/Auckland"):
        plan = planned(asked(person(zone), team), team, settings(), TUESDAY)
        assert plan.skip is None
        assert plan.window.opens == there(zone, 15)
        assert plan.window.nudge == there(zone, 17, 15)
        assert plan.window.closes == there(zone, 18)


def test_a_night_shift_is_asked_after_midnight_for_the_date_on_which_it_began() -> None:
    team = a_team(start=time(20), end=time(4))
    window = planned(asked(person(), team), team, settings(), TUESDAY).window
    assert window.opens == there("Europe/Berlin", 1, day=date(2026, 6, 3))
    assert window.closes == there("Europe/Berlin", 4, day=date(2026, 6, 3))


def test_a_window_of_its_own_length_may_end_the_next_day_and_nudges_within_the_shift() -> None:
    team = a_team()
    window = planned(asked(person(), team), team, settings(window_min=600), TUESDAY).window
    assert window.closes == there("Europe/Berlin", 1, day=date(2026, 6, 3))
    assert window.nudge == there("Europe/Berlin", 17, 15)


def test_a_shift_shorter_than_the_lead_is_asked_at_its_start() -> None:
    team = a_team(start=time(9), end=time(11))
    assert planned(asked(person(), team), team, settings(), TUESDAY).window.opens == there("Europe/Berlin", 9)


def test_each_skip_says_why() -> None:
    team, usual = a_team(), settings()
    irish = a_team(country="IE")
    plans = {
        windows.AWAY: planned(asked(person(away_from=there("Europe/Berlin", 8)), team), team, usual, TUESDAY),
        windows.OFF: planned(asked(person(), team, is_off=True), team, usual, TUESDAY),
        windows.LEFT: planned(asked(person(), team, is_member=False), team, usual, TUESDAY),
        windows.UNREACHABLE: planned(asked(person(is_guest=True), team), team, usual, TUESDAY),
        windows.STOPPED: planned(asked(person(), team), team, settings(days=[0]), TUESDAY),
        windows.DAY_OFF: planned(asked(person(own_days=[0, 2]), team), team, usual, TUESDAY),
        windows.OTHER_TEAM: planned(Asked(person(), home=team, asks=a_team(2)), team, usual, TUESDAY),
        windows.HOLIDAY.format("June Bank Holiday"): planned(
            asked(person(), irish), irish, settings(days=[0]), date(2026, 6, 1)
        ),
    }
    assert [plan.skip for plan in plans.values()] == list(plans)
    window = planned(asked(person(), team), team, usual, TUESDAY).window
    *others, holiday = plans.values()
    assert [plan.window for plan in others] == [window] * len(others), "when it would have been"
    assert holiday.window.opens == window.opens - timedelta(days=1)


def test_a_holiday_on_a_day_off_is_a_day_off() -> None:
    irish, monday = a_team(country="IE"), date(2026, 6, 1)
    one = asked(person(own_days=[1, 2]), irish)
    assert planned(one, irish, settings(days=[0]), monday).skip == windows.DAY_OFF


def test_who_is_back_while_there_is_time_is_asked_then() -> None:
    team = a_team()
    back = there("Europe/Berlin", 16)
    plan = planned(asked(person(away_from=back - timedelta(days=3), away_until=back), team), team, settings(), TUESDAY)
    assert (plan.skip, plan.window.opens) == (None, back)


def test_a_check_in_started_by_hand_asks_who_is_at_work_now_and_the_others_when_they_begin() -> None:
    team, started = a_team(), there("Europe/Berlin", 11)

    def opens(zone: str) -> tuple[datetime, str | None]:
        plan = planned_by_hand(asked(person(zone), team), team, settings(), started)
        return plan.window.opens, plan.skip

    assert opens("Europe/Berlin") == (started, None)
    assert opens("America/Chicago") == (there("America/Chicago", 9), None)
    assert opens("Asia/Tokyo") == (there("Asia/Tokyo", 9, day=date(2026, 6, 3)), None)
    assert opens("Asia/Kabul") == (started, None)


def test_by_hand_the_window_lasts_until_the_shift_ends_or_as_long_as_was_chosen() -> None:
    team, started = a_team(), there("Europe/Berlin", 11)
    one = asked(person(), team)
    until_six = planned_by_hand(one, team, settings(), started).window
    assert until_six == Window(started, there("Europe/Berlin", 17, 15), there("Europe/Berlin", 18))
    an_hour = planned_by_hand(one, team, settings(window_min=60), started).window
    assert an_hour == Window(started, there("Europe/Berlin", 11, 15), there("Europe/Berlin", 12))
    into_the_night = planned_by_hand(one, team, settings(window_min=600), started).window
    assert into_the_night == Window(started, there("Europe/Berlin", 17, 15), there("Europe/Berlin", 21))
    assert planned_by_hand(one, team, settings(nudge_min=0), started).window.nudge is None


def test_by_hand_half_an_hour_of_the_shift_must_be_left_and_the_next_begin_within_sixteen() -> None:
    team = a_team()
    one = asked(person(), team)
    half_past_five = there("Europe/Berlin", 17, 30)
    assert planned_by_hand(one, team, settings(), half_past_five).window.opens == half_past_five
    too_late = half_past_five + timedelta(seconds=1)
    tomorrow = planned_by_hand(one, team, settings(), too_late)
    assert (tomorrow.skip, tomorrow.window.opens) == (None, there("Europe/Berlin", 9, day=date(2026, 6, 3)))
    five = there("Europe/Berlin", 17, day=date(2026, 6, 5))  # a Friday: the next shift is Monday’s
    assert planned_by_hand(one, team, settings(), five).window.opens == five
    over = planned_by_hand(one, team, settings(), five + timedelta(hours=1))
    assert over == Plan(Window(five + timedelta(hours=1), None, five + timedelta(hours=1)), windows.OVER)
    sixteen_before = there("Europe/Berlin", 17, day=date(2026, 6, 7))
    assert planned_by_hand(one, team, settings(), sixteen_before).skip is None
    assert planned_by_hand(one, team, settings(), sixteen_before - timedelta(seconds=1)).skip == windows.OVER


def test_by_hand_nobody_is_asked_who_would_not_be_asked_otherwise() -> None:
    team, started = a_team(), there("Europe/Berlin", 11)
    for one, skip in (
        (asked(person(is_guest=True), team), windows.UNREACHABLE),
        (asked(person(), team, is_off=True), windows.OFF),
        (Asked(person(), home=team, asks=None), windows.STOPPED),
        (asked(person(away_from=started - timedelta(days=1)), team), windows.AWAY),
    ):
        assert planned_by_hand(one, team, settings(), started).skip == skip


def test_the_nudge_comes_so_long_before_the_end_and_never_at_or_before_the_opening() -> None:
    team = a_team()
    one = asked(person(), team)
    for lead, nudge, at in ((180, 45, (17, 15)), (45, 45, None), (45, 44, (17, 16)), (45, 60, None), (180, 0, None)):
        window = planned(one, team, settings(lead_min=lead, nudge_min=nudge), TUESDAY).window
        assert window.nudge == (at and there("Europe/Berlin", *at))


def test_back_too_late_is_away_and_the_nudge_is_left_out_that_would_come_before() -> None:
    team = a_team()
    gone = there("Europe/Berlin", 8)

    def back(hour: int, minute: int) -> Plan:
        until = there("Europe/Berlin", hour, minute)
        return planned(asked(person(away_from=gone, away_until=until), team), team, settings(), TUESDAY)

    assert back(14, 59).window == back(15, 0).window == planned(asked(person(), team), team, settings(), TUESDAY).window
    assert back(17, 14).window.nudge == there("Europe/Berlin", 17, 15)
    assert back(17, 15).window == Window(there("Europe/Berlin", 17, 15), None, there("Europe/Berlin", 18))
    assert back(17, 30).skip is None
    assert back(17, 31).skip == windows.AWAY


def test_check_ins_that_are_off_ask_nobody_and_a_long_holiday_fits_its_column() -> None:
    team = a_team()
    team.checkins = False
    assert planned(asked(person(), team), team, settings(), TUESDAY).skip == windows.STOPPED
    assert planned(Asked(person(), home=a_team(), asks=None), a_team(), settings(), TUESDAY).skip == windows.STOPPED


def test_today_is_the_date_on_their_own_calendar() -> None:
    at = there("Europe/Berlin", 23, 30)
    assert windows.today_of(person(), at) == TUESDAY
    assert windows.today_of(person("Asia/Tokyo"), at) == date(2026, 6, 3)


def test_one_of_several_teams_asks_so_that_no_two_results_overlap() -> None:
    care, sales, quiet = a_team(1), a_team(2), a_team(3)
    assert who_asks(care, [sales, care]) is care
    assert who_asks(quiet, [sales, care]) is sales
    assert who_asks(quiet, []) is None


@given(
    zone=some.sampled_from(ZONES),
    day=some.dates(date(2024, 1, 1), date(2028, 12, 31)),
    start=some.times().map(lambda at: at.replace(microsecond=0)),
    end=some.times().map(lambda at: at.replace(microsecond=0)),
    lead=some.integers(1, 480),
    nudge=some.integers(0, 480),
    length=some.none() | some.integers(1, 1440),
)
def test_a_window_lies_in_order_and_opens_within_the_shift_and_after_its_round_was_planned(
    zone: str, day: date, start: time, end: time, lead: int, nudge: int, length: int | None
) -> None:
    team = a_team(start=start, end=end)
    chosen = settings(days=list(range(7)), lead_min=lead, nudge_min=nudge, window_min=length)
    one = person(zone, own_days=list(range(7)))
    plan = planned(asked(one, team), team, chosen, day)
    shift = shift_on(hours_of(one, team), day)
    if shift is None:
        assert plan.skip == windows.DAY_OFF
        return
    opens, closes = plan.window.opens, plan.window.closes
    assert shift[0] <= opens < shift[1]
    assert opens < closes
    assert plan.window.nudge is None or opens < plan.window.nudge < min(closes, shift[1])
    begins, of = next_fire(
        datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=1),
        time(0),
        frozenset(range(7)),
        windows.ANYWHERE_FIRST,
    )
    assert of == day
    assert begins <= opens


@given(now=instants)
def test_the_dates_of_an_instant_are_those_that_calendars_show_somewhere(now: datetime) -> None:
    shown = {now.astimezone(ZoneInfo(zone)).date() for zone in ("Etc/GMT+12", "UTC", "Pacific/Kiritimati")}
    assert shown <= set(windows.days_now(now))
    assert len(windows.days_now(now)) <= 3


@pytest.mark.parametrize(
    ("now", "dates"),
    [
        (datetime(2026, 6, 2, 9, 59, tzinfo=UTC), [1, 2]),
        (datetime(2026, 6, 2, 10, tzinfo=UTC), [1, 2, 3]),  # Wednesday begins on Kiritimati
        (datetime(2026, 6, 2, 11, 59, tzinfo=UTC), [1, 2, 3]),
        (datetime(2026, 6, 2, 12, tzinfo=UTC), [2, 3]),  # Monday ends on Baker Island
    ],
)
def test_a_date_counts_from_its_first_minute_anywhere_to_its_last(now: datetime, dates: list[int]) -> None:
    assert windows.days_now(now) == [date(2026, 6, day) for day in dates]
