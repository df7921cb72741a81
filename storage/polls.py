"""Polls: what is asked, until when, who reads it. Whom: storage.poll_audiences; what was answered: storage.ballots."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, delete, exists, or_, select, union, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from storage.base import Base, OneOf
from storage.counters import next_number
from storage.departments import Head
from storage.memberships import Membership, teams_led_by
from storage.messages import Message
from storage.people import Person
from storage.poll_audiences import Asked, PollTeam, ask, teams_asked
from storage.schedule import Timer
from storage.teams import Team


class Template(StrEnum):
    TRAINING = "training"
    TOPIC = "topic"
    DATE = "date"
    QUIZ = "quiz"
    PULSE = "pulse"
    BLANK = "blank"


class Mode(StrEnum):
    ANONYMOUS = "anonymous"
    NAMED = "named"


class Results(StrEnum):
    """Who sees the result, and when."""

    AFTER_CLOSE = "after_close"
    LIVE = "live"
    MANAGERS = "managers"


class PollState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class Kind(StrEnum):
    ONE = "one"
    SEVERAL = "several"
    RATING = "rating"
    TEXT = "text"


class Question(Base):
    __tablename__ = "poll_questions"
    __table_args__ = (Index(None, "poll_id", "position"), Index(None, "sameness", "poll_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    poll_id: Mapped[int] = mapped_column(ForeignKey("polls.id", ondelete="CASCADE"))
    position: Mapped[int]
    kind: Mapped[Kind] = mapped_column(OneOf(Kind, 16))
    text: Mapped[str] = mapped_column(Text)
    options: Mapped[list[Any]] = mapped_column(default=list)
    """What can be chosen, in order; an answer is an index into it. A rating's are its steps."""
    most: Mapped[int] = mapped_column(default=1)
    """How many may be chosen."""
    right: Mapped[list[Any]] = mapped_column(default=list)
    """Indexes of a quiz's right answers."""
    sameness: Mapped[str] = mapped_column(String(32))
    """Equal for the same question asked again (handlers.polls.rules.drafting)."""
    held_back: Mapped[str | None] = mapped_column(String(16))
    """Why an anonymous result is not shown, and its answers were not kept."""


