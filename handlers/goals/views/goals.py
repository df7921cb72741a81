"""Goals as people look at them: one, a list, what waits; and the small forms (numbers, close)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from handlers.blocks import (
    Block,
    actions,
    asked,
    bar,
    button,
    context,
    modal,
    option,
    quoted,
    radio,
    said,
    section,
    text_input,
    when,
)
from handlers.goals.rules import periods
from handlers.goals.rules.standing import Progress, Standing
from handlers.goals.rules.targets import shown, typed_as
from handlers.goals.views.words import (
    ENDED,
    LIST,
    SET,
    SIGN,
    WORD,
    buttons_of,
    level_of,
    name_of,
    open_button,
    period_of,
    state_line,
    wanted,
)
from handlers.measures import Threat
from storage.goal_circles import Circle
from storage.goal_updates import Update
from storage.goals import Ending, Goal, Kind, State, Whose
from storage.people import Person

NUMBERS = "goals.numbers_form"
CLOSING = "goals.close_form"
HELP = """\
*Set*   `/goal` opens the form: for you, and for the people, teams and departments that you lead
*Look*   `/goal list` · `/goal list closed` · `/goal show G-7`
*Give numbers*   `/goal update` asks for all that you keep by hand, `/goal update G-7` for one
*End*   `/goal close G-7` as met, missed or dropped; at the end of its period a goal closes by itself
A goal that somebody sets for you counts once you accept it, and only you and your managers see it."""
NO_GOALS = (
    "*No goals yet.*\nSet one for yourself, or together with your team: something that you would like to be proud of."
)
NONE_CLOSED = "No goal has ended yet."
NOTHING_BY_HAND = "None of your goals is updated by hand, so there is nothing to type. `/goal list` shows them."
PARTS = {Whose.DEPARTMENT: "Department {}", Whose.TEAM: "Team {}", Whose.PERSON: "{}"}
SHOWN_AT_MOST = 20
BOXES_AT_MOST = 20
MORE = "There are {} more. `/goal show G-7` shows any of them."


def one(
    goal: Goal,
    made: Progress,
    names: Mapping[tuple[Whose, int], str],
    *,
    circle: Circle,
    may_change: bool,
    updates: Sequence[Update],
    people: Mapping[int, Person],
    threats: Sequence[Threat],
    counted_at: datetime | None,
    now: datetime,
) -> list[Block]:
    """Everything about one goal, with what the reader may do. `counted_at`: as of when it stands there."""
    lines = [
        f"*{goal.label}* {said(goal.title, 120)}: *{wanted(goal)}*",
        f"{PARTS[goal.whose].format(name_of(goal, names))} · {period_of(goal)}",
        state_line(goal, made, period=False),
    ]
    if goal.state == State.OPEN:
        lines += filter(None, [bar(made.share, width=20), _pace(goal, made)])
    blocks = [section("\n".join(lines))]
    if goal.note:
        blocks.append(section(quoted(goal.note, 1000)))
    if goal.closing_note:
        blocks.append(section(f"*When it was closed*\n{quoted(goal.closing_note, 1000)}"))
    if updates:
        blocks.append(section("\n".join(["*Numbers*", *(_update(goal, update, people) for update in updates)])))
    if threats:
        blocks.append(section("*Open, and would count as a miss*"))
        blocks += [
            section(threat.text, accessory=button("Open", threat.action_id, threat.value, says=threat.label))
            for threat in threats
        ]
    if counted_at is not None:
        blocks.append(context(f"Counted {when(counted_at)}"))
    is_mine = goal.whose == Whose.PERSON and goal.whose_id == circle.person_id
    if pressed := buttons_of(goal, may_change=may_change, is_mine=is_mine, is_over=periods.is_over(goal, now)):
        blocks.append(actions(*pressed))
    return blocks


def _pace(goal: Goal, made: Progress) -> str:
    """What the figures mean for the days that are left."""
    parts = []
    if made.standing == Standing.NOT_ENOUGH:
        parts.append("Too few to say anything yet.")
    elif made.standing in {Standing.MET, Standing.MISSED, Standing.LAST_NUMBER}:
        pass  # a line that is over, or passed, says nothing of the days that are left
    elif goal.kind == Kind.REACH and made.expected is not None:
        parts.append(f"By today the straight line is at {shown(round(made.expected), goal.unit)}.")
    elif goal.kind == Kind.IMPROVE and made.expected is not None:
        parts.append(f"The last days count; by today the straight line is at {shown(made.expected, goal.unit)}.")
    if made.misses_left is not None and goal.kind == Kind.KEEP:
        if goal.better.value == "down":
            left = made.misses_left
            parts.append(
                f"{left} left of {shown(goal.target, goal.unit)}." if left >= 0 else f"{-left} over the limit."
            )
        elif made.misses_left >= 0:
            parts.append(f"{made.misses} missed so far; {made.misses_left} more fit into this period’s budget.")
        else:
            parts.append(f"{made.misses} missed so far, {-made.misses_left} more than this period’s budget.")
    return " ".join(parts)


def _update(goal: Goal, update: Update, people: Mapping[int, Person]) -> str:
    by = people.get(update.by_id or 0)
    return f"• *{shown(update.value, goal.unit)}* · {when(update.at)}" + (f", {said(by.name, 40)}" if by else "")


def listed(
    found: Sequence[tuple[Goal, Progress]],
    names: Mapping[tuple[Whose, int], str],
    circle: Circle,
    *,
    closed: bool,
) -> list[Block]:
    """Each with its button, in the order in which they are given; a roll-up above."""
    other = button("Those that run", LIST, "open") if closed else button("Those that ended", LIST, "closed")
    if not found:
        return [section(NONE_CLOSED if closed else NO_GOALS), actions(set_button(), other)]
    blocks = [section(f"*{'Goals that ended' if closed else 'Goals'}*   {_roll_up(found)}")]
    last: tuple[Whose, int] | None = None
    for goal, made in found[:SHOWN_AT_MOST]:
        owner = (goal.whose, goal.whose_id)
        if owner != last:
            mine = owner == (Whose.PERSON, circle.person_id)
            blocks.append(context(f"*{'You' if mine else PARTS[goal.whose].format(name_of(goal, names))}*"))
            last = owner
        blocks.append(row(goal, made))
    if len(found) > SHOWN_AT_MOST:
        blocks.append(context(MORE.format(len(found) - SHOWN_AT_MOST)))
    return [*blocks, actions(set_button(), other)]


def row(goal: Goal, made: Progress) -> Block:
    text = f"*{goal.label}* {said(goal.title, 90)}: {wanted(goal)}\n{state_line(goal, made)}"
    return section(text, accessory=open_button(goal))


def in_order(
    found: Sequence[tuple[Goal, Progress]], names: Mapping[tuple[Whose, int], str], circle: Circle
) -> list[tuple[Goal, Progress]]:
    """One's own, then departments' goals, then teams', then other people's."""

    def place(pair: tuple[Goal, Progress]) -> tuple[int, str, int]:
        goal = pair[0]
        mine = goal.whose == Whose.PERSON and goal.whose_id == circle.person_id
        first = 0 if mine else 1 + list(reversed(Whose)).index(goal.whose)
        return first, names.get((goal.whose, goal.whose_id), ""), goal.number

    return sorted(found, key=place)


def _roll_up(found: Sequence[tuple[Goal, Progress]]) -> str:
    """`2 on track · 1 at risk`."""
    counts: dict[str, int] = {}
    for goal, made in found:
        if goal.state in {State.PROPOSED, State.TALKING}:
            word = "waiting for an answer"
        elif goal.ending is not None:
            word = ENDED[goal.ending]
        else:
            word = f"{SIGN[made.standing]} {WORD[made.standing]}"
        counts[word] = counts.get(word, 0) + 1
    return " · ".join(f"{count} {word}" if word[0] != ":" else f"{word} {count}" for word, count in counts.items())


def set_button() -> Block:
    return button("Set a goal…", SET)


def numbers_form(found: Sequence[Goal], metadata: str, last: Mapping[int, Update]) -> Block:
    """One box for each goal that is kept by hand; a box left empty changes nothing."""
    boxes = [
        asked(
            f"goal_{goal.id}",
            f"{goal.label} {goal.title}"[:140],
            text_input(placeholder=typed_as(goal.target, goal.unit), most=40),
            hint=_hint(goal, last.get(goal.id)),
            optional=len(found) > 1,
        )
        for goal in found[:BOXES_AT_MOST]
    ]
    return modal(NUMBERS, "Where do they stand?", boxes, submit="Save", metadata=metadata)


def _hint(goal: Goal, last: Update | None) -> str:
    so_far = f"Last: {shown(last.value, goal.unit)} on {last.at:%-d %B}." if last else "No number yet."
    counts = "In all so far." if goal.kind == Kind.REACH else "As it is now."
    return f"{counts} {so_far} Target {shown(goal.target, goal.unit)}."


def close_form(goal: Goal, metadata: str, suggested: Ending | None) -> Block:
    endings = [option("Met", Ending.MET.value), option("Missed", Ending.MISSED.value), option("Dropped", "dropped")]
    note = text_input(multiline=True, most=1000, placeholder="What helped, what got in the way")
    return modal(
        CLOSING,
        "Close the goal",
        [
            section(f"*{goal.label}* {said(goal.title, 120)}: {wanted(goal)}\n{level_of(goal)} · {period_of(goal)}"),
            asked(
                "ending", "How did it end?", radio("chosen", endings, initial=suggested.value if suggested else None)
            ),
            asked("note", "Note", note, optional=True),
        ],
        submit="Close it",
        metadata=metadata,
    )
