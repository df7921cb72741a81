"""Onboarding: what a team's newcomers get on which day, and who is going through it."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint, and_, bindparam, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, OneOf
from storage.memberships import Membership
from storage.messages import Message
from storage.people import Person
from storage.teams import Team, TeamState


class Stopped(StrEnum):
    """Why somebody's onboarding is over."""

    THROUGH = "through"
    LEFT = "left"
    BY_MANAGER = "by_manager"


class Plan(Base):
    """A team's plan. Who was in the team before it was made doesn't get it by itself."""

    __tablename__ = "onboarding_plans"

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class PlanStep(Base):
    """What the plan says on one day."""

    __tablename__ = "onboarding_steps"

    team_id: Mapped[int] = mapped_column(ForeignKey("onboarding_plans.team_id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True)
    """Days since they joined, by their own calendar: 0 is the day itself."""
    text: Mapped[str] = mapped_column(Text)
    link: Mapped[str | None] = mapped_column(String(500))
    poll_id: Mapped[int | None]
    """A poll or quiz that they are asked to answer."""
    names_buddy: Mapped[bool] = mapped_column(default=False)


class Buddy(Base):
    """Somebody who looks after the team's newcomers, in turns."""

    __tablename__ = "onboarding_buddies"

    team_id: Mapped[int] = mapped_column(ForeignKey("onboarding_plans.team_id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)


class Enrolment(Base):
    """Somebody goes through the plan, counted from the day they joined (or were started)."""

    __tablename__ = "onboarding_enrolments"
    __table_args__ = (
        UniqueConstraint("team_id", "person_id", "since"),
        Index(None, "team_id", "stopped_at"),
        Index(None, "person_id", "stopped_at"),
        Index(None, "buddy_id", "stopped_at"),
        Index(None, "workspace_id", "stopped_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    team_id: Mapped[int] = mapped_column(ForeignKey("onboarding_plans.team_id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    since: Mapped[datetime]
    buddy_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    """None: by joining the team."""
    stopped_at: Mapped[datetime | None]
    stopped_why: Mapped[Stopped | None] = mapped_column(OneOf(Stopped, 16))


async def steps(session: AsyncSession, team_id: int) -> Sequence[PlanStep]:
    query = select(PlanStep).where(PlanStep.team_id == team_id).order_by(PlanStep.day)
    return (await session.execute(query)).scalars().all()


async def buddies(session: AsyncSession, team_id: int) -> Sequence[Person]:
    """Who looks after newcomers, is in the team and can be reached."""
    of_team = and_(Membership.person_id == Buddy.person_id, Membership.team_id == Buddy.team_id)
    query = (
        select(Person)
        .join(Buddy, Buddy.person_id == Person.id)
        .join(Membership, of_team)
        .where(Buddy.team_id == team_id, ~Person.deactivated)
        .order_by(Person.id)
    )
    return (await session.execute(query)).scalars().all()


async def set_buddies(session: AsyncSession, team_id: int, person_ids: Sequence[int]) -> None:
    await session.execute(delete(Buddy).where(Buddy.team_id == team_id))
    session.add_all(Buddy(team_id=team_id, person_id=person_id) for person_id in person_ids)


async def newcomers_of(session: AsyncSession, person_id: int) -> int:
    """How many somebody looks after now."""
    query = select(func.count()).where(Enrolment.buddy_id == person_id, Enrolment.stopped_at.is_(None))
    return (await session.execute(query)).scalar_one()


async def under_way(session: AsyncSession, team_id: int, *, most: int) -> list[tuple[Enrolment, Person]]:
    """Who goes through the plan now, the latest to begin first. Who left is stopped in the night, and not among them
    before."""
    of_team = and_(Membership.person_id == Enrolment.person_id, Membership.team_id == Enrolment.team_id)
    query = (
        select(Enrolment, Person)
        .join(Person, Person.id == Enrolment.person_id)
        .join(Membership, of_team)
        .where(Enrolment.team_id == team_id, Enrolment.stopped_at.is_(None), ~Person.deactivated)
        .order_by(Enrolment.since.desc(), Enrolment.id)
        .limit(most)
    )
    return [(enrolment, person) for enrolment, person in await session.execute(query)]


_OWN = (
    select(Enrolment, Team)
    .join(Team, Team.id == Enrolment.team_id)
    .where(Enrolment.person_id == bindparam("person_id", type_=Integer), Enrolment.stopped_at.is_(None))
    .order_by(Enrolment.id)
)


async def own(session: AsyncSession, person_id: int) -> list[tuple[Enrolment, Team]]:
    """Which plans somebody goes through now."""
    return [(enrolment, team) for enrolment, team in await session.execute(_OWN, {"person_id": person_id})]


async def running_of(session: AsyncSession, team_id: int, person_id: int) -> Enrolment | None:
    """Somebody's present way through the team's plan."""
    query = select(Enrolment).where(
        Enrolment.team_id == team_id, Enrolment.person_id == person_id, Enrolment.stopped_at.is_(None)
    )
    return (await session.execute(query.with_for_update())).scalars().first()


async def joined_since_plan(session: AsyncSession, workspace_id: str, *, most: int) -> list[tuple[Membership, Person]]:
    """Who joined a team after its plan was made and hasn't begun it: memberships without an enrolment."""
    begun = and_(
        Enrolment.team_id == Membership.team_id,
        Enrolment.person_id == Membership.person_id,
        Enrolment.since >= Membership.since,
    )
    query = (
        select(Membership, Person)
        .join(Plan, Plan.team_id == Membership.team_id)
        .join(Team, Team.id == Membership.team_id)
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(Enrolment, begun)
        .where(
            Plan.workspace_id == workspace_id,
            Team.state == TeamState.ACTIVE,
            Membership.since > Plan.created_at,
            Membership.is_agent,
            Enrolment.id.is_(None),
            ~Person.deactivated,
            ~Person.is_guest,
            ~Person.is_bot,
            ~Person.is_stranger,
        )
        .order_by(Membership.since, Person.id)
        .limit(most)
    )
    return [(membership, person) for membership, person in await session.execute(query)]


async def plans_following(session: AsyncSession, workspace_id: str, channel: str) -> bool:
    """Whether a team whose members come from this channel has a plan."""
    query = (
        select(Plan.team_id)
        .join(Team, Team.id == Plan.team_id)
        .where(
            Team.workspace_id == workspace_id,
            Team.channel == channel,
            Team.everyone_in_channel,
            Team.state == TeamState.ACTIVE,
        )
    )
    return (await session.execute(query.limit(1))).first() is not None


async def of_leavers(session: AsyncSession, workspace_id: str) -> Sequence[Enrolment]:
    """Running enrolments of who left the team, or whose account is closed."""
    of_team = and_(Membership.person_id == Enrolment.person_id, Membership.team_id == Enrolment.team_id)
    query = (
        select(Enrolment)
        .join(Person, Person.id == Enrolment.person_id)
        .outerjoin(Membership, of_team)
        .where(
            Enrolment.workspace_id == workspace_id,
            Enrolment.stopped_at.is_(None),
            Membership.person_id.is_(None) | Person.deactivated,
        )
        .order_by(Enrolment.id)
    )
    return (await session.execute(query)).scalars().all()


async def ended_before(session: AsyncSession, instant: datetime, *, most: int) -> Sequence[int]:
    """Ids of enrolments that were over before that."""
    query = select(Enrolment.id).where(Enrolment.stopped_at < instant)
    return (await session.execute(query.order_by(Enrolment.id).limit(most))).scalars().all()


OF_ENROLMENTS = ("training.onboarding", "training.buddy")


async def forget(session: AsyncSession, ids: Sequence[int]) -> None:
    """Deletes these enrolments with their messages' rows (not what Slack shows)."""
    told = Message.renderer.in_(OF_ENROLMENTS)
    await session.execute(delete(Message).where(told, Message.subject_id.in_(ids)))
    await session.execute(delete(Enrolment).where(Enrolment.id.in_(ids)))
