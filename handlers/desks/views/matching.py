"""Agents of a help desk whom no e-mail address tells: each is named by hand, or said to be nobody here."""

from collections.abc import Sequence

from handlers.blocks import Block, asked, context, modal, plain, said, section
from handlers.desks.forms import DeskMemory
from storage.sources import Source, SourceAgent

MATCH = "desks.match"
FORM = "desks.match_form"
AT_ONCE = 20
FIELD = "agent-"
INTRO = "These answer customers in *{}*, and no colleague here has their e-mail address. Who are they?"
LEFT_EMPTY = "Whoever is left empty stays unknown: their tickets count for the team, and for nobody."
MORE = "{} more come after these."
ALL_MATCHED = "Everybody is matched. There is nothing left to do."
SAVED = ":white_check_mark: {} matched. Their tickets are given to them in a moment."


def unmatched_form(source: Source, unmatched: Sequence[SourceAgent], memory: DeskMemory) -> Block:
    """Up to AT_ONCE of them; a field's id carries the agent's place in the help desk."""
    if not unmatched:
        return modal(FORM, "Match agents", [section(ALL_MATCHED)], close="Close")
    blocks = [section(INTRO.format(said(source.name, 120)))]
    for agent in unmatched[:AT_ONCE]:
        label = agent.name if not agent.email or agent.email == agent.name else f"{agent.name} ({agent.email})"
        person = {"type": "users_select", "action_id": "person", "placeholder": plain("A colleague")}
        blocks.append(asked(f"{FIELD}{agent.external_id}", label[:150], person, optional=True))
    notes = [LEFT_EMPTY]
    if len(unmatched) > AT_ONCE:
        notes.append(MORE.format(len(unmatched) - AT_ONCE))
    return modal(FORM, "Match agents", [*blocks, context(" ".join(notes))], submit="Save", metadata=memory.kept())