class Poll(Base):
    __tablename__ = "polls"
    __table_args__ = (
        UniqueConstraint("workspace_id", "number"),
        Index(None, "team_id", "state"),
        Index(None, "state", "closed_at"),
        Index(None, "series_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    number: Mapped[int | None]
    """Given when it is sent."""
    form_key: Mapped[str] = mapped_column(String(64), unique=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    """On whose behalf it is asked: its managers and heads may do what the author may."""
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    template: Mapped[Template] = mapped_column(OneOf(Template, 16))
    title: Mapped[str] = mapped_column(String(150))
    mode: Mapped[Mode] = mapped_column(OneOf(Mode, 16))
    results: Mapped[Results] = mapped_column(OneOf(Results, 16))
    state: Mapped[PollState] = mapped_column(OneOf(PollState, 16), default=PollState.DRAFT)
    channel: Mapped[str | None] = mapped_column(String(32))
    """Where it is posted, if a channel is asked."""
    pass_mark: Mapped[int | None]
    """Of a quiz: how many per cent of the questions must be right."""
    every_weeks: Mapped[int] = mapped_column(default=0)
    """0: once."""
    series_id: Mapped[int | None]
    """The first poll of those that repeat it; its own id for the first."""
    session_id: Mapped[int | None]
    """The training session that it follows (storage.training)."""

    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    closes_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    asked: Mapped[int] = mapped_column(default=0)
    """How many people were asked."""
    answered: Mapped[int | None]
    """How many had answered at the close."""
    passed: Mapped[int | None]
    """How many had passed the quiz at the close."""
    names_dropped_at: Mapped[datetime | None]
    """When the names of a named poll's answers were deleted."""

    questions: Mapped[list[Question]] = relationship(lazy="raise", order_by=(Question.position, Question.id))

    @property
    def label(self) -> str:
        """How people name it: P-7."""
        return f"P-{self.number}"

    @property
    def is_anonymous(self) -> bool:
        return self.mode == Mode.ANONYMOUS


@dataclass(frozen=True)
class Reader:
    """What somebody is to a poll."""

    is_author: bool
    leads: bool
    """Manages one of its teams, or heads their department."""
    is_asked: bool


async def by_form_key(session: AsyncSession, key: str) -> Poll | None:
    query = select(Poll).where(Poll.form_key == key).options(selectinload(Poll.questions))
    return (await session.execute(query)).scalar_one_or_none()


async def loaded(session: AsyncSession, poll_id: int | None) -> Poll | None:
    """The poll with its questions."""
    if poll_id is None:
        return None
    query = select(Poll).where(Poll.id == poll_id).options(selectinload(Poll.questions))
    return (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()


async def locked(session: AsyncSession, poll_id: int) -> Poll | None:
    """The poll with its questions; until the transaction ends nobody answers it or changes it."""
    await session.execute(select(Poll.id).where(Poll.id == poll_id).with_for_update())
    return await loaded(session, poll_id)


async def one_close_at_a_time(session: AsyncSession, workspace_id: str) -> None:
    """Until the transaction ends no other anonymous poll is closed: two that close at once would each be published
    without being set against the other."""
    await next_number(session, workspace_id, "poll_closes")


async def held_open(session: AsyncSession, poll_id: int) -> Poll | None:
    """The poll with its questions; until the transaction ends nobody closes it. Those who answer don't wait for each
    other."""
    await session.execute(select(Poll.id).where(Poll.id == poll_id).with_for_update(read=True, key_share=True))
    return await loaded(session, poll_id)


async def by_number(session: AsyncSession, workspace_id: str, number: int) -> Poll | None:
    query = select(Poll).where(Poll.workspace_id == workspace_id, Poll.number == number)
    return (await session.execute(query.options(selectinload(Poll.questions)))).scalar_one_or_none()


async def reader_of(session: AsyncSession, poll: Poll, person_id: int) -> Reader:
    concerned = {poll.team_id, *(team.id for team in await teams_asked(session, poll.id))}
    led = {team.id for team in await teams_led_by(session, person_id)}
    asked = await session.get(Asked, (poll.id, person_id))
    return Reader(poll.author_id == person_id, bool(concerned & led), asked is not None)


async def leading(session: AsyncSession, author_id: int, team_ids: Collection[int]) -> frozenset[int]:
    """Ids of everybody who reads the result because they lead: the author, who manages one of these teams (the one on
    whose behalf it is asked, and those that are), who heads a department of theirs (as `reader_of` has it)."""
    concerned = list(team_ids)
    managing = select(Membership.person_id).where(Membership.team_id.in_(concerned), Membership.is_manager)
    departments = select(Team.department_id).where(Team.id.in_(concerned))
    heading = select(Head.person_id).where(Head.department_id.in_(departments))
    return frozenset((await session.execute(union(managing, heading))).scalars()) | {author_id}


async def leaders(session: AsyncSession, poll: Poll) -> list[Person]:
    """Who manages the team on whose behalf it is asked, and the author."""
    managing = select(Membership.person_id).where(Membership.team_id == poll.team_id, Membership.is_manager)
    query = select(Person).where(or_(Person.id == poll.author_id, Person.id.in_(managing)), ~Person.deactivated)
    return list((await session.execute(query.order_by(Person.id))).scalars())


async def concerning(
    session: AsyncSession, person_id: int, *, state: PollState, closed_since: datetime | None = None, most: int
) -> list[Poll]:
    """Polls that somebody is asked in, wrote, or whose teams they lead; the newest first."""
    led = [team.id for team in await teams_led_by(session, person_id)]
    asked = exists().where(Asked.poll_id == Poll.id, Asked.person_id == person_id)
    among = exists().where(PollTeam.poll_id == Poll.id, PollTeam.team_id.in_(led))
    query = select(Poll).where(
        Poll.state == state, or_(asked, among, Poll.team_id.in_(led), Poll.author_id == person_id)
    )
    if closed_since is not None:
        query = query.where(Poll.closed_at >= closed_since)
    query = query.options(selectinload(Poll.questions)).order_by(Poll.id.desc()).limit(most)
    return list((await session.execute(query)).scalars())


async def of_team(
    session: AsyncSession, team_id: int, *, open_at: datetime, closed_since: datetime
) -> tuple[list[Poll], list[Poll]]:
    """(polls that are open for this team, those closed since)."""
    mine = or_(Poll.team_id == team_id, exists().where(PollTeam.poll_id == Poll.id, PollTeam.team_id == team_id))
    query = select(Poll).where(mine).options(selectinload(Poll.questions)).order_by(Poll.closes_at, Poll.id)
    running = query.where(Poll.state == PollState.OPEN)
    over = query.where(Poll.state == PollState.CLOSED, Poll.closed_at > closed_since, Poll.closed_at <= open_at)
    return (
        list((await session.execute(running.limit(20))).scalars()),
        list((await session.execute(over.limit(20))).scalars()),
    )


async def latest_of_series(session: AsyncSession, series_id: int) -> Poll | None:
    query = select(Poll).where(Poll.series_id == series_id, Poll.state != PollState.DRAFT).order_by(Poll.id.desc())
    return (await session.execute(query.options(selectinload(Poll.questions)).limit(1))).scalar_one_or_none()


async def asked_before(session: AsyncSession, question: Question, poll: Poll) -> tuple[Question, Poll] | None:
    """The same question as it was asked last of the same teams, in a poll that is over and kept its answers."""
    query = (
        select(Question, Poll)
        .join(Poll, Poll.id == Question.poll_id)
        .where(
            Question.sameness == question.sameness,
            Question.held_back.is_(None),
            Poll.team_id == poll.team_id,
            Poll.state == PollState.CLOSED,
            Poll.answered > 0,
            Poll.id < poll.id,
        )
    )
    teams = {team.id for team in await teams_asked(session, poll.id)}
    for earlier, its_poll in await session.execute(query.order_by(Poll.id.desc()).limit(10)):
        if {team.id for team in await teams_asked(session, its_poll.id)} == teams:
            return earlier, its_poll
    return None


async def drop_drafts(session: AsyncSession, *, before: datetime) -> None:
    await session.execute(delete(Poll).where(Poll.state == PollState.DRAFT, Poll.created_at < before))


async def closed_before(session: AsyncSession, before: datetime, *, most: int) -> list[int]:
    """Ids of polls that have been over since then."""
    query = select(Poll.id).where(Poll.state == PollState.CLOSED, Poll.closed_at < before)
    return list((await session.execute(query.order_by(Poll.closed_at).limit(most))).scalars())


async def forget(session: AsyncSession, ids: Sequence[int]) -> None:
    """Deletes polls with everything that hangs on them."""
    if not ids:
        return
    await session.execute(delete(Message).where(Message.renderer.like("polls.%"), Message.subject_id.in_(ids)))
    await session.execute(delete(Timer).where(Timer.step.like("polls.%"), Timer.subject_id.in_(ids)))
    await session.execute(delete(Poll).where(Poll.id.in_(ids)))


async def ask_one_more(session: AsyncSession, poll_id: int, person_id: int, team_id: int) -> None:
    """Somebody who came later is asked too, where something else than the poll's own message leads them to it."""
    if await session.get(Asked, (poll_id, person_id)) is None:
        row = {"person_id": person_id, "team_id": team_id, "by_name": False, "in_channel": True}
        await ask(session, poll_id, [row])
        await count_one_more(session, poll_id)


async def open_and_named(session: AsyncSession, team_id: int, *, most: int) -> list[Poll]:
    """Open polls and quizzes of a team whose answers carry names: somebody may be asked later without telling on
    anybody. The newest first."""
    among = exists().where(PollTeam.poll_id == Poll.id, PollTeam.team_id == team_id)
    query = select(Poll).where(
        Poll.state == PollState.OPEN, Poll.mode == Mode.NAMED, or_(Poll.team_id == team_id, among)
    )
    return list((await session.execute(query.order_by(Poll.id.desc()).limit(most))).scalars())


async def count_one_more(session: AsyncSession, poll_id: int) -> None:
    """Somebody came to the channel after the poll did, and is asked too."""
    await session.execute(update(Poll).where(Poll.id == poll_id).values(asked=Poll.asked + 1))
