"""Slash commands: each feature's own, and `/backstop`, which reaches all of them by their word."""

from handlers.house import Command, House
from handlers.refusals import Refusal
from handlers.verbs import within_one_letter

UMBRELLA = "backstop"
UNKNOWN = "I don’t know `{}`. {}Type `/{}{} help` for what I can do."
DID_YOU_MEAN = "Did you mean `{}`? "


def word_of(house: House, words: str, prefix: str) -> tuple[Command, str]:
    """(the command that `/backstop words` means, what is left for it). Raises Refusal, naming a near miss."""
    first, _, rest = words.partition(" ")
    word = first.lower() or "help"
    if command := house.commands.get(word):
        return command, rest.strip()
    near = next((name for name in house.commands if within_one_letter(word, name)), None)
    shown = DID_YOU_MEAN.format(f"/{prefix}{UMBRELLA} {near}") if near else ""
    raise Refusal(UNKNOWN.format(first[:40].replace("`", "'"), shown, prefix, UMBRELLA))
