"""Check-ins: a team's settings, its rounds, whom they ask and when. What was answered is in storage.checkin_answers."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, Integer, String, UniqueConstraint, bindparam, delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, OneOf, UtcDateTime, insertion
from storage.memberships import Membership
from storage.teams import Team, TeamState


class Visibility(StrEnum):
    PRIVATE = "private"
    """An answer is its writer's; managers see totals."""
    NAMED = "named"
    """Managers see who answered what."""


class CheckinSettings(Base):
    """How a team is asked; whether it is, its own row says (`Team.checkins`)."""

    __tablename__ = "checkin_settings"

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    days: Mapped[list[Any]] = mapped_column()
    """Weekdays, Monday = 0."""
    lead_min: Mapped[int]
    """How long before the end of somebody's shift they are asked."""
    nudge_min: Mapped[int]
    """How long before the end who hasn't answered is reminded; 0: not at all."""
    window_min: Mapped[int | None]
    """How long one may answer; None: until the end of the shift."""
    visibility: Mapped[Visibility] = mapped_column(OneOf(Visibility, 16), default=Visibility.PRIVATE)
    """What was chosen; named counts from `named_from` on."""
    named_from: Mapped[datetime | None]
    named_turn: Mapped[int] = mapped_column(default=0)
    """Rises each time that named answers are turned on: members are told each time."""
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    changed_at: Mapped[datetime]


