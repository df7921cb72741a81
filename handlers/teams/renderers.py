"""What the feature's messages show, from the truth at the moment they are sent."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.house import FALLEN, Fallen, Rendered
from handlers.teams.views import duty as duty_views
from handlers.teams.views import teams as views
from storage import memberships, team_facts
from storage.duty import DutyOverride
from storage.messages import Message
from storage.people import Person
from storage.teams import Team, TeamState


async def welcome(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:
    """Falls for who left every team before it was sent."""
    person = await session.get(Person, message.subject_id)
    if person is None:
        return FALLEN
    mine = [await team_facts.of_team(session, team, now=now) for team in await memberships.teams_of(session, person.id)]
    return views.welcome(person, mine) if mine else FALLEN


async def request(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:
    """Falls when it was decided before this admin was told."""
    team = await session.get(Team, message.subject_id)
    if team is None or (team.state != TeamState.REQUESTED and message.slack_ts is None):
        return FALLEN
    asker = await session.get(Person, team.requested_by_id)
    decided_by = await session.get(Person, team.decided_by_id) if team.decided_by_id else None
    if asker is None:
        return FALLEN
    return views.request(await team_facts.of_team(session, team, now=now), asker, decided_by)


async def outcome(session: AsyncSession, message: Message, _now: datetime) -> Rendered | Fallen:
    team = await session.get(Team, message.subject_id)
    if team is None or team.state == TeamState.REQUESTED:
        return FALLEN
    decided_by = await session.get(Person, team.decided_by_id) if team.decided_by_id else None
    return views.outcome(team, decided_by)


async def stands_in(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:
    override = await session.get(DutyOverride, message.subject_id)
    if override is None or override.until <= now:
        return FALLEN
    team = await session.get(Team, override.team_id)
    by = await session.get(Person, override.set_by_id) if override.set_by_id else None
    return duty_views.stand_in_told(team, override, by) if team else FALLEN


async def no_managers(session: AsyncSession, message: Message, _now: datetime) -> Rendered | Fallen:
    """Falls once somebody leads the team again."""
    team = await session.get(Team, message.subject_id)
    if team is None or any(one.is_reachable for one in await memberships.managers(session, team.id)):
        return FALLEN
    return views.no_managers(team)


async def channel_archived(session: AsyncSession, message: Message, _now: datetime) -> Rendered | Fallen:
    """Falls once the team uses another channel, or this one was unarchived (its row is cancelled then)."""
    team = await session.get(Team, message.subject_id)
    channel = str(message.details["channel"])
    if team is None or channel not in {team.channel, team.escalation_channel}:
        return FALLEN
    return views.channel_archived(team, channel)
