"""Who may change a team's help desks: its managers and admins, checked at every click."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.house import Me
from handlers.refusals import Refusal
from handlers.teams.rules import roles
from storage import sources, team_facts
from storage.sources import Source
from storage.teams import Team, TeamState

TEAM_GONE = "That team isn’t there any more. `/backstop team` shows yours."
SOURCE_GONE = "That help desk isn’t connected any more. `/backstop team connect` shows what is."
ONLY_MANAGERS = "Only the managers of {} connect its help desk: {}."
NOBODY = "it has none"


async def changeable(session: AsyncSession, team_id: int, me: Me, now: datetime) -> Team:
    """The team, if this person may change what it is connected with. Raises Refusal."""
    team = await session.get(Team, team_id)
    if team is None or team.state != TeamState.ACTIVE or team.workspace_id != me.person.workspace_id:
        raise Refusal(TEAM_GONE)
    facts = await team_facts.of_team(session, team, now=now)
    if not roles.may_manage(facts, me.person, is_admin=me.is_admin):
        managers = ", ".join(manager.name for manager in facts.managers[:4])
        raise Refusal(ONLY_MANAGERS, team.name, managers or NOBODY)
    return team


async def changeable_source(session: AsyncSession, source_id: int, me: Me, now: datetime) -> Source:
    """The source, if this person may change a team that it feeds. Raises Refusal."""
    source = await sources.locked(session, source_id)
    fed = await sources.linked_teams(session, source_id) if source is not None else ()
    if source is None or not fed or source.workspace_id != me.person.workspace_id:
        raise Refusal(SOURCE_GONE)
    for team in fed[1:]:
        facts = await team_facts.of_team(session, team, now=now)
        if roles.may_manage(facts, me.person, is_admin=me.is_admin):
            return source
    await changeable(session, fed[0].id, me, now)
    return source
