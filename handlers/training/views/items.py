"""Items: what a team wants to learn, as people read and change it."""

from collections.abc import Mapping, Sequence
from datetime import date

from handlers.blocks import (
    Block,
    actions,
    asked,
    bold,
    button,
    context,
    modal,
    said,
    section,
    text_input,
)
from handlers.house import Rendered
from handlers.training.forms import Metadata
from handlers.training.views.words import (
    EDIT_ITEM,
    ITEM_DONE,
    ITEM_FORM,
    SESSION_OF_ITEM,
    date_choice,
    due_in_words,
    person_choice,
    span,
    team_choice,
)
from storage.people import Person
from storage.teams import Team
from storage.training import Item, Session

SAVED = ":white_check_mark: *{}* is noted. {} sees to it{}. Next: `/training`, then *Plan a session…*"
HANDED = ":memo: *{}* asks you to see to a training topic."
DUE = ":memo: A training topic of yours is due."
WITHOUT_OWNER = ":memo: Whoever saw to this topic has left {}. Choose a new owner with *Edit…*"


def item_form(
    memory: Metadata, teams: Sequence[Team], *, team: int, topic: str | None, owner: str | None, due_on: date | None
) -> Block:
    """`teams`: those among which somebody chooses; with one there is nothing to ask."""
    blocks = [asked("topic", "Topic", text_input(initial=topic, most=200, focus=True))]
    if len(teams) > 1 and memory.id is None:
        blocks.append(asked("team", "Team", team_choice(teams, team)))
    blocks += [
        asked("owner", "Who sees to it", person_choice(owner), hint="They are told, and reminded on its day."),
        asked("due_on", "Until", date_choice(due_on), optional=True),
    ]
    if memory.origin:
        blocks.append(context(f"From a poll: {said(memory.origin, 200)}"))
    title, submit = ("Training item", "Save") if memory.id is not None else ("New training item", "Save")
    return modal(ITEM_FORM, title, blocks, submit=submit, metadata=memory.kept())


def saved(item: Item, owner: Person, today: date) -> str:
    due = due_in_words(item.due_on, today)
    return SAVED.format(said(item.topic), said(owner.name, 60), f", {due}" if due else "")


def row(
    item: Item,
    owners: Mapping[int, Person],
    team: Team,
    today: date,
    *,
    planned: Session | None,
    mine: bool,
    many_teams: bool,
) -> list[Block]:
    """One line, with what its reader may do with it. `planned`: the session to come on it."""
    owner = owners.get(item.owner_id)
    parts = [said(owner.name, 60) if owner else "nobody", due_in_words(item.due_on, today)]
    parts += [said(team.name, 60)] if many_teams else []
    text = f"{bold(item.topic)}\n{' · '.join(part for part in parts if part)}"
    if item.origin:
        text += f"\n_From a poll: {said(item.origin, 150)}_"
    if planned:
        text += f"\n:calendar: Its session: {span(planned)}"
    return [section(text), actions(*_buttons(item, is_planned=planned is not None))] if mine else [section(text)]


def _buttons(item: Item, *, is_planned: bool = False) -> list[Block]:
    plan = button("Plan a session…", SESSION_OF_ITEM, item.id, says=f"Plan a session on {item.topic}")
    return [
        *([] if is_planned else [plan]),
        button("Edit…", EDIT_ITEM, item.id, says=f"Edit {item.topic}"),
        button("Done", ITEM_DONE, item.id, says=f"Done: {item.topic}"),
    ]


def told(item: Item, team: Team, reason: str, by: Person | None, today: date) -> Rendered:
    """A direct message to who sees to it, or to the managers once nobody does."""
    first = DUE
    if reason == "handed":
        first = HANDED.format(said(by.name, 60) if by else "Somebody")
    elif reason == "without_owner":
        first = WITHOUT_OWNER.format(said(team.name, 60))
    if item.done_at is not None:
        text = f":white_check_mark: Done: {bold(item.topic)}"
        return Rendered(text, [section(text)])
    due = due_in_words(item.due_on, today)
    details = " · ".join(part for part in (said(team.name, 60), due) if part)
    blocks = [section(f"{first}\n{bold(item.topic)}\n{details}"), actions(*_buttons(item))]
    return Rendered(f"{first} {said(item.topic)}", blocks)
