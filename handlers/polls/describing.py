"""How /backstop upcoming tells of polls: to whom it concerns; what is asked anonymously is told as any other."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.house import Coming, Describer, Me
from handlers.polls import opening
from storage import polls
from storage.messages import Message
from storage.people import Person
from storage.polls import Poll, PollState
from storage.schedule import Schedule, Timer

Row = Message | Timer | Schedule

ASKED = "A poll asks"
CLOSES = "A poll closes"
OVER = "A poll’s result, for whoever asked"
AGAIN = "A poll is asked again"
NOT_POSTED = "A poll couldn’t be posted"
NIGHTLY = "Old words and names of polls are deleted"


async def prompt(session: AsyncSession, row: Row, _me: Me) -> Coming | None:
    return _coming(ASKED, await _poll(session, row, PollState.OPEN))


async def close(session: AsyncSession, row: Row, _me: Me) -> Coming | None:
    return _coming(CLOSES, await _poll(session, row, PollState.OPEN))


async def outcome(session: AsyncSession, row: Row, _me: Me) -> Coming | None:
    return _coming(OVER, await _poll(session, row, PollState.CLOSED))


async def parked(session: AsyncSession, row: Row, _me: Me) -> Coming | None:
    return _coming(NOT_POSTED, await _poll(session, row, PollState.OPEN))


async def unsent(session: AsyncSession, row: Row, _me: Me) -> Coming | None:
    assert isinstance(row, Message)
    return _coming(AGAIN, await session.get(Poll, row.subject_id))


async def again(session: AsyncSession, row: Row, _me: Me) -> Coming | None:
    """Nothing in the weeks that it passes over."""
    assert isinstance(row, Schedule)
    first = await session.get(Poll, row.target_id)
    if first is None or row.next_fire_at is None or not opening.is_its_week(first, row.next_fire_at, row.zone):
        return None
    author = await session.get(Person, first.author_id)
    return _coming(AGAIN, first) if author is not None else None


async def nightly(_session: AsyncSession, _row: Row, me: Me) -> Coming | None:
    return Coming(NIGHTLY) if me.is_admin else None


DESCRIBERS: Mapping[str, Describer] = {
    "polls.prompt": prompt,
    "polls.close": close,
    "polls.outcome": outcome,
    "polls.parked": parked,
    "polls.unsent": unsent,
    "polls.again": again,
    "polls.retention": nightly,
}


async def _poll(session: AsyncSession, row: Row, state: PollState) -> Poll | None:
    assert not isinstance(row, Schedule)
    poll = await polls.loaded(session, row.subject_id)
    return poll if poll is not None and poll.state == state else None


def _coming(what: str, poll: Poll | None) -> Coming | None:
    return None if poll is None else Coming(what, poll.title, poll.team_id)
