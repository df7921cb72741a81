"""What somebody typed into the form of an escalation that isn't raised yet."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base


class Draft(Base):
    """What somebody typed into the form while they are asked whether it is the same problem as another."""

    __tablename__ = "escalation_drafts"
    __table_args__ = (Index(None, "created_at"),)

    form_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    typed: Mapped[dict[str, Any]] = mapped_column()
    created_at: Mapped[datetime]


async def drop(session: AsyncSession, *, before: datetime) -> None:
    """Forms that nobody came back to."""
    await session.execute(delete(Draft).where(Draft.created_at < before))
