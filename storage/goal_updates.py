"""The numbers that people gave for goals that are updated by hand."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, bindparam, exists, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, insertion


class Update(Base):
    """A number that somebody gave for a goal that is updated by hand: where it stands by then."""

    __tablename__ = "goal_updates"
    __table_args__ = (UniqueConstraint("form_key", "goal_id"), Index(None, "goal_id", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    form_key: Mapped[str] = mapped_column(String(64))
    goal_id: Mapped[int] = mapped_column(ForeignKey("goals.id", ondelete="CASCADE"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    at: Mapped[datetime]
    value: Mapped[float]


_LATER = Update.__table__.alias()
"""The ORM's own alias would have every mapper that there is by now made ready, while the bot starts."""
_LATEST_UPDATE = (
    select(Update)
    .where(Update.goal_id.in_(bindparam("goal_ids", expanding=True)))
    .where(
        ~exists().where(
            _LATER.c.goal_id == Update.goal_id, tuple_(_LATER.c.at, _LATER.c.id) > tuple_(Update.at, Update.id)
        )
    )
)


async def latest(session: AsyncSession, goal_ids: Iterable[int]) -> dict[int, Update]:
    """The last number given for each of these goals."""
    found = (await session.execute(_LATEST_UPDATE, {"goal_ids": list(goal_ids)})).scalars()
    return {one.goal_id: one for one in found}


async def of_goal(session: AsyncSession, goal_id: int, *, most: int) -> Sequence[Update]:
    """The numbers given for a goal, the latest first."""
    query = select(Update).where(Update.goal_id == goal_id).order_by(Update.at.desc(), Update.id.desc()).limit(most)
    return (await session.execute(query)).scalars().all()


async def give(session: AsyncSession, *, form_key: str, goal_id: int, by_id: int, at: datetime, value: float) -> None:
    """Keeps a number; the same form again changes nothing."""
    statement = insertion(session, Update).values(form_key=form_key, goal_id=goal_id, by_id=by_id, at=at, value=value)
    await session.execute(statement.on_conflict_do_nothing(index_elements=["form_key", "goal_id"]))
