"""The form that sets a goal: who, what, how much; the rest behind More. It says what the last periods were."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from handlers.blocks import (
    Block,
    actions,
    asked,
    button,
    context,
    modal,
    option,
    plain,
    section,
    select,
    text_input,
)
from handlers.goals.rules import periods
from handlers.goals.rules.standing import Before
from handlers.goals.rules.targets import shown
from handlers.goals.views.words import KIND, PERIOD, UNIT
from handlers.measures import Measure
from storage.goal_circles import Circle
from storage.goals import BY_HAND, Better, Period, Unit

FORM = "goals.form"
MORE = "goals.more"
WHO = "goals.who"
PERSON = "goals.person"
METRIC = "goals.metric"
PERIOD_CHOSEN, STARTS = "goals.period", "goals.starts"
"""Other periods lie before it then."""

ME = "me"
SOMEBODY = "person"
AUTOMATIC = "auto"
BY_HAND_LABEL = "Something else: I give the numbers"
TITLE = "Set a goal"
CHANGE_TITLE = "Change the goal"
NEXT_TITLE = "The next goal"
BEYOND = (
    ":mountain: *{} is beyond the best of the last {} periods ({}).* A goal that can be reached moves more than one "
    "that can’t. Change it, or set it as it is."
)
RUNS = "For *{}*, of which {} left."
BEGINS = "For *{}*, which begins on {}."
OTHERS = " *More…* has other periods."
NO_HISTORY = "Nothing was measured in the {} periods before, so I can’t say what is usual."
LAST = "*The last {} periods* (latest first): {}\n{}"
BEST = "best *{}*, median *{}*"
BEST_OF_TWO = "best *{}*; only two of them were measured"
ONLY_ONE = "only one of them was measured"
THEIRS = "What was usual is for them alone to see. Ask them what is within reach."
PRIVATE = "Only they and their managers see it. It counts once they accept it."
OWN = "Only you and your managers see it."
KIND_HINT = "Otherwise: a total is reached; a level that you hold already is kept, another improved."


@dataclass(frozen=True)
class Span:
    """The period that a goal would be for."""

    first: date
    last: date
    period: Period
    left: int
    """Working days, today included."""
    has_begun: bool


def goal_form(
    *,
    metadata: str,
    circle: Circle,
    measures: Sequence[Measure],
    who: str,
    metric: str | None,
    typed: Mapping[str, Any] = {},  # never written to
    span: Span | None = None,
    past: Before | None = None,
    unit: Unit | None = None,
    is_theirs: bool = False,
    warned: str | None = None,
    more: bool = False,
    title: str = TITLE,
) -> Block:
    """The modal. `who` and `metric` are what is chosen; `span` the period that it makes; `past` the periods before,
    once both are known; `is_theirs`: these are for the person alone to see; `warned` the target (in words) that lies
    beyond their best; `typed` fills the rest."""
    blocks = [asked("who", "Whose goal?", _who(circle, who), dispatch=True)]
    if who == SOMEBODY:
        person = {"type": "users_select", "action_id": PERSON, "placeholder": plain("Choose a person")}
        if typed.get("person"):
            person["initial_user"] = typed["person"]
        blocks.append(asked("person", "Who?", person, dispatch=True, hint=PRIVATE))
    blocks.append(asked("metric", "What is measured?", _metrics(measures, metric, who), dispatch=True))
    if metric == BY_HAND:
        blocks.append(_counted(typed))
    if warned is not None and past is not None and past.best is not None and unit is not None:
        blocks.append(section(BEYOND.format(warned, len(past.levels), shown(past.best, unit))))
    target = text_input(placeholder="40, 95%, 2 h", initial=typed.get("target"), most=40)
    blocks.append(asked("target", "Target", target))
    if span is not None:
        blocks.append(context(_which(span) + ("" if more else OTHERS)))
    if past is not None and unit is not None:
        blocks.append(context(_looking_back(past, unit)))
    elif is_theirs:
        blocks.append(context(THEIRS))
    if more:
        blocks += _more(typed, by_hand=metric == BY_HAND)
    else:
        blocks.append(actions(button("More…", MORE, says="More: period, kind and note"), block_id="more"))
    if who == ME:
        blocks.append(context(OWN))
    submit = "Set it anyway" if warned is not None else "Save" if title == CHANGE_TITLE else "Set"
    return modal(FORM, title, blocks, submit=submit, metadata=metadata)


def _which(span: Span) -> str:
    """Which period it is, and how much of it is left: a month's last day is a poor one for a goal of a month."""
    name = periods.name(span.first, span.last, span.period)
    if not span.has_begun:
        return BEGINS.format(name, f"{span.first:%-d %B}")
    days = (
        "no working day is"
        if span.left == 0
        else "1 working day is"
        if span.left == 1
        else f"{span.left} working days are"
    )
    return RUNS.format(name, days)


