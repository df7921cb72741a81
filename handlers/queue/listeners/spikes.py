"""A spike's buttons: show its tickets, tell the product people."""

from datetime import datetime
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.channels import usable_channel
from handlers.forms import NOT_OURS, Memory, identifier
from handlers.house import Me, Reply
from handlers.queue import composing
from handlers.queue.forms import TellForm
from handlers.queue.looking import AT_RISK_WITHIN
from handlers.queue.renderers import may_read
from handlers.queue.spotting import SPIKE
from handlers.queue.views import report as report_views
from handlers.queue.views import spikes as views
from handlers.refusals import FormRefusal, Refusal, StaleRefusal
from storage import digests, messages, people, queue_figures, spikes, team_facts
from storage.messages import Priority
from storage.spikes import SpikeDay
from storage.store import Store
from storage.teams import Team

PRODUCT = "queue.product"
ESCALATE = "escalations.raise_ticket"
TITLES = {
    report_views.BREACHED: "Past the SLA",
    report_views.AT_RISK: "Near the SLA’s end",
    report_views.URGENT: "Urgent, without an assignee",
    report_views.OLDEST: "The oldest open tickets",
}


async def show_waiting(
    ack: AsyncAck, action: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime
) -> None:
    """The tickets behind a line of the digest."""
    await ack()
    team_id, _, which = str(action["value"]).partition(":")
    if which not in TITLES:
        raise Refusal(NOT_OURS)
    most = views.MOST_SHOWN + 1
    async with store.read() as session:
        team = await readable(session, identifier(team_id), me, now)
        found = await queue_figures.waiting(
            session, team.id, which, now=now, risk_until=now + AT_RISK_WITHIN, most=most
        )
    blocks = views.ticket_list(TITLES[which], found, now, more=len(found) == most, escalate=ESCALATE)
    await reply(TITLES[which], blocks=blocks)


async def show_spike(ack: AsyncAck, action: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime) -> None:
    await ack()
    most = views.MOST_SHOWN + 1
    async with store.read() as session:
        spike = await session.get(SpikeDay, identifier(action["value"]))
        await _of(session, spike, me, now)
        assert spike is not None, "it was found to be readable"
        found = await spikes.tickets_of(session, spike, most=most)
    title = views.plainly(spike)
    await reply(title, blocks=views.ticket_list(title, found, now, more=len(found) == most, escalate=ESCALATE))


async def tell(
    ack: AsyncAck,
    action: dict[str, Any],
    body: dict[str, Any],
    reply: Reply,
    client: AsyncWebClient,
    store: Store,
    me: Me,
    now: datetime,
) -> None:
    """Posts at once where the team has said where; else asks first."""
    spike_id = identifier(action["value"])
    async with store.read() as session:
        spike = await session.get(SpikeDay, spike_id)
        team = await _of(session, spike, me, now)
        assert spike is not None, "it was found to be readable"
        channel = (await digests.settings_of(session, team.id)).product_channel
    if channel is None and spike.told_at is None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=views.tell_form(spike, Memory(subject=spike_id)))
        return
    await _tell(store, spike_id, channel or "", me, now)
    await ack()
    await reply(views.TELLING.format(channel))


async def submit(
    view: dict[str, Any], reply: Reply, client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    spike_id = Memory.of(view).subject
    if spike_id is None:
        raise Refusal(NOT_OURS)
    async with store.read() as session:
        team = await _of(session, await session.get(SpikeDay, spike_id), me, now)
    channel = (await usable_channel(client, TellForm.read(view).channel, field="channel")).id
    if channel == team.channel:
        raise FormRefusal({"channel": "That is your own team’s channel. Choose the one where product people read."})
    await _tell(store, spike_id, channel, me, now, remember=team.id)
    await reply(views.TELLING.format(channel))


async def _tell(
    store: Store, spike_id: int, channel: str, me: Me, now: datetime, *, remember: int | None = None
) -> None:
    async with store.write() as session:
        spike = await spikes.locked(session, spike_id)
        await _of(session, spike, me, now)
        assert spike is not None, "it was found to be readable"
        if spike.told_at is not None:
            by = await people.by_ids(session, [spike.told_by_id])
            raise StaleRefusal(views.told_before(spike, by.get(spike.told_by_id or 0)))
        spike.told_at, spike.told_by_id, spike.told_channel = now, me.id, channel
        if remember is not None:
            await digests.keep_settings(session, remember, product_channel=channel)
        await messages.want(
            session,
            workspace_id=spike.workspace_id,
            key=f"{PRODUCT}:{spike.id}",
            renderer=PRODUCT,
            subject_id=spike.id,
            destination=channel,
            priority=Priority.INTERACTIVE,
            now=now,
        )
        await messages.refresh(session, f"{SPIKE}:{spike.id}", now=now)


async def readable(session: AsyncSession, team_id: int, me: Me, now: datetime) -> Team:
    """The team, if this person is in it or leads it. Raises Refusal."""
    team = await session.get(Team, team_id)
    if team is None or team.workspace_id != me.person.workspace_id:
        raise Refusal(views.GONE)
    if not may_read(await team_facts.of_team(session, team, now=now), me.person, composing.CHANNEL):
        raise Refusal(views.ONLY_TEAM, team.name)
    return team


async def _of(session: AsyncSession, spike: SpikeDay | None, me: Me, now: datetime) -> Team:
    if spike is None:
        raise Refusal(views.GONE)
    return await readable(session, spike.team_id, me, now)
