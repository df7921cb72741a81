"""Departments, and who leads them."""

from collections.abc import Iterable

from sqlalchemy import ForeignKey, String, UniqueConstraint, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base
from storage.people import Person


class Department(Base):
    __tablename__ = "departments"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(80))


class Head(Base):
    """Who leads a department."""

    __tablename__ = "heads"

    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)


_LEADING = (
    select(Head.department_id, Person)
    .join(Person, Person.id == Head.person_id)
    .where(Head.department_id.in_(bindparam("department_ids", expanding=True)), ~Person.deactivated)
    .order_by(Person.id)
)


async def heads(session: AsyncSession, department_id: int | None) -> list[Person]:
    """Who leads the department, or nobody when the team belongs to none."""
    return (await heads_of_all(session, [department_id])).get(department_id, [])


async def heads_of_all(session: AsyncSession, department_ids: Iterable[int | None]) -> dict[int | None, list[Person]]:
    found: dict[int | None, list[Person]] = {}
    if wanted := sorted({one for one in department_ids if one is not None}):
        for department_id, person in await session.execute(_LEADING, {"department_ids": wanted}):
            found.setdefault(department_id, []).append(person)
    return found


async def departments_of(session: AsyncSession, workspace_id: str) -> list[Department]:
    query = select(Department).where(Department.workspace_id == workspace_id).order_by(Department.name)
    return list((await session.execute(query)).scalars())
