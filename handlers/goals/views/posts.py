"""Messages about goals: proposals and their answers, what turned, what is due to update, the weekly post, the end."""

from collections.abc import Mapping, Sequence

from handlers.blocks import (
    Block,
    actions,
    bold,
    button,
    context,
    header,
    quoted,
    said,
    section,
)
from handlers.goals.rules.standing import Progress, Standing
from handlers.goals.views.words import (
    ACCEPT,
    CLOSE,
    NEXT,
    OPEN,
    TALK,
    UPDATE,
    WORD,
    level_of,
    line_with_bar,
    open_button,
    period_of,
    state_line,
    wanted,
)
from storage.goal_updates import Update
from storage.goals import Ending, Goal, State

PROPOSED = ":dart: *{}* proposes a goal for you. It counts once you accept it; only you and your managers see it."
ACCEPTED_BY_ME = ":white_check_mark: You accepted this goal."
TALKING_BY_ME = ":speech_balloon: You would like to talk about it first. Accept it whenever it fits."
NEVER_ANSWERED = ":hourglass: Its period ended before it was accepted, so it never counted."
CLOSED_MEANWHILE = ":no_entry_sign: This goal was closed."
ACCEPTED = ":white_check_mark: *{}* accepted the goal {}."
TALK_FIRST = (
    ":speech_balloon: *{}* would like to talk about the goal {} before it counts. You can change it or close it."
)
TURNED = {
    Standing.AT_RISK: "A goal of yours is at risk. What would help?",
    Standing.BEHIND: "A goal of yours is behind. Change the plan, or the goal: both are better than hoping.",
    Standing.MISSED: "A goal of yours can’t be met any more in this period.",
}
ASK = ":pencil2: *Where do your goals stand?* One box each; what hasn’t changed may stay empty."
ASKED_AND_DONE = ":white_check_mark: Your goals are up to date."
WEEKLY = "Goals of {}"
WEEKLY_NOTE = "Bars show the way to the target. `/goal list` has the details."
ROLL_UP = "Goals in {}"
NO_TEAM_GOALS = "No goals: {}"
TEAMS_AT_MOST = 20
ENDED = {
    Ending.MET: ":tada: *Met:*",
    Ending.MISSED: "*Missed:*",
    Ending.DROPPED: "*Dropped:*",
    None: "*Over, and too little was measured to say how it ended:*",
}
ENDED_BY_HAND = "*Over:* give the last number, then close it as it ended."
END_HINT = "What did you learn? A note helps the next one."


def proposal(goal: Goal, setter: str, *, waiting: bool) -> list[Block]:
    about = section(f"*{goal.label}* {said(goal.title, 120)}: *{wanted(goal)}*\n{period_of(goal)}")
    note = [section(quoted(goal.note, 1000))] if goal.note else []
    if not waiting:
        word = ACCEPTED_BY_ME
        if goal.state == State.CLOSED:
            word = NEVER_ANSWERED if goal.closed_by_id is None else CLOSED_MEANWHILE
        return [section(word), about, actions(open_button(goal))]
    head = PROPOSED.format(said(setter, 80)) if goal.state == State.PROPOSED else TALKING_BY_ME
    talk = [button("Let’s talk", TALK, goal.id)] if goal.state == State.PROPOSED else []
    return [section(head), about, *note, actions(button("Accept", ACCEPT, goal.id, style="primary"), *talk)]


def answer(goal: Goal, person: str, *, accepted: bool) -> list[Block]:
    text = (ACCEPTED if accepted else TALK_FIRST).format(said(person, 80), goal.label)
    return [
        section(f"{text}\n{said(goal.title, 120)}: {wanted(goal)}, {period_of(goal)}"),
        actions(open_button(goal)),
    ]


def turned(goal: Goal, made: Progress) -> list[Block]:
    text = f"{TURNED.get(made.standing, '')}\n*{goal.label}* {said(goal.title, 120)}: {wanted(goal)}\n"
    return [section(text + state_line(goal, made)), actions(open_button(goal))]


def ask(due: Sequence[tuple[Goal, Update | None]], key: str) -> list[Block]:
    """Everything that somebody has to update, and the one button for it."""
    if not due:
        return [section(ASKED_AND_DONE)]
    lines = [f"• *{goal.label}* {said(goal.title, 90)}: {level_of(goal)}, {wanted(goal)}" for goal, _ in due]
    return [section("\n".join([ASK, *lines])), actions(button("Give the numbers…", UPDATE, key, style="primary"))]


def weekly(name: str, found: Sequence[tuple[Goal, Progress]]) -> list[Block]:
    """What stands in the team's channel every week: no person's figures."""
    lines = [section(line_with_bar(goal, made)) for goal, made in found]
    return [header(WEEKLY.format(name)), *lines, context(WEEKLY_NOTE)]


def roll_up(
    name: str, own: Sequence[tuple[Goal, Progress]], by_team: Mapping[str, Sequence[tuple[Goal, Progress]]]
) -> list[Block]:
    """A department's own goals, then each team's that has some, for its heads; those without in a line at the end."""
    blocks = [header(ROLL_UP.format(name)), *[section(line_with_bar(goal, made)) for goal, made in own]]
    shown = {team: found for team, found in by_team.items() if found}
    for team, found in list(shown.items())[:TEAMS_AT_MOST]:
        lines = [
            f"• {said(goal.title, 90)}, {wanted(goal)}: {WORD[made.standing]}, {level_of(goal)}" for goal, made in found
        ]
        blocks.append(section("\n".join([f"{bold(team, 80)}   {counted(found)}", *lines[:8]])))
    if without := [said(team, 80) for team in by_team if team not in shown]:
        more = f" and {len(without) - TEAMS_AT_MOST} more" if len(without) > TEAMS_AT_MOST else ""
        blocks.append(context(NO_TEAM_GOALS.format(f"{', '.join(without[:TEAMS_AT_MOST])}{more}")))
    return blocks


def counted(found: Sequence[tuple[Goal, Progress]]) -> str:
    """`2 on track, 1 behind`."""
    counts: dict[str, int] = {}
    for _, made in found:
        counts[WORD[made.standing]] = counts.get(WORD[made.standing], 0) + 1
    return ", ".join(f"{number} {word}" for word, number in counts.items())


def ended(goal: Goal) -> list[Block]:
    about = f"{goal.label} {said(goal.title, 120)}\n{wanted(goal)}, {period_of(goal)}: {level_of(goal)}"
    is_closed = goal.state == State.CLOSED
    waits = goal.is_by_hand and not is_closed
    number = [button("Update…", UPDATE, goal.id, style="primary", says=f"Update {goal.label}")] if waits else []
    close = [] if is_closed else [button("Close…", CLOSE, goal.id)]
    following = button("Set the next…", NEXT, goal.id, style=None if waits else "primary")
    return [
        section(f"{ENDED_BY_HAND if waits else ENDED[goal.ending]} {about}"),
        context(END_HINT),
        actions(*number, *close, following, button("Open", OPEN, goal.id)),
    ]
