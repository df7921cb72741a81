"""What happens by itself: each source's next pull, a snapshot of the backlog when a team's day ends, and at night what
is too old is deleted."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.house import Run
from handlers.keeping import Keeping
from handlers.local_time import local_date, parse_zone
from storage import memberships, messages, recounting, sources, teams, ticket_days, ticket_pages, tickets
from storage.jobs import Job, holding, want_again, want_job
from storage.messages import Attention, Priority
from storage.schedule import Schedule, Timer, change_schedule, set_timer, want_schedule
from storage.sources import FAILING, Source
from storage.store import Store
from storage.teams import Team, TeamState

PULL = "desks.pull"
PULL_DUE = "desks.pull_due"
SNAPSHOT = "desks.snapshot"
NIGHT = "desks.night"
REGROUP = "desks.regroup"
EVERY = timedelta(minutes=5)
SELDOM = timedelta(minutes=15)
"""A folder of files, which come once a day."""
RAREST = 8
"""A source that goes on failing is tried at every second, fourth, and then every eighth of its turns."""
TOLD_AFTER = 3
"""Failures in a row: a single one is a hiccup that nobody needs to hear of."""
PULL_URGENCY = 5
AT_NIGHT = time(3, 45)
"""UTC."""
A_FEW = 100
"""Tickets to a transaction."""


async def open_sources(session: AsyncSession, workspace_id: str, now: datetime) -> None:
    """Every source is pulled at a start, and from then on in turn; every team that has one gets its snapshots."""
    await want_schedule(session, workspace_id=workspace_id, kind=NIGHT, zone="UTC", wall=AT_NIGHT)
    for source in await sources.of_workspace(session, workspace_id):
        await aim(session, source, now=now)


async def aim(session: AsyncSession, source: Source, *, now: datetime) -> None:
    """The source's next pull is now, and its teams' snapshots stand. What was aimed before is void."""
    source.generation += 1
    for team in await sources.linked_teams(session, source.id):
        await want_schedule(
            session, workspace_id=team.workspace_id, kind=SNAPSHOT, target_id=team.id, zone=team.zone, wall=time()
        )
    if source.kind != sources.IMPORTED:
        await set_timer(
            session,
            workspace_id=source.workspace_id,
            step=PULL_DUE,
            subject_id=source.id,
            due_at=now,
            priority=PULL_URGENCY,
            generation=source.generation,
        )


async def pull_is_due(session: AsyncSession, timer: Timer, now: datetime) -> None:
    """Wants the pull, and sets the next; a source without teams is left alone."""
    source = await sources.locked(session, timer.subject_id)
    if source is None or timer.generation != source.generation or not await sources.links(session, source.id):
        return
    if timer.turn % min(2**source.failures, RAREST) == 0:
        await want_pull(session, source, now=now)
    if source.failures >= TOLD_AFTER:
        await _tell_of_failure(session, source, now=now)
    await set_timer(
        session,
        workspace_id=source.workspace_id,
        step=PULL_DUE,
        subject_id=source.id,
        due_at=now + (SELDOM if source.kind == sources.FOLDER else EVERY),
        priority=PULL_URGENCY,
        generation=source.generation,
        turn=timer.turn + 1,
    )


async def want_pull(session: AsyncSession, source: Source, *, now: datetime) -> None:
    """Wants the source brought up to date; one that is at it stays at it."""
    await want_again(
        session,
        workspace_id=source.workspace_id,
        kind=PULL,
        key=f"{PULL}:{source.id}",
        run_at=now,
        details={"source_id": source.id},
    )


async def _tell_of_failure(session: AsyncSession, source: Source, *, now: datetime) -> None:
    """The managers of its teams hear once that their figures stand still."""
    since = int((source.failing_since or now).timestamp())
    for team in await sources.linked_teams(session, source.id):
        for manager in await memberships.managers(session, team.id):
            await messages.want(
                session,
                workspace_id=source.workspace_id,
                key=f"{FAILING}:{source.id}:{since}:{manager.id}",
                renderer=FAILING,
                subject_id=source.id,
                destination=manager.slack_id,
                person_id=manager.id,
                attention=Attention.UNREQUESTED,
                priority=Priority.SCHEDULED,
                now=now,
                expires_at=now + timedelta(days=1),
            )


async def take_snapshot(session: AsyncSession, schedule: Schedule, due: datetime, now: datetime) -> str | None:
    """What stands in the team's queue as its day ends."""
    team = await session.get(Team, schedule.target_id)
    if team is None or team.state != TeamState.ACTIVE:
        return "the team isn’t there any more"
    if schedule.zone != team.zone:
        await change_schedule(session, kind=SNAPSHOT, target_id=team.id, zone=team.zone, wall=time(), weekdays=range(7))
    fed_by = await sources.of_team(session, team.id)
    if not fed_by:
        return "no help desk is connected"
    standing = await tickets.backlog_of(session, team.id)
    known = [source.last_good_at for source in fed_by]
    await ticket_days.keep_snapshot(
        session,
        [
            {
                "team_id": team.id,
                "local_date": local_date(due, parse_zone(schedule.zone)) - timedelta(days=1),
                "taken_at": now,
                "data_as_of": min((at for at in known if at is not None), default=None) if all(known) else None,
                "open": standing["open"],
                "unassigned": standing["unassigned"],
                "urgent": standing["urgent"],
                "oldest_created_at": standing["oldest"],
                "by_status": standing["by_status"],
            }
        ],
    )
    return None


