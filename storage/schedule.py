"""What must happen, and when: timers (one instant), schedules (a rule) and their occurrences (once per local date)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, Select, String, Text, UniqueConstraint, delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, adding, insertion

PARKED_AFTER_ATTEMPTS = 5


class Timer(Base):
    """One step of one subject, due at one instant. The heartbeat consumes it in the step's own transaction."""

    __tablename__ = "timers"
    __table_args__ = (
        UniqueConstraint("step", "subject_id", "part", "generation", "turn"),
        Index("ix_timers_due", "parked_at", "retry_at"),
        # few or none, among all that are set
        Index(
            "ix_timers_parked",
            "parked_at",
            sqlite_where=text("parked_at IS NOT NULL"),
            postgresql_where=text("parked_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    step: Mapped[str] = mapped_column(String(64))
    subject_id: Mapped[int]
    part: Mapped[str] = mapped_column(String(32), default="")
    """Which clock (or other part) of the subject set it."""
    generation: Mapped[int] = mapped_column(default=0)
    """The part's generation when the timer was set: a step whose part has moved on does nothing."""
    turn: Mapped[int] = mapped_column(default=0)
    """Which repeat this is."""
    priority: Mapped[int]
    due_at: Mapped[datetime]
    retry_at: Mapped[datetime]
    """When it is next tried: `due_at` at first, later after a failure."""
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(Text)
    parked_at: Mapped[datetime | None]


class Schedule(Base):
    """A rule: at this local time on these weekdays, in this zone, for this target."""

    __tablename__ = "schedules"
    __table_args__ = (UniqueConstraint("kind", "target_id"), Index(None, "next_fire_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(64))
    target_id: Mapped[int]
    zone: Mapped[str] = mapped_column(String(64))
    wall: Mapped[time]
    weekdays: Mapped[list[Any]] = mapped_column()
    """Monday = 0."""
    next_fire_at: Mapped[datetime | None]
    next_local_date: Mapped[date | None] = mapped_column(Date)
    tzdata: Mapped[str] = mapped_column(String(16), default="")
    """A fingerprint of the zone's rules that `next_fire_at` was computed with; other rules recompute it."""


class Occurrence(Base):
    """A schedule fired for a local date: the primary key makes it once."""

    __tablename__ = "occurrences"

    schedule_id: Mapped[int] = mapped_column(ForeignKey("schedules.id", ondelete="CASCADE"), primary_key=True)
    local_date: Mapped[date] = mapped_column(Date, primary_key=True)
    due_at: Mapped[datetime]
    fired_at: Mapped[datetime]
    skipped: Mapped[str | None] = mapped_column(Text)
    """Why nothing was done, if nothing was."""


@dataclass(frozen=True, kw_only=True)
class NewTimer:
    """A timer to set; see Timer."""

    workspace_id: str
    step: str
    subject_id: int
    due_at: datetime
    priority: int
    part: str = ""
    generation: int = 0
    turn: int = 0


async def set_timer(
    session: AsyncSession,
    *,
    workspace_id: str,
    step: str,
    subject_id: int,
    due_at: datetime,
    priority: int,
    part: str = "",
    generation: int = 0,
    turn: int = 0,
) -> None:
    """Sets a timer, as `set_timers` does."""
    timer = NewTimer(
        workspace_id=workspace_id,
        step=step,
        subject_id=subject_id,
        due_at=due_at,
        priority=priority,
        part=part,
        generation=generation,
        turn=turn,
    )
    await set_timers(session, [timer])


async def set_timers(session: AsyncSession, timers: Sequence[NewTimer]) -> None:
    """Sets timers, all at once; the same step, part, generation and turn again changes nothing."""
    if not timers:
        return
    rows = [{**vars(timer), "retry_at": timer.due_at, "attempts": 0} for timer in timers]
    once = ("step", "subject_id", "part", "generation", "turn")
    await session.execute(adding(session, Timer, once=once), rows)


async def coming_timers(session: AsyncSession, workspace_id: str, *, most: int) -> Sequence[Timer]:
    """What is due next, soonest first; the parked left out."""
    query = select(Timer).where(Timer.workspace_id == workspace_id, Timer.parked_at.is_(None))
    return (await session.execute(query.order_by(Timer.retry_at, Timer.id).limit(most))).scalars().all()


async def coming_schedules(session: AsyncSession, workspace_id: str, *, most: int) -> Sequence[Schedule]:
    """What fires next, soonest first."""
    query = select(Schedule).where(Schedule.workspace_id == workspace_id, Schedule.next_fire_at.is_not(None))
    return (await session.execute(query.order_by(Schedule.next_fire_at, Schedule.id).limit(most))).scalars().all()


async def skipped_since(
    session: AsyncSession, workspace_id: str, since: datetime, *, most: int
) -> list[tuple[Occurrence, Schedule]]:
    """Firings that did nothing, the latest first."""
    query = (
        select(Occurrence, Schedule)
        .join(Schedule, Schedule.id == Occurrence.schedule_id)
        .where(Schedule.workspace_id == workspace_id, Occurrence.skipped.is_not(None), Occurrence.fired_at >= since)
    )
    found = await session.execute(query.order_by(Occurrence.fired_at.desc()).limit(most))
    return [(occurrence, schedule) for occurrence, schedule in found]


async def want_schedule(
    session: AsyncSession,
    *,
    workspace_id: str,
    kind: str,
    zone: str,
    wall: time,
    weekdays: Iterable[int] = range(7),
    target_id: int = 0,
) -> None:
    """Wants a rule to stand; one that stands already is left as it is. The heartbeat finds its first firing."""
    statement = insertion(session, Schedule).values(
        workspace_id=workspace_id,
        kind=kind,
        target_id=target_id,
        zone=zone,
        wall=wall,
        weekdays=list(weekdays),
        tzdata="",
    )
    await session.execute(statement.on_conflict_do_nothing(index_elements=["kind", "target_id"]))


async def change_schedule(
    session: AsyncSession, *, kind: str, target_id: int, zone: str, wall: time, weekdays: Iterable[int]
) -> None:
    """Gives a standing schedule another rule; the heartbeat aims it anew. A date that fired doesn't fire again; one
    that was awaited, and whose time is over by the new rule, fires at once."""
    changed = update(Schedule).where(Schedule.kind == kind, Schedule.target_id == target_id)
    await session.execute(changed.values(zone=zone, wall=wall, weekdays=list(weekdays), next_fire_at=None))


async def follow_zones(
    session: AsyncSession, *, kind: str, zones: Select[int, str], wall: time, weekdays: Iterable[int]
) -> None:
    """Gives this rule to each schedule of the kind whose target is in another zone by now. `zones`: (target, zone)."""
    now_in = zones.subquery()
    target, zone = now_in.columns
    moved = select(Schedule.target_id, zone).join(now_in, target == Schedule.target_id)
    days = list(weekdays)
    for target_id, there in await session.execute(moved.where(Schedule.kind == kind, Schedule.zone != zone)):
        await change_schedule(session, kind=kind, target_id=target_id, zone=there, wall=wall, weekdays=days)


async def drop_schedule(session: AsyncSession, *, kind: str, target_id: int) -> None:
    """The rule no longer stands, and what it did is forgotten with it."""
    await session.execute(delete(Schedule).where(Schedule.kind == kind, Schedule.target_id == target_id))


async def standing(session: AsyncSession, workspace_id: str, kinds: Iterable[str]) -> Sequence[Schedule]:
    """The rules of these kinds."""
    query = select(Schedule).where(Schedule.workspace_id == workspace_id, Schedule.kind.in_(list(kinds)))
    return (await session.execute(query)).scalars().all()
