"""What Home shows of teams: requests that wait for an admin; then oneself, and the teams one is in."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.house import OnHome, Section, TeamSetting
from handlers.teams.rules import roles
from handlers.teams.rules.duty import on_duty
from handlers.teams.views import home as views
from handlers.teams.views.availability import presence
from storage import memberships, people, team_facts, teams
from storage.people import Person

SHOWN_AT_MOST = 5
"""Of the requests, and of the teams."""


def on_home_with(settings: Sequence[TeamSetting]) -> Section:
    """The section, with what the other features let managers set; the table is read when it is shown."""

    async def on_home(session: AsyncSession, person: Person, now: datetime) -> OnHome:
        return await _on_home(session, person, now, settings)

    return on_home


async def _on_home(session: AsyncSession, person: Person, now: datetime, settings: Sequence[TeamSetting]) -> OnHome:
    joined = await memberships.teams_of(session, person.id)
    known = {team.id for team in joined}
    headed = [team for team in await memberships.teams_seen_by(session, person.id) if team.id not in known]
    mine = await team_facts.of_teams(session, [*joined, *headed][:SHOWN_AT_MOST], now=now)
    everybody = [person, *(member for facts in mine for member, _ in facts.members)]
    homes = await memberships.primary_teams(session, everybody)
    further = [views.heading(), *views.oneself(person, homes[person.id], is_away=person.is_away(now))]
    if not mine:
        further.append(views.no_team())
    for facts in mine:
        manages = roles.may_manage(facts, person, is_admin=False)
        further += views.team_now(presence(facts, homes, now), on_duty(facts, now), manages=manages, settings=settings)
    waiting = []
    if person.is_admin or person.slack_id in await people.named_admins(session, person.workspace_id):
        requested = (await teams.requested(session, person.workspace_id))[:SHOWN_AT_MOST]
        askers = await people.seen_by_ids(session, [team.requested_by_id for team in requested])
        waiting += [
            block
            for facts in await team_facts.of_teams(session, requested, now=now)
            for block in views.waits_for_admin(facts, askers.get(facts.team.requested_by_id or 0))
        ]
    return OnHome(waiting, further)
