"""What happens by itself: digests at their team's hour, the hourly look, and the schedules that follow the teams."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import charts
from handlers.drawing import read_chart
from handlers.house import Report, ReportSection, Run
from handlers.local_time import local_date, parse_zone
from handlers.queue import composing, spotting
from handlers.queue.rules import digesting
from storage import departments, digests, memberships, messages, schedule, sources, teams
from storage.digests import Digest, DigestSettings
from storage.jobs import Job, holding, want_job
from storage.messages import Attention, Priority
from storage.people import Person
from storage.schedule import Schedule, Timer, set_timer
from storage.store import Store
from storage.teams import Team

DIGEST = "queue.digest"
WEEKLY = "queue.weekly"
HOURLY = "queue.hourly"
SPOT = "queue.spot"
KINDS = {False: DIGEST, True: WEEKLY}
HOUR = timedelta(hours=1)
WEEKLY_LATER_MIN = 15
"""After the daily digest, so that Monday's two don't come as one heap."""
DIGEST_IS_NEWS_FOR = timedelta(hours=20)
WEEKLY_IS_NEWS_FOR = timedelta(days=4)


async def open_queue(session: AsyncSession, workspace_id: str, now: datetime) -> None:
    """Every team's schedules stand, and the hourly look goes on."""
    await follow_teams(session, workspace_id)
    await _look_again(session, workspace_id, now)


async def every_hour(session: AsyncSession, timer: Timer, now: datetime) -> None:
    """Looks for spikes; and the teams may have changed by a way that told nobody."""
    await follow_teams(session, timer.workspace_id)
    if await sources.of_workspace(session, timer.workspace_id):
        key = f"{SPOT}:{timer.workspace_id}:{now:%Y-%m-%dT%H}"
        await want_job(session, workspace_id=timer.workspace_id, kind=SPOT, key=key, run_at=now)
    await _look_again(session, timer.workspace_id, now)


async def spot_spikes(
    job: Job,
    *,
    store: Store,
    client: AsyncWebClient,  # noqa: ARG001  # every job is given one; delivery sends what this one wants
    now: Callable[[], datetime],
) -> None:
    """Every team's look: read and computed first, then what stands out is written."""
    async with store.read() as session:
        every = await teams.active_teams(session, job.workspace_id)
    for team in every:
        async with store.read() as session:
            found = await spotting.spot(session, team, now())
        if found.spikes:
            async with store.write() as session:
                await holding(session, job, now=now())
                await spotting.keep(session, team, found, now())


async def _look_again(session: AsyncSession, workspace_id: str, now: datetime) -> None:
    hour = int(now.timestamp()) // int(HOUR.total_seconds()) + 1
    due = datetime.fromtimestamp(hour * HOUR.total_seconds(), UTC)
    await set_timer(
        session,
        workspace_id=workspace_id,
        step=HOURLY,
        subject_id=0,
        generation=hour,
        due_at=due,
        priority=Priority.SCHEDULED,
    )


async def follow_teams(session: AsyncSession, workspace_id: str) -> None:
    """Each active team has the schedules that its settings, zone and days ask for; only what differs is written."""
    standing = {
        (one.kind, one.target_id): one for one in await schedule.standing(session, workspace_id, KINDS.values())
    }
    for team in await teams.active_teams(session, workspace_id):
        settings = await digests.settings_of(session, team.id)
        for weekly, kind in KINDS.items():
            await _follow(session, team, settings, standing.pop((kind, team.id), None), weekly=weekly)
    for kind, target_id in standing:
        await schedule.drop_schedule(session, kind=kind, target_id=target_id)


async def _follow(
    session: AsyncSession, team: Team, settings: DigestSettings, stands: Schedule | None, *, weekly: bool
) -> None:
    kind = KINDS[weekly]
    if not (settings.weekly if weekly else settings.is_on):
        if stands is not None:
            await schedule.drop_schedule(session, kind=kind, target_id=team.id)
        return
    wall = _later(settings.at) if weekly else settings.at
    days = digesting.weekdays_of(team, weekly=weekly)
    if stands is None:
        await schedule.want_schedule(
            session,
            workspace_id=team.workspace_id,
            kind=kind,
            target_id=team.id,
            zone=team.zone,
            wall=wall,
            weekdays=days,
        )
    elif (stands.zone, stands.wall, sorted(stands.weekdays)) != (team.zone, wall, days):
        await schedule.change_schedule(session, kind=kind, target_id=team.id, zone=team.zone, wall=wall, weekdays=days)


