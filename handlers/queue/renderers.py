"""Message rows → what Slack shows, from what a digest said and what people did with it since."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import charts
from handlers.house import FALLEN, Fallen, Rendered
from handlers.queue import composing
from handlers.queue.rules import digesting
from handlers.queue.views import digest as views
from handlers.queue.views import settings as settings_views
from handlers.queue.views import spikes as spike_views
from handlers.teams.rules import roles
from storage import digests, people, spikes, team_facts
from storage.digests import Digest
from storage.messages import Message
from storage.personal_metrics import MetricsChange
from storage.spikes import SpikeDay
from storage.teams import Team


async def render_digest(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:
    digest = await session.get(Digest, message.subject_id)
    team = await session.get(Team, digest.team_id) if digest else None
    if digest is None or digest.content is None or team is None:
        return FALLEN
    if message.person_id is not None and not await _still_reads(session, message.person_id, team, now):
        return FALLEN
    takes = await digests.takes_of(session, digest.id)
    which = message.details["copy"]
    shown = views.digest(
        digest,
        digest.content[which],
        team=team,
        takes=takes,
        people=await people.by_ids(session, (take.person_id for take in takes.values())),
        late=digesting.lateness(digest.due_at, digest.until),
        which=which,
    )
    return replace(
        shown, blocks=[*shown.blocks, *await charts.picture_blocks(session, composing.picture_of(digest.id))]
    )


async def render_reminder(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:
    """What somebody snoozed; nothing any more once somebody took it."""
    digest = await session.get(Digest, message.subject_id)
    team = await session.get(Team, digest.team_id) if digest else None
    if digest is None or digest.content is None or team is None:
        return FALLEN
    which, number = message.details["copy"], message.details["line"]
    line = digest.content[which]["lines"][number]
    takes = await digests.takes_of(session, digest.id)
    if line["key"] in takes and message.slack_ts is None:
        return FALLEN
    facts = await team_facts.of_team(session, team, now=now)
    reader = (await people.by_ids(session, [message.person_id])).get(message.person_id or 0)
    if reader is None or not may_read(facts, reader, which):
        return FALLEN
    return views.reminder(line, f"{digest.id}:{which}:{number}")


async def render_spike(session: AsyncSession, message: Message, _now: datetime) -> Rendered | Fallen:
    spike = await session.get(SpikeDay, message.subject_id)
    if spike is None:
        return FALLEN
    by = await people.by_ids(session, [spike.told_by_id])
    found = await spikes.tickets_of(session, spike, most=spike_views.MOST_TICKETS)
    return spike_views.post(spike, found, by.get(spike.told_by_id or 0))


async def render_product(session: AsyncSession, message: Message, _now: datetime) -> Rendered | Fallen:
    spike = await session.get(SpikeDay, message.subject_id)
    team = await session.get(Team, spike.team_id) if spike else None
    if spike is None or team is None:
        return FALLEN
    by = await people.by_ids(session, [spike.told_by_id])
    found = await spikes.tickets_of(session, spike, most=spike_views.MOST_TICKETS)
    return spike_views.to_product(spike, team, found, by.get(spike.told_by_id or 0))


async def render_metrics_news(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:
    change = await session.get(MetricsChange, message.subject_id)
    team = await session.get(Team, change.team_id) if change else None
    if change is None or team is None or (change.cancelled_at is not None and message.slack_ts is None):
        return FALLEN
    by = (await people.by_ids(session, [change.asked_by_id])).get(change.asked_by_id or 0)
    facts = await team_facts.of_team(session, team, now=now)
    return settings_views.metrics_news(team, change, facts.managers, by)


def may_read(facts: team_facts.TeamFacts, person: people.Person, which: str) -> bool:
    """Members have the channel's copy; managers and heads theirs."""
    leads = roles.is_manager(facts, person) or roles.is_head(facts, person)
    return leads or (which == composing.CHANNEL and roles.is_member(facts, person))


async def _still_reads(session: AsyncSession, person_id: int, team: Team, now: datetime) -> bool:
    facts = await team_facts.of_team(session, team, now=now)
    return any(one.id == person_id for one in (*facts.managers, *facts.heads))
