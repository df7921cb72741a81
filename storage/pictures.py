"""Charts that messages show: each drawn once, known by its key, and where Slack has it."""

from datetime import datetime

from sqlalchemy import Index, String, Text, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, insertion


class Picture(Base):
    __tablename__ = "pictures"
    __table_args__ = (Index(None, "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    key: Mapped[str] = mapped_column(String(160), unique=True)
    """One per picture: `checkin_round:7:load`."""
    alt: Mapped[str] = mapped_column(Text)
    """What it shows, in words."""
    slack_file_id: Mapped[str | None] = mapped_column(String(32))
    """None until Slack shows it."""
    created_at: Mapped[datetime]


async def want(session: AsyncSession, *, workspace_id: str, key: str, alt: str, now: datetime) -> None:
    """The same key again changes nothing."""
    statement = insertion(session, Picture).values(workspace_id=workspace_id, key=key, alt=alt, created_at=now)
    await session.execute(statement.on_conflict_do_nothing(index_elements=["key"]))


async def by_key(session: AsyncSession, key: str) -> Picture | None:
    return (await session.execute(select(Picture).where(Picture.key == key))).scalar_one_or_none()


async def keep_file(session: AsyncSession, key: str, slack_file_id: str) -> None:
    await session.execute(update(Picture).where(Picture.key == key).values(slack_file_id=slack_file_id))


async def forget(session: AsyncSession, *, before: datetime) -> None:
    """Deletes what was drawn before then; what stands in Slack stays there."""
    await session.execute(delete(Picture).where(Picture.created_at < before))
