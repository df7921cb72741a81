"""What those who are asked see: the message, and the form behind *Answer…*."""

from collections.abc import Sequence

from handlers.blocks import (
    Block,
    actions,
    asked,
    bold,
    button,
    checkboxes,
    context,
    header,
    modal,
    notice,
    option,
    plain,
    radio,
    said,
    section,
    select,
    text_input,
)
from handlers.polls.rules.answering import TEXT_LENGTH, block_of, is_tappable
from handlers.polls.rules.tallying import Tally
from handlers.polls.views.results import is_title, summary
from handlers.polls.views.words import closing, promise, questions, turnout
from storage.ballots import Answers
from storage.polls import Kind, Poll, PollState, Question, Results

ANSWER = "polls.answer"
TAP = "polls.tap"
RESULTS = "polls.results"
FORM = "polls.answer_form"
PREVIEW_FORM = "polls.preview_form"
BUTTONS_AT_MOST = 5
"""Beyond it a menu is easier on a phone."""
SHOWN_AS_LIST = 10
"""Radio buttons and checkboxes; Slack has no longer ones."""
THANKS = ":white_check_mark: Your answer is counted. You can change it until the close."
THANKS_NAMED = ":white_check_mark: Your answer is counted: {}. You can change it until the close."
AGAIN = "If you answered already: what you send now takes the place of it."
OVER = "{} is closed. Thank you to everybody who answered."
MANAGERS_HAVE_IT = "The result goes to the managers."
PREVIEWED = "This is a preview: nothing is sent."
RATING_MEANS = "1 is the lowest, 5 the highest."
TITLE = "Poll"


def invitation(author: str, poll: Poll) -> str:
    """What a notification says."""
    return f"{author} asks: {poll.title}"


def prompt(
    poll: Poll, author: str, *, answered: bool, taken_part: int | None, tallies: Sequence[Tally] = ()
) -> list[Block]:
    """The message of an open poll. `taken_part`: how many answered, where the message says so; `tallies`: of live
    results."""
    blocks = [header(poll.title), section(promise(poll))]
    blocks += _question(poll) if is_tappable(poll) else [section(_contents(poll))]
    if tallies:
        blocks += [section(line) for line in summary(poll, tallies)]
    if answered:
        blocks.append(section(THANKS))
    if not is_tappable(poll):
        label = "Change your answer…" if answered else "Answer…"
        blocks.append(actions(button(label, ANSWER, poll.id, style=None if answered else "primary")))
    facts = [f"Asked by {said(author, 80)}", closing(poll)]
    facts += [turnout(taken_part, poll.asked)] if taken_part is not None else []
    return [*blocks, context(" · ".join(facts))]


def _contents(poll: Poll) -> str:
    if len(poll.questions) == 1:
        return bold(poll.questions[0].text, 300)
    lines = [f"{number}. {said(one.text, 300)}" for number, one in enumerate(poll.questions, 1)]
    return "\n".join([f"*{questions(len(poll.questions))}*", *lines])[:2990]


def _question(poll: Poll) -> list[Block]:
    """The one question, answered by a tap."""
    one = poll.questions[0]
    text = bold(one.text, 300)
    if one.kind == Kind.ONE and len(one.options) <= BUTTONS_AT_MOST:
        rows = [
            section(
                said(label, 75),
                accessory=button("Choose", TAP, f"{poll.id}:{one.id}:{index}", says=f"Choose {label}"),
            )
            for index, label in enumerate(one.options)
        ]
        return rows if is_title(poll, one) else [section(text), *rows]
    options = [option(str(label), f"{poll.id}:{one.id}:{index}") for index, label in enumerate(one.options)]
    hint = [context(RATING_MEANS)] if one.kind == Kind.RATING else []
    return [section(text, accessory=select(TAP, options, placeholder="Your answer")), *hint]


def closed(poll: Poll, tallies: Sequence[Tally], taken_part: int) -> list[Block]:
    """The message of a poll that is over: its result, as far as those who were asked see it."""
    blocks = [header(poll.title), section(OVER.format(f"*{poll.label}*"))]
    if poll.results == Results.MANAGERS:
        blocks.append(section(MANAGERS_HAVE_IT))
    else:
        blocks += [section(line) for line in summary(poll, tallies)]
        blocks.append(actions(button("Open the result", RESULTS, poll.id)))
    return [*blocks, context(f"{closing(poll)} · {turnout(taken_part, poll.asked)}")]


def answer_form(poll: Poll, before: Answers | None, metadata: str, *, preview: bool = False) -> Block:
    """`before`: what this reader answered under their name; of a secret ballot nothing is shown."""
    blocks: list[Block] = [section(f"{bold(poll.title, 150)}\n{promise(poll)}")]
    if poll.is_anonymous and not preview:
        blocks.append(context(AGAIN))
    blocks += [_field(one, (before or {}).get(str(one.id))) for one in poll.questions]
    if preview:
        return modal(PREVIEW_FORM, TITLE, [section(PREVIEWED), *blocks], submit="Try it", close="Back")
    return modal(FORM, TITLE, blocks, submit="Send", metadata=metadata)


def _field(one: Question, before: object) -> Block:
    label = one.text
    options = [option(str(text), str(index)) for index, text in enumerate(one.options)]
    initial = {str(index) for index in before} if isinstance(before, list) else {str(before)}
    first = next(iter(initial), None)
    match one.kind:
        case Kind.TEXT:
            given = before if isinstance(before, str) else None
            element = text_input(multiline=True, most=TEXT_LENGTH, initial=given)
            return asked(block_of(one), label, element, optional=True)
        case Kind.SEVERAL:
            hint = f"Up to {one.most}." if one.most < len(one.options) else "As many as you like."
            return asked(block_of(one), label, _several(one, options, initial), hint=hint)
        case Kind.RATING:
            return asked(block_of(one), label, radio("choice", options, initial=first), hint=RATING_MEANS)
        case Kind.ONE if len(options) <= SHOWN_AS_LIST:
            return asked(block_of(one), label, radio("choice", options, initial=first))
        case Kind.ONE:
            return asked(block_of(one), label, select("choice", options, placeholder="Choose one", initial=first))


def _several(one: Question, options: Sequence[Block], initial: set[str]) -> Block:
    if len(options) <= SHOWN_AS_LIST:
        return checkboxes("choice", options, initial=initial)
    element: Block = {"type": "multi_static_select", "action_id": "choice", "options": list(options)}
    element |= {"placeholder": plain("Choose"), "max_selected_items": one.most}
    chosen = [choice for choice in options if choice["value"] in initial]
    return element | ({"initial_options": chosen} if chosen else {})


def thanks(poll: Poll, answers: Answers) -> str:
    """What somebody hears after their answer. What was chosen is repeated only where it stands under their name."""
    if poll.is_anonymous or not is_tappable(poll):
        return THANKS
    one = poll.questions[0]
    return THANKS_NAMED.format(said(str(one.options[answers[str(one.id)]]), 75))


def thank_you(poll: Poll) -> Block:
    return notice("Thank you", THANKS if poll.state == PollState.OPEN else OVER.format(poll.label))
