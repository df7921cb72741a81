"""Slash commands: each feature's own, and `/backstop`, which reaches all of them by their word."""

from handlers.house import Command, House
from handlers.refusals import Refusal

UMBRELLA = "backstop"
UNKNOWN = "I don’t know `{}`. {}Type `/{}{} help` for what I can do."
DID_YOU_MEAN = "Did you mean `{}`? "


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


def word_of(house: House, words: str, prefix: str) -> tuple[Command, str]:
    """(the command that `/backstop words` means, what is left for it). Raises Refusal, naming a near miss."""
    first, _, rest = words.partition(" ")
    word = first.lower() or "help"
    if command := house.commands.get(word):
        return command, rest.strip()
    near = next((name for name in house.commands if within_one_letter(word, name)), None)
    shown = DID_YOU_MEAN.format(f"/{prefix}{UMBRELLA} {near}") if near else ""
    raise Refusal(UNKNOWN.format(first[:40].replace("`", "'"), shown, prefix, UMBRELLA))
