"""Goals on Home and in digests."""

from collections.abc import Mapping, Sequence

from handlers.blocks import Block, actions, button, context, header, said, section
from handlers.goals.rules.standing import Progress, Standing
from handlers.goals.views.goals import row, set_button
from handlers.goals.views.posts import counted
from handlers.goals.views.words import (
    ACCEPT,
    CHANGE,
    LIST,
    SIGN,
    TALK,
    UPDATE,
    WORD,
    level_of,
    line_with_bar,
    open_button,
    period_of,
    wanted,
    word_of,
)
from handlers.measures import Threat
from storage.goals import Goal, State, Whose
from storage.people import Person

HEADING = "Goals"
EMPTY = "No goal runs now. One that you can reach this month is a good one to begin with."
ALL_ON_TRACK = "*Goals*   all on track ({})"
NUMBERS_DUE = ":pencil2: *{} by hand*: where do they stand?"
TALK_ABOUT = ":speech_balloon: *{}* would like to talk about {}: {}"
ALL = "all"


def proposed(goal: Goal) -> list[Block]:
    text = f":dart: *{goal.label}* {said(goal.title, 90)}: *{wanted(goal)}*\nProposed for you, {period_of(goal)}"
    talk = [button("Let’s talk", TALK, goal.id, says=f"Talk about {goal.label} first")]
    accept = button("Accept", ACCEPT, goal.id, style="primary", says=f"Accept {goal.label}")
    return [section(text), actions(accept, *(talk if goal.state == State.PROPOSED else []))]


def to_talk_about(goal: Goal, person: Person | None) -> Block:
    name = said(person.name, 60) if person else "Somebody"
    text = TALK_ABOUT.format(name, goal.label, f"{said(goal.title, 90)}, {wanted(goal)}")
    return section(text, accessory=button("Change…", CHANGE, goal.id, says=f"Change {goal.label}"))


def numbers_due(due: Sequence[Goal]) -> Block:
    goals = "1 goal" if len(due) == 1 else f"{len(due)} goals"
    titles = ", ".join(said(goal.title, 60) for goal in due[:4])
    text = f"{NUMBERS_DUE.format(goals)}\n{titles}"
    return section(text, accessory=button("Give the numbers…", UPDATE, ALL))


def goals_of(
    mine: Sequence[tuple[Goal, Progress]],
    of_teams: Sequence[tuple[Goal, Progress]],
    teams: Mapping[int, str],
    departments: Mapping[int, str],
    *,
    most: int,
) -> list[Block]:
    """One's own goals, then those of one's teams and departments, each with its button."""
    if not mine and not of_teams:
        return [header(HEADING), section(EMPTY, accessory=set_button())]
    blocks = [header(HEADING), *(row(goal, made) for goal, made in mine[:most])]
    for goal, made in of_teams[: max(2, most - len(mine))]:
        names = teams if goal.whose == Whose.TEAM else departments
        owner = said(names.get(goal.whose_id, ""), 40)
        text = (
            f"*{goal.label}* {owner}: {said(goal.title, 80)}, {wanted(goal)}\n"
            f"{SIGN[made.standing]} {word_of(goal, made)} · {level_of(goal)}"
        )
        blocks.append(section(text, accessory=open_button(goal)))
    return [*blocks, actions(button("All goals", LIST, "open"), set_button())]


def needs(goal: Goal, made: Progress) -> str:
    return f":dart: {goal.label} {said(goal.title, 90)} is {WORD[made.standing]}: {level_of(goal)}, {wanted(goal)}"


def in_report(
    shown: Sequence[tuple[Goal, Progress]],
    caring: Sequence[tuple[Goal, Progress]],
    threats: Sequence[Threat],
    *,
    weekly: bool,
) -> list[Block]:
    if weekly:
        return [section(f"*Goals*   {counted(shown)}"), *[section(line_with_bar(*pair)) for pair in shown[:8]]]
    if all(made.standing == Standing.NOT_ENOUGH for _, made in shown):
        return []
    if not caring:
        is_all = all(made.standing in {Standing.ON_TRACK, Standing.MET} for _, made in shown)
        return [section(ALL_ON_TRACK.format(len(shown)) if is_all else f"*Goals*   {counted(shown)}")]
    lines = [
        f"{SIGN[made.standing]} {said(goal.title, 90)}, {wanted(goal)}: {level_of(goal)}, {word_of(goal, made)}"
        for goal, made in caring
    ]
    blocks = [section("\n".join([f"*Goals*   {counted(shown)}", *lines[:5]]))]
    if threats:
        open_ones = " · ".join(threat.text.split("\n")[0] for threat in threats)
        blocks.append(context(f"Open, and would count as a miss: {open_ones}"))
    return blocks
