"""*Match agents…*: who somebody in the help desk is in Slack, said by hand."""

from datetime import datetime
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from handlers.blocks import notice
from handlers.desks import steps
from handlers.desks.changing import changeable_source
from handlers.desks.forms import DeskMemory
from handlers.desks.views import matching as views
from handlers.forms import identifier, values
from handlers.house import Me
from handlers.refusals import FormRefusal
from storage import messages, people, sources
from storage.sources import PROGRESS, SourceAgent
from storage.store import Store

NOT_A_COLLEAGUE = "Choose a member of this workspace: no guest, no bot."


async def open_unmatched(
    ack: AsyncAck,
    action: dict[str, Any],
    body: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    me: Me,
    now: datetime,
) -> None:
    await ack()
    async with store.read() as session:
        source = await changeable_source(session, identifier(action["value"]), me, now)
        known = await sources.agents(session, source.id)
    unmatched = [agent for agent in known if agent.person_id is None and agent.active and not agent.by_hand]
    view = views.unmatched_form(source, unmatched, DeskMemory(source=source.id))
    show = client.views_push if (body.get("view") or {}).get("type") == "modal" else client.views_open
    await show(trigger_id=body["trigger_id"], view=view)


async def submit_matches(ack: AsyncAck, view: dict[str, Any], store: Store, me: Me, now: datetime) -> None:
    """Those who were named; their stored tickets follow."""
    chosen = {
        field.removeprefix(views.FIELD): slack_id
        for field, slack_id in values(view).items()
        if field.startswith(views.FIELD) and slack_id
    }
    memory = DeskMemory.of(view)
    async with store.write() as session:
        source = await changeable_source(session, identifier(memory.source), me, now)
        found = await people.by_slack_ids(session, me.person.workspace_id, chosen.values())
        known = {person.slack_id: person for person in found if person.is_reachable}
        if wrong := {views.FIELD + agent: NOT_A_COLLEAGUE for agent, who in chosen.items() if who not in known}:
            raise FormRefusal(wrong)
        for external_id, slack_id in chosen.items():
            agent = await session.get(SourceAgent, (source.id, external_id))
            if agent is not None:
                agent.person_id, agent.by_hand = known[slack_id].id, True
        await steps.want_regroup(session, source, now=now)
        await messages.refresh_subject(session, source.id, PROGRESS, now=now)
    await ack(response_action="update", view=notice("Match agents", views.SAVED.format(len(chosen))))
