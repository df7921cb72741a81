"""Teams: asked for, active or declined; where they work, when, and by which terms."""

from collections.abc import Iterable
from datetime import datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, OneOf


class TeamState(StrEnum):
    REQUESTED = "requested"
    ACTIVE = "active"
    DECLINED = "declined"


class Team(Base):
    __tablename__ = "teams"
    __table_args__ = (
        UniqueConstraint("form_key"),
        # a team that was declined holds neither its name nor its channel
        Index(
            "uq_teams_standing_name",
            "workspace_id",
            "name",
            unique=True,
            sqlite_where=text("state <> 'declined'"),
            postgresql_where=text("state <> 'declined'"),
        ),
        Index(
            "uq_teams_standing_channel",
            "workspace_id",
            "channel",
            unique=True,
            sqlite_where=text("state <> 'declined'"),
            postgresql_where=text("state <> 'declined'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    form_key: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(80))
    name_follows_channel: Mapped[bool] = mapped_column(default=False)
    """Nobody gave it a name: it is called as its channel is, also after that is renamed."""
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    channel: Mapped[str] = mapped_column(String(32))
    escalation_channel: Mapped[str] = mapped_column(String(32))
    """Where this team's escalation cards stand; the team's channel unless it says otherwise."""
    escalates_privately: Mapped[bool] = mapped_column(default=False)
    """The escalation channel is a private one: who isn't of the team doesn't see what stands there."""
    everyone_in_channel: Mapped[bool] = mapped_column(default=False)
    """Members follow the channel's membership as well as the named ones."""

    zone: Mapped[str] = mapped_column(String(64))
    days: Mapped[list[Any]] = mapped_column()
    """Working weekdays, Monday = 0."""
    start: Mapped[time]
    end: Mapped[time]
    country: Mapped[str | None] = mapped_column(String(8))
    fixed_hours: Mapped[bool] = mapped_column(default=False)
    """True: the team's working time is `start`–`end` in `zone`; False: it runs while any member's shift does."""
    duty_covers_nights: Mapped[bool] = mapped_column(default=False)
    """True: an always-counting severity runs its clocks at night too, because somebody is on duty then."""

    policy: Mapped[dict[str, Any]] = mapped_column()
    """Severity → its terms, where they differ from the defaults (handlers.escalations.rules.policy)."""
    personal_metrics: Mapped[str] = mapped_column(String(16), default="self")
    checkins: Mapped[bool] = mapped_column(default=False)

    state: Mapped[TeamState] = mapped_column(OneOf(TeamState, 16), default=TeamState.REQUESTED)
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    requested_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]
    decline_reason: Mapped[str | None] = mapped_column(Text)

    handover_weekday: Mapped[int | None] = mapped_column(default=None)
    """The rota moves on at this weekday (Monday = 0) and `handover_at`; None with `handover_at` set: every day."""
    handover_at: Mapped[time | None] = mapped_column(default=None)
    rota_since: Mapped[datetime | None] = mapped_column(default=None)
    """When the first of the rota began; turns are counted from here."""


async def locked(session: AsyncSession, team_id: int) -> Team | None:
    """The team, locked until the transaction ends."""
    return (await session.execute(select(Team).where(Team.id == team_id).with_for_update())).scalar_one_or_none()


async def by_form_key(session: AsyncSession, form_key: str) -> Team | None:
    return (await session.execute(select(Team).where(Team.form_key == form_key))).scalar_one_or_none()


async def standing(
    session: AsyncSession, workspace_id: str, *, name: str | None = None, channel: str | None = None
) -> list[Team]:
    """Teams asked for or active that have this name (capitals don't matter) or work in this channel."""
    alike = []
    if name is not None:
        alike.append(func.lower(Team.name) == name.lower())
    if channel is not None:
        alike.append(Team.channel == channel)
    query = select(Team).where(Team.workspace_id == workspace_id, Team.state != TeamState.DECLINED, or_(*alike))
    return list((await session.execute(query)).scalars())


async def following(session: AsyncSession, workspace_id: str, channel: str) -> list[Team]:
    """The active teams that work in this channel, or show their escalations there."""
    query = select(Team).where(
        Team.workspace_id == workspace_id,
        Team.state == TeamState.ACTIVE,
        or_(Team.channel == channel, Team.escalation_channel == channel),
    )
    return list((await session.execute(query.order_by(Team.id))).scalars())


async def requested(session: AsyncSession, workspace_id: str, *, by: int | None = None) -> list[Team]:
    """Teams that wait for an admin, the oldest first; with `by`, those that this person asked for."""
    query = select(Team).where(Team.workspace_id == workspace_id, Team.state == TeamState.REQUESTED)
    if by is not None:
        query = query.where(Team.requested_by_id == by)
    return list((await session.execute(query.order_by(Team.requested_at, Team.id))).scalars())


async def active_teams(session: AsyncSession, workspace_id: str) -> list[Team]:
    query = select(Team).where(Team.workspace_id == workspace_id, Team.state == TeamState.ACTIVE).order_by(Team.name)
    return list((await session.execute(query)).scalars())


async def by_department(session: AsyncSession, department_ids: Iterable[int]) -> dict[int, list[Team]]:
    """The active teams of each department, by name."""
    query = select(Team).where(Team.department_id.in_(list(department_ids)), Team.state == TeamState.ACTIVE)
    found: dict[int, list[Team]] = {}
    for team in (await session.execute(query.order_by(Team.name))).scalars():
        found.setdefault(team.department_id or 0, []).append(team)
    return found
