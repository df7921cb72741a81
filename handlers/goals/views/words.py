"""Words for kinds, periods and standings; a goal in one line; the buttons that a goal may have."""

from collections.abc import Mapping

from handlers.blocks import Block, bar, bold, button, said
from handlers.goals.rules import periods
from handlers.goals.rules.standing import Progress, Standing
from handlers.goals.rules.targets import shown
from storage.goals import Better, Ending, Goal, Kind, Period, State, Unit, Whose

OPEN = "goals.open"
SET = "goals.set"
ACCEPT = "goals.accept"
TALK = "goals.talk"
CHANGE = "goals.change"
UPDATE = "goals.update"
CLOSE = "goals.close"
NEXT = "goals.next"
LIST = "goals.list"

SIGN: Mapping[Standing, str] = {
    Standing.ON_TRACK: ":large_green_circle:",
    Standing.AT_RISK: ":large_yellow_circle:",
    Standing.BEHIND: ":red_circle:",
    Standing.MET: ":white_check_mark:",
    Standing.MISSED: ":heavy_multiplication_x:",
    Standing.NOT_ENOUGH: ":white_circle:",
    Standing.LAST_NUMBER: ":pencil2:",
}
WORD: Mapping[Standing, str] = {
    Standing.ON_TRACK: "on track",
    Standing.AT_RISK: "at risk",
    Standing.BEHIND: "behind",
    Standing.MET: "met",
    Standing.MISSED: "missed",
    Standing.NOT_ENOUGH: "not enough data yet",
    Standing.LAST_NUMBER: "over: its last number may still come",
}
NO_MISS_LEFT = ": no miss left"
WAITING: Mapping[State, str] = {
    State.PROPOSED: ":hourglass_flowing_sand: waits for *Accept*",
    State.TALKING: ":speech_balloon: to be talked about first",
}
ENDED: Mapping[Ending, str] = {
    Ending.MET: ":white_check_mark: met",
    Ending.MISSED: ":heavy_multiplication_x: missed",
    Ending.DROPPED: ":no_entry_sign: dropped",
}
PERIOD: Mapping[Period, str] = {Period.WEEK: "Weekly", Period.MONTH: "Monthly", Period.QUARTER: "Quarterly"}
KIND: Mapping[Kind, str] = {
    Kind.REACH: "Reach a total by the end",
    Kind.KEEP: "Keep a level all the time",
    Kind.IMPROVE: "Improve to a level by the end",
}
UNIT: Mapping[Unit, str] = {
    Unit.COUNT: "A number of things (40)",
    Unit.PERCENT: "A share (95%)",
    Unit.DURATION: "A length of time (2 h)",
    Unit.POINTS: "A score (4.2)",
}


def wanted(goal: Goal) -> str:
    """The target in words: `reach 40`, `keep at least 95 %`, `at most 12`, `improve to 2 h`."""
    value = shown(goal.target, goal.unit)
    if goal.kind == Kind.REACH:
        return f"reach {value}"
    if goal.kind == Kind.IMPROVE:
        start = f" from {shown(goal.baseline, goal.unit)}" if goal.baseline is not None else ""
        return f"improve{start} to {value}"
    return f"keep at least {value}" if goal.better == Better.UP else f"keep at {value} or less"


def period_of(goal: Goal) -> str:
    return periods.name(goal.first_day, goal.last_day, goal.period)


def name_of(goal: Goal, names: Mapping[tuple[Whose, int], str]) -> str:
    """Whose goal it is, as mrkdwn."""
    return said(names.get((goal.whose, goal.whose_id), "somebody"), 60)


def word_of(goal: Goal, made: Progress) -> str:
    """Where it stands, and why it is at risk though its level is good: `at risk: no miss left`."""
    spent = made.standing == Standing.AT_RISK and goal.kind == Kind.KEEP and goal.unit == Unit.PERCENT
    return f"{WORD[made.standing]}{NO_MISS_LEFT if spent and made.misses_left == 0 else ''}"


def state_line(goal: Goal, made: Progress, *, period: bool = True) -> str:
    """Its sign and word, and where it stands; with its period, unless that is told beside it."""
    when = f" · {period_of(goal)}" if period else ""
    if goal.state in WAITING:
        return f"{WAITING[goal.state]}{when}"
    if goal.ending is not None:
        return f"{ENDED[goal.ending]} · {level_of(goal)}{when}"
    stale = f" · no number for {made.stale_days} days" if made.stale_days is not None else ""
    return f"{SIGN[made.standing]} {word_of(goal, made)} · {level_of(goal)}{when}{stale}"


def level_of(goal: Goal) -> str:
    """`97.2 % of 212`, `14 of 40`, `not measured`."""
    value = goal.recent if goal.kind == Kind.IMPROVE and goal.recent is not None else goal.level
    number = shown(value, goal.unit)
    if value is None or goal.is_by_hand:
        return (
            f"{number} of {shown(goal.target, goal.unit)}" if value is not None and goal.kind == Kind.REACH else number
        )
    if goal.kind == Kind.REACH or (goal.unit == Unit.COUNT and goal.better == Better.DOWN):
        return f"{number} of {shown(goal.target, goal.unit)}"
    n = goal.recent_sample if goal.kind == Kind.IMPROVE else goal.sample
    return f"{number} (n={n})"


def line_with_bar(goal: Goal, made: Progress) -> str:
    """Two lines for a post: what and how much, then the bar."""
    return (
        f"{SIGN[made.standing]} {bold(goal.title, 90)}: {wanted(goal)}\n"
        f"{bar(made.share)} {level_of(goal)}, {word_of(goal, made)}"
    )


def open_button(goal: Goal) -> Block:
    return button("Open", OPEN, goal.id, says=f"Open {goal.label}")


def buttons_of(goal: Goal, *, may_change: bool, is_mine: bool, is_over: bool) -> list[Block]:
    """What a reader may do with it; the listeners check it again."""
    if goal.state in {State.PROPOSED, State.TALKING}:
        own = [button("Accept", ACCEPT, goal.id, style="primary", says=f"Accept {goal.label}")] if is_mine else []
        if is_mine and goal.state == State.PROPOSED:
            own.append(button("Let’s talk", TALK, goal.id, says=f"Talk about {goal.label} first"))
        change = [button("Change…", CHANGE, goal.id, says=f"Change {goal.label}")] if may_change and not is_mine else []
        return [*own, *change, *([button("Close…", CLOSE, goal.id, says=f"Close {goal.label}")] if may_change else [])]
    if not may_change:
        return []
    made: list[Block] = []
    if goal.state == State.OPEN:
        if goal.is_by_hand:
            made.append(button("Update…", UPDATE, goal.id, style="primary", says=f"Update {goal.label}"))
        made.append(button("Close…", CLOSE, goal.id, says=f"Close {goal.label}"))
    if goal.state == State.CLOSED or is_over:
        made.append(button("Set the next…", NEXT, goal.id, says=f"Set the next period of {goal.label}"))
    return made
