"""Numbers that people say aloud (E-42): dense, never reused, one row per sequence."""

from sqlalchemy import String
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, insertion


class Counter(Base):
    __tablename__ = "counters"

    workspace_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[int]


async def next_number(session: AsyncSession, workspace_id: str, name: str) -> int:
    """The next number of this sequence, from 1; the row stays locked until the transaction ends, so none is skipped."""
    first = insertion(session, Counter).values(workspace_id=workspace_id, name=name, value=1)
    counted = first.on_conflict_do_update(
        index_elements=["workspace_id", "name"], set_={"value": Counter.value + 1}
    ).returning(Counter.value)
    return (await session.execute(counted)).scalar_one()
