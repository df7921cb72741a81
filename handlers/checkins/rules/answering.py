"""Which round an answer belongs to, and whether it is still taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from storage.checkins import Prompt, Round


@dataclass(frozen=True)
class Place:
    """Where an answer that is given now would stand."""

    day: date
    prompt: Prompt | None = None
    """None: on a day on which nobody is asked, or after the close; it counts for its writer alone."""
    round: Round | None = None


def place_of(parts: Sequence[tuple[Prompt, Round]], today: date, now: datetime) -> Place:
    """`parts`: somebody's part in rounds that haven't ended. The window that is open, also after midnight; else
    today's, early; else, also once today's has closed, the day alone."""
    for prompt, round_ in parts:
        if prompt.opens_at <= now < prompt.closes_at:
            return Place(round_.day, prompt, round_)
    for prompt, round_ in parts:
        if round_.day == today and now < prompt.opens_at:
            return Place(today, prompt, round_)
    return Place(today)


def is_open(prompt: Prompt, round_: Round, now: datetime) -> bool:
    """Whether an answer given now counts in the round: until its window closes, and early as well."""
    return round_.closed_at is None and now < prompt.closes_at
