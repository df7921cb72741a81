"""Weekdays and hours in words and as choices. Monday = 0."""

from collections.abc import Iterable
from datetime import time

from handlers.blocks import Block, option

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def day_options() -> list[Block]:
    return [option(name, str(number)) for number, name in enumerate(DAYS)]


def days_in_words(days: Iterable[int]) -> str:
    """`Mon–Fri`, `Mon, Wed, Fri`, `every day`."""
    chosen = sorted(set(days))
    if len(chosen) == 7:
        return "every day"
    if len(chosen) > 2 and chosen == list(range(chosen[0], chosen[-1] + 1)):
        return f"{DAYS[chosen[0]][:3]}–{DAYS[chosen[-1]][:3]}"
    return ", ".join(DAYS[day][:3] for day in chosen) or "no days"


def hours_in_words(days: Iterable[int], start: time, end: time) -> str:
    """`Mon–Fri 09:00–17:30`."""
    return f"{days_in_words(days)} {start:%H:%M}–{end:%H:%M}"
