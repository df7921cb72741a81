"""A poll's result as a reader may have it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.polls.rules import rights, tallying
from handlers.polls.rules.tallying import Tally
from storage import ballots, poll_audiences, polls, training
from storage.polls import Poll, Reader

TOPICS_AT_MOST = 100


async def for_reader(session: AsyncSession, poll_id: int, person_id: int) -> tuple[Poll, Reader]:
    """The poll, and what the reader is to it. Raises Refusal if it doesn't exist for them."""
    poll = await polls.loaded(session, poll_id)
    reader = await polls.reader_of(session, poll, person_id) if poll else None
    rights.require_sight(poll, reader)
    assert poll is not None
    assert reader is not None
    return poll, reader


async def tallies(session: AsyncSession, poll: Poll) -> list[Tally]:
    """What the answers come to, question by question. Of an anonymous poll that is open: nothing, to nobody."""
    if not poll.is_anonymous and poll.names_dropped_at is None:
        given = await ballots.named_of(session, poll.id)
        return [tallying.of_named(one, given) for one in poll.questions]
    ids = [one.id for one in poll.questions]
    answers, groups = await ballots.answers_of(session, ids), await ballots.groups_of(session, ids)
    return [tallying.of_loose(one, answers, groups) for one in poll.questions]


async def earlier(session: AsyncSession, poll: Poll, reader: Reader) -> dict[int, tuple[Tally, datetime]]:
    """By question id: what the same question came to when it was asked last of the same teams, and when; only results
    that this reader may see."""
    found: dict[int, tuple[Tally, datetime]] = {}
    for question in poll.questions:
        before = await polls.asked_before(session, question, poll)
        if before is None:
            continue
        one, its_poll = before
        whole = await polls.loaded(session, its_poll.id)
        if whole is None or whole.closed_at is None or rights.why_no_results(whole, reader) is not None:
            continue
        then = next((tally for tally in await tallies(session, whole) if tally.question.id == one.id), None)
        if then is not None and then.whole.answered:
            found[question.id] = (then, whole.closed_at)
    return found


async def team_names(session: AsyncSession, poll: Poll, counted: Sequence[Tally]) -> dict[int, str]:
    """Names of the teams that are shown by themselves."""
    shown = {team for tally in counted for team in tally.teams}
    return {team.id: team.name for team in await poll_audiences.teams_asked(session, poll.id) if team.id in shown}


async def noted_topics(session: AsyncSession, poll: Poll) -> set[str]:
    """What the teams that are asked want to learn already, in small letters."""
    asked = [poll.team_id, *(team.id for team in await poll_audiences.teams_asked(session, poll.id))]
    return {item.topic.casefold() for item in await training.open_items(session, set(asked), most=TOPICS_AT_MOST)}
