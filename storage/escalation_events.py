"""The append-only history of escalations."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base


class Event(Base):
    """One line of an escalation's history. Only ever added to: the receipt of /escalate why is read from it."""

    __tablename__ = "escalation_events"
    __table_args__ = (Index(None, "escalation_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    escalation_id: Mapped[int] = mapped_column(ForeignKey("escalations.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(32))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """None: Backstop itself."""
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    clocks: Mapped[list[Any]] = mapped_column(default=list)
    """What each touched clock was after it: kind, state, deadline, why."""


_LAST_OF_A_PERSON = select(Event).where(
    Event.id.in_(
        select(func.max(Event.id))
        .where(Event.escalation_id.in_(bindparam("ids", expanding=True)), Event.actor_id.is_not(None))
        .group_by(Event.escalation_id)
    )
)
"""Asked for every message and every step: built once."""


async def last_of_a_person(session: AsyncSession, escalation_ids: Iterable[int]) -> dict[int, Event]:
    """The last thing that a person did to each of these, by its id."""
    found = await session.execute(_LAST_OF_A_PERSON, {"ids": list(escalation_ids)})
    return {event.escalation_id: event for event in found.scalars()}


async def history(session: AsyncSession, escalation_id: int) -> Sequence[Event]:
    """Everything that happened to it, oldest first."""
    query = select(Event).where(Event.escalation_id == escalation_id).order_by(Event.id)
    return (await session.execute(query)).scalars().all()


async def latest(session: AsyncSession, escalation_id: int, *, most: int) -> Sequence[Event]:
    """The last things that happened to it, the latest first."""
    query = select(Event).where(Event.escalation_id == escalation_id).order_by(Event.id.desc()).limit(most)
    return (await session.execute(query)).scalars().all()
