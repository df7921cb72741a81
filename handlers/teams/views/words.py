"""Words that several views share: lists of people, names, counts."""

from collections.abc import Iterable, Sequence
from typing import Any

from handlers.blocks import Block, bold, divider, mention, said
from storage.people import Person
from storage.teams import Team

MOST_BLOCKS = 36
"""Of the 50 that a message carries; the rest is for what stands around the groups."""
MOST_CHARACTERS = 9_000
"""Of the 13,000 or so."""
MOST_NAMES = 20
"""As many people as a line can carry; beyond it says how many more."""


def mentions(people: Iterable[Person], *, none: str = "nobody") -> str:
    """People as Slack shows them, in private answers only (in a post it would notify them)."""
    return _joined([mention(person.slack_id) for person in people], none)


def names(people: Iterable[Person], *, none: str = "nobody") -> str:
    """People by their names, notifying nobody."""
    return _joined([said(person.name, 40) for person in people], none)


def channel_link(channel: str) -> str:
    return f"<#{channel}>"


def team_name(team: Team) -> str:
    """The team's name, as mrkdwn."""
    return bold(team.name, 80)


def counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"


def _joined(shown: Sequence[str], none: str) -> str:
    if len(shown) > MOST_NAMES:
        return f"{', '.join(shown[:MOST_NAMES])} and {len(shown) - MOST_NAMES} more"
    return ", ".join(shown) or none


def as_many_as_fit(groups: Iterable[Sequence[Block]]) -> tuple[list[Block], int]:
    """The blocks of the groups, a line between them, as far as one message carries them; how many it doesn't."""
    fitting: list[Block] = []
    left_out = 0
    for group in groups:
        longer = [*fitting, *([divider()] if fitting else []), *group]
        if left_out or len(longer) > MOST_BLOCKS or _length(longer) > MOST_CHARACTERS:
            left_out += 1
        else:
            fitting = longer
    return fitting, left_out


def _length(node: Any) -> int:
    """Characters of everything that is text, at any depth."""
    if isinstance(node, str):
        return len(node)
    if isinstance(node, dict):
        return sum(_length(part) for part in node.values())
    return sum(_length(part) for part in node) if isinstance(node, (list, tuple)) else 0