class Round(Base):
    """One check-in of one team, for one date."""

    __tablename__ = "checkin_rounds"
    __table_args__ = (
        UniqueConstraint("team_id", "day"),
        Index(None, "day"),
        Index(None, "team_id", "closed_at", "day"),
        Index(None, "workspace_id", "closed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    day: Mapped[date] = mapped_column(Date)
    """The date on which the shifts begin that it is about, in each one's own zone."""
    visibility: Mapped[Visibility] = mapped_column(OneOf(Visibility, 16))
    """Fixed: what people answered under stays."""
    by_hand: Mapped[bool] = mapped_column(default=False)
    """Started by a manager, and so from `created_at` on."""
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    asked: Mapped[int | None]
    """How many were asked; with what follows, written at the close."""
    answered: Mapped[int | None]
    load: Mapped[list[Any] | None]
    """How many at each step of the scale; None: too few to be shown."""
    feeling: Mapped[list[Any] | None]


class Prompt(Base):
    """Somebody's part in a round: when they are asked, or why not."""

    __tablename__ = "checkin_prompts"
    __table_args__ = (UniqueConstraint("round_id", "person_id"), Index(None, "person_id", "closes_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("checkin_rounds.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    opens_at: Mapped[datetime]
    nudge_at: Mapped[datetime | None]
    closes_at: Mapped[datetime]
    skip: Mapped[str | None] = mapped_column(String(160))
    """Why they are not asked, in words."""
    generation: Mapped[int] = mapped_column(default=0)
    """Rises when the times change: timers set before do nothing."""
    asked_at: Mapped[datetime | None]
    """From then on its times stay."""


class CheckinWish(Base):
    """What somebody chose for themselves."""

    __tablename__ = "checkin_wishes"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    off_since: Mapped[datetime | None]
    """They don't want to be asked."""
    watch: Mapped[bool] = mapped_column(default=False)
    """They want to hear when their own load stays high."""
    told_on: Mapped[date | None] = mapped_column(Date)
    """When they last heard it."""


async def settings_of(session: AsyncSession, team_id: int) -> CheckinSettings | None:
    return await session.get(CheckinSettings, team_id)


async def teams_asking(session: AsyncSession, person_ids: Sequence[int]) -> dict[int, list[Team]]:
    """The teams that ask each of these people, in the order in which they joined them."""
    query = (
        select(Membership.person_id, Team)
        .join(Team, Team.id == Membership.team_id)
        .where(Membership.person_id.in_(person_ids), Team.checkins, Team.state == TeamState.ACTIVE)
        .order_by(Membership.since, Team.id)
    )
    found: dict[int, list[Team]] = {person_id: [] for person_id in person_ids}
    for person_id, team in await session.execute(query):
        found[person_id].append(team)
    return found


async def asks_any(session: AsyncSession, team_ids: Sequence[int]) -> bool:
    """Whether one of these teams is asked."""
    query = select(exists().where(Team.id.in_(team_ids), Team.checkins, Team.state == TeamState.ACTIVE))
    return bool((await session.execute(query)).scalar_one())


async def wishes_of(session: AsyncSession, person_ids: Sequence[int]) -> dict[int, CheckinWish]:
    query = select(CheckinWish).where(CheckinWish.person_id.in_(person_ids))
    return {wish.person_id: wish for wish in (await session.execute(query)).scalars()}


async def wish_of(session: AsyncSession, person_id: int) -> CheckinWish:
    """What they chose, locked; made if they chose nothing yet."""
    await session.execute(
        insertion(session, CheckinWish).values(person_id=person_id, watch=False).on_conflict_do_nothing()
    )
    query = select(CheckinWish).where(CheckinWish.person_id == person_id).with_for_update()
    return (await session.execute(query)).scalar_one()


async def round_on(session: AsyncSession, team_id: int, day: date) -> Round | None:
    return (await session.execute(select(Round).where(Round.team_id == team_id, Round.day == day))).scalar_one_or_none()


async def add_round(session: AsyncSession, made: Round) -> bool:
    """False if the team has one for that date already."""
    values = {
        "workspace_id": made.workspace_id,
        "team_id": made.team_id,
        "day": made.day,
        "visibility": made.visibility,
        "by_hand": made.by_hand,
        "started_by_id": made.started_by_id,
        "created_at": made.created_at,
    }
    statement = insertion(session, Round).values(**values)
    once = statement.on_conflict_do_nothing(index_elements=["team_id", "day"]).returning(Round.id)
    return (await session.execute(once)).scalar_one_or_none() is not None


async def locked_round(session: AsyncSession, round_id: int) -> Round | None:
    return (await session.execute(select(Round).where(Round.id == round_id).with_for_update())).scalar_one_or_none()


async def open_rounds(session: AsyncSession, team_id: int) -> Sequence[Round]:
    query = select(Round).where(Round.team_id == team_id, Round.closed_at.is_(None)).order_by(Round.day)
    return (await session.execute(query.with_for_update())).scalars().all()


async def closed_rounds(
    session: AsyncSession, team_id: int, *, since: date, before: date | None = None
) -> Sequence[Round]:
    """What ended, of the dates from `since` on (and before another), the oldest first."""
    query = select(Round).where(Round.team_id == team_id, Round.day >= since, Round.closed_at.is_not(None))
    if before is not None:
        query = query.where(Round.day < before)
    return (await session.execute(query.order_by(Round.day))).scalars().all()


_LATEST_ASKED = (
    select(Round)
    .where(
        Round.team_id.in_(bindparam("team_ids", expanding=True)),
        Round.day >= bindparam("since", type_=Date),
        Round.closed_at.is_not(None),
        Round.asked > 0,
    )
    .order_by(Round.day)
)


async def latest_asked(session: AsyncSession, team_ids: Sequence[int], *, since: date) -> dict[int, Round]:
    """Of each of these teams that asked anybody from that date on, the last round that ended."""
    found = await session.execute(_LATEST_ASKED, {"team_ids": list(team_ids), "since": since})
    return {one.team_id: one for one in found.scalars()}


async def closed_between(session: AsyncSession, team_id: int, since: datetime, until: datetime) -> Sequence[Round]:
    query = select(Round).where(Round.team_id == team_id, Round.closed_at > since, Round.closed_at <= until)
    return (await session.execute(query.order_by(Round.closed_at))).scalars().all()


async def closed_of_teams(session: AsyncSession, team_ids: Sequence[int], first: date, last: date) -> Sequence[Round]:
    """What ended of these teams' rounds, of the dates [first, last]."""
    query = select(Round).where(Round.team_id.in_(team_ids), Round.day.between(first, last))
    return (await session.execute(query.where(Round.closed_at.is_not(None)))).scalars().all()


async def days_closed_since(session: AsyncSession, workspace_id: str, since: datetime) -> Sequence[tuple[int, date]]:
    """The (team id, date) of the rounds that ended since then."""
    query = select(Round.team_id, Round.day).where(Round.workspace_id == workspace_id, Round.closed_at >= since)
    return (await session.execute(query)).all()


async def prompts_of(session: AsyncSession, round_id: int) -> Sequence[Prompt]:
    return (
        (await session.execute(select(Prompt).where(Prompt.round_id == round_id).order_by(Prompt.id))).scalars().all()
    )


async def locked_prompt(session: AsyncSession, prompt_id: int) -> tuple[Prompt, Round] | None:
    query = select(Prompt, Round).join(Round, Round.id == Prompt.round_id).where(Prompt.id == prompt_id)
    found = (await session.execute(query.with_for_update(of=Prompt))).one_or_none()
    return (found[0], found[1]) if found else None


_AROUND = (
    select(Prompt, Round)
    .join(Round, Round.id == Prompt.round_id)
    .where(
        Prompt.person_id == bindparam("person_id", type_=Integer),
        Prompt.closes_at > bindparam("now", type_=UtcDateTime()),
        Round.closed_at.is_(None),
    )
    .order_by(Prompt.opens_at)
)


async def prompts_around(session: AsyncSession, person_id: int, now: datetime) -> list[tuple[Prompt, Round]]:
    """Somebody's part in rounds that haven't ended, as long as its window hasn't closed: what is open now first, then
    the earliest."""
    found = await session.execute(_AROUND, {"person_id": person_id, "now": now})
    return sorted(((prompt, round_) for prompt, round_ in found), key=lambda one: one[0].opens_at > now)


async def forget(session: AsyncSession, *, prompts_before: date, rounds_before: date) -> None:
    """Deletes who was asked when; later the rounds' sums too."""
    old = select(Round.id).where(Round.day < prompts_before)
    await session.execute(delete(Prompt).where(Prompt.round_id.in_(old)))
    await session.execute(delete(Round).where(Round.day < rounds_before))
