"""Shifts: one person's working hours, with their days, holidays and absences.

A shift belongs to the date on which it starts: the Friday night shift runs into Saturday, and a holiday takes out the
shift that starts on it, up to its end after midnight. Starts and ends are wall times, found by `at_local`: a shift
over a spring gap is an hour shorter and one over an autumn fold an hour longer, as it is for the person.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated

from pydantic import PlainSerializer

from handlers.local_time import as_utc, at_local, parse_zone

Interval = tuple[datetime, datetime]
"""From (included) to (excluded), both aware UTC."""

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Hours:
    """When somebody works: local times in `zone` on `days` (Monday is 0), but for holidays of `country`.

    An `end` at or before `start` lies on the next date; `start == end` is the whole day, 24 hours by the clock.
    `country` is an ISO 3166 code (IE, PH), `subdivision` one of its parts as `holidays` names them; None means no
    holidays. Raises ValueError, with a sentence for the reader, for an unknown zone, weekday, country or subdivision.
    """

    zone: str
    days: Annotated[frozenset[int], PlainSerializer(sorted, return_type=list[int], when_used="json")]
    start: time
    end: time
    country: str | None = None
    subdivision: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "zone", parse_zone(self.zone).key)
        object.__setattr__(self, "days", frozenset(self.days))
        if not self.days <= frozenset(range(7)):
            raise ValueError("Weekdays are numbers from 0 (Monday) to 6 (Sunday).")
        if self.start.tzinfo or self.end.tzinfo:
            raise ValueError("Hours are local times; their zone is given apart.")
        if self.country is not None:
            parts = _countries().get(self.country)
            if parts is None:
                raise ValueError("I know no holidays for that country. Give its two-letter code, such as IE or PH.")
            if self.subdivision is not None and self.subdivision not in parts:
                raise ValueError(f"I know no such part of {self.country}." + (f" {', '.join(parts)}." if parts else ""))
        elif self.subdivision is not None:
            raise ValueError("A part of a country needs its country.")


@dataclass(frozen=True)
class Absence:
    """Somebody is away from `start` until `end` (excluded), or until they say they're back when `end` is None."""

    start: datetime
    end: datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", as_utc(self.start))
        if self.end is not None:
            object.__setattr__(self, "end", as_utc(self.end))
            if self.end < self.start:
                raise ValueError("An absence ends after it starts.")

    def covers(self, at: datetime) -> bool:
        return self.start <= at and (self.end is None or at < self.end)


@dataclass(frozen=True)
class Shift:
    """One person's hours, less the times when they are away."""

    hours: Hours
    absences: tuple[Absence, ...] = ()


def shift_on(hours: Hours, day: date) -> Interval | None:
    """The shift that starts on this local date; None on a day off, a holiday, or a date that the zone skipped."""
    if day.weekday() not in hours.days or holiday_on(hours, day):
        return None
    starts, ends = by_the_clock(hours, day)
    return (starts, ends) if starts < ends else None


def holiday_on(hours: Hours, day: date) -> str | None:
    """The name (in English) of the public holiday on this date where these hours are worked, if it is one."""
    return _holidays(hours.country, hours.subdivision, day.year).get(day) if hours.country else None


@lru_cache(maxsize=512)
def _holidays(country: str, subdivision: str | None, year: int) -> dict[date, str]:
    """The country's public holidays of a year, with those observed on another day, named in its own English if any."""
    import holidays  # as long to import as everything of ours: only when a team has a country

    languages = holidays.list_localized_countries().get(country, ())
    language = own if (own := f"en_{country}") in languages else "en_US"
    return dict(holidays.country_holidays(country, subdiv=subdivision, years=year, language=language))


@lru_cache(maxsize=1)
def _countries() -> dict[str, list[str]]:
    import holidays

    return {code: parts for code, parts in holidays.list_supported_countries().items() if len(code) == len("IE")}


def by_the_clock(hours: Hours, day: date) -> Interval:
    """The shift that would start on this date if it were worked; empty (start == end) where a gap swallows it."""
    zone = parse_zone(hours.zone)
    last = day if hours.start < hours.end else day + _DAY
    return at_local(day, hours.start, zone), at_local(last, hours.end, zone)


def days_around(start: datetime, end: datetime) -> Iterator[date]:
    """Every date on which, in any zone, a shift may start that touches [start, end).

    Zones run from UTC−12 to UTC+14 and a shift lasts a day, or a skipped date longer; hence the margins.
    """
    first = start.date() - 3 * _DAY
    for n in range((end.date() - first).days + 2):
        yield first + n * _DAY
