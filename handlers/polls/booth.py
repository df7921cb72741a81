"""Where answers are counted. Those that come at once share a transaction: with a commit for each, two thousand people
who answer one message within seconds would wait for each other's turn to write, and many of them in vain."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.house import Me
from handlers.polls import steps
from handlers.polls.rules import answering, rights
from handlers.refusals import Refusal
from storage import ballots, people, poll_audiences, polls
from storage.ballots import Answers
from storage.messages import refresh
from storage.polls import Poll, PollState
from storage.store import Store
from storage.together import Together

AT_ONCE = 50
"""As many answers as one transaction counts."""


@dataclass(frozen=True)
class Vote:
    """Somebody's answer, before it is known whether it counts."""

    poll_id: int
    me: Me
    channel: str | None
    """Where it was given: whoever reads the post in the channel is asked, also if they joined it later."""
    read: Callable[[Poll], Answers]
    """What is chosen. Raises Refusal."""
    now: datetime


@dataclass(frozen=True)
class Counted:
    """What an answer was given to."""

    poll: Poll
    author: str


class Booth:
    def __init__(self) -> None:
        self._counting: Together[Vote, Counted] | None = None

    async def cast(self, store: Store, vote: Vote) -> Counted:
        """Counts the answer: it is kept when this returns. While others keep the database busy, it waits. Raises
        Refusal, and what Store.write raises."""
        if self._counting is None:
            self._counting = Together(partial(_count, store), at_most=AT_ONCE)
        return await self._counting(vote)


async def _count(store: Store, votes: Sequence[Vote]) -> list[Counted | Exception]:
    async with store.write() as session:
        return await count(session, votes)


async def count(session: AsyncSession, votes: Sequence[Vote]) -> list[Counted | Exception]:
    """What each was given to, or why it doesn't count, in their order."""
    outcomes: list[Counted | Exception] = [Refusal(rights.UNKNOWN)] * len(votes)
    for poll_id in sorted({vote.poll_id for vote in votes}):
        poll = await polls.held_open(session, poll_id)
        mine = [(place, vote) for place, vote in enumerate(votes) if vote.poll_id == poll_id]
        if poll is None or poll.state == PollState.DRAFT:
            continue
        counted = Counted(poll, (await people.by_ids(session, [poll.author_id]))[poll.author_id].name)
        asked = await poll_audiences.asked_among(session, poll.id, [vote.me.id for _, vote in mine])
        given: dict[int, Answers] = {}
        for place, vote in mine:
            try:
                is_new = require_asked(poll, vote.me.id in asked, vote.channel, vote.me)
                answering.require_open(poll, vote.now)
                given[vote.me.id] = vote.read(poll)
            except Refusal as refusal:
                outcomes[place] = refusal
                continue
            if is_new:
                asked |= {vote.me.id: True}
                await welcome_in(session, poll, vote.me.id)
            outcomes[place] = counted
        if given:
            await _keep(session, poll, given, asked, max(vote.now for _, vote in mine))
    return outcomes


def require_asked(poll: Poll, is_asked: bool, channel: str | None, me: Me) -> bool:
    """Whether they must first be added to those asked. Raises Refusal for who isn't asked."""
    if poll.workspace_id != me.person.workspace_id:
        raise Refusal(rights.UNKNOWN)
    if not is_asked and (poll.channel is None or channel != poll.channel):
        raise Refusal(rights.UNKNOWN if poll.channel is None else rights.NOT_ASKED)
    return not is_asked


async def welcome_in(session: AsyncSession, poll: Poll, person_id: int) -> None:
    """They came to the channel after the poll did."""
    row = {"person_id": person_id, "team_id": None, "by_name": False, "in_channel": True}
    await poll_audiences.ask(session, poll.id, [row])
    await polls.count_one_more(session, poll.id)


async def _keep(
    session: AsyncSession, poll: Poll, given: dict[int, Answers], in_channel: dict[int, bool], now: datetime
) -> None:
    await ballots.cast_all(session, poll, given, now=now)
    await steps.want_turnout(session, poll, now=now)
    if not poll.is_anonymous:  # of an anonymous one, not even a message's row tells that somebody answered
        for person_id in given:
            if not in_channel[person_id]:
                await refresh(session, f"poll:{poll.id}:prompt:{person_id}", now=now)
