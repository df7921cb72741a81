"""When somebody is asked: near the end of their own shift, wherever that is, and not when it is none of their time."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as some

from handlers.attention import hours_of
from handlers.checkins.rules import windows
from handlers.checkins.rules.windows import Asked, planned, planned_by_hand, who_asks
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
