"""Who may see figures about one person, when a team widens that: its members hear it a working day before."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base
from storage.teams import Team


class MetricsChange(Base):
    """A wider setting that an admin chose for a team."""

    __tablename__ = "metrics_changes"
    __table_args__ = (Index(None, "team_id", "asked_at"), Index(None, "asked_by_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    level: Mapped[str] = mapped_column(String(16))
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    asked_at: Mapped[datetime]
    effective_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    """Narrowed again, or asked for anew, since."""

    def notice_key(self, person_id: int) -> str:
        """The key of the message that tells this person."""
        return f"queue.metrics:{self.id}:{person_id}"


async def standing(session: AsyncSession, team_id: int) -> MetricsChange | None:
    """The last one that was not taken back, in effect or still to come."""
    query = select(MetricsChange).where(MetricsChange.team_id == team_id, MetricsChange.cancelled_at.is_(None))
    return (await session.execute(query.order_by(MetricsChange.asked_at.desc()).limit(1))).scalar_one_or_none()


async def cancel(session: AsyncSession, team_id: int, *, now: datetime) -> None:
    """Takes back whatever was widened."""
    standing_ones = MetricsChange.team_id == team_id, MetricsChange.cancelled_at.is_(None)
    await session.execute(update(MetricsChange).where(*standing_ones).values(cancelled_at=now))


async def teams_at(session: AsyncSession, team_ids: Iterable[int], level: str) -> frozenset[int]:
    """Which of these teams have it set so."""
    query = select(Team.id).where(Team.id.in_(list(team_ids)), Team.personal_metrics == level)
    return frozenset((await session.execute(query)).scalars())
