"""Numbers that people say aloud (E-42): dense, never reused, one row per sequence."""

from functools import cache

from sqlalchemy import Insert, String
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, dialect_of, insertion_in


class Counter(Base):
    __tablename__ = "counters"

    workspace_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[int]


async def next_number(session: AsyncSession, workspace_id: str, name: str) -> int:
    """The next number of this sequence, from 1; the row stays locked until the transaction ends, so none is skipped."""
    first = {"workspace_id": workspace_id, "name": name, "value": 1}
    number: int = (await session.execute(_counting(dialect_of(session)), first)).scalar_one()
    return number


@cache
def _counting(dialect: str) -> Insert:
    value = Counter.__table__.c.value
    first = insertion_in(dialect, Counter.__table__)
    return first.on_conflict_do_update(index_elements=["workspace_id", "name"], set_={"value": value + 1}).returning(
        value
    )
