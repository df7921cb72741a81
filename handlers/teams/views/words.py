"""Words that several views share: names of days and hours, lists of people."""

from collections.abc import Iterable, Sequence
from datetime import time

from handlers.blocks import Block, mention, option, said
from storage.people import Person
from storage.teams import Team

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MOST_NAMES = 20
"""As many people as a line can carry; beyond it says how many more."""


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


def mentions(people: Iterable[Person], *, none: str = "nobody") -> str:
    """People as Slack shows them, in private answers only (in a post it would notify them)."""
    return _joined([mention(person.slack_id) for person in people], none)


def names(people: Iterable[Person], *, none: str = "nobody") -> str:
    """People by their names, notifying nobody."""
    return _joined([said(person.name, 60) for person in people], none)


def channel_link(channel: str) -> str:
    return f"<#{channel}>"


def team_name(team: Team) -> str:
    """The team's name, as mrkdwn."""
    return f"*{said(team.name, 80)}*"


def counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"


def _joined(shown: Sequence[str], none: str) -> str:
    if len(shown) > MOST_NAMES:
        return f"{', '.join(shown[:MOST_NAMES])} and {len(shown) - MOST_NAMES} more"
    return ", ".join(shown) or none