def _later(wall: time) -> time:
    minutes = wall.hour * 60 + wall.minute + WEEKLY_LATER_MIN
    return time(*divmod(minutes, 60)) if minutes < 24 * 60 else wall


async def begin_digest(session: AsyncSession, rule: Schedule, due: datetime, now: datetime) -> str | None:
    """A team's hour came: the digest's time is fixed, and its making wanted; or why there is none."""
    weekly = rule.kind == WEEKLY
    team = await session.get(Team, rule.target_id)
    settings = await digests.settings_of(session, rule.target_id)
    why_not = digesting.why_not(team, settings, due, now, weekly=weekly)
    if why_not is not None or team is None:
        return why_not
    last = await digests.last_of(session, team.id, weekly=weekly)
    day = local_date(due, parse_zone(team.zone))
    await digests.begin(
        session,
        workspace_id=team.workspace_id,
        team_id=team.id,
        weekly=weekly,
        local_date=day,
        since=digesting.since(last.until if last else None, now, weekly=weekly),
        until=now,
        due_at=due,
    )
    details = {"team": team.id, "day": day.isoformat(), "weekly": weekly}
    key = f"{rule.kind}:{team.id}:{day}"
    await want_job(session, workspace_id=team.workspace_id, kind=DIGEST, key=key, run_at=now, details=details)
    return None


def making_with(sections: Sequence[ReportSection]) -> Run:
    """The job, with what the features tell in a report; the table is read when one is made."""

    async def make_digest(
        job: Job,
        *,
        store: Store,
        client: AsyncWebClient,  # noqa: ARG001  # every job is given one; delivery sends what this one wants
        now: Callable[[], datetime],
    ) -> None:
        day, weekly = datetime.fromisoformat(job.details["day"]).date(), bool(job.details["weekly"])
        async with store.read() as session:
            digest = await digests.of_date(session, job.details["team"], day, weekly=weekly)
            team = await session.get(Team, job.details["team"])
            if digest is None or team is None or digest.content is not None:
                return
            settings = await digests.settings_of(session, team.id)
            report = Report(
                team, since=digest.since, until=digest.until, weekly=weekly, channel=settings.channel or team.channel
            )
            copies = {copy: await composing.compose(session, sections, report, copy=copy) for copy in composing.COPIES}
        async with store.write() as session:
            await holding(session, job, now=now())
            kept = await session.get(Digest, digest.id, with_for_update=True)
            if kept is not None and kept.content is None:
                kept.content = copies
                await _send(session, kept, team, settings, now=now())
                if (chart := copies[composing.MANAGERS]["chart"]) is not None:
                    await _want_chart(session, kept, chart, now=now())

    return make_digest


async def _send(session: AsyncSession, digest: Digest, team: Team, settings: DigestSettings, *, now: datetime) -> None:
    if settings.in_channel and not digest.weekly:
        await messages.want(
            session,
            workspace_id=team.workspace_id,
            key=f"{DIGEST}:{digest.id}:channel",
            renderer=DIGEST,
            subject_id=digest.id,
            details={"copy": composing.CHANNEL},
            destination=settings.channel or team.channel,
            priority=Priority.SCHEDULED,
            expires_at=now + DIGEST_IS_NEWS_FOR,
            now=now,
        )
    if settings.to_managers or digest.weekly:
        for person in await _readers(session, team, weekly=digest.weekly):
            await messages.want(
                session,
                workspace_id=team.workspace_id,
                key=f"{DIGEST}:{digest.id}:{person.id}",
                renderer=DIGEST,
                subject_id=digest.id,
                details={"copy": composing.MANAGERS},
                destination=person.slack_id,
                person_id=person.id,
                attention=Attention.UNREQUESTED,
                priority=Priority.SCHEDULED,
                expires_at=now + (WEEKLY_IS_NEWS_FOR if digest.weekly else DIGEST_IS_NEWS_FOR),
                now=now,
            )


async def _want_chart(session: AsyncSession, digest: Digest, chart: dict[str, Any], *, now: datetime) -> None:
    """One picture for all copies: it shows nothing of one person."""
    shown_in = await messages.keys_of(session, digest.id, DIGEST)
    await charts.want_picture(
        session,
        workspace_id=digest.workspace_id,
        key=composing.picture_of(digest.id),
        chart=read_chart(chart),
        messages=shown_in,
        now=now,
    )


async def _readers(session: AsyncSession, team: Team, *, weekly: bool) -> list[Person]:
    """The managers; of the weekly report the department's heads too."""
    found = await memberships.managers(session, team.id)
    if weekly:
        found += await departments.heads(session, team.department_id)
    return list({person.id: person for person in found if person.is_reachable}.values())
