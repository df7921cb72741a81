"""How figures are said: counts beside their usual, medians with their n, shares; too few and unknown in words."""

from datetime import date, datetime, timedelta

from handlers.blocks import said, when
from handlers.queue.rules.figures import Share, Spread
from handlers.queue.rules.freshness import Freshness, Stale
from handlers.queue.rules.look import Flow
from handlers.queue.rules.usual import LEAST_WEEKS
from storage.ticket_days import ALL

MORNING, AFTERNOON, EVENING, NIGHT = 5, 12, 17, 22
"""The local hours from which they are called so."""
A_WEEK = 7
NOT_MEASURED = "not measured"
EVERYTHING = "everything"
FILLING = ":hourglass_flowing_sand: A help desk is being read for the first time; its figures come when that is done."
FAILING = ":warning: *{}* can’t be read{}. Its last good data is {}: no figures rather than old ones."
STALE = ":warning: *{}* has told nothing new since {}: no figures rather than old ones."
NEVER = "from never"


def length(span: timedelta) -> str:
    """A length of time as short as it can be read: 12 min, 3 h 20 min, 2 d 4 h."""
    minutes = round(span.total_seconds() / 60)
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    shown = [f"{count} {unit}" for count, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if count]
    return " ".join(shown[:2]) or "0 min"


def counted(number: int, one: str, several: str) -> str:
    return f"{number:,} {one if number == 1 else several}"


def flow(name: str, one: Flow, when: str = "") -> str:
    """`54 came (usual for Friday evening to Monday morning: 41)`; without `when` `50 solved (usual: 46)`."""
    if one.usual.mean is None:
        few = f" (no usual yet: {one.usual.weeks} of {LEAST_WEEKS} weeks)"
        return f"{one.count:,} {name}{few}"
    return f"{one.count:,} {name} (usual{f' for {when}' if when else ''}: {one.usual.mean:.0f})"


def stretch(since: datetime, until: datetime) -> str:
    """What stretch of the week lies between two local times: `Friday evening to Monday morning`, `a week`."""
    begins, ends, days = part_of_day(since), part_of_day(until), (until.date() - since.date()).days
    if days > A_WEEK:
        return f"{days} days from {begins} on"
    if days == A_WEEK:
        return "a week"
    return begins if begins == ends else f"{begins} to {ends}"


def part_of_day(at: datetime) -> str:
    """`Friday evening`; after midnight `early Saturday`."""
    day, hour = f"{at:%A}", at.hour
    if hour < MORNING:
        return f"early {day}"
    if hour < AFTERNOON:
        return f"{day} morning"
    if hour < EVENING:
        return f"{day} afternoon"
    return f"{day} {'evening' if hour < NIGHT else 'night'}"


def spread(one: Spread) -> str:
    if one.median is None or one.p90 is None:
        return f"too few: {one.n}" if one.n else NOT_MEASURED
    return f"median {length(one.median)}, p90 {length(one.p90)} (n={one.n:,})"


def share(one: Share, *, what: str = "cases") -> str:
    if one.percent is None:
        return f"too few {what}: {one.n}" if one.n else NOT_MEASURED
    return f"{one.percent:.0f} % (n={one.n:,})"


def score(one: Share) -> str:
    """NPS: points, no percent."""
    if one.percent is None:
        return f"too few ratings: {one.n}" if one.n else NOT_MEASURED
    return f"{one.percent:+.0f} (n={one.n:,})"


def weekday(day: date) -> str:
    return f"a {day:%A}"


def tag_name(tag: str) -> str:
    return EVERYTHING if tag == ALL else f"`{said(tag.replace('`', ''), 100)}`"


def age(since: datetime, now: datetime) -> str:
    return length(max(now - since, timedelta()))


def freshness(data: Freshness) -> list[str]:
    """What is not as fresh as it should be, by name."""
    lines = [_stale(one) for one in data.stale]
    return [*lines, FILLING] if data.filling else lines


def _stale(one: Stale) -> str:
    name = said(one.name if one.kind == "csv" else one.kind.capitalize(), 80)
    last = when(one.last_good_at) if one.last_good_at else NEVER
    if one.is_failing:
        return FAILING.format(name, f" ({said(one.why, 150)})" if one.why else "", last)
    return STALE.format(name, last)
