"""`/backstop team connect` and *Help desk…*: choose one, test it, say what of it is the team's."""

from datetime import datetime, timedelta
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import Block, notice, said
from handlers.desks import steps
from handlers.desks.changing import changeable
from handlers.desks.forms import ALL, Connection, DeskMemory
from handlers.desks.views import connecting as views
from handlers.desks.views.connecting import Standing
from handlers.forms import NOT_OURS, identifier
from handlers.helpdesks import DeskTroubleError, HelpDesks
from handlers.house import Me
from handlers.refusals import FormRefusal, Refusal
from storage import messages, sources
from storage.messages import Attention, Priority
from storage.sources import EVERYTHING_ELSE, PROGRESS
from storage.store import Store
from storage.teams import Team

FILLED = timedelta(weeks=views.WEEKS)
NOT_THERE = "That help desk’s credentials are no longer set. Close the form and open it again."


async def open_settings(
    ack: AsyncAck,
    action: dict[str, Any],
    body: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    helpdesks: HelpDesks,
    me: Me,
    now: datetime,
) -> None:
    await ack()
    async with store.read() as session:
        view = await settings(session, await changeable(session, identifier(action["value"]), me, now), helpdesks)
    await client.views_open(trigger_id=body["trigger_id"], view=view)


async def settings(session: AsyncSession, team: Team, helpdesks: HelpDesks) -> Block:
    """What feeds the team now, and what could."""
    standing = [await _standing(session, source, team.id) for source in await sources.of_team(session, team.id)]
    taken = {(each.source.kind, each.source.name) for each in standing}
    available = [desk for desk in helpdesks.available() if desk not in taken]
    return views.settings(team, standing, available, DeskMemory(team=team.id))


async def _standing(session: AsyncSession, source: sources.Source, team_id: int) -> Standing:
    links = [link for link in await sources.links(session, source.id) if link.team_id == team_id]
    agents = [agent for agent in await sources.agents(session, source.id) if agent.active]
    unmatched = sum(1 for agent in agents if agent.person_id is None and not agent.by_hand)
    notes = None if source.kind in sources.FILES else any(link.writes_notes for link in links)
    return Standing(source, [link.group_name for link in links], unmatched, len(agents), notes)


async def test(
    ack: AsyncAck,
    action: dict[str, Any],
    view: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    helpdesks: HelpDesks,
    me: Me,
    now: datetime,
) -> None:
    """Tests it, in front of their eyes: nothing is stored yet."""
    await ack()
    kind, memory = str(action["value"]), DeskMemory.of(view)
    name = dict(helpdesks.available()).get(kind)
    if name is None:
        raise Refusal(NOT_THERE)
    async with store.read() as session:
        team = await changeable(session, identifier(memory.team), me, now)
        source = await sources.named(session, team.workspace_id, kind, name)
        links = await sources.links(session, source.id) if source is not None else ()
    await client.views_update(view_id=view["id"], view=views.testing(name))
    try:
        checked = await helpdesks.check(kind)
    except DeskTroubleError as trouble:
        shown = views.refused(name, str(trouble))
    else:
        others = [link.group_name for link in links if link.team_id != team.id]
        shown = views.connection(name, checked, memory.model_copy(update={"desk": kind}), taken=others)
    await client.views_update(view_id=view["id"], view=shown)


async def submit_connection(
    ack: AsyncAck, view: dict[str, Any], store: Store, helpdesks: HelpDesks, me: Me, now: datetime
) -> None:
    """Stored, filled from now on, and shown in a message that follows it."""
    form, memory = Connection.read(view), DeskMemory.of(view)
    name = dict(helpdesks.available()).get(memory.desk or "")
    if memory.desk is None or name is None:
        raise Refusal(NOT_THERE)
    if not form.groups:
        raise FormRefusal({"groups": views.CHOOSE_GROUPS})
    async with store.write() as session:
        team = await changeable(session, identifier(memory.team), me, now)
        source = await sources.connect(
            session,
            workspace_id=team.workspace_id,
            kind=memory.desk,
            name=name,
            since=now - FILLED,
            by_id=me.id,
            now=now,
        )
        groups = [EVERYTHING_ELSE if chosen == ALL else chosen.removeprefix("group:") for chosen in form.groups]
        await _require_free(session, source.id, team.id, groups)
        await sources.link(session, source.id, team.id, groups, writes_notes="notes" in form.notes)
        await steps.aim(session, source, now=now)
        if source.filled_at is not None:  # known from before, or another team's too: what is stored is shared out anew
            await steps.want_regroup(session, source, now=now)
        await messages.want(
            session,
            workspace_id=team.workspace_id,
            key=f"{PROGRESS}:{source.id}:{memory.key}",
            renderer=PROGRESS,
            subject_id=source.id,
            destination=me.person.slack_id,
            person_id=me.id,
            attention=Attention.ASKED,
            priority=Priority.INTERACTIVE,
            now=now,
        )
    told = views.CONNECTED.format(said(name, 120), said(team.name, 80), views.WEEKS)
    await ack(response_action="update", view=notice("Help desk", told))


async def _require_free(session: AsyncSession, source_id: int, team_id: int, groups: list[str]) -> None:
    """Raises FormRefusal for what became another team's since the form was shown."""
    theirs = {link.group_name for link in await sources.links(session, source_id) if link.team_id != team_id}
    for group in groups:
        if group in theirs:
            raise FormRefusal({"groups": views.OTHER_TEAMS.format(group or "The rest")})


async def switch_notes(
    ack: AsyncAck,
    action: dict[str, Any],
    body: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    helpdesks: HelpDesks,
    me: Me,
    now: datetime,
) -> None:
    """From now on claim and resolve leave notes there, or none any more; the window shows which."""
    source_id, team_id, wanted = [*str(action["value"]).split(":"), "", ""][:3]
    if wanted not in {"on", "off"}:
        raise Refusal(NOT_OURS)
    async with store.write() as session:
        team = await changeable(session, identifier(team_id), me, now)
        await sources.write_notes(session, identifier(source_id), team.id, wanted=wanted == "on")
        view = await settings(session, team, helpdesks)
    await ack()
    await client.views_update(view_id=body["view"]["id"], view=view)


async def disconnect(
    ack: AsyncAck,
    action: dict[str, Any],
    body: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    me: Me,
    now: datetime,
) -> None:
    source_id, _, team_id = str(action["value"]).partition(":")
    async with store.write() as session:
        team = await changeable(session, identifier(team_id), me, now)
        source = await sources.locked(session, identifier(source_id))
        if source is None or source.workspace_id != team.workspace_id:
            raise Refusal(NOT_OURS)
        await sources.unlink(session, source.id, team.id)
        await steps.want_regroup(session, source, now=now)
    await ack()
    told = notice("Help desk", views.DISCONNECTED.format(said(source.name, 120), said(team.name, 80)))
    await client.views_update(view_id=body["view"]["id"], view=told)
