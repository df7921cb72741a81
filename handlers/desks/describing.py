"""How /backstop upcoming tells of this feature's messages, timers and schedules."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.desks import steps
from handlers.house import Coming, Describer, Me
from storage import sources
from storage.messages import Message
from storage.schedule import Schedule, Timer
from storage.sources import FAILING, PROGRESS
from storage.teams import Team

Row = Message | Timer | Schedule


async def progress(session: AsyncSession, row: Row, _me: Me) -> Coming | None:
    assert isinstance(row, Message)
    source = await sources.by_id(session, row.subject_id or 0)
    return Coming("How far a help desk is filled", source.name) if source else None


async def failing(session: AsyncSession, row: Row, _me: Me) -> Coming | None:
    assert isinstance(row, Message)
    source = await sources.by_id(session, row.subject_id or 0)
    return Coming("A help desk can’t be read", source.name) if source else None


async def pull(_session: AsyncSession, _row: Row, _me: Me) -> Coming | None:
    """A pull sends nothing, and comes every few minutes: it would only hide what is sent."""
    return None


async def snapshot(session: AsyncSession, row: Row, me: Me) -> Coming | None:
    assert isinstance(row, Schedule)
    team = await session.get(Team, row.target_id)
    return Coming("The backlog is counted for the day that ends", team.name, team.id) if team and me.is_admin else None


async def night(_session: AsyncSession, _row: Row, me: Me) -> Coming | None:
    return Coming("Old tickets are deleted") if me.is_admin else None


DESCRIBERS: Mapping[str, Describer] = {
    PROGRESS: progress,
    FAILING: failing,
    steps.PULL_DUE: pull,
    steps.SNAPSHOT: snapshot,
    steps.NIGHT: night,
}
