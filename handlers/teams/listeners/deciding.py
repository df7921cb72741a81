"""An admin decides about a team that was asked for."""

from datetime import datetime
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.forms import Memory, identifier
from handlers.house import Me
from handlers.refusals import Refusal, StaleRefusal
from handlers.teams.forms import DeclineForm
from handlers.teams.founding import GONE, REQUEST, activate, tell_asker
from handlers.teams.views import teams as views
from storage import messages, teams
from storage.people import Person
from storage.store import Store
from storage.teams import Team, TeamState

NOT_FOR_YOU = "Only an admin can approve or decline a team."


async def approve(ack: AsyncAck, action: dict[str, Any], store: Store, me: Me, now: datetime) -> None:
    if not me.is_admin:
        raise Refusal(NOT_FOR_YOU)
    async with store.write() as session:
        team = _ours(await teams.locked(session, identifier(action["value"])), me)
        await messages.refresh_subject(session, team.id, REQUEST, now=now)
        stale = team.state != TeamState.REQUESTED
        if not stale:
            await activate(session, team, me, now)
            await tell_asker(session, team, now)
        by = await session.get(Person, team.decided_by_id) if team.decided_by_id else None
    await ack()
    if stale:
        raise StaleRefusal(views.already_decided(team, by))


async def open_decline(
    ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient, store: Store, me: Me
) -> None:
    if not me.is_admin:
        raise Refusal(NOT_FOR_YOU)
    await ack()
    async with store.read() as session:
        team = _ours(await session.get(Team, identifier(action["value"])), me)
        by = await session.get(Person, team.decided_by_id) if team.decided_by_id else None
    if team.state != TeamState.REQUESTED:
        raise StaleRefusal(views.already_decided(team, by))
    await client.views_open(trigger_id=body["trigger_id"], view=views.decline_form(Memory(team=team.id), team))


async def submit_decline(ack: AsyncAck, view: dict[str, Any], store: Store, me: Me, now: datetime) -> None:
    if not me.is_admin:
        raise Refusal(NOT_FOR_YOU)
    reason = DeclineForm.read(view).reason
    async with store.write() as session:
        team = _ours(await teams.locked(session, Memory.of(view).team or 0), me)
        await messages.refresh_subject(session, team.id, REQUEST, now=now)
        stale = team.state != TeamState.REQUESTED
        if not stale:
            team.state, team.decided_by_id, team.decided_at = TeamState.DECLINED, me.id, now
            team.decline_reason = reason
            await tell_asker(session, team, now)
        by = await session.get(Person, team.decided_by_id) if team.decided_by_id else None
    if stale:
        raise StaleRefusal(views.already_decided(team, by))
    await ack()


def _ours(team: Team | None, me: Me) -> Team:
    """Raises Refusal for none, and for one of another workspace."""
    if team is None or team.workspace_id != me.person.workspace_id:
        raise Refusal(GONE)
    return team
