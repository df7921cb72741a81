"""What each local day of a team counted: roll-ups, which a re-count from the tickets reproduces (storage.recounting),
and snapshots of the backlog, which nothing can rebuild later."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, ForeignKey, Index, String, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, adding, replacing
from storage.teams import Team

ALL = ""
"""The `tag` of the row that counts every ticket."""
HOURS = 24
DAY = ("team_id", "utc_date")
"""What a mark is one of."""


class TicketDay(Base):
    """Counts of one local day of a team: of all its tickets, and of each tag that one of them has. No row: zeros."""

    __tablename__ = "ticket_days"
    __table_args__ = (Index(None, "team_id", "tag", "local_date"),)

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    local_date: Mapped[date] = mapped_column(Date, primary_key=True)
    tag: Mapped[str] = mapped_column(String(100), primary_key=True)
    zone: Mapped[str] = mapped_column(String(64))
    """The team's, as the day was cut."""
    created: Mapped[int] = mapped_column(default=0)
    by_hour: Mapped[list[Any]] = mapped_column(default=list)
    """How many were created in each wall-clock hour, 24 numbers; an hour that comes twice in autumn counts as one."""
    solved: Mapped[int] = mapped_column(default=0)
    """Last solved on that day, and still solved."""
    reopened: Mapped[int] = mapped_column(default=0)
    """Of those solved: had been solved before and came back."""
    reopened_known: Mapped[int] = mapped_column(default=0)
    """Of those solved: the desk tells whether they came back."""
    one_touch: Mapped[int] = mapped_column(default=0)
    """Of those solved: with one public reply at most, never reopened."""
    one_touch_known: Mapped[int] = mapped_column(default=0)
    """Of those solved: the desk tells how many replies there were."""
    csat_good: Mapped[int] = mapped_column(default=0)
    csat_bad: Mapped[int] = mapped_column(default=0)
    nps_promoters: Mapped[int] = mapped_column(default=0)
    """9 or 10."""
    nps_passives: Mapped[int] = mapped_column(default=0)
    nps_detractors: Mapped[int] = mapped_column(default=0)
    """0–6."""
    ces_sum: Mapped[float] = mapped_column(default=0.0)
    ces_count: Mapped[int] = mapped_column(default=0)


class StaleDay(Base):
    """An instant whose local day must be counted again. Rewritten pages mark the same instants: they are one."""

    __tablename__ = "stale_days"

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    utc_date: Mapped[date] = mapped_column(Date, primary_key=True)
    """The local days that this UTC date touches are meant."""


class ChangedDay(Base):
    """The same mark for whoever keeps counts of their own (goals): it stands until they have counted the day."""

    __tablename__ = "changed_days"

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    utc_date: Mapped[date] = mapped_column(Date, primary_key=True)
    taken: Mapped[bool] = mapped_column(default=False)
    """Somebody is counting it; a change meanwhile makes it False again, and so outlives that count."""


class Snapshot(Base):
    """What stood in a team's queue when its local day ended."""

    __tablename__ = "backlog_snapshots"

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    local_date: Mapped[date] = mapped_column(Date, primary_key=True)
    """The day that ended."""
    taken_at: Mapped[datetime]
    data_as_of: Mapped[datetime | None]
    """When the least fresh of its sources had last been pulled well; None: never."""
    open: Mapped[int]
    """In the backlog, whatever their unsolved status."""
    unassigned: Mapped[int]
    urgent: Mapped[int]
    oldest_created_at: Mapped[datetime | None]
    by_status: Mapped[dict[str, Any]] = mapped_column()
    """Status → how many."""


COUNTS = tuple(
    column.name
    for column in TicketDay.__table__.columns
    if column.name not in {"team_id", "local_date", "tag", "zone", "by_hour"}
)


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the local day's first instant up to (without) the next one's, UTC; 23 to 25 hours."""
    first, following = (datetime.combine(each, time(), zone) for each in (day, day + timedelta(days=1)))
    return first.astimezone(UTC), following.astimezone(UTC)


async def mark(session: AsyncSession, moments: Iterable[tuple[int, datetime]]) -> None:
    """The days of these (team, instant) must be counted again."""
    days = sorted({(team_id, at.astimezone(UTC).date()) for team_id, at in moments})
    if days:
        rows = [{"team_id": team_id, "utc_date": day} for team_id, day in days]
        await session.execute(adding(session, StaleDay, once=DAY), rows)
        again = replacing(session, ChangedDay, once=DAY)
        await session.execute(again, [{**row, "taken": False} for row in rows])


def _of_workspace(workspace_id: str) -> ColumnElement[bool]:
    return ChangedDay.team_id.in_(select(Team.id).where(Team.workspace_id == workspace_id))


async def take_changed(session: AsyncSession, workspace_id: str) -> None:
    """From here on the marked days are being counted; what is marked later counts the next time."""
    await session.execute(update(ChangedDay).where(_of_workspace(workspace_id)).values(taken=True))


async def taken(session: AsyncSession, workspace_id: str) -> Sequence[tuple[int, date]]:
    """The (team id, UTC date) that are being counted."""
    query = select(ChangedDay.team_id, ChangedDay.utc_date).where(_of_workspace(workspace_id), ChangedDay.taken)
    return (await session.execute(query)).all()


async def settle_changed(session: AsyncSession, workspace_id: str) -> None:
    """They are counted."""
    await session.execute(delete(ChangedDay).where(_of_workspace(workspace_id), ChangedDay.taken))


async def keep_snapshot(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes snapshots; the first of a day stays."""
    if rows:
        await session.execute(adding(session, Snapshot, once=("team_id", "local_date")), [dict(row) for row in rows])
