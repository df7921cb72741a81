"""Digests and weekly reports: what a team wants of them, each one that was made, and what people did with its lines."""

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, insertion

AT_NINE = time(9)


class DigestSettings(Base):
    """What a team wants; a team without a row has the defaults (see `settings_of`)."""

    __tablename__ = "digest_settings"

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[time]
    """In the team's zone, on its working days."""
    in_channel: Mapped[bool]
    to_managers: Mapped[bool]
    """In a direct message each; with `in_channel` False as well the digest is off."""
    channel: Mapped[str | None] = mapped_column(String(32))
    """Where it is posted; None: the team's own channel."""
    weekly: Mapped[bool] = mapped_column(default=True)
    """The weekly report, Mondays, to managers and heads."""
    product_channel: Mapped[str | None] = mapped_column(String(32))
    """Where *tell product* posts; None: nobody has said yet."""
    active_customers: Mapped[int | None]
    """The denominator of the contact ratio, as somebody counted it; None: not measured."""

    @property
    def is_on(self) -> bool:
        return self.in_channel or self.to_managers


class Digest(Base):
    """One digest (or weekly report) of one team: the time that it covers, and what it said."""

    __tablename__ = "digests"
    __table_args__ = (UniqueConstraint("team_id", "weekly", "local_date"), Index(None, "team_id", "weekly", "until"))

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    weekly: Mapped[bool]
    local_date: Mapped[date] = mapped_column(Date)
    """The team's date that it is for."""
    since: Mapped[datetime]
    """Where the last one ended."""
    until: Mapped[datetime]
    due_at: Mapped[datetime]
    content: Mapped[dict[str, Any] | None]
    """What the figures were, copy by copy, as blocks (handlers.queue.composing); None until its job has made them."""


class DigestTake(Base):
    """Somebody said of a line of a digest that they take it: the first one has it."""

    __tablename__ = "digest_takes"
    __table_args__ = (Index(None, "person_id"),)

    digest_id: Mapped[int] = mapped_column(ForeignKey("digests.id", ondelete="CASCADE"), primary_key=True)
    line: Mapped[str] = mapped_column(String(255), primary_key=True)
    """The thing that the line is about, the same in every copy."""
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    at: Mapped[datetime]


async def settings_of(session: AsyncSession, team_id: int) -> DigestSettings:
    """What the team wants; the defaults (09:00, in the channel and to the managers), not stored, if it never said."""
    kept = await session.get(DigestSettings, team_id)
    return kept or DigestSettings(
        team_id=team_id,
        at=AT_NINE,
        in_channel=True,
        to_managers=True,
        channel=None,
        weekly=True,
        product_channel=None,
        active_customers=None,
    )


async def keep_settings(session: AsyncSession, team_id: int, **wanted: Any) -> None:
    """Changes what a team wants; what isn't named stays as it is."""
    kept = await settings_of(session, team_id)
    for name, value in wanted.items():
        setattr(kept, name, value)
    session.add(kept)


async def begin(
    session: AsyncSession,
    *,
    workspace_id: str,
    team_id: int,
    weekly: bool,
    local_date: date,
    since: datetime,
    until: datetime,
    due_at: datetime,
) -> None:
    """A digest to be made; the same team, kind and date again changes nothing."""
    statement = insertion(session, Digest).values(
        workspace_id=workspace_id,
        team_id=team_id,
        weekly=weekly,
        local_date=local_date,
        since=since,
        until=until,
        due_at=due_at,
    )
    await session.execute(statement.on_conflict_do_nothing(index_elements=["team_id", "weekly", "local_date"]))


async def of_date(session: AsyncSession, team_id: int, local_date: date, *, weekly: bool) -> Digest | None:
    query = select(Digest).where(Digest.team_id == team_id, Digest.weekly == weekly, Digest.local_date == local_date)
    return (await session.execute(query)).scalar_one_or_none()


async def last_of(session: AsyncSession, team_id: int, *, weekly: bool) -> Digest | None:
    """The team's latest one of this kind."""
    query = select(Digest).where(Digest.team_id == team_id, Digest.weekly == weekly)
    return (await session.execute(query.order_by(Digest.until.desc()).limit(1))).scalar_one_or_none()


async def takes_of(session: AsyncSession, digest_id: int) -> dict[str, DigestTake]:
    """Who took which line."""
    found = (await session.execute(select(DigestTake).where(DigestTake.digest_id == digest_id))).scalars()
    return {take.line: take for take in found}


async def take(session: AsyncSession, digest_id: int, line: str, person_id: int, *, now: datetime) -> bool:
    """Whether this person has it now: somebody was faster, otherwise."""
    statement = insertion(session, DigestTake).values(digest_id=digest_id, line=line, person_id=person_id, at=now)
    taken = await session.execute(
        statement.on_conflict_do_nothing(index_elements=["digest_id", "line"]).returning(DigestTake.line)
    )
    return taken.first() is not None


async def forget(session: AsyncSession, *, before: datetime, most: int) -> int:
    """Deletes the oldest digests that ended before that, with what was done with them; returns how many."""
    old = select(Digest.id).where(Digest.until < before).order_by(Digest.until).limit(most)
    ids = (await session.execute(old)).scalars().all()
    await session.execute(delete(Digest).where(Digest.id.in_(ids)))
    return len(ids)
