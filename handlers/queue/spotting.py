"""The hourly look for spikes: what a team's queue of today has that its last eight weeks didn't."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.local_time import at_local, local_date, parse_zone
from handlers.queue import looking
from handlers.queue.rules import freshness, spikes, usual
from handlers.queue.rules.spikes import HISTORY, Found, Kind, Past
from storage import digests, messages, queue_figures, sources
from storage import spikes as stored
from storage.messages import Priority
from storage.spikes import SpikeDay
from storage.teams import Team

SPIKE = "queue.spike"
NOTHING = Found(())


async def spot(session: AsyncSession, team: Team, now: datetime) -> Found:
    """What stands out today, as far as fresh tickets tell."""
    fresh = freshness.judge(await sources.of_team(session, team.id), now)
    if fresh.as_of is None:
        return NOTHING
    zone = parse_zone(team.zone)
    today = local_date(now, zone)
    began = day_began(team, now)
    # no further than the data reaches: an hour that nobody has told of yet is no quiet hour
    until = max(began, min(now, fresh.as_of))
    counts = await queue_figures.tags_between(session, team.id, began, until)
    history = await _history(session, team, today, began, until)
    return spikes.look(today, counts, history, days_known=await looking.days_of_history(session, team, today))


async def _history(session: AsyncSession, team: Team, today: date, began: datetime, until: datetime) -> list[Past]:
    """Each day of the history up to the same time of day; days without a ticket too."""
    hours = {hour: share for (_, hour), share in usual.hours_of(began, until, parse_zone(team.zone)).items()}
    rolled = await queue_figures.days(session, team.id, today - HISTORY, today - timedelta(days=1), tag=None)
    counts: dict[date, dict[str, float]] = defaultdict(dict)
    for one in rolled:
        if one.by_hour:
            counts[one.local_date][one.tag] = sum(share * one.by_hour[hour] for hour, share in hours.items())
    first = await queue_figures.first_day(session, team.id)
    days = [today - timedelta(days=back) for back in range(1, HISTORY.days + 1)]
    return [Past(day, counts.get(day, {})) for day in days if first is not None and day >= first]


async def keep(session: AsyncSession, team: Team, found: Found, now: datetime) -> None:
    """One row and one post for each tag and day; what was found before is brought up to date."""
    zone = parse_zone(team.zone)
    settings = await digests.settings_of(session, team.id)
    for spike in found.spikes:
        kept = await stored.found(
            session,
            workspace_id=team.workspace_id,
            team_id=team.id,
            local_date=local_date(now, zone),
            tag=spike.tag,
            is_new=spike.kind == Kind.NEW,
            day_began=day_began(team, now),
            tickets=spike.tickets,
            customers=spike.customers,
            usual=spike.usual,
            now=now,
        )
        await _post(session, kept, settings.channel or team.channel, now)


async def _post(session: AsyncSession, spike: SpikeDay, channel: str, now: datetime) -> None:
    key = f"{SPIKE}:{spike.id}"
    if await messages.by_key(session, key) is not None:
        await messages.refresh(session, key, now=now)
        return
    await messages.want(
        session,
        workspace_id=spike.workspace_id,
        key=key,
        renderer=SPIKE,
        subject_id=spike.id,
        destination=channel,
        priority=Priority.SCHEDULED,
        expires_at=now + timedelta(hours=12),
        now=now,
    )


def day_began(team: Team, now: datetime) -> datetime:
    """The first instant of the team's local day."""
    zone = parse_zone(team.zone)
    return at_local(local_date(now, zone), time(0), zone)
