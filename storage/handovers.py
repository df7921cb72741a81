"""Handovers: escalations that their owners offer to somebody else."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, selectinload

from storage.base import Base
from storage.escalations import OPEN_STATES, Escalation, visible_to


class Handover(Base):
    """One escalation offered by its owner to somebody else."""

    __tablename__ = "handovers"
    __table_args__ = (UniqueConstraint("form_key", "escalation_id"), Index(None, "to_id", "answered_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    form_key: Mapped[str] = mapped_column(String(64))
    escalation_id: Mapped[int] = mapped_column(ForeignKey("escalations.id", ondelete="CASCADE"))
    from_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    note: Mapped[str | None] = mapped_column(Text)
    offered_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    accepted: Mapped[bool | None]


async def of_escalation(session: AsyncSession, escalation_id: int) -> Sequence[Handover]:
    """Every offer of this escalation, answered or not."""
    return (await session.execute(select(Handover).where(Handover.escalation_id == escalation_id))).scalars().all()


_OFFERED = (
    select(Handover, Escalation)
    .join(Escalation, Escalation.id == Handover.escalation_id)
    .where(
        Handover.to_id == bindparam("person_id", type_=Integer),
        Handover.answered_at.is_(None),
        Escalation.owner_id == Handover.from_id,
        Escalation.state.in_(OPEN_STATES),
        visible_to(bindparam("person_id", type_=Integer)),
    )
    .order_by(Handover.id)
    .options(selectinload(Escalation.clocks))
)


async def offered_to(session: AsyncSession, person_id: int) -> list[tuple[Handover, Escalation]]:
    """What is offered to somebody and not answered yet, oldest first; the escalation still open and its offerer's."""
    found = await session.execute(_OFFERED, {"person_id": person_id})
    return [(handover, escalation) for handover, escalation in found]
