"""Words that several views of check-ins share."""

from collections.abc import Sequence
from datetime import date, datetime

from handlers.blocks import bar
from handlers.checkins.rules.results import LEAST_ANSWERS, Change, mean
from handlers.local_time import parse_zone
from storage.checkins import Visibility

LOADS = ("too little", "light", "right", "heavy", "too much")
FEELINGS = ("awful", "tiring", "all right", "good", "great")
LOAD_SIGNS = (":zzz:", ":leaves:", ":ok_hand:", ":package:", ":fire:")

PROMISE = {
    Visibility.PRIVATE: (
        f":lock: *Private:* stored for you, shown to nobody else. Your managers and their heads see totals of "
        f"{LEAST_ANSWERS} or more answers, and what is in the way without names."
    ),
    Visibility.NAMED: ":bust_in_silhouette: *Named:* your managers and their heads see your answer with your name.",
}
FOR_YOURSELF = ":lock: No check-in of yours is open now: what you say is stored for you and counts for you alone."
TOO_FEW = f"Too few to show: {LEAST_ANSWERS} answers are needed, not counting who reads this."
NOT_COMPARED = "too few earlier check-ins to compare with"
LOAD_MEANS = "The scale of the mean: 1 is too little, 3 right, 5 too much."


def long_date(day: date) -> str:
    """`Tuesday 2 June`."""
    return f"{day:%A} {day.day} {day:%B}"


def short_date(day: date) -> str:
    return f"{day.day} {day:%b}"


def local_time(instant: datetime, zone: str) -> str:
    """The time of day by the reader's clock, for plain text."""
    return f"{instant.astimezone(parse_zone(zone)):%H:%M}"


def distribution(counts: Sequence[int], names: Sequence[str]) -> str:
    """One line a step: a bar, how many, what; the high end first, as it is read."""
    most = max(sum(counts), 1)
    lines = [f"{bar(number / most)} {number} {name}" for number, name in zip(counts, names, strict=True)]
    return "\n".join(reversed(lines))


def mean_line(counts: Sequence[int], change: Change | None) -> str:
    """`Mean 3.4, 0.3 above the last four weeks (7 check-ins)`."""
    average = mean(counts)
    if average is None:
        return "Mean: not measured"
    told = f"Mean *{average:.1f}* of 5"
    if change is None:
        return f"{told} ({NOT_COMPARED})"
    usual = f"the four weeks before ({change.usual:.1f}, {change.rounds} check-ins)"
    if not change.by:
        return f"{told}, as in {usual}"
    return f"{told}, {abs(change.by):.1f} {'above' if change.by > 0 else 'below'} {usual}"


def answered_line(answered: int | None, asked: int | None) -> str:
    return f"*{answered or 0} of {asked or 0} answered*"
