"""When somebody's Home was last drawn, and what it showed: so that it is drawn neither too often nor for nothing."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, insertion
from storage.people import Person


class HomeView(Base):
    __tablename__ = "home_views"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    published_at: Mapped[datetime]
    shown: Mapped[str] = mapped_column(String(64))
    """A fingerprint of the view; UNKNOWN from the claim until Slack has taken it."""


UNKNOWN = ""


async def claim(session: AsyncSession, person_id: int, *, now: datetime, not_after: datetime) -> bool:
    """Takes the right to publish at `now`; False if somebody did after `not_after`. Of several that try at once, one
    gets it. What they see isn't known from here on until `keep_shown`."""
    statement = insertion(session, HomeView).values(person_id=person_id, published_at=now, shown=UNKNOWN)
    taken = statement.on_conflict_do_update(
        index_elements=["person_id"],
        set_={"published_at": now, "shown": UNKNOWN},
        where=HomeView.published_at <= not_after,
    ).returning(HomeView.person_id)
    return (await session.execute(taken)).scalar_one_or_none() is not None


async def keep_shown(session: AsyncSession, person_id: int, shown: str, *, at: datetime) -> None:
    """Slack has taken what was claimed at that time; unless it was claimed again since."""
    mine = (HomeView.person_id == person_id) & (HomeView.published_at == at)
    await session.execute(update(HomeView).where(mine).values(shown=shown))


async def last(session: AsyncSession, person_id: int) -> HomeView | None:
    return await session.get(HomeView, person_id, populate_existing=True)


_WATCHING = select(Person.id).where(
    Person.workspace_id == bindparam("workspace_id"), Person.home_opened_at >= bindparam("since")
)
"""Asked after every action: built once."""


async def watching(session: AsyncSession, workspace_id: str, *, since: datetime) -> Sequence[int]:
    """Ids of the people who opened Home since then."""
    return (await session.execute(_WATCHING, {"workspace_id": workspace_id, "since": since})).scalars().all()
