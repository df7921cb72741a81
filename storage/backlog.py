"""What waits, what is late and what is stuck: read by /healthz, /metrics and doctor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage import outbox, pacing
from storage.jobs import Job, JobState
from storage.leases import is_over
from storage.messages import Message, MessageState
from storage.schedule import Schedule, Timer

UNSETTLED = (MessageState.READY, MessageState.SENDING, MessageState.UNKNOWN, MessageState.PARKED)
LONGEST_RETRY = timedelta(minutes=10)


@dataclass(frozen=True)
class ParkedMessages:
    """Messages that wait for one destination to be mended."""

    destination: str
    error: str
    """What Slack said to the newest of them."""
    count: int


class Due(NamedTuple):
    """What is to happen, by its name (a step, a kind of job, what renders a message), and since when."""

    step: str
    due_at: datetime


async def oldest_due(session: AsyncSession, *, now: datetime) -> Due | None:
    """What has been due for longest: a timer that isn't parked, or a schedule; None when nothing is due."""
    # retry_at, which the index knows, runs ahead of due_at only while a failing step waits for its next try
    near = (Timer.parked_at.is_(None)) & (Timer.retry_at <= now + LONGEST_RETRY)
    timers = select(Timer.step, Timer.due_at).where(near, Timer.due_at <= now).order_by(Timer.due_at).limit(1)
    aimed = select(Schedule.kind, Schedule.next_fire_at).where(Schedule.next_fire_at <= now)
    schedules = aimed.order_by(Schedule.next_fire_at).limit(1)
    found = [
        Due(step, since)
        for query in (timers, schedules)
        for step, since in await session.execute(query)
        if since is not None
    ]
    return min(found, key=lambda due: due.due_at, default=None)


async def oldest_stuck(session: AsyncSession, *, since: datetime, now: datetime) -> Due | None:
    """The message that has waited for longest since then though nothing holds it up: no parent, no reader's hours, no
    pace of Slack's; None where each has its reason."""
    within = await pacing.unspent(session, since=since, now=now)
    found = await outbox.oldest_sendable(session, since=since, within=within)
    return Due(*found) if found is not None else None


async def oldest_job(session: AsyncSession, *, now: datetime) -> Due | None:
    """The job that has been due for longest and that nobody has taken in hand."""
    query = select(Job.kind, Job.run_at).where(Job.state == JobState.READY, Job.run_at <= now)
    found = (await session.execute(query.order_by(Job.run_at).limit(1))).first()
    return Due(*found) if found is not None else None


async def is_any_job_at_work(session: AsyncSession, *, now: datetime) -> bool:
    query = select(exists().where(Job.state == JobState.RUNNING, ~is_over(Job.lease_until, now)))
    return bool((await session.execute(query)).scalar_one())


async def count_due(session: AsyncSession, *, now: datetime) -> int:
    query = select(func.count()).select_from(Timer).where(Timer.parked_at.is_(None), Timer.retry_at <= now)
    return (await session.execute(query)).scalar_one()


async def unsettled_messages(session: AsyncSession) -> dict[str, int]:
    """How many messages are in each state that isn't final; every such state is named."""
    query = select(Message.state, func.count()).where(Message.state.in_(UNSETTLED)).group_by(Message.state)
    counted = dict((await session.execute(query)).all())
    return {state.value: counted.get(state, 0) for state in UNSETTLED}


async def parked_messages(session: AsyncSession) -> list[ParkedMessages]:
    """By destination, the one with most first."""
    newest = func.max(Message.id)
    query = select(Message.destination, newest, func.count()).where(Message.state == MessageState.PARKED)
    grouped = (await session.execute(query.group_by(Message.destination).order_by(func.count().desc()))).all()
    errors = select(Message.id, Message.last_error).where(Message.id.in_([message_id for _, message_id, _ in grouped]))
    error_of = dict((await session.execute(errors)).all())
    return [ParkedMessages(where, error_of[message_id] or "", count) for where, message_id, count in grouped]


async def parked_timers(session: AsyncSession) -> Sequence[Timer]:
    """In the order in which they were set aside, as their index has them: by id all that are set would be walked."""
    query = select(Timer).where(Timer.parked_at.is_not(None)).order_by(Timer.parked_at, Timer.id)
    return (await session.execute(query)).scalars().all()


async def parked_jobs(session: AsyncSession) -> Sequence[Job]:
    return (await session.execute(select(Job).where(Job.state == JobState.PARKED).order_by(Job.id))).scalars().all()


async def retry_parked(session: AsyncSession, *, now: datetime) -> int:
    """Runs every parked timer, job and message again, with all its tries; returns how many."""
    again = update(Timer).where(Timer.parked_at.is_not(None)).values(parked_at=None, attempts=0, retry_at=now)
    work = update(Job).where(Job.state == JobState.PARKED).values(state=JobState.READY, attempts=0, run_at=now)
    timers = (await session.execute(again.returning(Timer.id))).all()
    waiting = (await session.execute(work.returning(Job.id))).all()
    return len(timers) + len(waiting) + await outbox.unpark_all(session, now=now)
