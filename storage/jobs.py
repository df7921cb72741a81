"""Slow work as rows: leased, resumable, run by one replica at a time, fenced on the lease's number."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Index, String, Text, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, OneOf, insertion
from storage.leases import LEASE, is_over
from storage.schedule import PARKED_AFTER_ATTEMPTS

DIED = "its process died, or could not be heard of"


class JobState(StrEnum):
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    PARKED = "parked"


class Job(Base):
    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_due", "state", "run_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(160), unique=True)
    """One per obligation, like a message's."""
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[JobState] = mapped_column(OneOf(JobState, 16), default=JobState.READY)
    run_at: Mapped[datetime]
    lease: Mapped[int] = mapped_column(default=0)
    """Rises at every claim; a write that carries an older one is refused."""
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(Text)
    progress: Mapped[dict[str, Any]] = mapped_column(default=dict)
    done_at: Mapped[datetime | None]


class LeaseLostError(Exception):
    """Another process took the job over: this one's writes no longer count."""


async def want_job(
    session: AsyncSession,
    *,
    workspace_id: str,
    kind: str,
    key: str,
    run_at: datetime,
    details: dict[str, Any] | None = None,
) -> None:
    """Wants the work done once; the same key again changes nothing."""
    statement = insertion(session, Job).values(
        workspace_id=workspace_id,
        kind=kind,
        key=key,
        details=details or {},
        state=JobState.READY,
        run_at=run_at,
        lease=0,
        attempts=0,
        progress={},
    )
    await session.execute(statement.on_conflict_do_nothing(index_elements=["key"]))


async def want_again(
    session: AsyncSession, *, workspace_id: str, kind: str, key: str, run_at: datetime, details: dict[str, Any]
) -> None:
    """Wants work that recurs in one row: done (or given up), it is ready again; waiting or at work, it stays so."""
    fresh = {"state": JobState.READY, "run_at": run_at, "attempts": 0, "details": details, "lease_until": None}
    statement = insertion(session, Job).values(
        workspace_id=workspace_id, kind=kind, key=key, lease=0, progress={}, **fresh
    )
    over = Job.state.in_((JobState.DONE, JobState.PARKED))
    await session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=fresh, where=over))


def _due(now: datetime) -> ColumnElement[bool]:
    waiting = (Job.state == JobState.READY) & (Job.run_at <= now)
    abandoned = (Job.state == JobState.RUNNING) & is_over(Job.lease_until, now)
    return waiting | abandoned


async def is_any_due(session: AsyncSession, *, now: datetime) -> bool:
    return bool((await session.execute(select(exists().where(_due(now))))).scalar_one())


async def claim_job(session: AsyncSession, *, now: datetime) -> Job | None:
    """The next job that is due, or whose runner's lease ran out; leased to the caller for LEASE. One whose runners
    keep dying is parked instead: its state says so."""
    query = select(Job).where(_due(now)).order_by(Job.run_at, Job.id).limit(1).with_for_update(skip_locked=True)
    job = (await session.execute(query)).scalar_one_or_none()
    if job is None:
        return None
    if job.state == JobState.RUNNING:
        job.attempts += 1
        job.last_error = DIED
    job.lease += 1
    if job.attempts >= PARKED_AFTER_ATTEMPTS:
        job.state, job.lease_until = JobState.PARKED, None
    else:
        job.state, job.lease_until = JobState.RUNNING, now + LEASE
    return job


async def holding(session: AsyncSession, job: Job, *, now: datetime) -> None:
    """Renews the lease inside the caller's transaction. Raises LeaseLostError if another runner has it."""
    renewed = await session.execute(
        update(Job)
        .where(Job.id == job.id, Job.lease == job.lease, Job.state == JobState.RUNNING)
        .values(lease_until=now + LEASE)
    )
    if renewed.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result is a CursorResult
        raise LeaseLostError(job.key)
