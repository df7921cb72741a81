"""The clock receipt: why a stretch of time counts as working time, or doesn't."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise

from handlers.local_time import at_local, local_date, parse_zone
from handlers.shifts import Shift, by_the_clock, days_around, holiday_on

_DAY = timedelta(days=1)
_SATURDAY = 5


class Why(StrEnum):
    """Why a stretch of time counts, or doesn't; in the order in which a receipt names them."""

    ALWAYS = "always counts"
    WORKING = "working time"
    HOLIDAY = "holiday"
    WEEKEND = "weekend"
    DAY_OFF = "day off"
    OUTSIDE = "outside hours"
    AWAY = "away"
    NOBODY = "nobody has hours"


@dataclass(frozen=True)
class Reason:
    """A Why, with the holiday's name where it is one. `str()` is what a receipt prints: "holiday Labour Day"."""

    why: Why
    name: str = ""

    def __str__(self) -> str:
        return f"{self.why} {self.name}".rstrip()


@dataclass(frozen=True)
class Stretch:
    """A line of the clock receipt: from `start` to `end` (UTC) time counted or not, for these reasons.

    A team has one reason for each thing that keeps somebody off ("holiday Labour Day", "outside hours").
    """

    start: datetime
    end: datetime
    counts: bool
    reasons: tuple[Reason, ...]

    @property
    def reason(self) -> str:
        return ", ".join(map(str, self.reasons))


def why_closed(shifts: tuple[Shift, ...], start: datetime, end: datetime) -> list[Stretch]:
    """[start, end), in all of which none of these shifts runs, in stretches by what keeps them; none if it's empty."""
    stretches: list[Stretch] = []
    for opens, closes in pairwise(sorted({start, end, *_turns(shifts, start, end)}) if start < end else ()):
        reasons = tuple(sorted({_why(shift, opens) for shift in shifts}, key=_as_listed))
        reasons = reasons or (Reason(Why.NOBODY),)
        goes_on = bool(stretches) and stretches[-1].reasons == reasons
        since = stretches.pop().start if goes_on else opens
        stretches.append(Stretch(since, closes, counts=False, reasons=reasons))
    return stretches


def _turns(shifts: tuple[Shift, ...], start: datetime, end: datetime) -> Iterator[datetime]:
    """Every instant between, at which the reason for being closed may change."""
    for hours in {shift.hours for shift in shifts}:
        zone = parse_zone(hours.zone)
        for day in days_around(start, end):
            for turn in (at_local(day, time.min, zone), *by_the_clock(hours, day)):
                if start < turn < end:
                    yield turn
    for absence in (absence for shift in shifts for absence in shift.absences):
        if start < absence.start < end:
            yield absence.start
        if absence.end is not None and start < absence.end < end:
            yield absence.end


def _why(shift: Shift, at: datetime) -> Reason:
    if any(absence.covers(at) for absence in shift.absences):
        return Reason(Why.AWAY)
    hours = shift.hours
    today = local_date(at, parse_zone(hours.zone))
    for day in (today - _DAY, today):  # a night shift that a holiday took out is missed on the next date too
        starts, ends = by_the_clock(hours, day)
        if starts <= at < ends and day.weekday() in hours.days and (name := holiday_on(hours, day)):
            return Reason(Why.HOLIDAY, name)
    if today.weekday() not in hours.days:
        return Reason(Why.WEEKEND if today.weekday() >= _SATURDAY else Why.DAY_OFF)
    if name := holiday_on(hours, today):
        return Reason(Why.HOLIDAY, name)
    return Reason(Why.OUTSIDE)


def _as_listed(reason: Reason) -> tuple[int, str]:
    return list(Why).index(reason.why), reason.name
