"""How /backstop upcoming tells of this feature's messages, schedules and timers."""

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.house import Coming, Me
from handlers.queue import steps
from storage.digests import Digest
from storage.messages import Message
from storage.schedule import Schedule, Timer
from storage.teams import Team, TeamState

Row = Message | Timer | Schedule


async def scheduled(session: AsyncSession, row: Row, _me: Me) -> Coming | None:
    assert isinstance(row, Schedule)
    team = await session.get(Team, row.target_id)
    if team is None or team.state != TeamState.ACTIVE:
        return None
    title = "Weekly report" if row.kind == steps.WEEKLY else "Daily digest"
    return Coming(title, team.name, team.id)


async def digest(session: AsyncSession, row: Row, me: Me) -> Coming | None:
    if isinstance(row, Schedule):
        return await scheduled(session, row, me)
    assert isinstance(row, Message)
    made = await session.get(Digest, row.subject_id)
    team = await session.get(Team, made.team_id) if made else None
    if made is None or team is None:
        return None
    return Coming("Weekly report" if made.weekly else "Daily digest", team.name, team.id)


async def reminder(session: AsyncSession, row: Row, me: Me) -> Coming | None:
    assert isinstance(row, Message)
    if row.person_id != me.id:
        return None  # that somebody wants to be reminded is theirs alone
    made = await session.get(Digest, row.subject_id)
    team = await session.get(Team, made.team_id) if made else None
    return Coming("A reminder that you asked for", team.name) if team else None


async def hourly(_session: AsyncSession, _row: Row, me: Me) -> Coming | None:
    return Coming("Hourly look at the queues") if me.is_admin else None


async def nightly(_session: AsyncSession, _row: Row, me: Me) -> Coming | None:
    return Coming("Nightly deletion of old digests") if me.is_admin else None
