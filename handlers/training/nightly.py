"""Every night: newcomers begin what is theirs, who left leaves their places, what is required is reminded of or asked
anew, and what is old is deleted."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.local_time import local_date, parse_zone
from handlers.training import enrolling, requiring, sessions
from handlers.training.rules.dates import due_of_round, next_round_opens, reminder_due
from handlers.training.views.required import reason_of
from storage import onboarding, requirements, training
from storage.jobs import Job, holding, want_job
from storage.requirements import Assignment, Requirement
from storage.store import Store
from storage.teams import Team

NIGHTLY = "training.nightly"
NEWCOMERS = "training.newcomers"
AT_NIGHT = time(2, 30)
"""UTC."""
KEPT_FOR = timedelta(days=396)
"""Sessions after they began, topics after they were done, onboarding after it was over: 13 months."""
PROOF_KEPT_FOR = timedelta(days=731)
"""Who did what was required, after it isn't asked any more: 24 months."""
A_FEW = 50
"""As many as one transaction changes: a form that is submitted meanwhile waits no longer than that."""
AFTER_JOINING = timedelta(minutes=1)
"""Whoever joins a channel is made a member by the event's own listener: this one looks a little later."""

Now = Callable[[], datetime]
Find = Callable[..., Awaitable[Sequence[int]]]
Forget = Callable[[AsyncSession, Sequence[int]], Awaitable[None]]


async def joined_channel(event: dict[str, Any], workspace_id: str, store: Store, now: datetime) -> None:
    """Somebody joined a channel; if a team with a plan follows it, they may begin it soon."""
    key = f"{NEWCOMERS}:{event['channel']}:{now:%Y-%m-%dT%H:%M}"
    async with store.read() as session:
        follows = await onboarding.plans_following(session, workspace_id, event["channel"])
    if follows:
        async with store.write() as session:
            await want_job(session, workspace_id=workspace_id, kind=NEWCOMERS, key=key, run_at=now + AFTER_JOINING)


async def begin_newcomers(
    job: Job,
    *,
    store: Store,
    client: AsyncWebClient,  # noqa: ARG001  # every job is given one; this one only wants messages
    now: Now,
) -> None:
    while True:
        async with store.write() as session:
            await holding(session, job, now=now())
            if await enrolling.begin_newcomers(session, job.workspace_id, now()) < enrolling.BEGUN_AT_ONCE:
                return


async def ask(
    job: Job,
    *,
    store: Store,
    client: AsyncWebClient,  # noqa: ARG001  # every job is given one; this one only wants messages
    now: Now,
) -> None:
    """Gives everybody their part in a round that begins, and tells them."""
    async with store.read() as session:
        requirement = await session.get(Requirement, job.details["requirement"])
    if requirement is None or requirement.ended_at is not None:
        return
    await _assign(requirement, job, store, now, newcomers=False)
    after = 0
    while True:
        async with store.write() as session:
            await holding(session, job, now=now())
            found = await requirements.parts(session, requirement, after=after, most=A_FEW, undone=True)
            for assignment, person in found:
                await requiring.tell(session, requirement, assignment, person, _asked(assignment), now())
        if len(found) < A_FEW:
            return
        after = found[-1][0].id


def _asked(assignment: Assignment) -> str:
    return "again" if assignment.round else "asked"


async def _assign(requirement: Requirement, job: Job, store: Store, now: Now, *, newcomers: bool) -> None:
    while requirement.for_team:
        async with store.write() as session:
            await holding(session, job, now=now())
            found = await requirements.newcomers(session, requirement, most=A_FEW)
            due = [(one.id, requiring.due_of(requirement, one, now(), newcomer=newcomers)) for one in found]
            await requirements.assign(session, requirement, due, now=now())
        if len(found) < A_FEW:
            return


async def every_night(
    job: Job,
    *,
    store: Store,
    client: AsyncWebClient,  # every job is given one; what stands in Slack stays there
    now: Now,
) -> None:
    await _leave_places(job, store, now)
    async with store.write() as session:
        await holding(session, job, now=now())
        await enrolling.stop_leavers(session, job.workspace_id, now())
    await begin_newcomers(job, store=store, client=client, now=now)
    async with store.read() as session:
        required = await requirements.all_running(session, job.workspace_id)
    for requirement in required:
        await _care_for(requirement, job, store, now)
    await _forget(job, store, now)


async def _leave_places(job: Job, store: Store, now: Now) -> None:
    """The places of who left the team go to who waits."""
    async with store.read() as session:
        found = await training.sessions_of_leavers(session, now=now())
    for session_id in found:
        async with store.write() as session:
            await holding(session, job, now=now())
            gathering = await sessions.load(session, session_id, now=now())
            await sessions.fill_places(session, gathering, now())
            await sessions.refresh(session, gathering.training, now())


async def _care_for(requirement: Requirement, job: Job, store: Store, now: Now) -> None:
    """Asks for the next round when it opens, of newcomers too, and reminds who hasn't done it."""
    async with store.write() as session:
        await holding(session, job, now=now())
        found = await requirements.locked(session, requirement.id)
        team = await session.get(Team, requirement.team_id)
        assert found is not None, "only the night deletes"
        assert team is not None, "a requirement's team stays"
        today = local_date(now(), parse_zone(team.zone))
        if _is_long_over(found, today):
            requiring.end(found, now())
        elif found.yearly and today >= next_round_opens(found.due_on, found.round):
            await requiring.next_round(session, found, now())
    if found.ended_at is None:
        await _assign(found, job, store, now, newcomers=True)
        await _remind(found, job, store, now)


def _is_long_over(requirement: Requirement, today: date) -> bool:
    return not requirement.yearly and due_of_round(requirement.due_on, 0) < today - PROOF_KEPT_FOR


async def _remind(requirement: Requirement, job: Job, store: Store, now: Now) -> None:
    after = 0
    while True:
        async with store.write() as session:
            await holding(session, job, now=now())
            found = await requirements.parts(session, requirement, after=after, most=A_FEW, undone=True)
            for assignment, person in found:
                zone = parse_zone(person.zone)
                asked_on = local_date(assignment.assigned_at, zone)
                day = reminder_due(assignment.due_on, local_date(now(), zone), assigned_on=asked_on)
                await requiring.tell(session, requirement, assignment, person, _asked(assignment), now())
                if day is not None:
                    reason = reason_of(day)
                    await requiring.tell(session, requirement, assignment, person, reason, now(), day=day)
        if len(found) < A_FEW:
            return
        after = found[-1][0].id


async def _forget(job: Job, store: Store, now: Now) -> None:
    kinds: tuple[tuple[Find, Forget, timedelta], ...] = (
        (training.over_before, training.forget_sessions, KEPT_FOR),
        (training.done_before, training.forget_items, KEPT_FOR),
        (onboarding.ended_before, onboarding.forget, KEPT_FOR),
        (requirements.settled_before, requirements.forget, PROOF_KEPT_FOR),
    )
    for find, forget, kept_for in kinds:
        while True:
            async with store.write() as session:
                await holding(session, job, now=now())
                old = await find(session, now() - kept_for, most=A_FEW)
                await forget(session, old)
            if len(old) < A_FEW:
                break
