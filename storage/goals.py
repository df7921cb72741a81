"""Goals: whose, of what, until when, and where they stand. What days measured is in `storage.measured_days`."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    Select,
    String,
    Text,
    UniqueConstraint,
    and_,
    bindparam,
    delete,
    exists,
    literal_column,
    select,
    text,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, OneOf, UtcDateTime
from storage.goal_circles import Circle
from storage.memberships import Membership

BY_HAND = "hand"
"""The metric of a goal whose numbers people give themselves; `hand:articles written` tells two of them apart."""


class Whose(StrEnum):
    PERSON = "person"
    TEAM = "team"
    DEPARTMENT = "department"


class Kind(StrEnum):
    REACH = "reach"
    """A total by the end of the period."""
    KEEP = "keep"
    """A level held over the whole period, or a total that isn't exceeded."""
    IMPROVE = "improve"
    """A level by the end of the period, from where it was before."""


class Period(StrEnum):
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


class Unit(StrEnum):
    COUNT = "count"
    PERCENT = "percent"
    DURATION = "duration"
    """Values are seconds."""
    POINTS = "points"
    """A score, of which below zero exists (NPS), or a mean of answers."""


class Better(StrEnum):
    UP = "up"
    DOWN = "down"


class State(StrEnum):
    PROPOSED = "proposed"
    """Set by somebody else: waits for the person's *Accept*."""
    TALKING = "talking"
    """The person would like to talk about it first."""
    OPEN = "open"
    CLOSED = "closed"


class Ending(StrEnum):
    MET = "met"
    MISSED = "missed"
    DROPPED = "dropped"