async def at_night(session: AsyncSession, schedule: Schedule, due: datetime, now: datetime) -> str | None:
    key = f"{NIGHT}:{due:%Y-%m-%d}"
    await want_job(session, workspace_id=schedule.workspace_id, kind=NIGHT, key=key, run_at=now)
    return None


def tidying(keeping: Keeping) -> Run:
    """The nightly job, which keeps what is old so long."""

    async def tidy(
        job: Job,
        *,
        store: Store,
        client: AsyncWebClient,  # noqa: ARG001  # every job is given one; this one asks nobody
        now: Callable[[], datetime],
    ) -> None:
        """Tickets that nobody changed for so long go, with their tags and ratings; what days counted of them stays.
        People who joined since are matched with the agents they are; a team that changed its zone has its days counted
        anew."""
        async with store.read() as session:
            known = await sources.of_workspace(session, job.workspace_id)
        for source in known:
            gone = A_FEW
            while gone == A_FEW:
                async with store.write() as session:
                    await holding(session, job, now=now())
                    gone = await tickets.forget(session, source.id, before=now() - keeping.tickets, most=A_FEW)
            async with store.write() as session:
                await holding(session, job, now=now())
                await sources.match_agents(session, source)
                await want_regroup(session, source, now=now())
        async with store.write() as session:
            await holding(session, job, now=now())
            for team in await teams.active_teams(session, job.workspace_id):
                await recounting.mark_moved_zone(session, team)

    return tidy


async def want_regroup(session: AsyncSession, source: Source, *, now: datetime) -> None:
    """Wants the stored tickets given to whom the links and matches say now."""
    await want_again(
        session,
        workspace_id=source.workspace_id,
        kind=REGROUP,
        key=f"{REGROUP}:{source.id}",
        run_at=now,
        details={"source_id": source.id},
    )


async def regroup(
    job: Job,
    *,
    store: Store,
    client: AsyncWebClient,  # noqa: ARG001  # likewise
    now: Callable[[], datetime],
) -> None:
    """Gives the source's stored tickets to the teams and colleagues whose they are by now, and counts their days."""
    after: int | None = 0
    while after is not None:
        async with store.write() as session:
            await holding(session, job, now=now())
            source = await sources.locked(session, int(job.details["source_id"]))
            after = await ticket_pages.regroup(session, source, after_id=after, most=5 * A_FEW) if source else None
    while True:
        async with store.write() as session:
            await holding(session, job, now=now())
            if not await recounting.recount_some(session, job.workspace_id):
                return
