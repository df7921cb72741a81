"""How the words after a command are read: a verb with its arguments, a near miss of one, or just words.

A verb counts only when its arguments parse: "/escalate list of failed payments" is a sentence, not the verb `list`.
A first word within one letter of a verb asks, so that a slip neither does the wrong thing nor becomes an escalation.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

DID_YOU_MEAN = "Did you mean `{}`? Nothing was done."

ArgumentParser = Callable[[str], Any]
"""Takes the text after the verb (stripped) and returns what it means; ValueError: then it isn't this verb."""


@dataclass(frozen=True)
class Parsed:
    verb: str
    arguments: Any


@dataclass(frozen=True)
class NearMiss:
    """The first word is one letter away from a verb, and the rest would be that verb's arguments."""

    verb: str
    typed: str
    rest: str

    def meant(self, command: str) -> str:
        """What they probably wanted to type, whole: `/availability away until friday`."""
        return " ".join(part for part in (command, self.verb, self.rest) if part)


@dataclass(frozen=True)
class Words:
    """No verb; `text` is what was typed, "" if nothing was."""

    text: str


def parse(text: str, verbs: Mapping[str, ArgumentParser]) -> Parsed | NearMiss | Words:
    """Reads what was typed after a command. Capitals don't matter in the verb; its arguments keep theirs."""
    typed = text.strip()
    first, rest = [*typed.split(maxsplit=1), "", ""][:2]
    word = first.casefold()
    near = [verb for verb in verbs if word and within_one_letter(word, verb)]
    for verb in [word] if word in verbs else near:
        try:
            arguments = verbs[verb](rest)
        except ValueError:
            continue
        return Parsed(verb, arguments) if verb == word else NearMiss(verb, first, rest)
    return Words(typed)


def nothing(rest: str) -> None:
    """The arguments of a verb that takes none. Raises ValueError for anything else."""
    if rest:
        raise ValueError("this verb takes nothing after it")


def anything(rest: str) -> str:
    """The arguments of a verb that takes any words, or none."""
    return rest


def within_one_letter(typed: str, word: str) -> bool:
    """Whether the two differ by at most one letter added, left out, changed, or two neighbours swapped."""
    if typed == word:
        return True
    short, long = sorted((typed, word), key=len)
    if len(long) - len(short) > 1:
        return False
    if len(short) == len(long):
        differing = [index for index, (one, other) in enumerate(zip(short, long, strict=True)) if one != other]
        swapped = (
            len(differing) == 2
            and differing[1] == differing[0] + 1
            and short[differing[0]] == long[differing[1]]
            and short[differing[1]] == long[differing[0]]
        )
        return len(differing) == 1 or swapped
    return any(long[:index] + long[index + 1 :] == short for index in range(len(long)))
