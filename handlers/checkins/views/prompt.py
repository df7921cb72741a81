"""The question as it comes, its form, and what stands there after the close."""

from collections.abc import Sequence
from datetime import datetime

from handlers.blocks import (
    Block,
    actions,
    asked,
    button,
    clock_time,
    context,
    modal,
    option,
    quoted,
    radio,
    said,
    section,
    text_input,
)
from handlers.checkins.views.words import FEELINGS, FOR_YOURSELF, LOADS, PROMISE, long_date
from handlers.forms import Memory
from storage.checkin_answers import Answer, Blocker
from storage.checkins import Prompt, Round, Visibility

LOAD_ACTIONS = tuple(f"checkins.load_{step}" for step in range(1, 6))
FEELING_ACTIONS = tuple(f"checkins.feeling_{step}" for step in range(1, 6))
SAY_MORE = "checkins.say_more"
FORM = "checkins.answer_form"

HOW_LOADED = "*How is your load today?*"
HOW_FELT = "*How did work feel?*"
TITLE = "Check-in, {}"
NUDGE_TITLE = "Still open until {}: your check-in, if you like"
NOTIFIED = "Check-in: how is your load today? Two taps, until {}."
OPEN_UNTIL = "You can change it until {}. `/checkin off`: I stop asking you."
LATE = "Late by {} min: Backstop was down."
CLOSED_ANSWERED = "Closed. You said: *{}*."
CLOSED_UNANSWERED = "Closed at {}. `/checkin` takes an answer on any day, for yourself."
REMINDER_OVER = "This reminder is over."
NOTHING_SAID = "nothing"
SINCE_LAST = ":wrench: *Since the last check-in*\n"
DID = "• {}: {}"
BESIDE_USUAL = (
    "Your queue looks as usual ({}), and you said *too much*: want to say what it is? Only you see this line."
)
LATE_FROM_MIN = 2
OWN_TEXT_HINT = {
    Visibility.PRIVATE: (
        "Your managers read it after the close, in your words, without your name, once 5 have answered. Your "
        "words can still tell who you are."
    ),
    Visibility.NAMED: "Your managers read it with your name.",
}
FOR_YOURSELF_HINT = "Stored for you alone."


def prompt(
    one: Prompt,
    round_: Round,
    answer: Answer | None,
    *,
    team_name: str,
    done: Sequence[tuple[Blocker, str]],
    queue: str,
    is_usual_queue: bool,
    is_nudge: bool,
    is_open: bool,
) -> list[Block]:
    """The direct message. `done`: what managers wrote that they did, with their names; `queue`: what they
    have to do, to say beside *too much* where that is nothing unusual."""
    title = f"*{TITLE.format(long_date(round_.day))}* · {said(team_name, 80)}"
    if not is_open:
        return [section(f"{title}\n{REMINDER_OVER if is_nudge else _closed(one, answer)}")]
    if is_nudge:
        title = f"*{NUDGE_TITLE.format(clock_time(one.closes_at))}* · {said(team_name, 80)}"
    blocks = [section(title)]
    if done and not is_nudge:
        lines = [DID.format(said(name, 60), said(blocker.done or "", 300)) for blocker, name in done]
        blocks.append(section(SINCE_LAST + "\n".join(lines)))
    blocks.append(section(PROMISE[round_.visibility]))
    load = answer.load if answer else None
    feeling = answer.feeling if answer else None
    blocks += [section(HOW_LOADED), _steps(LOADS, LOAD_ACTIONS, load, one, "Load")]
    blocks += [section(HOW_FELT), _steps(FEELINGS, FEELING_ACTIONS, feeling, one, "Work felt")]
    text = answer.blocker if answer else None
    if text:
        blocks.append(section(f"*In the way*\n{quoted(text, 600)}"))
    elif load == len(LOADS) and is_usual_queue:
        blocks.append(section(BESIDE_USUAL.format(queue)))
    label = "Change what is in the way…" if text else "What is in the way…"
    blocks.append(actions(button(label, SAY_MORE, one.id), block_id="more"))
    late = _late_min(one)
    told = [LATE.format(late)] if late else []
    blocks.append(context(*told, OPEN_UNTIL.format(clock_time(one.closes_at))))
    return blocks


def summary(one: Prompt, *, is_open: bool) -> str:
    """What a notification reads: nothing of the answer, which a locked screen would show to others."""
    return NOTIFIED.format(clock_time(one.closes_at)) if is_open else "Check-in: closed"


def _steps(names: Sequence[str], action_ids: Sequence[str], chosen: int | None, one: Prompt, what: str) -> Block:
    return actions(
        *(
            button(
                f"✓ {name}" if step == chosen else name,
                action_id,
                one.id,
                style="primary" if step == chosen else None,
                says=f"{what}: {name}{', chosen' if step == chosen else ''}",
            )
            for step, (name, action_id) in enumerate(zip(names, action_ids, strict=True), start=1)
        ),
        block_id=what.lower().replace(" ", "_"),
    )


def in_words(answer: Answer) -> str:
    """What somebody said, for themselves."""
    parts = [LOADS[answer.load - 1]] if answer.load else []
    parts += [f"work felt {FEELINGS[answer.feeling - 1]}"] if answer.feeling else []
    return ", ".join(parts) or NOTHING_SAID


def _closed(one: Prompt, answer: Answer | None) -> str:
    if answer is None:
        return CLOSED_UNANSWERED.format(clock_time(one.closes_at))
    return CLOSED_ANSWERED.format(in_words(answer)) + (f"\n{quoted(answer.blocker, 600)}" if answer.blocker else "")


def queue_in_words(owned: int, held: int | None) -> str:
    """`7 open tickets, 1 escalation`; `held` None: no help desk tells."""
    cases = f"{owned} escalation{'' if owned == 1 else 's'}"
    return f"{held} open ticket{'' if held == 1 else 's'}, {cases}" if held is not None else cases


def _late_min(one: Prompt) -> int:
    late = int((one.asked_at - one.opens_at).total_seconds() // 60) if one.asked_at else 0
    return late if late >= LATE_FROM_MIN else 0


class AnswerMemory(Memory):
    """`prompt`: the part of a round that the form answers; None: a day on which nobody is asked."""

    prompt: int | None = None


def answer_form(memory: AnswerMemory, round_: Round | None, answer: Answer | None, *, day: str, until: str) -> Block:
    """The same question as a form: for `/checkin`, Home, and what is in the way."""
    promise = PROMISE[round_.visibility] if round_ else FOR_YOURSELF
    hint = OWN_TEXT_HINT[round_.visibility] if round_ else FOR_YOURSELF_HINT
    loads = [option(name, str(step)) for step, name in enumerate(LOADS, start=1)]
    feelings = [option(name, str(step)) for step, name in enumerate(FEELINGS, start=1)]
    load = str(answer.load) if answer and answer.load else None
    feeling = str(answer.feeling) if answer and answer.feeling else None
    text = answer.blocker if answer else None
    return modal(
        FORM,
        "Check-in",
        [
            section(f"*{day}*{until}\n{promise}"),
            asked("load", "How is your load?", radio("choice", loads, initial=load)),
            asked("feeling", "How did work feel?", radio("choice", feelings, initial=feeling), optional=True),
            asked(
                "blocker",
                "What is in the way?",
                text_input(initial=text, multiline=True, most=1000),
                hint=hint,
                optional=True,
            ),
        ],
        submit="Save",
        metadata=memory.kept(),
    )


def until_line(closes_at: datetime | None) -> str:
    return f" · open until {clock_time(closes_at)}" if closes_at else ""
