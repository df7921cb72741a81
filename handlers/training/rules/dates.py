"""When something of training is due: reminders before a session, rounds of what is required, days of onboarding."""

from datetime import date, datetime, timedelta

from handlers.local_time import at_local, local_date, parse_zone
from handlers.shifts import Hours, shift_on

SOON = timedelta(minutes=15)
"""Before a session begins."""
LOOKED_BACK_DAYS = 14
ONBOARDING_DAYS = (0, 3, 7, 14, 30, 60, 90)
"""Days on which a plan may say something, counted from the day somebody joined."""
REMINDED_ON = (-7, 0, 7, 14, 21, 28)
"""Days from a required training's due date on which who hasn't done it is reminded; afterwards the managers see it."""
ROUND_OPENS_BEFORE = timedelta(days=30)
"""A yearly training is asked for again that long before it is due again."""
NEWCOMERS_HAVE = timedelta(days=14)
"""Who joins after a training was required has at least that long."""
_DAY = timedelta(days=1)


def working_day_before(starts_at: datetime, hours: Hours) -> datetime | None:
    """When the last shift of these hours begins that starts on a date before the session's own (in their zone); None
    if there was none for two weeks."""
    day = local_date(starts_at, parse_zone(hours.zone))
    for back in range(1, LOOKED_BACK_DAYS + 1):
        if (shift := shift_on(hours, day - back * _DAY)) is not None:
            return shift[0]
    return None


def same_day(first: date, years: int) -> date:
    """The date so many years later; 29 February becomes the 28th where there is none."""
    try:
        return first.replace(year=first.year + years)
    except ValueError:
        return first.replace(year=first.year + years, day=28)


def due_of_round(first: date, round_: int) -> date:
    return same_day(first, round_)


def next_round_opens(first: date, round_: int) -> date:
    """The date on which the round after this one is asked for."""
    return due_of_round(first, round_ + 1) - ROUND_OPENS_BEFORE


def due_for_newcomer(due_on: date, today: date) -> date:
    return max(due_on, today + NEWCOMERS_HAVE)


def reminder_due(due_on: date, today: date, *, assigned_on: date) -> int | None:
    """The latest of REMINDED_ON that has come, if its day lies after the one on which it was asked for; None: none."""
    come = [day for day in REMINDED_ON if due_on + day * _DAY <= today and due_on + day * _DAY > assigned_on]
    return come[-1] if come else None


def onboarding_at(since: datetime, day: int, hours: Hours) -> datetime:
    """When a day of the plan comes for somebody who joined at `since`: as their shift begins on that date (theirs), and
    at once for the day on which they joined. On a day off it waits for their next shift by itself."""
    zone = parse_zone(hours.zone)
    return max(since, at_local(local_date(since, zone) + day * _DAY, hours.start, zone))
