"""What a round may tell, and what it says beside earlier ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from storage.checkin_answers import STEPS, Tally
from storage.checkins import Round, Visibility

LEAST_ANSWERS = 5
"""Fewer are never shown: neither as sums nor by what two results differ in (a result is made once, at the close)."""
HEAVY, TOO_MUCH = 4, 5
COMPARED_WITH = timedelta(days=28)
LEAST_COMPARED = 2
"""Earlier check-ins; with fewer there is nothing to compare with."""
WARNED_MEAN = 4.0
WARNED_RUNNING = 3
WARNED_SHARE = 0.4
WARNED_PEOPLE = 3
SAME = 0.05
"""A smaller change of a mean is none."""


@dataclass(frozen=True)
class Published:
    """What of a tally may be shown; None where it may not."""

    load: list[int] | None
    feeling: list[int] | None
    blockers: bool


def published(tally: Tally, visibility: Visibility) -> Published:
    """Each part at five answers or more by people who don't read the result: a manager knows their own answer, and
    could take it off the sum. In a named round everything is seen anyway."""
    if visibility == Visibility.NAMED:
        return Published(tally.load, tally.feeling, blockers=True)
    return Published(
        load=tally.load if tally.others_load >= LEAST_ANSWERS else None,
        feeling=tally.feeling if tally.others_feeling >= LEAST_ANSWERS else None,
        blockers=tally.others >= LEAST_ANSWERS,
    )


def told_to_the_team(round_: Round) -> list[int] | None:
    """How many were at each step of the load, as those may read it who answered themselves: each knows one of the
    answers, so there is one more than a manager's five. None where that is too few."""
    counts = round_.load
    return counts if counts and sum(counts) > LEAST_ANSWERS else None


def mean(counts: Sequence[int]) -> float | None:
    """The mean step of a distribution over 1 … 5; None of nothing."""
    answers = sum(counts)
    return sum(step * number for step, number in enumerate(counts, start=1)) / answers if answers else None


def heavy(counts: Sequence[int]) -> int:
    """How many said heavy or too much."""
    return sum(counts[HEAVY - 1 :])


@dataclass(frozen=True)
class Change:
    """A mean beside the mean of the four weeks before."""

    usual: float
    rounds: int
    by: float
    """Zero where the difference is too small to speak of."""


def change(counts: Sequence[int], earlier: Sequence[Round], day: date) -> Change | None:
    """Against the rounds of the four weeks before `day` that could be shown, each answer counting alike; None where
    there are fewer than two."""
    now = mean(counts)
    compared = [one.load for one in earlier if one.load and day - COMPARED_WITH <= one.day < day]
    if now is None or len(compared) < LEAST_COMPARED:
        return None
    usual = mean([sum(counts[step] for counts in compared) for step in range(STEPS)])
    if usual is None:
        return None
    by = now - usual
    return Change(usual, len(compared), by if abs(by) >= SAME else 0.0)


@dataclass(frozen=True)
class Warned:
    """Why a team's load needs its manager now."""

    running: bool
    """The mean was heavy, three check-ins running."""
    people: int
    """How many said too much, where that is a large share; else 0."""


def warned(latest: Sequence[Round]) -> Warned | None:
    """Of a team's rounds in order, the latest last: mean ≥ 4 in three running, or ≥ 40 % and ≥ 3 people at too much in
    the latest. Only rounds with five answers or more to show count; one with fewer breaks the run."""
    if not latest or not (last := latest[-1].load) or sum(last) < LEAST_ANSWERS:
        return None
    recent = [one.load for one in latest[-WARNED_RUNNING:]]
    running = len(recent) == WARNED_RUNNING and all(_is_heavy(counts) for counts in recent)
    too_much = last[TOO_MUCH - 1]
    many = too_much if too_much >= WARNED_PEOPLE and too_much / sum(last) >= WARNED_SHARE else 0
    return Warned(running, many) if running or many else None


def _is_heavy(counts: list[int] | None) -> bool:
    if not counts or sum(counts) < LEAST_ANSWERS:
        return False
    average = mean(counts)
    return average is not None and average >= WARNED_MEAN


@dataclass(frozen=True)
class Week:
    """A week's check-ins together."""

    begins: date
    """Its Monday."""
    load: list[int]
    """Sums over the rounds that could be shown; all 0 where none could."""
    rounds: int
    hidden: int
    """Rounds with too few answers."""


def by_week(rounds: Sequence[Round], *, weeks: int, today: date) -> list[Week]:
    """The last so many weeks, the oldest first, weeks without a check-in too."""
    this = _monday_of(today)
    within: dict[date, list[Round]] = {}
    for one in rounds:
        within.setdefault(_monday_of(one.day), []).append(one)
    found = []
    for begins in (this - timedelta(weeks=n) for n in reversed(range(weeks))):
        of_week = within.get(begins, [])
        shown = [one.load for one in of_week if one.load]
        sums = [sum(steps) for steps in zip(*shown, strict=True)] if shown else [0] * STEPS
        found.append(Week(begins, sums, len(shown), len(of_week) - len(shown)))
    return found


def _monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())
