"""What the daily digest and the weekly report tell of check-ins, to managers."""

from collections.abc import Sequence

from handlers.blocks import Block, section
from handlers.checkins.rules.results import Change
from handlers.checkins.views.result import line
from handlers.checkins.views.words import mean_line, short_date
from storage.checkins import Round

LOAD_FELT = "*Load, as the team feels it*"
NO_SHOW = ":speech_balloon: {} thing{} in the way, said in the check-in: what was done about it?"


def daily(last: Round, change: Change | None, lines: Sequence[str]) -> Block:
    told = [LOAD_FELT, *(lines or [f"{short_date(last.day)}: {line(last)}"])]
    if last.load:
        told.append(mean_line(last.load, change))
    return section("\n".join(told))


def weekly_lines(rounds: Sequence[Round]) -> list[str]:
    """A line for each check-in of the week."""
    return [f"{one.day:%a} {short_date(one.day)}: {line(one)}" for one in rounds]
