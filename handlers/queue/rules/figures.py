"""Figures from raw rows: shares and spreads, each with its n; too few cases say so instead of a number.

Median and p90 are nearest-rank (Hyndman & Fan 1996, definition 1): each is a case that really happened.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.working_time import ALWAYS, Calendar
from storage.pulled import RatingKind
from storage.queue_figures import Rated, Replied, Solved

LEAST_SPREAD = 3
"""Fewer durations than this have no median worth reading."""
LEAST_SHARE = 5
"""Fewer answers than this have no percentage worth reading."""
GOOD, PROMOTER, DETRACTOR = 0.5, 9, 6
"""A csat value above GOOD is good, one below it bad; nps from PROMOTER up, and down to DETRACTOR."""


@dataclass(frozen=True)
class Spread:
    """Durations: median and p90 are None when there are fewer than LEAST_SPREAD."""

    n: int
    median: timedelta | None = None
    p90: timedelta | None = None


@dataclass(frozen=True)
class Share:
    """A part of a whole, in percent points (NPS: −100 to 100); None when there are fewer than LEAST_SHARE cases."""

    n: int
    percent: float | None = None


def spread(durations: Iterable[timedelta]) -> Spread:
    ordered = sorted(durations)
    if len(ordered) < LEAST_SPREAD:
        return Spread(len(ordered))
    return Spread(len(ordered), nearest_rank(ordered, 0.5), nearest_rank(ordered, 0.9))


def nearest_rank(ordered: Sequence[timedelta], share: float) -> timedelta:
    """The smallest value that at least this share of the ascending values doesn't exceed."""
    return ordered[math.ceil(share * len(ordered) - 1e-9) - 1]


def first_responses(rows: Iterable[Replied], calendar: Calendar = ALWAYS) -> Spread:
    """From creation to the first public reply of an agent, in the calendar's time."""
    return spread(_took(row.created_at, row.at, calendar) for row in rows)


def resolutions(rows: Iterable[Solved], calendar: Calendar = ALWAYS) -> Spread:
    """From creation to the last time that it was solved, in the calendar's time."""
    return spread(_took(row.created_at, row.at, calendar) for row in rows)


def one_touch(rows: Iterable[Solved]) -> Share:
    """Solved with one public reply at most and never reopened, of those whose replies the desk tells."""
    known = [row.replies <= 1 and not row.reopened for row in rows if row.replies is not None]
    return _share(sum(known), len(known))


def reopened(rows: Iterable[Solved]) -> Share:
    """Solved before, and come back, of the solved of which the desk tells it."""
    known = [row for row in rows if row.reopened is not None]
    return _share(sum(bool(row.reopened) for row in known), len(known))


def csat(rows: Iterable[Rated]) -> Share:
    """Good ÷ (good + bad); what is neither counts nowhere."""
    judged = [row.value for row in rows if row.kind == RatingKind.CSAT and row.value != GOOD]
    return _share(sum(value > GOOD for value in judged), len(judged))


def bad(rows: Iterable[Rated]) -> int:
    """How many of the csat answers were bad."""
    return sum(row.kind == RatingKind.CSAT and row.value < GOOD for row in rows)


def nps(rows: Iterable[Rated]) -> Share:
    """Percent promoters (9–10) less percent detractors (0–6)."""
    scores = [row.value for row in rows if row.kind == RatingKind.NPS]
    return _share(sum((score >= PROMOTER) - (score <= DETRACTOR) for score in scores), len(scores))


def contact_ratio(tickets: int, active_customers: int | None) -> float | None:
    """Tickets ÷ active customers; None while nobody has said how many there are."""
    return tickets / active_customers if active_customers else None


def _took(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    # a desk may tell of an answer before the question (a merged ticket): that took no time
    return max(calendar.between(start, end), timedelta())


def _share(part: int, whole: int) -> Share:
    return Share(whole, 100 * part / whole if whole >= LEAST_SHARE else None)
