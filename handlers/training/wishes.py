"""What a poll found out, as the beginning of a topic: the option or the words behind *Make it a training item*."""

import json
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import one_line
from handlers.forms import NOT_OURS, identifier
from handlers.polls.rules import rights
from handlers.refusals import Refusal
from storage import ballots, polls
from storage.people import Person
from storage.polls import Poll, Question


@dataclass(frozen=True)
class Wish:
    topic: str
    origin: str
    """The question that it answers."""
    team_id: int


async def of_poll(session: AsyncSession, value: str, me: Person) -> Wish:
    """The button's value is JSON with "poll", "question", and "option" (an index) or "answer" (an id). Raises Refusal
    for a poll that this person doesn't lead, a result that isn't shown, and for what no button of ours carries."""
    try:
        named = json.loads(value)
        poll_id, question_id = identifier(named["poll"]), identifier(named["question"])
        option, answer = named.get("option"), named.get("answer")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Refusal(NOT_OURS) from None
    poll = await polls.loaded(session, poll_id)
    reader = await polls.reader_of(session, poll, me.id) if poll else None
    if poll is None or reader is None:
        raise Refusal(rights.UNKNOWN)
    rights.require_results(poll, reader)
    rights.require_leading(poll, reader)
    question = next((one for one in poll.questions if one.id == question_id), None)
    if question is None or question.held_back:
        raise Refusal(NOT_OURS)
    words = _option(question, option) if option is not None else await _words(session, poll, question, str(answer))
    return Wish(one_line(words, 200), one_line(question.text, 200), poll.team_id)


def _option(question: Question, option: object) -> str:
    if not isinstance(option, int) or isinstance(option, bool) or not 0 <= option < len(question.options):
        raise Refusal(NOT_OURS)
    return str(question.options[option])


async def _words(session: AsyncSession, poll: Poll, question: Question, known_by: str) -> str:
    """What somebody wrote, found by the id under which the result shows it."""
    if not poll.is_anonymous and poll.names_dropped_at is None:
        given = await ballots.named_of(session, poll.id)
        written = {str(person_id): answers.get(str(question.id)) for person_id, answers in given.items()}
    else:
        written = {one.id: one.text for one in await ballots.answers_of(session, [question.id])}
    words = written.get(known_by)
    if not isinstance(words, str):
        raise Refusal(NOT_OURS)
    return words
