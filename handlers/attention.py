"""Whether a direct message may have somebody's attention now: the manners of PRODUCT.md § 0, as rules."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from handlers.local_time import at_local, local_date, parse_zone
from handlers.working_time import Absence, BeyondHorizon, Calendar, Hours, NeverCloses, Shift
from storage.messages import Attention
from storage.people import Person
from storage.teams import Team

OFFICE_DAYS = (0, 1, 2, 3, 4)
OFFICE_START = time(9)
OFFICE_END = time(17, 30)
"""Hours of somebody who is in no team, in their own zone."""


@dataclass(frozen=True)
class Now:
    """Send it; `counts_on` is the local date whose budget it uses, None if it doesn't count."""

    counts_on: date | None = None


@dataclass(frozen=True)
class Later:
    at: datetime


@dataclass(frozen=True)
class Never:
    why: str


def hours_of(person: Person, team: Team | None) -> Hours:
    """Somebody's working hours, in their own zone: their own where they set them, else their primary team's, else
    office hours."""
    days = person.own_days or (team.days if team else OFFICE_DAYS)
    country = person.own_country if person.own_country is not None else (team.country if team else None)
    start = person.own_start or (team.start if team else OFFICE_START)
    end = person.own_end or (team.end if team else OFFICE_END)
    return _hours(person.zone, tuple(days), start, end, country or None)


@lru_cache(maxsize=4096)
def _hours(zone: str, days: tuple[int, ...], start: time, end: time, country: str | None) -> Hours:
    """Many people's are the same, and checking them takes longer than all else that Home does with them."""
    return Hours(zone=zone, days=frozenset(days), start=start, end=end, country=country)


def shift_of(person: Person, team: Team | None) -> Shift:
    """Their hours less their absence."""
    away = (Absence(person.away_from, person.away_until),) if person.away_from else ()
    return Shift(hours_of(person, team), away)


def decide(
    attention: Attention, person: Person, team: Team | None, *, sent_today: int, limit: int, now: datetime
) -> Now | Later | Never:
    """Whether this DM goes to this person now. `sent_today`: unrequested DMs they had on their local date of `now`."""
    if not person.is_reachable:
        return Never("deactivated, a guest, a bot or from another workspace")
    if attention == Attention.ASKED:
        return Now()
    if attention == Attention.PAGE:
        return Never("away") if person.is_away(now) else Now()
    today = local_date(now, parse_zone(person.zone))
    try:
        if person.is_away(now) and person.away_until is None:
            # Nobody knows until when: it is looked at again with each of their shifts, and at once when they are back.
            return Later(_next_day_at_work(Calendar((Shift(hours_of(person, team)),)), now, today, person.zone))
        calendar = Calendar((shift_of(person, team),))
        if not calendar.is_open(now):
            return Later(calendar.next_open(now))
        if attention == Attention.NEWS:
            return Now()
        if sent_today >= limit:
            return Later(_next_day_at_work(calendar, now, today, person.zone))
    except BeyondHorizon:
        return Never("no working hours in the next two years")
    return Now(counts_on=today)


def _next_day_at_work(calendar: Calendar, now: datetime, today: date, zone: str) -> datetime:
    """When they work next on another of their dates: their next shift; who works around the clock, at midnight."""
    try:
        at = calendar.next_open(calendar.next_close(now))
        while local_date(at, parse_zone(zone)) == today:
            at = calendar.next_open(calendar.next_close(at))
    except NeverCloses:
        return at_local(today + timedelta(days=1), time.min, parse_zone(zone))
    return at
