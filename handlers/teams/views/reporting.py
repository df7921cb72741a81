"""Who is on duty and who is away, as a digest tells it."""

from collections.abc import Sequence

from handlers.blocks import Block, button, context, said, when
from handlers.teams.rules.duty import Duty
from handlers.teams.views.duty import ROTA
from handlers.teams.views.words import names
from storage.people import Person
from storage.teams import Team

NOBODY_ON_DUTY = ":warning: Nobody is on duty: an escalation would reach no one."
MOST_AWAY = 10


def rota_button(team: Team) -> Block:
    return button("Rota…", ROTA, team.id, says=f"Edit the rota of {team.name}"[:75])


def today(duty: Duty, away: Sequence[Person]) -> list[Block]:
    parts = [f":telephone_receiver: On duty: {names(duty.people)}"] if duty.people else []
    if away:
        shown = ", ".join(_away(person) for person in away[:MOST_AWAY])
        parts.append(
            f":palm_tree: Away: {shown}{f' and {len(away) - MOST_AWAY} more' if len(away) > MOST_AWAY else ''}"
        )
    return [context("   ".join(parts))] if parts else []


def _away(person: Person) -> str:
    until = f" until {when(person.away_until, '{date_short_pretty}')}" if person.away_until else ""
    return f"{said(person.name, 40)}{until}"
