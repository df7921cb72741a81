"""What the daily digest and the weekly report tell of check-ins, to managers."""

from collections.abc import Sequence

from handlers.blocks import Block, section
from handlers.checkins.rules.results import Change
from handlers.checkins.views.result import line
from handlers.checkins.views.words import mean_line, short_date
from storage.checkins import Round

LOAD_FELT = "*Load, as the team feels it*"
NO_SHOW = ":speech_balloon: {} thing{} in the way, said in the check-in: what was done about it?"


def weekly(rounds: Sequence[Round], change: Change | None) -> Block:
    """A line for each check-in of the week, and the last one's mean."""
    told = [LOAD_FELT, *(f"{one.day:%a} {short_date(one.day)}: {line(one)}" for one in rounds)]
    if load := rounds[-1].load:
        told.append(mean_line(load, change))
    return section("\n".join(told))