class Goal(Base):
    __tablename__ = "goals"
    __table_args__ = (
        UniqueConstraint("workspace_id", "number"),
        # two goals on one metric and period would measure the same thing twice
        Index(
            "uq_goals_standing",
            "workspace_id",
            "whose",
            "whose_id",
            "metric",
            "first_day",
            "last_day",
            unique=True,
            sqlite_where=text("state <> 'closed'"),
            postgresql_where=text("state <> 'closed'"),
        ),
        Index("ix_goals_of", "whose", "whose_id", "last_day"),
        Index("ix_goals_ended", "whose", "whose_id", "closed_at"),
        Index(
            "ix_goals_standing",
            "whose",
            "whose_id",
            sqlite_where=text("state <> 'closed'"),
            postgresql_where=text("state <> 'closed'"),
        ),
        Index(
            "ix_goals_paged",
            "workspace_id",
            "id",
            sqlite_where=text("state <> 'closed'"),
            postgresql_where=text("state <> 'closed'"),
        ),
        Index(None, "state", "last_day"),
        Index(None, "closed_at"),
        Index(None, "set_by_id", "state"),
        Index(None, "person_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    number: Mapped[int]
    form_key: Mapped[str] = mapped_column(String(64), unique=True)
    whose: Mapped[Whose] = mapped_column(OneOf(Whose, 16))
    whose_id: Mapped[int]
    """The id of the person, team or department, beside the column of its own that follows."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id", ondelete="CASCADE"))
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))

    metric: Mapped[str] = mapped_column(String(160))
    title: Mapped[str] = mapped_column(String(120))
    """What is measured, as people read it; for a goal by hand, as it was typed."""
    unit: Mapped[Unit] = mapped_column(OneOf(Unit, 16))
    better: Mapped[Better] = mapped_column(OneOf(Better, 8))
    kind: Mapped[Kind] = mapped_column(OneOf(Kind, 16))
    target: Mapped[float]
    """In the unit: pieces, percent (0–100), seconds, points."""
    baseline: Mapped[float | None]
    """The level of the period before, where an *improve* goal starts."""
    period: Mapped[Period] = mapped_column(OneOf(Period, 16))
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    zone: Mapped[str] = mapped_column(String(64))
    """In which both days begin and end."""
    weekdays: Mapped[list[Any]] = mapped_column()
    """On which work is done (Monday = 0): the pace is reckoned in working days."""
    country: Mapped[str | None] = mapped_column(String(8))
    """Whose holidays are days off."""
    note: Mapped[str | None] = mapped_column(Text)

    state: Mapped[State] = mapped_column(OneOf(State, 16))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    level: Mapped[float | None]
    """Where it stands, in the unit; None: not measured yet, or too little."""
    sample: Mapped[int] = mapped_column(default=0)
    """Of how many cases."""
    recent: Mapped[float | None]
    """The level of the last days alone: where a trend shows."""
    recent_sample: Mapped[int] = mapped_column(default=0)
    counted_at: Mapped[datetime | None]
    told: Mapped[str] = mapped_column(String(16), default="")
    """The worst standing that its people were told of."""
    ending: Mapped[Ending | None] = mapped_column(OneOf(Ending, 16))
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """None: by itself, at the end of its period."""
    closing_note: Mapped[str | None] = mapped_column(Text)

    @property
    def label(self) -> str:
        """How people name it: G-7."""
        return f"G-{self.number}"

    @property
    def is_by_hand(self) -> bool:
        return self.metric.partition(":")[0] == BY_HAND


async def locked(session: AsyncSession, goal_id: int) -> Goal | None:
    """The goal, locked until the transaction ends."""
    return (await session.execute(select(Goal).where(Goal.id == goal_id).with_for_update())).scalar_one_or_none()


async def by_number(session: AsyncSession, workspace_id: str, number: int) -> Goal | None:
    query = select(Goal).where(Goal.workspace_id == workspace_id, Goal.number == number)
    return (await session.execute(query)).scalar_one_or_none()


async def by_form_key(session: AsyncSession, form_key: str) -> Goal | None:
    return (await session.execute(select(Goal).where(Goal.form_key == form_key))).scalar_one_or_none()


_IS_STANDING = Goal.state != literal_column("'closed'")
"""To the letter as the indexes of standing goals have it: of a parameter no database knows that it fits them."""


def _of(*further: ColumnElement[bool]) -> list[Select[int]]:
    """Ids of the goals of these (`_ids`) of which that holds, in parts that each walk their own index: joined by OR,
    SQLite read every goal that ever was."""
    return [
        select(Goal.id).where(
            Goal.whose == whose, Goal.whose_id.in_(bindparam(f"{whose}_ids", expanding=True)), *further
        )
        for whose in Whose
    ]


_STANDING = (
    select(Goal)
    .where(Goal.id.in_(union_all(*_of(_IS_STANDING))))
    .order_by(Goal.last_day, Goal.number)
    .limit(bindparam("most", type_=Integer))
)


def _ids(person_ids: Iterable[int], team_ids: Iterable[int], department_ids: Iterable[int]) -> dict[str, Any]:
    """What `_of` asks for."""
    return {"person_ids": list(person_ids), "team_ids": list(team_ids), "department_ids": list(department_ids)}


async def standing(
    session: AsyncSession,
    *,
    person_ids: Iterable[int] = (),
    team_ids: Iterable[int] = (),
    department_ids: Iterable[int] = (),
    most: int = 200,
) -> list[Goal]:
    """The goals of these that aren't closed: departments' first, then teams', then people's; the first to end first."""
    wanted = _ids(person_ids, team_ids, department_ids) | {"most": most}
    return _in_order((await session.execute(_STANDING, wanted)).scalars())


def _in_order(found: Iterable[Goal]) -> list[Goal]:
    order = list(reversed(Whose))
    return sorted(found, key=lambda goal: order.index(goal.whose))


_ENDED = (
    select(Goal)
    .where(
        Goal.id.in_(
            union_all(*_of(Goal.state == State.CLOSED, Goal.closed_at >= bindparam("since", type_=UtcDateTime())))
        )
    )
    .order_by(Goal.closed_at.desc(), Goal.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_LATELY = timedelta(days=100)
"""A quarter, and what was closed a few days late."""
_EVER = datetime.min.replace(tzinfo=UTC)


async def closed(
    session: AsyncSession,
    *,
    person_ids: Iterable[int] = (),
    team_ids: Iterable[int] = (),
    department_ids: Iterable[int] = (),
    now: datetime,
    most: int,
) -> Sequence[Goal]:
    """The goals of these that ended, the latest first. Only of whom few ended lately, all that ever did is read."""
    wanted = _ids(person_ids, team_ids, department_ids) | {"most": most}
    found = (await session.execute(_ENDED, wanted | {"since": now - _LATELY})).scalars().all()
    if len(found) < most:
        found = (await session.execute(_ENDED, wanted | {"since": _EVER})).scalars().all()
    return found


async def same(
    session: AsyncSession,
    workspace_id: str,
    *,
    whose: Whose,
    whose_id: int,
    metric: str,
    first_day: date,
    last_day: date,
) -> Goal | None:
    """The goal that stands already for the same metric and period."""
    query = select(Goal).where(
        Goal.workspace_id == workspace_id,
        Goal.whose == whose,
        Goal.whose_id == whose_id,
        Goal.metric == metric,
        Goal.first_day == first_day,
        Goal.last_day == last_day,
        Goal.state != State.CLOSED,
    )
    return (await session.execute(query)).scalar_one_or_none()


async def running(session: AsyncSession, workspace_id: str, *, after_id: int = 0, most: int = 500) -> Sequence[Goal]:
    """Goals that aren't closed, page by page in the order of their ids."""
    query = select(Goal).where(Goal.workspace_id == workspace_id, _IS_STANDING, Goal.id > after_id)
    return (await session.execute(query.order_by(Goal.id).limit(most))).scalars().all()


async def by_hand_of(session: AsyncSession, person_id: int) -> list[Goal]:
    """The open goals whose numbers this person gives: their own, and those that they set for a team or department."""
    mine = ((Goal.whose == Whose.PERSON) & (Goal.person_id == person_id)) | (
        (Goal.whose != Whose.PERSON) & (Goal.set_by_id == person_id)
    )
    query = select(Goal).where(mine, Goal.state == State.OPEN, Goal.metric.like(f"{BY_HAND}:%"))
    return list((await session.execute(query.order_by(Goal.last_day, Goal.number))).scalars())


async def ended_before(session: AsyncSession, instant: datetime, *, most: int) -> Sequence[int]:
    """Ids of goals that were closed before that."""
    query = select(Goal.id).where(Goal.state == State.CLOSED, Goal.closed_at < instant).order_by(Goal.closed_at)
    return (await session.execute(query.limit(most))).scalars().all()


async def forget(session: AsyncSession, ids: Sequence[int]) -> None:
    """Deletes these goals with the numbers given for them."""
    await session.execute(delete(Goal).where(Goal.id.in_(ids)))


async def seen_in(session: AsyncSession, circle: Circle, *, most: int = 200) -> list[Goal]:
    """The standing goals that concern somebody."""
    people = {circle.person_id, *circle.reports}
    return await standing(
        session, person_ids=people, team_ids=circle.teams, department_ids=circle.departments, most=most
    )


async def any_running(session: AsyncSession, workspace_id: str) -> bool:
    query = select(exists().where(Goal.workspace_id == workspace_id, _IS_STANDING))
    return bool((await session.execute(query)).scalar_one())


_TALKING = and_(
    Goal.set_by_id == bindparam("person_id", type_=Integer),
    Goal.state == State.TALKING,
    Goal.person_id != bindparam("person_id", type_=Integer),
    Goal.person_id.in_(
        select(Membership.person_id).where(Membership.team_id.in_(bindparam("managed_ids", expanding=True)))
    ),
)
_AT_HOME = (
    select(Goal, _TALKING)
    .where(Goal.id.in_(union_all(*_of(_IS_STANDING), select(Goal.id).where(_TALKING))))
    .order_by(Goal.last_day, Goal.number)
    .limit(bindparam("most", type_=Integer))
)


async def at_home(session: AsyncSession, circle: Circle, *, most: int = 200) -> tuple[list[Goal], list[Goal]]:
    """(the standing goals of somebody, their teams and departments, as `standing` orders them; what they proposed to
    people whom they manage, and these would like to talk about first)."""
    wanted = _ids([circle.person_id], circle.teams, circle.departments)
    wanted |= {"person_id": circle.person_id, "managed_ids": list(circle.managed), "most": most}
    found = (await session.execute(_AT_HOME, wanted)).all()
    return _in_order(goal for goal, talking in found if not talking), [goal for goal, talking in found if talking]
