"""What people answer in check-ins, and what comes of it.

What somebody answers in a private round is read by nobody but them. So no query here hands out answers of a round one
by one unless that round is named: there are sums over all of them (`tally`), and one's own (`own`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String, Text, UniqueConstraint, delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, insertion
from storage.checkins import Round, Visibility
from storage.departments import Head
from storage.memberships import Membership
from storage.people import Person
from storage.teams import Team

STEPS = 5
"""Load and feeling are both given on a scale of five, 1 at its low end."""


class Answer(Base):
    """What somebody said on a day; one a day, the last word counts."""

    __tablename__ = "checkin_answers"
    __table_args__ = (UniqueConstraint("person_id", "day"), Index(None, "round_id"), Index(None, "day"))

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    day: Mapped[date] = mapped_column(Date)
    round_id: Mapped[int | None] = mapped_column(ForeignKey("checkin_rounds.id", ondelete="CASCADE"))
    """None: on a day on which nobody was asked; it counts for its writer alone."""
    load: Mapped[int | None]
    feeling: Mapped[int | None]
    blocker: Mapped[str | None] = mapped_column(Text)
    changed_at: Mapped[datetime]


class Blocker(Base):
    """What is in the way, as the managers read it after the close, in no order that tells who wrote it."""

    __tablename__ = "checkin_blockers"
    __table_args__ = (Index(None, "round_id"), Index(None, "done_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("checkin_rounds.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(Text)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    """Who wrote it, in a named round only."""
    done: Mapped[str | None] = mapped_column(Text)
    """What a manager did about it; the team reads it with the next check-in."""
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    done_at: Mapped[datetime | None]


class CheckinShare(Base):
    """Somebody told their managers that their load stays high."""

    __tablename__ = "checkin_shares"

    id: Mapped[int] = mapped_column(primary_key=True)
    form_key: Mapped[str] = mapped_column(String(64), unique=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    loads: Mapped[list[Any]] = mapped_column()
    """The last answers, oldest first, as they chose to share them."""
    words: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime]


@dataclass(frozen=True)
class Tally:
    """The sums over a round's answers."""

    answered: int
    load: list[int]
    feeling: list[int]
    others: int
    """Of those who answered, people who won't read the result: who reads it knows their own answer."""
    others_load: int
    """Of these, who gave a load."""
    others_feeling: int


async def of_day(session: AsyncSession, person_id: int, day: date) -> Answer | None:
    """Somebody's own answer of a day."""
    query = select(Answer).where(Answer.person_id == person_id, Answer.day == day)
    return (await session.execute(query)).scalar_one_or_none()


async def keep(
    session: AsyncSession,
    *,
    workspace_id: str,
    person_id: int,
    day: date,
    round_id: int | None,
    said: dict[str, Any],
    now: datetime,
) -> None:
    """Writes what they said (`load`, `feeling`, `blocker`, whichever are given) over what they said before."""
    first = insertion(session, Answer).values(
        workspace_id=workspace_id, person_id=person_id, day=day, round_id=round_id, changed_at=now, **said
    )
    newer = {**said, "round_id": round_id, "changed_at": now}
    await session.execute(first.on_conflict_do_update(index_elements=["person_id", "day"], set_=newer))


async def own(session: AsyncSession, person_id: int, *, since: date) -> Sequence[Answer]:
    """Somebody's own answers, the oldest first: for their own eyes."""
    query = select(Answer).where(Answer.person_id == person_id, Answer.day >= since).order_by(Answer.day)
    return (await session.execute(query)).scalars().all()


async def has_answered(session: AsyncSession, round_id: int, person_id: int) -> bool:
    query = select(exists().where(Answer.round_id == round_id, Answer.person_id == person_id))
    return bool((await session.execute(query)).scalar_one())


