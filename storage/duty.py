"""Duty: a team's rota, and who stands in."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, bindparam, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base
from storage.departments import Head
from storage.memberships import Membership
from storage.people import Person
from storage.teams import Team


class RotaTurn(Base):
    """One place in a team's ordered rota."""

    __tablename__ = "rota_turns"
    __table_args__ = (UniqueConstraint("team_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    position: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))


class DutyOverride(Base):
    """Somebody stands in, from one instant to another."""

    __tablename__ = "duty_overrides"
    __table_args__ = (Index(None, "team_id", "until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    since: Mapped[datetime]
    until: Mapped[datetime]
    form_key: Mapped[str] = mapped_column(String(64), unique=True)
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


async def rota(session: AsyncSession, team_id: int) -> list[Person]:
    """The rota's people in its order; the deactivated keep their place until the rota is mended: no turn shifts."""
    query = (
        select(Person)
        .join(RotaTurn, RotaTurn.person_id == Person.id)
        .where(RotaTurn.team_id == team_id)
        .order_by(RotaTurn.position)
    )
    return list((await session.execute(query)).scalars())


async def set_rota(session: AsyncSession, team: Team, people: Sequence[Person], *, now: datetime) -> None:
    """The rota from now on, the first on duty until the next hand-over."""
    await session.execute(delete(RotaTurn).where(RotaTurn.team_id == team.id))
    session.add_all(
        RotaTurn(team_id=team.id, position=position, person_id=person.id) for position, person in enumerate(people)
    )
    team.rota_since = now if people else None


async def teams_with_turns_of(session: AsyncSession, person_id: int) -> list[Team]:
    """Teams in whose rota somebody stands, or whose duty they have been given for a time, or which they belong to."""
    turns = select(RotaTurn.team_id).where(RotaTurn.person_id == person_id)
    given = select(DutyOverride.team_id).where(DutyOverride.person_id == person_id)
    joined = select(Membership.team_id).where(Membership.person_id == person_id)
    query = select(Team).where(or_(Team.id.in_(turns), Team.id.in_(given), Team.id.in_(joined)))
    return list((await session.execute(query.order_by(Team.id))).scalars())


async def on_duty_unreachable(session: AsyncSession, workspace_id: str, *, now: datetime) -> list[Person]:
    """Who stands in a rota, or stands in for somebody, and can't be reached any more."""
    turns = select(RotaTurn.person_id)
    given = select(DutyOverride.person_id).where(DutyOverride.until > now)
    query = select(Person).where(
        Person.workspace_id == workspace_id,
        or_(Person.deactivated, Person.is_guest, Person.is_bot, Person.is_stranger),
        or_(Person.id.in_(turns), Person.id.in_(given)),
    )
    return list((await session.execute(query.order_by(Person.id))).scalars())


async def whoever_is_paged(session: AsyncSession, workspace_id: str) -> list[Person]:
    """Everybody in a rota, every manager, every head."""
    query = select(Person).where(
        Person.workspace_id == workspace_id,
        ~Person.deactivated,
        or_(
            Person.id.in_(select(RotaTurn.person_id)),
            Person.id.in_(select(DutyOverride.person_id)),
            Person.id.in_(select(Membership.person_id).where(Membership.is_manager)),
            Person.id.in_(select(Head.person_id)),
        ),
    )
    return list((await session.execute(query.order_by(Person.id))).scalars())


_STANDING_IN = (
    select(DutyOverride)
    .where(
        DutyOverride.team_id.in_(bindparam("team_ids", expanding=True)), DutyOverride.until > bindparam("ending_after")
    )
    .order_by(DutyOverride.since)
)


async def overrides(session: AsyncSession, *team_ids: int, ending_after: datetime) -> Sequence[DutyOverride]:
    query = {"team_ids": list(team_ids), "ending_after": ending_after}
    return (await session.execute(_STANDING_IN, query)).scalars().all()
