"""What is usual for a stretch of time: the same stretch of the week, from weekday and hour to weekday and hour, in the
weeks before it, from the daily roll-ups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKS = 8
LEAST_WEEKS = 3
"""Fewer earlier weeks have no usual worth naming."""
WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Usual:
    """The mean of `weeks` earlier stretches; None where there are too few."""

    weeks: int
    mean: float | None


def hours_of(start: datetime, end: datetime, zone: ZoneInfo) -> dict[tuple[date, int], float]:
    """The wall-clock hours (local date, hour) that [start, end) touches, each with the share of it that lies within."""
    parts: dict[tuple[date, int], float] = {}
    at = start.astimezone(UTC)
    while at < end:
        local = at.astimezone(zone)
        following = at + HOUR - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        until = min(following, end)
        key = (local.date(), local.hour)
        parts[key] = min(1.0, parts.get(key, 0.0) + (until - at) / HOUR)
        at = until
    return parts


def arrivals(
    start: datetime, end: datetime, zone: ZoneInfo, by_hour: Mapping[date, Sequence[int]], first_day: date | None
) -> Usual:
    """How many usually come in such a stretch. `by_hour`: each day's 24 counts (a missing day: zeros); `first_day`:
    since when anything was counted."""
    hours = hours_of(start, end, zone)
    sums = []
    for week in weeks_before(min(hours)[0], max(hours)[0], first_day) if hours else ():
        total = 0.0
        for (day, hour), share in hours.items():
            counted = by_hour.get(day - week * WEEK)
            total += share * counted[hour] if counted else 0.0
        sums.append(total)
    return _mean(sums)


def departures(
    start: datetime,
    end: datetime,
    zone: ZoneInfo,
    solved: Mapping[date, int],
    shift: tuple[time, time],
    first_day: date | None,
) -> Usual:
    """How many are usually solved in such a stretch: days are counted whole, so each gives the share of its working
    hours (`shift`: from, to) that lies within the stretch."""
    shares = shares_of(start, end, zone, shift)
    sums = [
        sum(share * solved.get(day - week * WEEK, 0) for day, share in shares.items())
        for week in (weeks_before(min(shares), max(shares), first_day) if shares else ())
    ]
    return _mean(sums)


def shares_of(start: datetime, end: datetime, zone: ZoneInfo, shift: tuple[time, time]) -> dict[date, float]:
    """Local date → the share of its shift that lies in [start, end); a shift over midnight counts as the whole day."""
    shares: dict[date, float] = {}
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    while day <= last:
        begins, ends = shift if shift[0] < shift[1] else (time(0), time(23, 59, 59))
        opens, closes = (datetime.combine(day, wall, zone).astimezone(UTC) for wall in (begins, ends))
        within = min(closes, end) - max(opens, start)
        if within > timedelta():
            shares[day] = within / (closes - opens)
        day += timedelta(days=1)
    return shares


def weeks_before(first: date, last: date, first_day: date | None) -> list[int]:
    """How many weeks back the same stretch can be looked at: up to WEEKS, within the history, and none of it in the
    stretch itself (whose first and last local date are given)."""
    if first_day is None:
        return []
    nearest = max(1, -((first - last).days // WEEK.days))
    return [week for week in range(nearest, WEEKS + 1) if first - week * WEEK >= first_day]


def _mean(sums: Sequence[float]) -> Usual:
    return Usual(len(sums), sum(sums) / len(sums) if len(sums) >= LEAST_WEEKS else None)
