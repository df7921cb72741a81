"""Training on Home and in the digest and weekly report. What a channel reads carries counts and no names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from handlers.blocks import (
    Block,
    actions,
    bold,
    button,
    clock_time,
    said,
    section,
)
from handlers.house import NeedsYou
from handlers.training.rules.gathering import Gathering
from handlers.training.views.required import how_far
from handlers.training.views.words import (
    ATTENDANCE,
    EDIT_ITEM,
    ITEM_DONE,
    SESSION_OF_ITEM,
    WHO_IS_MISSING,
    counted,
    due_in_words,
    span,
)
from storage.requirements import Progress, Requirement
from storage.teams import Team
from storage.training import Answer, Item, Session

HEADING = "Training"
URGENCY = 6
"""Of what is overdue: after customers, before what can wait."""


@dataclass(frozen=True)
class Week:
    """A team's week of training."""

    held: int
    attended: int | None
    """None: nobody has said who was there."""
    coming: int
    topics: int
    newcomers: int


def overdue(requirement: Requirement, team: Team, progress: Progress) -> list[Block]:
    """For who leads the team."""
    text = f":warning: {bold(requirement.title)} · {said(team.name, 60)}\n{how_far(progress)}"
    return [section(text), actions(_missing(requirement))]


def _missing(requirement: Requirement) -> Block:
    return button("Who is missing…", WHO_IS_MISSING, requirement.id, says=f"Who is missing: {requirement.title}")


def who_was_there(training: Session) -> list[Block]:
    text = f":clipboard: Who was at {bold(training.title)}, {span(training)}?"
    return [section(text), actions(button("Who was there…", ATTENDANCE, training.id, style="primary"))]


def topic(item: Item, team: Team, today: date) -> list[Block]:
    text = f":memo: {bold(item.topic)} · {said(team.name, 60)}\n{due_in_words(item.due_on, today)}"
    return [
        section(text),
        actions(
            button("Plan a session…", SESSION_OF_ITEM, item.id),
            button("Edit…", EDIT_ITEM, item.id),
            button("Done", ITEM_DONE, item.id),
        ),
    ]


def needs_you(requirement: Requirement, progress: Progress) -> NeedsYou:
    people = counted(progress.overdue, "person has", "people have")
    text = f":mortar_board: {bold(requirement.title)} is overdue: {people} not done it."
    return NeedsYou(text, _missing(requirement), URGENCY)


def today(gatherings: Sequence[Gathering]) -> list[Block]:
    """What begins before the next digest."""
    lines = []
    for gathering in gatherings:
        training = gathering.training
        going = len(gathering.who(Answer.GOING))
        lines.append(f"• {clock_time(training.starts_at)} {said(training.title)} · {going} going")
    return [section("\n".join(["*Training today*", *lines]))] if lines else []


def week(week: Week, overdue: Sequence[tuple[Requirement, Team, Progress]]) -> list[Block]:
    """Nothing, for a team without any training."""
    lines = []
    if week.held:
        was = "attendance not noted" if week.attended is None else f"{week.attended} were there"
        lines.append(f"• {counted(week.held, 'session', 'sessions')} held · {was}")
    ahead = [
        counted(number, *words)
        for number, words in (
            (week.coming, ("session planned", "sessions planned")),
            (week.topics, ("topic open", "topics open")),
            (week.newcomers, ("newcomer in onboarding", "newcomers in onboarding")),
        )
        if number
    ]
    if ahead:
        lines.append(f"• {' · '.join(ahead)}")
    lines += [f"• {said(one.title)}: {how_far(progress)}" for one, _, progress in overdue]
    return [section("\n".join(["*Training*", *lines]))] if lines else []