def _who(circle: Circle, chosen: str) -> Block:
    choices = [option("Me", ME)]
    if circle.reports:
        choices.append(option("Somebody in my team", SOMEBODY))
    may_lead = [team for team in circle.teams.values() if team.id in circle.managed or team.department_id in circle.led]
    choices += [option(f"Team {team.name}", f"team:{team.id}") for team in may_lead[:60]]
    led = [department for department in circle.departments.values() if department.id in circle.led]
    choices += [option(f"Department {department.name}", f"department:{department.id}") for department in led[:30]]
    return select(WHO, choices, placeholder="Choose", initial=chosen)


def _metrics(measures: Sequence[Measure], chosen: str | None, who: str) -> Block:
    of_person = who in {ME, SOMEBODY}
    fitting = [one for one in measures if (one.of_people if of_person else one.of_teams) or one.key == chosen]
    choices = [option(one.title, one.key) for one in fitting[:98]]
    return select(METRIC, [*choices, option(BY_HAND_LABEL, BY_HAND)], placeholder="Choose", initial=chosen)


def _counted(typed: Mapping[str, Any]) -> Block:
    return asked(
        "counted",
        "What is counted?",
        text_input(placeholder="Articles written", initial=typed.get("counted"), most=120),
        hint="I ask for the number once a week.",
    )


def _more(typed: Mapping[str, Any], *, by_hand: bool) -> list[Block]:
    spans = [option(label, period.value) for period, label in PERIOD.items()]
    kinds = [option("As it fits", AUTOMATIC), *[option(label, kind.value) for kind, label in KIND.items()]]
    starts: Block = {"type": "datepicker", "action_id": STARTS}
    if typed.get("starts"):
        starts["initial_date"] = typed["starts"]
    blocks = [
        asked(
            "period",
            "Period",
            select(PERIOD_CHOSEN, spans, placeholder="Choose", initial=typed.get("period") or Period.MONTH.value),
            dispatch=True,
        ),
        asked(
            "starts",
            "Which one?",
            starts,
            optional=True,
            dispatch=True,
            hint="The week, month or quarter that this day lies in. Left empty: the one that runs now.",
        ),
        asked(
            "kind",
            "Kind",
            select("chosen", kinds, placeholder="Choose", initial=typed.get("kind") or AUTOMATIC),
            hint=KIND_HINT,
        ),
    ]
    if by_hand:
        units = [option(label, unit.value) for unit, label in UNIT.items()]
        directions = [option("More is better", Better.UP.value), option("Less is better", Better.DOWN.value)]
        blocks += [
            asked(
                "unit",
                "Counted as",
                select("chosen", units, placeholder="Choose", initial=typed.get("unit") or Unit.COUNT.value),
            ),
            asked(
                "better",
                "Direction",
                select("chosen", directions, placeholder="Choose", initial=typed.get("better") or Better.UP.value),
            ),
        ]
    note = text_input(
        multiline=True, initial=typed.get("note"), most=1000, placeholder="Why it matters, how to get there"
    )
    return [*blocks, asked("note", "Note", note, optional=True)]


def _looking_back(past: Before, unit: Unit) -> str:
    if past.best is None:
        return NO_HISTORY.format(len(past.levels))
    measured = [n for n, level in enumerate(past.levels) if level is not None]
    since = past.levels[: measured[-1] + 1]  # before these nothing was measured at all
    levels = " · ".join("–" if level is None else shown(level, unit) for level in since)
    best = shown(past.best, unit)
    match len(measured):
        case 1:
            usual = ONLY_ONE
        case 2:
            usual = BEST_OF_TWO.format(best)
        case _:
            usual = BEST.format(best, shown(past.median, unit))
    return LAST.format(len(past.levels), levels, usual)
