"""When somebody is asked, until when they may answer, and why they are not asked: at the end of their own shift."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.attention import hours_of
from handlers.local_time import local_date, parse_zone
from handlers.shifts import Hours, Interval, by_the_clock, days_around, holiday_on, shift_on
from storage.checkins import CheckinSettings
from storage.people import Person
from storage.teams import Team

DEFAULT_DAYS = (1, 3)
"""Tuesdays and Thursdays."""
DEFAULT_LEAD_MIN = 180
DEFAULT_NUDGE_MIN = 45
LEAST_TIME_TO_ANSWER = timedelta(minutes=30)
"""What is left of a shift must be worth asking in, when a manager starts a check-in by hand."""
SHIFTS_WITHIN = timedelta(hours=16)
"""Whose next shift begins later than this is not part of a check-in that is started by hand now."""
ANYWHERE_FIRST = ZoneInfo("Pacific/Kiritimati")
"""Where each date begins first on Earth: a round is planned at its midnight, before anybody can be asked."""
ANYWHERE_LAST = ZoneInfo("Etc/GMT+12")

UNREACHABLE = "deactivated, a guest or a bot"
OFF = "switched off by themselves"
DAY_OFF = "a day off"
HOLIDAY = "a holiday: {}"
AWAY = "away"
OVER = "their day is over"
LEFT = "left the team"
OTHER_TEAM = "asked in their other team"
STOPPED = "the team’s check-ins were switched off or moved to another day"
DOWN = "Backstop was down"
UNTOLD = "hears first that answers are named"
CLOSED_DM = "their direct messages are closed to apps"


@dataclass(frozen=True)
class Window:
    """When somebody is asked, nudged (None: not), and until when they may answer. Aware UTC."""

    opens: datetime
    nudge: datetime | None
    closes: datetime


@dataclass(frozen=True)
class Plan:
    """A window, and why it is not used, if it isn't."""

    window: Window
    skip: str | None = None


@dataclass(frozen=True)
class Asked:
    """Everything that decides about one person's part in a round."""

    person: Person
    home: Team | None
    """Whose hours are theirs where they set none: their primary team."""
    asks: Team | None
    """Which of their teams asks them; None: none does, or they left."""
    is_off: bool = False
    is_member: bool = True


def planned(one: Asked, team: Team, settings: CheckinSettings, day: date) -> Plan:
    """Somebody's part in the team's round of that date."""
    hours = hours_of(one.person, one.home)
    shift = shift_on(hours, day)
    window = window_at(shift or by_the_clock(hours, day), settings)
    if day.weekday() not in settings.days or not team.checkins:
        return Plan(window, STOPPED)
    if shift is None:
        named = holiday_on(hours, day) if day.weekday() in hours.days else None
        return Plan(window, HOLIDAY.format(named)[:160] if named else DAY_OFF)
    return _unless_away(one, team, window)


def planned_by_hand(one: Asked, team: Team, settings: CheckinSettings, started: datetime) -> Plan:
    """Somebody's part in a round that a manager started: in what is left of the shift they are in, or in their next."""
    shift = _shift_after(hours_of(one.person, one.home), started)
    if shift is None:
        return Plan(Window(started, None, started), OVER)
    starts, ends = shift
    opens = max(starts, started)
    closes = opens + timedelta(minutes=settings.window_min) if settings.window_min else ends
    return _unless_away(one, team, Window(opens, _nudge(opens, min(ends, closes), settings), closes))


def window_at(shift: Interval, settings: CheckinSettings) -> Window:
    """The window of a shift: asked so long before its end (at its start, if it is shorter than that), nudged before
    it or the window ends, whichever is first: afterwards a nudge would come outside their hours."""
    starts, ends = shift
    opens = max(starts, ends - timedelta(minutes=settings.lead_min))
    closes = opens + timedelta(minutes=settings.window_min) if settings.window_min else ends
    return Window(opens, _nudge(opens, min(ends, closes), settings), closes)


def _nudge(opens: datetime, ends: datetime, settings: CheckinSettings) -> datetime | None:
    at = ends - timedelta(minutes=settings.nudge_min)
    return at if settings.nudge_min and at > opens else None


def _shift_after(hours: Hours, started: datetime) -> Interval | None:
    """The shift with time left to answer that runs, or begins before long."""
    shifts = (shift_on(hours, day) for day in days_around(started, started + timedelta(days=1)))
    fitting = [
        shift
        for shift in shifts
        if shift and shift[1] - started >= LEAST_TIME_TO_ANSWER and shift[0] - started <= SHIFTS_WITHIN
    ]
    return min(fitting, default=None)


def _unless_away(one: Asked, team: Team, window: Window) -> Plan:
    person = one.person
    if not person.is_reachable:
        return Plan(window, UNREACHABLE)
    if not one.is_member:
        return Plan(window, LEFT)
    if one.is_off:
        return Plan(window, OFF)
    if one.asks is None or one.asks.id != team.id:
        return Plan(window, OTHER_TEAM if one.asks else STOPPED)
    if not person.is_away(window.opens):
        return Plan(window)
    back = person.away_until
    if back is None or back > window.closes - LEAST_TIME_TO_ANSWER:
        return Plan(window, AWAY)
    return Plan(Window(back, window.nudge if window.nudge and window.nudge > back else None, window.closes))


def who_asks(home: Team | None, asking: Sequence[Team]) -> Team | None:
    """Which of the teams that ask somebody does: the one whose hours are theirs, else the first they joined. One a day:
    their answer counts in one team, so that no two results overlap."""
    if home is not None and any(team.id == home.id for team in asking):
        return home
    return asking[0] if asking else None


def days_now(now: datetime) -> list[date]:
    """The dates that calendars anywhere show at this instant: one, two or three."""
    first, last = local_date(now, ANYWHERE_LAST), local_date(now, ANYWHERE_FIRST)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def today_of(person: Person, now: datetime) -> date:
    """The date on their own calendar."""
    return local_date(now, parse_zone(person.zone))
