"""Whom polls ask: teams, and people one by one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, insertion
from storage.people import Person
from storage.teams import Team


class PollTeam(Base):
    """A team that is asked."""

    __tablename__ = "poll_teams"
    __table_args__ = (Index(None, "team_id"),)

    poll_id: Mapped[int] = mapped_column(ForeignKey("polls.id", ondelete="CASCADE"), primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)


class Asked(Base):
    """Somebody who is asked. Nothing here changes when they answer."""

    __tablename__ = "poll_people"
    __table_args__ = (Index(None, "person_id"),)

    poll_id: Mapped[int] = mapped_column(ForeignKey("polls.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    team_id: Mapped[int | None]
    """The team among those asked with which their answer is counted: one, also for somebody in several."""
    by_name: Mapped[bool] = mapped_column(default=False)
    """Chosen by name on the form."""
    in_channel: Mapped[bool] = mapped_column(default=False)
    """The post in the channel asks them: no direct message."""


async def teams_asked(session: AsyncSession, poll_id: int) -> list[Team]:
    query = select(Team).join(PollTeam, PollTeam.team_id == Team.id).where(PollTeam.poll_id == poll_id)
    return list((await session.execute(query.order_by(Team.name))).scalars())


async def name_teams(session: AsyncSession, poll_id: int, team_ids: Iterable[int]) -> None:
    session.add_all(PollTeam(poll_id=poll_id, team_id=team_id) for team_id in sorted(set(team_ids)))


async def ask(session: AsyncSession, poll_id: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Adds people to those asked, in the order of their ids; who is there already stays as they are."""
    if rows:
        ordered = [{"poll_id": poll_id, **row} for row in sorted(rows, key=lambda row: int(row["person_id"]))]
        statement = insertion(session, Asked).on_conflict_do_nothing(index_elements=["poll_id", "person_id"])
        await session.execute(statement, ordered)


async def asked_of(session: AsyncSession, poll_id: int) -> list[Asked]:
    query = select(Asked).where(Asked.poll_id == poll_id).order_by(Asked.person_id)
    return list((await session.execute(query)).scalars())


async def asked_among(session: AsyncSession, poll_id: int, person_ids: Sequence[int]) -> dict[int, bool]:
    """Which of these people are asked, and whether by the channel's post alone."""
    query = select(Asked.person_id, Asked.in_channel).where(Asked.poll_id == poll_id, Asked.person_id.in_(person_ids))
    return {row.person_id: row.in_channel for row in await session.execute(query)}


async def to_write_to(session: AsyncSession, poll_id: int, *, above: int, most: int) -> list[Person]:
    """Who gets a direct message, by id, above that id."""
    query = (
        select(Person)
        .join(Asked, Asked.person_id == Person.id)
        .where(Asked.poll_id == poll_id, ~Asked.in_channel, Person.id > above, ~Person.deactivated)
    )
    return list((await session.execute(query.order_by(Person.id).limit(most))).scalars())
