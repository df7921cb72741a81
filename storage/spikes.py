"""Spikes: what stood out in a team's queue on a day; one row a tag and day, which later looks bring up to date."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage import queue_figures
from storage.base import Base, insertion
from storage.ticket_days import ALL
from storage.tickets import Ticket


class SpikeDay(Base):
    """A tag that stood out on a local day of a team."""

    __tablename__ = "spike_days"
    __table_args__ = (UniqueConstraint("team_id", "local_date", "tag"), Index(None, "told_by_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    local_date: Mapped[date] = mapped_column(Date)
    tag: Mapped[str] = mapped_column(String(100))
    """storage.ticket_days.ALL: everything rises."""
    is_new: Mapped[bool]
    """Never seen in the weeks before; else far above its usual."""
    day_began: Mapped[datetime]
    """The local day's first instant: its tickets came since then."""
    found_at: Mapped[datetime]
    counted_at: Mapped[datetime]
    tickets: Mapped[int]
    customers: Mapped[int]
    usual: Mapped[float]
    """How many there usually are by the time of `counted_at`."""
    told_channel: Mapped[str | None] = mapped_column(String(32))
    """Where the product people were told."""
    told_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    told_at: Mapped[datetime | None]


async def found(
    session: AsyncSession,
    *,
    workspace_id: str,
    team_id: int,
    local_date: date,
    tag: str,
    is_new: bool,
    day_began: datetime,
    tickets: int,
    customers: int,
    usual: float,
    now: datetime,
) -> SpikeDay:
    """The row of that tag and day, made or brought up to date."""
    counted = {"tickets": tickets, "customers": customers, "usual": usual, "counted_at": now}
    statement = insertion(session, SpikeDay).values(
        workspace_id=workspace_id,
        team_id=team_id,
        local_date=local_date,
        tag=tag,
        is_new=is_new,
        day_began=day_began,
        found_at=now,
        **counted,
    )
    await session.execute(
        statement.on_conflict_do_update(index_elements=["team_id", "local_date", "tag"], set_=counted)
    )
    query = select(SpikeDay).where(SpikeDay.team_id == team_id, SpikeDay.local_date == local_date, SpikeDay.tag == tag)
    return (await session.execute(query.execution_options(populate_existing=True))).scalar_one()


async def of_days(session: AsyncSession, team_id: int, first: date, last: date) -> Sequence[SpikeDay]:
    """What stood out on these local dates, both included; the latest day first, the most tickets first."""
    query = select(SpikeDay).where(
        SpikeDay.team_id == team_id, SpikeDay.local_date >= first, SpikeDay.local_date <= last
    )
    query = query.order_by(SpikeDay.local_date.desc(), SpikeDay.tickets.desc(), SpikeDay.tag)
    return (await session.execute(query)).scalars().all()


async def locked(session: AsyncSession, spike_id: int) -> SpikeDay | None:
    """The row, locked until the transaction ends."""
    query = select(SpikeDay).where(SpikeDay.id == spike_id).with_for_update()
    return (await session.execute(query)).scalar_one_or_none()


async def tickets_of(session: AsyncSession, spike: SpikeDay, *, most: int) -> Sequence[Ticket]:
    """The tickets of its tag and day, the latest first; of everything that rises, the day's latest."""
    until = spike.day_began + timedelta(days=1)
    if spike.tag == ALL:
        return await queue_figures.came(session, spike.team_id, spike.day_began, until, most=most)
    return await queue_figures.tagged(session, spike.team_id, spike.tag, spike.day_began, until, most=most)


async def forget(session: AsyncSession, *, before: datetime, most: int) -> int:
    """Deletes the oldest that were found before that; returns how many."""
    old = select(SpikeDay.id).where(SpikeDay.found_at < before).order_by(SpikeDay.found_at).limit(most)
    ids = (await session.execute(old)).scalars().all()
    await session.execute(delete(SpikeDay).where(SpikeDay.id.in_(ids)))
    return len(ids)
