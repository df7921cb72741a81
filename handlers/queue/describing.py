"""How /backstop upcoming tells of this feature's messages, schedules and timers."""

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.house import Coming, Me
from handlers.queue import steps
from storage.digests import Digest
from storage.messages import Message
from storage.personal_metrics import MetricsChange
from storage.schedule import Schedule, Timer
from storage.spikes import SpikeDay
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


async def spike(session: AsyncSession, row: Row, _me: Me) -> Coming | None:
    return await _of_spike(session, row, "Something unusual in the queue")


async def product(session: AsyncSession, row: Row, _me: Me) -> Coming | None:
    return await _of_spike(session, row, "The product people are told of a tag")


async def _of_spike(session: AsyncSession, row: Row, title: str) -> Coming | None:
    assert isinstance(row, Message)
    spike_day = await session.get(SpikeDay, row.subject_id)
    team = await session.get(Team, spike_day.team_id) if spike_day else None
    return Coming(title, team.name, team.id) if team else None


async def metrics_news(session: AsyncSession, row: Row, _me: Me) -> Coming | None:
    assert isinstance(row, Message)
    return await _of_change(session, row.subject_id, "Who may see figures about you")


async def widening(session: AsyncSession, row: Row, _me: Me) -> Coming | None:
    assert isinstance(row, Timer)
    return await _of_change(session, row.subject_id, "A wider setting of figures about one person takes effect")


async def _of_change(session: AsyncSession, change_id: int | None, title: str) -> Coming | None:
    change = await session.get(MetricsChange, change_id)
    team = await session.get(Team, change.team_id) if change and change.cancelled_at is None else None
    return Coming(title, team.name, team.id) if team else None
