"""Periods: weeks, months and quarters of the calendar, their names, those before, and the one that follows."""

from datetime import date, datetime, time, timedelta

from handlers.local_time import at_local, local_date, parse_zone
from handlers.shifts import Hours
from storage.goals import Goal, Period

_DAY = timedelta(days=1)
PAST = "That period is over. Choose today or a later day."
TOO_FAR = "That is more than a year ahead."
FARTHEST = timedelta(days=366)
BEFORE = 8
"""How many periods the form looks back."""


def around(day: date, period: Period) -> tuple[date, date]:
    """(first, last day) of the week (from Monday), month or quarter that a day lies in."""
    match period:
        case Period.WEEK:
            first = day - timedelta(days=day.weekday())
            return first, first + 6 * _DAY
        case Period.MONTH:
            first = day.replace(day=1)
            return first, _months_on(first, 1) - _DAY
        case Period.QUARTER:
            first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
            return first, _months_on(first, 3) - _DAY


def chosen(day: date | None, period: Period, today: date) -> tuple[date, date]:
    """The period around the day that was chosen, or around today. Raises ValueError with a sentence for the field."""
    first, last = around(day or today, period)
    if last < today:
        raise ValueError(PAST)
    if first - today > FARTHEST:
        raise ValueError(TOO_FAR)
    return first, last


def following(last: date, period: Period) -> tuple[date, date]:
    return around(last + _DAY, period)


def before(first: date, period: Period, many: int = BEFORE) -> list[tuple[date, date]]:
    """The periods before the one that begins on `first`, the latest first."""
    found: list[tuple[date, date]] = []
    for _ in range(many):
        found.append(around(first - _DAY, period))
        first = found[-1][0]
    return found


def name(first: date, last: date, period: Period) -> str:
    """`1–7 June`, `June 2026`, `Q2 2026`."""
    match period:
        case Period.WEEK if first.month == last.month:
            return f"{first.day}–{last.day} {last:%B}"
        case Period.WEEK:
            return f"{first.day} {first:%B} – {last.day} {last:%B}"
        case Period.MONTH:
            return f"{first:%B %Y}"
        case Period.QUARTER:
            return f"Q{(first.month + 2) // 3} {first.year}"


def begins_at(goal: Goal) -> datetime:
    return at_local(goal.first_day, time.min, parse_zone(goal.zone))


def ends_at(goal: Goal) -> datetime:
    """When the day after its last one begins (UTC)."""
    return at_local(goal.last_day + _DAY, time.min, parse_zone(goal.zone))


def is_over(goal: Goal, now: datetime) -> bool:
    return now >= ends_at(goal)


def today_of(goal: Goal, now: datetime) -> date:
    return local_date(now, parse_zone(goal.zone))


def hours_of(goal: Goal) -> Hours:
    """Whose weekdays and holidays are the goal's working days; the times of day don't matter to it."""
    return Hours(goal.zone, frozenset(goal.weekdays), time(9), time(17), goal.country or None)


def _months_on(first: date, many: int) -> date:
    months = first.year * 12 + first.month - 1 + many
    return date(months // 12, months % 12 + 1, 1)
