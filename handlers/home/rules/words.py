"""What somebody's words ask for, of what the features understand. No guessing: a phrase stands in them or not."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from handlers.house import Understood

LONGEST = 500
"""Characters of a message that are looked at, and kept for a button."""
_MENTION = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^>]*)?>")


@dataclass(frozen=True)
class Recognised:
    understood: Understood
    rest: str
    """What was written around the phrase: what a form may begin with."""


def recognise(written: str, known: Iterable[Understood]) -> Recognised | None:
    """The one whose longest phrase stands in the words (the earlier registered, of two as long); None: nothing does.

    Capitals and mentions don't matter; a phrase counts as whole words only ("goalkeeper" asks for no goals).
    """
    text = " ".join(_MENTION.sub(" ", written[:LONGEST]).split())
    low = text.casefold().replace("’", "'")
    if len(low) != len(text):  # casefolding may lengthen a word: then its places aren't the text's
        text = low
    best: tuple[int, re.Match[str], Understood] | None = None
    for understood in known:
        for phrase in understood.phrases:
            found = re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", low)
            if found is not None and (best is None or len(phrase) > best[0]):
                best = (len(phrase), found, understood)
    if best is None:
        return None
    _, found, understood = best
    rest = f"{text[: found.start()]} {text[found.end() :]}"
    return Recognised(understood, " ".join(rest.split()).strip(" ,.:;!?–-"))