async def tally(session: AsyncSession, round_: Round) -> Tally:
    """The sums over everybody's answers: no answer leaves the database by itself."""
    managing = select(Membership.person_id).where(Membership.team_id == round_.team_id, Membership.is_manager)
    heading = (
        select(Head.person_id).join(Team, Team.department_id == Head.department_id).where(Team.id == round_.team_id)
    )
    is_other = Answer.person_id.not_in(managing) & Answer.person_id.not_in(heading)
    counted = select(
        func.count(),
        func.count().filter(is_other),
        func.count().filter(is_other & Answer.load.is_not(None)),
        func.count().filter(is_other & Answer.feeling.is_not(None)),
    )
    found = await session.execute(counted.select_from(Answer).where(Answer.round_id == round_.id))
    answered, others, others_load, others_feeling = found.one()
    load, feeling = [0] * STEPS, [0] * STEPS
    for counts, column in ((load, Answer.load), (feeling, Answer.feeling)):
        by_step = select(column, func.count()).where(Answer.round_id == round_.id, column.is_not(None)).group_by(column)
        for step, number in await session.execute(by_step):
            counts[(step or 1) - 1] = number
    return Tally(answered, load, feeling, others, others_load, others_feeling)


async def answering(session: AsyncSession, round_id: int) -> frozenset[int]:
    """Ids of those who answered, to count the asked; it is shown to nobody."""
    return frozenset((await session.execute(select(Answer.person_id).where(Answer.round_id == round_id))).scalars())


async def texts_in_the_way(session: AsyncSession, round_id: int) -> list[tuple[int, str]]:
    """(who, what) that the close makes blockers of: without the who, in a private round."""
    query = select(Answer.person_id, Answer.blocker).where(Answer.round_id == round_id, Answer.blocker.is_not(None))
    return [(person_id, text) for person_id, text in await session.execute(query) if text]


async def named(session: AsyncSession, round_id: int) -> list[tuple[Person, Answer]]:
    """Who answered what, of a named round; nothing of a private one."""
    query = (
        select(Person, Answer)
        .join(Answer, Answer.person_id == Person.id)
        .join(Round, Round.id == Answer.round_id)
        .where(Round.id == round_id, Round.visibility == Visibility.NAMED)
        .order_by(Person.name)
    )
    return [(person, answer) for person, answer in await session.execute(query)]


async def blockers_of(session: AsyncSession, round_id: int) -> Sequence[Blocker]:
    query = select(Blocker).where(Blocker.round_id == round_id).order_by(Blocker.id)
    return (await session.execute(query)).scalars().all()


async def locked_blocker(session: AsyncSession, blocker_id: int) -> tuple[Blocker, Round] | None:
    query = select(Blocker, Round).join(Round, Round.id == Blocker.round_id).where(Blocker.id == blocker_id)
    found = (await session.execute(query.with_for_update(of=Blocker))).one_or_none()
    return (found[0], found[1]) if found else None


async def done_since(session: AsyncSession, team_id: int, since: datetime, *, most: int) -> Sequence[Blocker]:
    """What managers wrote that they did about blockers, the latest first."""
    query = (
        select(Blocker)
        .join(Round, Round.id == Blocker.round_id)
        # + 0: SQLite, which keeps no statistics, would rather walk all rounds that the team ever had
        .where(Round.team_id + 0 == team_id, Blocker.done_at > since)
        .order_by(Blocker.done_at.desc())
    )
    return (await session.execute(query.limit(most))).scalars().all()


async def share_by_key(session: AsyncSession, form_key: str) -> CheckinShare | None:
    return (await session.execute(select(CheckinShare).where(CheckinShare.form_key == form_key))).scalar_one_or_none()


async def forget(session: AsyncSession, *, before: date) -> None:
    """Deletes answers, and what they led to."""
    old = select(Round.id).where(Round.day < before)
    await session.execute(delete(Answer).where(Answer.day < before))
    await session.execute(delete(Blocker).where(Blocker.round_id.in_(old)))


async def forget_shares(session: AsyncSession, *, before: datetime) -> None:
    await session.execute(delete(CheckinShare).where(CheckinShare.at < before))
