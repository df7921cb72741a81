"""What the escalations say is worth a training: knowledge gaps that came more than once."""

import re
from collections.abc import Sequence

from handlers.blocks import one_line
from handlers.polls.rules.drafting import OPTION_LENGTH

REPEATS = 2
PROPOSED_AT_MOST = 5
ALIKE = 0.34
"""Share of their longer words that two titles have in common."""
_WORD = re.compile(r"[^\W\d_]{4,}")


def proposed(titles: Sequence[str]) -> list[str]:
    """Topics from what escalations with the root cause *knowledge gap* were about, the newest title first: those that
    are alike as one, the most frequent first. Nothing from fewer than two."""
    if len(titles) < REPEATS:
        return []
    alike: list[tuple[set[str], list[str]]] = []
    for title in titles:
        words = {word.casefold() for word in _WORD.findall(title)}
        home = next((group for group in alike if _is_alike(words, group[0])), None)
        if home is None:
            alike.append((words, [title]))
        else:
            home[1].append(title)
    alike.sort(key=lambda group: -len(group[1]))
    topics: list[str] = []
    for _, same in alike:
        topic = one_line(same[0], OPTION_LENGTH)
        if topic.casefold() not in {known.casefold() for known in topics}:
            topics.append(topic)
    return topics[:PROPOSED_AT_MOST]


def _is_alike(some: set[str], others: set[str]) -> bool:
    return bool(some and others) and len(some & others) / len(some | others) >= ALIKE
