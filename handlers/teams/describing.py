"""How /backstop upcoming tells of this feature's messages and schedules."""

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.house import Coming, Me
from storage import memberships
from storage.duty import DutyOverride
from storage.messages import Message
from storage.schedule import Schedule, Timer
from storage.teams import Team

Row = Message | Timer | Schedule


async def welcome(session: AsyncSession, row: Row, _me: Me) -> Coming | None:
    assert isinstance(row, Message)
    mine = await memberships.teams_of(session, row.subject_id or 0)
    return Coming("Welcome to Backstop", mine[0].name, mine[0].id) if mine else None


async def request(session: AsyncSession, row: Row, _me: Me) -> Coming | None:
    team = await _team(session, row)
    return Coming("Request for a team", team.name) if team else None


async def outcome(session: AsyncSession, row: Row, _me: Me) -> Coming | None:
    team = await _team(session, row)
    return Coming("Outcome of a request for a team", team.name) if team else None


async def stands_in(session: AsyncSession, row: Row, _me: Me) -> Coming | None:
    assert isinstance(row, Message)
    override = await session.get(DutyOverride, row.subject_id)
    team = await session.get(Team, override.team_id) if override else None
    return Coming("Standing in on duty", team.name, team.id) if team else None


async def no_managers(session: AsyncSession, row: Row, _me: Me) -> Coming | None:
    team = await _team(session, row)
    return Coming("A team has no manager", team.name, team.id) if team else None


async def channel_archived(session: AsyncSession, row: Row, _me: Me) -> Coming | None:
    team = await _team(session, row)
    return Coming("A team’s channel was archived", team.name, team.id) if team else None


async def reconcile(_session: AsyncSession, _row: Row, me: Me) -> Coming | None:
    return Coming("Nightly look at Slack’s people and channels") if me.is_admin else None


async def _team(session: AsyncSession, row: Row) -> Team | None:
    assert isinstance(row, Message)
    return await session.get(Team, row.subject_id)
