"""When somebody's Home was last drawn, and what it showed: so that it is drawn neither too often nor for nothing."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, insertion
from storage.people import Person


class HomeView(Base):
    __tablename__ = "home_views"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    published_at: Mapped[datetime]
    shown: Mapped[str] = mapped_column(String(64))
    """A fingerprint of the view."""


async def claim(session: AsyncSession, person_id: int, shown: str, *, now: datetime, not_after: datetime) -> bool:
    """Takes the right to publish at `now`; False if somebody did after `not_after`. Of several that try at once, one
    gets it."""
    statement = insertion(session, HomeView).values(person_id=person_id, published_at=now, shown=shown)
    taken = statement.on_conflict_do_update(
        index_elements=["person_id"],
        set_={"published_at": now, "shown": shown},
        where=HomeView.published_at <= not_after,
    ).returning(HomeView.person_id)
    return (await session.execute(taken)).scalar_one_or_none() is not None


async def last(session: AsyncSession, person_id: int) -> HomeView | None:
    return await session.get(HomeView, person_id, populate_existing=True)


_WATCHING = select(Person.id).where(
    Person.workspace_id == bindparam("workspace_id"), Person.home_opened_at >= bindparam("since")
)
"""Asked after every action: built once."""


async def watching(session: AsyncSession, workspace_id: str, *, since: datetime) -> Sequence[int]:
    """Ids of the people who opened Home since then."""
    return (await session.execute(_WATCHING, {"workspace_id": workspace_id, "since": since})).scalars().all()
