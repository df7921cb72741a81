"""Reading what somebody chose, before it is counted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from handlers.refusals import FormRefusal, Refusal
from storage.ballots import Answers
from storage.polls import Kind, Poll, PollState, Question

CLOSED = "{} is closed: no answers are counted any more."
GONE = "That question has changed. Open the poll again, and answer there."
TOO_MANY = "Choose at most {}."
NEEDED = "Please choose."
TEXT_LENGTH = 1000
ALL_EMPTY = "Answer at least one question."


def is_over(poll: Poll, now: datetime) -> bool:
    """Closed, or past its time though the close itself is still to come."""
    return poll.state != PollState.OPEN or poll.closes_at <= now


def require_open(poll: Poll, now: datetime) -> None:
    if is_over(poll, now):
        raise Refusal(CLOSED, poll.label)


def block_of(question: Question) -> str:
    """The block id of its field."""
    return f"question-{question.id}"


def read_answers(poll: Poll, typed: Mapping[str, Any]) -> Answers:
    """A form's values → answers. Raises FormRefusal at the field; Refusal for what no form of ours offers."""
    answers: Answers = {}
    for one in poll.questions:
        value = typed.get(block_of(one))
        if one.kind == Kind.TEXT:
            if value:
                answers[str(one.id)] = str(value)[:TEXT_LENGTH]
            continue
        if not value:
            raise FormRefusal({block_of(one): NEEDED})
        if one.kind == Kind.SEVERAL:
            chosen = sorted({_index(one, each) for each in (value if isinstance(value, list) else [value])})
            if len(chosen) > one.most:
                raise FormRefusal({block_of(one): TOO_MANY.format(one.most)})
            answers[str(one.id)] = chosen
        else:
            answers[str(one.id)] = _index(one, value)
    if not answers:
        raise FormRefusal({block_of(poll.questions[0]): ALL_EMPTY})
    return answers


def read_tap(poll: Poll, question_id: int, option: str) -> Answers:
    """The answer of a tap in a message: for a poll of one question with one choice. Raises Refusal."""
    if len(poll.questions) != 1 or poll.questions[0].id != question_id or not is_tappable(poll):
        raise Refusal(GONE)
    return {str(question_id): _index(poll.questions[0], option)}


def is_tappable(poll: Poll) -> bool:
    """Whether it is answered in the message itself."""
    return len(poll.questions) == 1 and poll.questions[0].kind in {Kind.ONE, Kind.RATING}


def _index(question: Question, value: object) -> int:
    written = str(value)
    if not (written.isascii() and written.isdecimal() and len(written) < 3 and int(written) < len(question.options)):
        raise Refusal(GONE)
    return int(written)
