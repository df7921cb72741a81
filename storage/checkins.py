"""Check-ins: a team's settings, its rounds, whom they ask and when, and what people answer.

What somebody answers in a private round is read by nobody but them. So no query here hands out answers of a round one
by one unless that round is named: there are sums over all of them (`tally`), and one's own (`own_answers`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    bindparam,
    delete,
    exists,
    func,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, OneOf, insertion
from storage.departments import Head
from storage.memberships import Membership
from storage.people import Person
from storage.teams import Team, TeamState
from storage.tickets import Ticket

STEPS = 5
"""Load and feeling are both given on a scale of five, 1 at its low end."""


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
    __table_args__ = (UniqueConstraint("team_id", "day"), Index(None, "day"))

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
    __table_args__ = (Index(None, "round_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("checkin_rounds.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(Text)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    """Who wrote it, in a named round only."""
    done: Mapped[str | None] = mapped_column(Text)
    """What a manager did about it; the team reads it with the next check-in."""
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    done_at: Mapped[datetime | None]


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
    .where(Prompt.person_id == bindparam("person_id", type_=Integer), Round.closed_at.is_(None))
    .order_by(Prompt.opens_at)
)


async def prompts_around(session: AsyncSession, person_id: int, now: datetime) -> list[tuple[Prompt, Round]]:
    """Somebody's part in rounds that haven't ended, the window that is open now first, then the earliest."""
    found = [(prompt, round_) for prompt, round_ in await session.execute(_AROUND, {"person_id": person_id})]
    return sorted(found, key=lambda one: not one[0].opens_at <= now < one[0].closes_at)


async def answer_on(session: AsyncSession, person_id: int, day: date) -> Answer | None:
    """Somebody's own answer of a day."""
    query = select(Answer).where(Answer.person_id == person_id, Answer.day == day)
    return (await session.execute(query)).scalar_one_or_none()


async def keep_answer(
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


async def own_answers(session: AsyncSession, person_id: int, *, since: date) -> Sequence[Answer]:
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


async def named_answers(session: AsyncSession, round_id: int) -> list[tuple[Person, Answer]]:
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
        .where(Round.team_id == team_id, Blocker.done_at > since)
        .order_by(Blocker.done_at.desc())
    )
    return (await session.execute(query.limit(most))).scalars().all()


async def share_by_key(session: AsyncSession, form_key: str) -> CheckinShare | None:
    return (await session.execute(select(CheckinShare).where(CheckinShare.form_key == form_key))).scalar_one_or_none()


async def tickets_held(session: AsyncSession, team_id: int) -> dict[int, int]:
    """How many open tickets each member has, by person id, those without any too; empty where no help desk tells."""
    held = (
        select(Membership.person_id, func.count(Ticket.id))
        .outerjoin(Ticket, (Ticket.assignee_id == Membership.person_id) & Ticket.in_backlog)
        .where(Membership.team_id == team_id, Membership.is_agent)
        .group_by(Membership.person_id)
    )
    found = (await session.execute(held)).all()
    return {row[0]: row[1] for row in found} if any(row[1] for row in found) else {}


async def forget(session: AsyncSession, *, answers_before: date, rounds_before: date) -> None:
    """Deletes answers, what they led to, and who was asked when; later the rounds' sums too."""
    old = select(Round.id).where(Round.day < answers_before)
    await session.execute(delete(Answer).where(Answer.day < answers_before))
    await session.execute(delete(Blocker).where(Blocker.round_id.in_(old)))
    await session.execute(delete(Prompt).where(Prompt.round_id.in_(old)))
    await session.execute(delete(Round).where(Round.day < rounds_before))


async def forget_shares(session: AsyncSession, *, before: datetime) -> None:
    await session.execute(delete(CheckinShare).where(CheckinShare.at < before))
