"""The result of a round as its managers read it, in a message and in a window."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from handlers.blocks import (
    Block,
    actions,
    asked,
    bold,
    button,
    context,
    header,
    modal,
    quoted,
    said,
    section,
    text_input,
)
from handlers.checkins.rules.results import LEAST_ANSWERS, Change, Warned, heavy
from handlers.checkins.views.words import (
    FEELINGS,
    LOAD_MEANS,
    LOADS,
    TOO_FEW,
    answered_line,
    distribution,
    long_date,
    mean_line,
)
from handlers.forms import Memory
from storage.checkin_answers import Answer, Blocker
from storage.checkins import Round, Visibility
from storage.people import Person
from storage.teams import Team

DONE = "checkins.done"
DONE_FORM = "checkins.done_form"
SHOW = "checkins.show_result"
WHO = "checkins.who"
TREND = "checkins.show_trend"

TITLE = "Check-in of {}, {}"
NO_NAMES = (
    f"No names, nothing about who didn’t answer, nothing below {LEAST_ANSWERS} answers. It doesn’t change any more."
)
NAMED = "Named: members were told that you see who answered what."
IN_THE_WAY = "*In the way*"
DID = "_What was done_ ({}): {}"
FELT = "*How work felt*"
LOAD = "*Load*"
BESIDE = "*Beside it:* {}"
RUNNING = ":warning: *Heavy three check-ins running.* What could wait, move, or get help? Talk about it with the team."
MANY = ":warning: *{} of {} said too much.* What could wait, move, or get help? Talk about it with the team."
HIDDEN = "This team’s check-ins are not yours to read any more."
TEAM_READS = "The team reads this with its next check-in. Write nothing that names who asked."
MOST_BLOCKERS = 12
MORE_BLOCKERS = "{} more: press *All of it…*."


@dataclass(frozen=True)
class Measured:
    """What the work shows, beside what people feel."""

    tickets: int | None
    """Open in the team's queue now; None: no help desk tells."""
    open: int
    """Escalations that are open now."""
    overdue: int
    """Of them, with a promise that was missed."""
    raised: int
    """In the seven days up to the check-in."""


@dataclass(frozen=True)
class Told:
    """Everything that a result shows."""

    team: Team
    round: Round
    change: Change | None
    warned: Warned | None
    blockers: Sequence[Blocker]
    people: Mapping[int, Person]
    measured: Measured


def summary(told: Told) -> str:
    """For notifications."""
    return line(told.round)


def line(round_: Round) -> str:
    """`9 of 12 answered; 4 heavy or too much`."""
    told = f"{round_.answered or 0} of {round_.asked or 0} answered"
    return f"{told}; {heavy(round_.load)} heavy or too much" if round_.load else f"{told}: too few to show"


def message(told: Told, picture: Sequence[Block]) -> list[Block]:
    """The direct message to a manager."""
    blocks = [header(TITLE.format(told.team.name, long_date(told.round.day))), *body(told, picture)]
    shown = told.blockers[:MOST_BLOCKERS]
    blocks += _blockers(shown, told)
    if len(told.blockers) > len(shown):
        blocks.append(context(MORE_BLOCKERS.format(len(told.blockers) - len(shown))))
    buttons = [button("All of it…", SHOW, told.round.id, says=f"All of the check-in of {told.team.name}")]
    if told.round.visibility == Visibility.NAMED:
        buttons.append(button("Who said what…", WHO, told.round.id))
    buttons.append(button("Trend", TREND, told.team.id, says=f"The trend of {told.team.name}"))
    blocks += [actions(*buttons), context(NAMED if told.round.visibility == Visibility.NAMED else NO_NAMES)]
    return blocks


def body(told: Told, picture: Sequence[Block] = ()) -> list[Block]:
    """Turnout, load, feeling, what the work shows beside it."""
    round_ = told.round
    answered = answered_line(round_.answered, round_.asked)
    if not round_.load and not round_.feeling:
        return [section(f"{answered}\n{TOO_FEW}"), *_beside(told)]
    blocks: list[Block] = []
    if told.warned is not None:
        blocks.append(section(warning(told.warned, round_)))
    load = round_.load or []
    if load:
        lines = f"*{line(round_)}*\n{LOAD}: {mean_line(load, told.change)}"
        blocks += [section(lines), *picture] if picture else [section(f"{lines}\n{distribution(load, LOADS)}")]
    else:
        blocks.append(section(f"{answered}\n{LOAD}: {TOO_FEW}"))
    felt = distribution(round_.feeling, FEELINGS) if round_.feeling else TOO_FEW
    return [*blocks, section(f"{FELT}\n{felt}"), *_beside(told), context(LOAD_MEANS)]


def warning(warned: Warned, round_: Round) -> str:
    if warned.people:
        return MANY.format(warned.people, sum(round_.load or []))
    return RUNNING


def _beside(told: Told) -> list[Block]:
    one = told.measured
    queue = f"{one.tickets} open ticket{'' if one.tickets == 1 else 's'}, " if one.tickets is not None else ""
    cases = f"{queue}{one.open} open escalation{'' if one.open == 1 else 's'}"
    late = f" ({one.overdue} overdue)" if one.overdue else ""
    return [section(BESIDE.format(f"{cases}{late} now, {one.raised} raised in the seven days before"))]


def _blockers(blockers: Sequence[Blocker], told: Told) -> list[Block]:
    blocks: list[Block] = [section(IN_THE_WAY)] if blockers else []
    for number, one in enumerate(blockers, start=1):
        writer = told.people.get(one.person_id or 0)
        lines = [quoted(one.text, 500)] + ([f"— {said(writer.name, 80)}"] if writer else [])
        if one.done:
            by = told.people.get(one.done_by_id or 0)
            lines.append(DID.format(said(by.name, 60) if by else "a manager", said(one.done, 400)))
        label = "Change…" if one.done else "What I did…"
        blocks.append(
            section("\n".join(lines), accessory=button(label, DONE, one.id, says=f"What was done about {number}"))
        )
    return blocks


def window(told: Told) -> Block:
    """All of it, in a window."""
    blocks = [*body(told), *_blockers(told.blockers[:80], told)]
    blocks.append(context(NAMED if told.round.visibility == Visibility.NAMED else NO_NAMES))
    heading = section(f"{bold(told.team.name, 80)}, {long_date(told.round.day)}")
    return modal("checkins.result", "Check-in", [heading, *blocks], close="Close")


def who_said_what(answers: Sequence[tuple[Person, Answer]], words: Mapping[int, str]) -> Block:
    """The answers of a named round, by name. `words`: by person id."""
    lines = [f"{bold(person.name, 80)}: {words[person.id]}" for person, _ in answers]
    blocks = [section("\n".join(lines[at : at + 25])) for at in range(0, len(lines), 25)] or [
        section("Nobody answered.")
    ]
    return modal(
        "checkins.named_result",
        "Who said what",
        [*blocks[:90], context("Each of them sees in `/backstop my-data` that you read this.")],
        close="Close",
    )


class DoneMemory(Memory):
    """`blocker`: what the form answers."""

    blocker: int | None = None


def done_form(memory: DoneMemory, one: Blocker) -> Block:
    return modal(
        DONE_FORM,
        "What I did about it",
        [
            section(quoted(one.text, 1000)),
            asked(
                "done",
                "What I did about it",
                text_input(initial=one.done, multiline=True, most=600, focus=True),
                hint=TEAM_READS,
            ),
        ],
        submit="Save",
        metadata=memory.kept(),
    )
