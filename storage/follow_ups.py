"""Follow-ups: what must still happen after, or because of, an escalation."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, Integer, String, Text, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base
from storage.escalations import Escalation, visible_to


class FollowUp(Base):
    """Something that must still happen after (or because of) an escalation."""

    __tablename__ = "follow_ups"
    __table_args__ = (
        Index(None, "owner_id", "closed_at"),
        Index(None, "team_id", "closed_at", "due_on"),
        Index(None, "escalation_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    escalation_id: Mapped[int] = mapped_column(ForeignKey("escalations.id", ondelete="CASCADE"))
    reason: Mapped[str] = mapped_column(String(32))
    """prevent_repeat | find_root_cause | tell_customer"""
    what: Mapped[str] = mapped_column(Text)
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    due_on: Mapped[date] = mapped_column(Date)
    """A date in the owner's zone."""
    generation: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    note: Mapped[str | None] = mapped_column(Text)


async def follow_ups_of(session: AsyncSession, escalation_ids: Iterable[int]) -> Sequence[FollowUp]:
    query = select(FollowUp).where(FollowUp.escalation_id.in_(list(escalation_ids))).order_by(FollowUp.due_on)
    return (await session.execute(query)).scalars().all()


_FOLLOW_UPS = (
    select(FollowUp, Escalation)
    .join(Escalation, Escalation.id == FollowUp.escalation_id)
    .where(
        FollowUp.closed_at.is_(None),
        or_(
            FollowUp.team_id.in_(bindparam("team_ids", expanding=True)),
            FollowUp.owner_id == bindparam("person_id", type_=Integer),
        ),
        visible_to(bindparam("person_id", type_=Integer)),
    )
    .order_by(FollowUp.due_on, FollowUp.id)
    .limit(bindparam("most", type_=Integer))
)


async def open_follow_ups(
    session: AsyncSession, *, team_ids: Sequence[int], owner_id: int, most: int
) -> list[tuple[FollowUp, Escalation]]:
    """Open follow-ups of these teams or of this person, the earliest due first."""
    asked = {"team_ids": list(team_ids), "person_id": owner_id, "most": most}
    return [(follow_up, escalation) for follow_up, escalation in await session.execute(_FOLLOW_UPS, asked)]


async def follow_ups_of_team(session: AsyncSession, team_id: int, *, most: int) -> list[tuple[FollowUp, Escalation]]:
    """Open follow-ups for anybody in the team to know, the earliest due first."""
    query = (
        select(FollowUp, Escalation)
        .join(Escalation, Escalation.id == FollowUp.escalation_id)
        .where(FollowUp.team_id == team_id, FollowUp.closed_at.is_(None), ~Escalation.restricted)
        .order_by(FollowUp.due_on, FollowUp.id)
        .limit(most)
    )
    return [(follow_up, escalation) for follow_up, escalation in await session.execute(query)]
