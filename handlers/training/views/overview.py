"""`/training`: what is required of the reader, the sessions to come, the topics; and the ways to plan."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from handlers.blocks import Block, actions, button, context, header, section
from handlers.training.views.words import NEW_ITEM, NEW_SESSION, ONBOARDING, REQUIRED_LIST
from storage.teams import Team

TITLE = "Training"
NO_TEAM = "You are in no team yet, so there is no training to show. `/backstop team` shows how to get into one."
NOTHING = "Nothing is planned and no topic is noted."
LEADERS_NEXT = "Start with a topic that your team asks for, or ask them what they need: `/poll`."
MEMBERS_NEXT = "What you would like to learn is worth saying: tell your manager, or wait for their next poll."
MORE = "And {} more."
BLOCKS_AT_MOST = 44
"""Of the 50 that a message carries; the rest is for what stands around the parts."""
CHARACTERS_AT_MOST = 10_000
"""Of the 13,000 or so."""


def overview(
    parts: Mapping[str, Sequence[Sequence[Block]]], *, teams: Sequence[Team], led: Sequence[Team]
) -> list[Block]:
    """`parts`: groups of blocks under their titles, in order; what doesn't fit is counted."""
    if not teams:
        return [section(NO_TEAM)]
    blocks: list[Block] = []
    for title, groups in parts.items():
        if groups:
            blocks += _part(title, groups, room=BLOCKS_AT_MOST - len(blocks), taken=_length(blocks))
    if not blocks:
        blocks = [section(f"{NOTHING} {LEADERS_NEXT if led else MEMBERS_NEXT}")]
    return [*blocks, actions(*_ways(led))]


def _part(title: str, groups: Iterable[Sequence[Block]], *, room: int, taken: int) -> list[Block]:
    blocks, left_out = [header(title)], 0
    for group in groups:
        longer = [*blocks, *group]
        if left_out or len(longer) > room - 1 or taken + _length(longer) > CHARACTERS_AT_MOST:
            left_out += 1
        else:
            blocks = longer
    return [*blocks, context(MORE.format(left_out))] if left_out else blocks


def _ways(led: Sequence[Team]) -> list[Block]:
    if not led:
        return [button("What is required of me", REQUIRED_LIST)]
    return [
        button("New topic…", NEW_ITEM),
        button("Plan a session…", NEW_SESSION),
        button("Required…", REQUIRED_LIST),
        button("Onboarding…", ONBOARDING),
    ]


def _length(node: Any) -> int:
    """Characters of everything that is text, at any depth."""
    if isinstance(node, str):
        return len(node)
    if isinstance(node, dict):
        return sum(_length(part) for part in node.values())
    return sum(_length(part) for part in node) if isinstance(node, (list, tuple)) else 0
