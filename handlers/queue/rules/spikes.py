"""Spikes: tags that come far more often today than usual, and tags that were never seen before.

A day's count of a tag so far is compared with its level, adjusted for the weekday by how the whole queue goes on such
days. Support counts are overdispersed, so the tail is a negative-binomial one, its dispersion estimated from the tag's
own history by moments, and never below FLOOR (Hilbe, Negative Binomial Regression, 2011; the shape follows Farrington
et al., A statistical algorithm for the early detection of outbreaks of infectious disease, JRSS A 159, 1996).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from storage.queue_figures import TagCount
from storage.ticket_days import ALL

HISTORY = timedelta(days=56)
LEAST_DAYS = 28
"""With fewer days of history nothing is called unusual."""
NEW_TICKETS, NEW_CUSTOMERS = 5, 4
LEAST_TICKETS, LEAST_CUSTOMERS = 5, 3
LEAST_FACTOR = 2.0
"""What is worth a look is at least twice the usual. Less is never so unlikely in HISTORY, and isn't added up."""
DAILY_FALSE_ALARMS = 0.003
"""The tail probability that a team's looks of one day share; many tags and up to 24 looks make more of it (simulated
years: tests/handlers/queue/rules/test_spikes.py)."""
FLOOR = 0.08
"""Counts of support tickets are never steadier than this: variance = mean + FLOOR × mean²."""
RISING = 1.3
RISING_TOGETHER = 0.6
"""When this share of the tags that can be judged rises, it isn't about one of them."""
LEAST_TAGS = 3


class Kind(StrEnum):
    NEW = "new"
    """Not seen in the history."""
    UNUSUAL = "unusual"
    """Far above its usual."""


@dataclass(frozen=True)
class Spike:
    kind: Kind
    tag: str
    """ALL: everything rises."""
    tickets: int
    customers: int
    usual: float
    """How many there usually are by this time of such a day."""


@dataclass(frozen=True)
class Past:
    """One day of the history: its date, and how many came up to the same time of day, by tag and ALL."""

    day: date
    counts: Mapping[str, float]


@dataclass(frozen=True)
class Found:
    spikes: tuple[Spike, ...]
    too_little_history: bool = False
    """So nothing could be called unusual (nor new)."""


def look(today: date, counts: Sequence[TagCount], history: Sequence[Past], *, days_known: int) -> Found:
    """What stands out today. `counts`: ALL is among them; `history`: every day of the HISTORY before today (one without
    tickets as well); `days_known`: since how many days anything is counted."""
    if days_known < LEAST_DAYS:
        return Found((), too_little_history=True)
    known = Known(today, history)
    [everything] = [one for one in counts if one.tag == ALL]
    tags = [one for one in counts if one.tag != ALL]
    together = _rise_together(tags, known)
    usual = known.mean(ALL)
    lifted = max(1.0, everything.tickets / usual) if together and usual > 0 else 1.0
    spikes = [_tested(everything, known)] if together else []
    for one in tags:
        if one.tag in known.totals:
            spikes.append(_tested(one, known, lifted))
        elif one.tickets >= NEW_TICKETS and one.customers >= NEW_CUSTOMERS:
            spikes.append(Spike(Kind.NEW, one.tag, one.tickets, one.customers, 0.0))
    return Found(tuple(spike for spike in spikes if spike is not None))


class Known:
    """The history as a level for today: each tag's mean and how uneven it is."""

    def __init__(self, today: date, history: Sequence[Past]) -> None:
        self._history = history
        self._factors = weekday_factors(history)
        self._exposure = sum(self._factors[past.day.weekday()] for past in history)
        self._today = self._factors[today.weekday()]
        self.totals: dict[str, float] = {}
        """Of every tag that came at all, and ALL."""
        for past in history:
            for tag, count in past.counts.items():
                if count:
                    self.totals[tag] = self.totals.get(tag, 0.0) + count

    def mean(self, tag: str) -> float:
        """How many usually come by this time of such a day."""
        return self._rate(tag) * self._today

    def dispersion(self, tag: str) -> float:
        """Variance = mean + dispersion × mean², by moments from the history, FLOOR at least; with what the level itself
        is uncertain by."""
        rate = self._rate(tag)
        means = [rate * self._factors[past.day.weekday()] for past in self._history]
        squares = sum(mean * mean for mean in means)
        if squares == 0:
            return FLOOR
        counts = (past.counts.get(tag, 0.0) for past in self._history)
        own = sum((count - mean) ** 2 - mean for count, mean in zip(counts, means, strict=True)) / squares
        spread = max(FLOOR, own)
        return spread + (1 + spread) / len(means)

    def _rate(self, tag: str) -> float:
        return self.totals.get(tag, 0.0) / self._exposure if self._exposure else 0.0


def weekday_factors(history: Sequence[Past]) -> list[float]:
    """How a weekday (Monday first) compares with the mean day, by the whole queue; near 1 where little came."""
    totals = [past.counts.get(ALL, 0.0) for past in history]
    mean = sum(totals) / len(totals) if totals else 0.0
    factors = []
    for weekday in range(7):
        of_day = [past.counts.get(ALL, 0.0) for past in history if past.day.weekday() == weekday]
        # as if one more such day had been a mean one
        factors.append((sum(of_day) + mean) / ((len(of_day) + 1) * mean) if mean > 0 else 1.0)
    return factors


def tail(count: int, mean: float, dispersion: float) -> float:
    """P(X ≥ count) of a negative-binomial X with this mean and variance = mean + dispersion × mean²."""
    if count <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    size = 1 / dispersion
    log_p, log_q = math.log(size / (size + mean)), math.log(mean / (size + mean))
    below = 0.0
    log_term = size * log_p
    for number in range(count):
        if number:
            log_term += math.log((number + size - 1) / number) + log_q
        below += math.exp(log_term)
    return max(0.0, 1.0 - below)


def _tested(one: TagCount, known: Known, lifted: float = 1.0) -> Spike | None:
    """Of what is known. `lifted`: how much the whole queue is above its usual, which explains so much of every tag."""
    mean = known.mean(one.tag)
    if one.tickets < LEAST_TICKETS or one.customers < LEAST_CUSTOMERS or one.tickets < LEAST_FACTOR * mean * lifted:
        return None
    if tail(one.tickets, mean * lifted, known.dispersion(one.tag)) >= DAILY_FALSE_ALARMS / len(known.totals):
        return None
    return Spike(Kind.UNUSUAL, one.tag, one.tickets, one.customers, mean)


def _rise_together(tags: Sequence[TagCount], known: Known) -> bool:
    """Whether most of the tags that come often enough to be judged are above their usual."""
    now = {one.tag: one.tickets for one in tags}
    judged = {tag: mean for tag in known.totals if tag != ALL and (mean := known.mean(tag)) >= 1}
    rising = sum(now.get(tag, 0) > RISING * mean for tag, mean in judged.items())
    return len(judged) >= LEAST_TAGS and rising >= RISING_TOGETHER * len(judged)
