"""Required trainings: what must be done, by whom and until when, and who has done it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    union,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, insertion
from storage.memberships import Membership
from storage.messages import Message
from storage.people import Person


class Requirement(Base):
    """A training that must be done: once, or every year."""

    __tablename__ = "training_requirements"
    __table_args__ = (Index(None, "team_id", "ended_at"), Index(None, "session_id"), Index(None, "ended_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    form_key: Mapped[str] = mapped_column(String(64), unique=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    """Whose managers see to it."""
    title: Mapped[str] = mapped_column(String(150))
    link: Mapped[str | None] = mapped_column(String(500))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("training_sessions.id", ondelete="SET NULL"))
    """Who was there has done it."""
    for_team: Mapped[bool]
    """True: everybody of the team, also who joins later; False: who is named."""
    due_on: Mapped[date] = mapped_column(Date)
    """Of the first round, a date in each one's zone."""
    yearly: Mapped[bool]
    round: Mapped[int] = mapped_column(default=0)
    """Which year's it is; 0 the first."""
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """Not required any more: nobody is reminded."""


class Assignment(Base):
    """One person's part in one round of a required training."""

    __tablename__ = "training_assignments"
    __table_args__ = (
        UniqueConstraint("requirement_id", "person_id", "round"),
        Index(None, "person_id", "done_at"),
        Index(None, "requirement_id", "round", "done_at"),
        Index(None, "due_on"),
        Index(None, "done_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    requirement_id: Mapped[int] = mapped_column(ForeignKey("training_requirements.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    round: Mapped[int]
    due_on: Mapped[date] = mapped_column(Date)
    """Later than the round's for who joined after it began."""
    assigned_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    by_attendance: Mapped[bool] = mapped_column(default=False)
    """Done by being there; False: they said so themselves."""


@dataclass(frozen=True)
class Progress:
    """How far a round is: everybody who still belongs to it."""

    assigned: int
    done: int
    overdue: int


async def by_form_key(session: AsyncSession, form_key: str) -> Requirement | None:
    return (await session.execute(select(Requirement).where(Requirement.form_key == form_key))).scalar_one_or_none()


async def locked(session: AsyncSession, requirement_id: int) -> Requirement | None:
    query = select(Requirement).where(Requirement.id == requirement_id).with_for_update()
    return (await session.execute(query)).scalar_one_or_none()


_RUNNING = (
    select(Requirement)
    .where(Requirement.team_id.in_(bindparam("team_ids", expanding=True)), Requirement.ended_at.is_(None))
    .order_by(Requirement.id.desc())
    .limit(bindparam("most", type_=Integer))
)


async def running(session: AsyncSession, team_ids: Iterable[int], *, most: int) -> Sequence[Requirement]:
    """What these teams' managers require, the latest asked first."""
    return (await session.execute(_RUNNING, {"team_ids": list(team_ids), "most": most})).scalars().all()


async def all_running(session: AsyncSession, workspace_id: str) -> Sequence[Requirement]:
    query = select(Requirement).where(Requirement.workspace_id == workspace_id, Requirement.ended_at.is_(None))
    return (await session.execute(query.order_by(Requirement.id))).scalars().all()


async def assign(
    session: AsyncSession, requirement: Requirement, due: Iterable[tuple[int, date]], *, now: datetime
) -> None:
    """Gives these people (person id, due date) their part in the present round; who has one keeps it."""
    rows: list[dict[str, Any]] = [
        {
            "requirement_id": requirement.id,
            "person_id": person_id,
            "round": requirement.round,
            "due_on": due_on,
            "assigned_at": now,
            "by_attendance": False,
        }
        for person_id, due_on in due
    ]
    if rows:
        once = ["requirement_id", "person_id", "round"]
        await session.execute(insertion(session, Assignment).on_conflict_do_nothing(index_elements=once), rows)


def _belongs() -> Any:
    """Of a requirement for a team, only who is still in it; of one for people, whoever is named."""
    in_team = select(Membership.person_id).where(Membership.team_id == Requirement.team_id)
    return or_(~Requirement.for_team, Assignment.person_id.in_(in_team.correlate(Requirement)))


_OF_PERSON = (
    select(Assignment, Requirement)
    .join(Requirement, Requirement.id == Assignment.requirement_id)
    .where(
        Assignment.person_id == bindparam("person_id", type_=Integer),
        Assignment.done_at.is_(None),
        Assignment.round == Requirement.round,
        Requirement.ended_at.is_(None),
        _belongs(),
    )
    .order_by(Assignment.due_on, Assignment.id)
    .limit(bindparam("most", type_=Integer))
)


async def of_person(session: AsyncSession, person_id: int, *, most: int) -> list[tuple[Assignment, Requirement]]:
    """What somebody still has to do, the earliest due first."""
    found = await session.execute(_OF_PERSON, {"person_id": person_id, "most": most})
    return [(assignment, requirement) for assignment, requirement in found]


async def parts(
    session: AsyncSession, requirement: Requirement, *, after: int = 0, most: int, undone: bool = False
) -> list[tuple[Assignment, Person]]:
    """Who has a part in the present round and is still there, the undone and earliest due first; with `undone`, only
    those who have not done it, by id from `after` on."""
    query = (
        select(Assignment, Person)
        .join(Requirement, Requirement.id == Assignment.requirement_id)
        .join(Person, Person.id == Assignment.person_id)
        .where(
            Assignment.requirement_id == requirement.id,
            Assignment.round == requirement.round,
            ~Person.deactivated,
            _belongs(),
        )
    )
    if undone:
        query = query.where(Assignment.done_at.is_(None), Assignment.id > after).order_by(Assignment.id)
    else:
        query = query.order_by(Assignment.done_at.is_not(None), Assignment.due_on, Person.name)
    return [(assignment, person) for assignment, person in await session.execute(query.limit(most))]


async def progress(session: AsyncSession, requirement: Requirement, *, today: date) -> Progress:
    """Of the present round; overdue are those whose date lies before `today`."""
    return (await progress_of(session, {requirement.id: today}))[requirement.id]


async def progress_of(session: AsyncSession, today: Mapping[int, date]) -> dict[int, Progress]:
    """The same of several, by their ids; which day it is there is given for each: one query."""
    is_done = Assignment.done_at.is_not(None)
    query = (
        select(Assignment.requirement_id, is_done, Assignment.due_on, func.count())
        .join(Requirement, Requirement.id == Assignment.requirement_id)
        .join(Person, Person.id == Assignment.person_id)
        .where(
            Assignment.requirement_id.in_(today), Assignment.round == Requirement.round, ~Person.deactivated, _belongs()
        )
        .group_by(Assignment.requirement_id, is_done, Assignment.due_on)
    )
    made = {one: [0, 0, 0] for one in today}
    for one, done, due_on, count in await session.execute(query):
        counts = made[one]
        counts[0] += count
        counts[1] += count if done else 0
        counts[2] += count if not done and due_on < today[one] else 0
    return {one: Progress(*counts) for one, counts in made.items()}


@dataclass(frozen=True)
class Due:
    """One person's part, as goals count it."""

    due_on: date
    team_id: int
    person_id: int
    done_at: datetime | None


async def due_between(session: AsyncSession, team_ids: Sequence[int], first: date, last: date) -> list[Due]:
    """The parts of who is still there that were due on the dates [first, last]; undone, only while still required."""
    query = (
        select(Assignment.due_on, Requirement.team_id, Assignment.person_id, Assignment.done_at)
        .join(Requirement, Requirement.id == Assignment.requirement_id)
        .join(Person, Person.id == Assignment.person_id)
        # + 0: SQLite, which keeps no statistics, would rather walk all that was ever required of these teams
        .where((Requirement.team_id + 0).in_(team_ids), Assignment.due_on.between(first, last))
        .where(or_(Assignment.done_at.is_not(None), Requirement.ended_at.is_(None)), ~Person.deactivated, _belongs())
    )
    return [Due(*row) for row in await session.execute(query)]


async def due_dates_touched(session: AsyncSession, workspace_id: str, since: datetime) -> Sequence[tuple[int, date]]:
    """(team id, due date) of parts that were done or ended since then, and of those that lie less than two days before
    it or later."""
    of_workspace = (
        select(Requirement.team_id, Assignment.due_on)
        .join(Requirement, Requirement.id == Assignment.requirement_id)
        .where(Requirement.workspace_id == workspace_id)
    )
    # one after the other, each by its own index: joined by OR they are looked for among everything
    query = union(
        of_workspace.where(Assignment.done_at >= since),
        of_workspace.where(Requirement.ended_at >= since),
        of_workspace.where(Assignment.due_on >= since.date() - timedelta(days=2)),
    )
    return [(team_id, due_on) for team_id, due_on in await session.execute(query)]


async def done_by_attendance(
    session: AsyncSession, session_id: int, person_ids: Sequence[int], *, now: datetime
) -> Sequence[int]:
    """Who was at the session has done what it was required for; ids of the parts that are thereby done."""
    query = (
        select(Assignment)
        .join(Requirement, Requirement.id == Assignment.requirement_id)
        .where(
            Requirement.session_id == session_id,
            Requirement.ended_at.is_(None),
            Assignment.round == Requirement.round,
            Assignment.person_id.in_(person_ids),
            Assignment.done_at.is_(None),
        )
        .with_for_update(of=Assignment)
    )
    found = (await session.execute(query)).scalars().all()
    for assignment in found:
        assignment.done_at, assignment.by_attendance = now, True
    return [assignment.id for assignment in found]


async def newcomers(session: AsyncSession, requirement: Requirement, *, most: int) -> Sequence[Person]:
    """Who is in the team and has no part in the present round yet."""
    have = select(Assignment.person_id).where(
        Assignment.requirement_id == requirement.id, Assignment.round == requirement.round
    )
    query = (
        select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.team_id == requirement.team_id,
            Person.id.not_in(have),
            ~Person.deactivated,
            ~Person.is_guest,
            ~Person.is_bot,
            ~Person.is_stranger,
        )
    )
    return (await session.execute(query.order_by(Person.id).limit(most))).scalars().all()


async def named_in(session: AsyncSession, requirement_id: int, round_: int) -> Sequence[int]:
    """Ids of the people who had a part in that round."""
    query = select(Assignment.person_id).where(Assignment.requirement_id == requirement_id, Assignment.round == round_)
    return (await session.execute(query.order_by(Assignment.person_id))).scalars().all()


async def settled_before(session: AsyncSession, instant: datetime, *, most: int) -> Sequence[int]:
    """Ids of parts that aren't required any more since before that: of trainings that were ended, and of rounds that
    are over and were due by then."""
    query = (
        select(Assignment.id)
        .join(Requirement, Requirement.id == Assignment.requirement_id)
        .where(
            or_(
                Requirement.ended_at < instant,
                and_(Assignment.round < Requirement.round, Assignment.due_on < instant.date()),
            )
        )
    )
    return (await session.execute(query.order_by(Assignment.id).limit(most))).scalars().all()


async def forget(session: AsyncSession, ids: Sequence[int]) -> None:
    """Deletes these parts with their messages' rows, and what was required of nobody any more."""
    told = Message.renderer == "training.required"
    await session.execute(delete(Message).where(told, Message.subject_id.in_(ids)))
    await session.execute(delete(Assignment).where(Assignment.id.in_(ids)))
    in_use = select(Assignment.requirement_id)
    empty = Requirement.ended_at.is_not(None) & Requirement.id.not_in(in_use)
    await session.execute(delete(Requirement).where(empty))
