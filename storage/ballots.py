"""What was answered. Two kinds of poll, two ways of keeping it:

A *named* ballot stays beside its voter. A *secret* ballot carries its voter only while the poll is open, so that it can
be changed and is counted once; no screen reads it. At the close, in one transaction, what may be published becomes
loose answers under random ids, each question's by itself, and every ballot of the poll is deleted. What may not be
published is not kept.
"""

import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    bindparam,
    delete,
    exists,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, insertion
from storage.poll_audiences import Asked
from storage.polls import Poll, PollState, Question

Answers = dict[str, Any]
"""Question id (as text, for JSON) → an index, a list of indexes, or words."""


class SecretBallot(Base):
    """An answer to an anonymous poll that is still open. It has no time: when somebody answered is nobody's matter."""

    __tablename__ = "secret_ballots"

    poll_id: Mapped[int] = mapped_column(ForeignKey("polls.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    answers: Mapped[dict[str, Any]] = mapped_column()


class NamedBallot(Base):
    __tablename__ = "named_ballots"
    __table_args__ = (Index(None, "person_id"),)

    poll_id: Mapped[int] = mapped_column(ForeignKey("polls.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    answers: Mapped[dict[str, Any]] = mapped_column()
    at: Mapped[datetime]


class Answer(Base):
    """One loose answer: to one question, from nobody. Its id is random, so that no order is left."""

    __tablename__ = "poll_answers"
    __table_args__ = (Index(None, "question_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("poll_questions.id", ondelete="CASCADE"))
    team_id: Mapped[int | None]
    """The team that it is shown for; None where a team by itself is not shown."""
    option: Mapped[int | None]
    text: Mapped[str | None] = mapped_column(Text)


class Published(Base):
    """A group whose answers to a question are shown: everybody asked, or one team of them."""

    __tablename__ = "poll_results"
    __table_args__ = (Index(None, "question_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("poll_questions.id", ondelete="CASCADE"))
    team_id: Mapped[int | None]
    """None: everybody."""
    asked: Mapped[int]
    answered: Mapped[int]


@dataclass(frozen=True)
class Loose:
    """An answer that has left its ballot."""

    question_id: int
    team_id: int | None
    option: int | None = None
    text: str | None = None


@dataclass(frozen=True)
class Group:
    """People whose answers to one question are published together."""

    people: frozenset[int]
    """Who was asked."""
    answered: int
    """How many of them answered."""


async def cast(session: AsyncSession, poll: Poll, person_id: int, answers: Answers, *, now: datetime) -> None:
    """Counts somebody's answers; those given before are replaced."""
    await cast_all(session, poll, {person_id: answers}, now=now)


async def cast_all(session: AsyncSession, poll: Poll, given: Mapping[int, Answers], *, now: datetime) -> None:
    """Counts several people's answers, by person id."""
    dated = {} if poll.is_anonymous else {"at": now}
    # in one order, whoever writes: two replicas with the same people at once would wait for each other in a circle
    rows = [{"poll_id": poll.id, "person_id": one, "answers": given[one], **dated} for one in sorted(given)]
    await session.execute(_casting(session.get_bind().dialect.name, is_anonymous=poll.is_anonymous), rows)


@cache
def _casting(dialect: str, *, is_anonymous: bool) -> postgresql.Insert | sqlite.Insert:
    """Built once: building it costs more than running it."""
    model, taken = (SecretBallot, ("answers",)) if is_anonymous else (NamedBallot, ("answers", "at"))
    table = model.__table__
    assert isinstance(table, Table)
    insert: postgresql.Insert | sqlite.Insert
    insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    replaced = {name: insert.excluded[name] for name in taken}
    return insert.on_conflict_do_update(index_elements=["poll_id", "person_id"], set_=replaced)


async def turnout(session: AsyncSession, poll: Poll) -> int:
    """How many have answered so far."""
    if poll.state == PollState.CLOSED:
        return poll.answered or 0
    model = SecretBallot if poll.is_anonymous else NamedBallot
    query = select(func.count()).select_from(model).where(model.poll_id == poll.id)
    return (await session.execute(query)).scalar_one()


async def has_answered(session: AsyncSession, poll: Poll, person_id: int) -> bool:
    model = SecretBallot if poll.is_anonymous else NamedBallot
    query = select(model.person_id).where(model.poll_id == poll.id, model.person_id == person_id)
    return (await session.execute(query)).scalar_one_or_none() is not None


async def named_of(session: AsyncSession, poll_id: int) -> dict[int, Answers]:
    """The answers of a named poll, by person id."""
    query = select(NamedBallot.person_id, NamedBallot.answers).where(NamedBallot.poll_id == poll_id)
    found = await session.execute(query.order_by(NamedBallot.person_id))
    return {row.person_id: row.answers for row in found}


async def own_named(session: AsyncSession, poll: Poll, person_id: int) -> Answers | None:
    """What somebody answered under their name; of a secret ballot, nothing."""
    if poll.is_anonymous:
        return None
    ballot = await session.get(NamedBallot, (poll.id, person_id))
    return ballot.answers if ballot else None


async def secret_of(session: AsyncSession, poll_id: int) -> dict[int, Answers]:
    """Every secret ballot, by person. Only the close may ask."""
    query = select(SecretBallot.person_id, SecretBallot.answers).where(SecretBallot.poll_id == poll_id)
    found = await session.execute(query)
    return {row.person_id: row.answers for row in found}


def scattered(answers: Iterable[Loose], *, draw: Callable[[], str] = secrets.token_hex) -> list[dict[str, Any]]:
    """Rows in the order of their random ids: nothing is left of the order in which they came."""
    rows = [{"id": draw()[:32], **vars(one)} for one in answers]
    return sorted(rows, key=lambda row: str(row["id"]))


async def publish(
    session: AsyncSession,
    answers: Iterable[Loose],
    groups: Sequence[Mapping[str, Any]],
    *,
    draw: Callable[[], str] = secrets.token_hex,
) -> None:
    """Writes answers that have left their ballots, and of which groups they are; `draw`: where their ids come from."""
    if rows := scattered(answers, draw=draw):
        await session.execute(insertion(session, Answer), rows)
    session.add_all(Published(**group) for group in groups)


async def destroy_secret(session: AsyncSession, poll_id: int) -> None:
    await session.execute(delete(SecretBallot).where(SecretBallot.poll_id == poll_id))


async def answers_of(session: AsyncSession, question_ids: Sequence[int]) -> Sequence[Answer]:
    query = select(Answer).where(Answer.question_id.in_(question_ids)).order_by(Answer.id)
    return (await session.execute(query)).scalars().all()


async def groups_of(session: AsyncSession, question_ids: Sequence[int]) -> Sequence[Published]:
    query = select(Published).where(Published.question_id.in_(question_ids)).order_by(Published.id)
    return (await session.execute(query)).scalars().all()


async def published_since(
    session: AsyncSession, question: Question, workspace_id: str, alike: Collection[str], *, since: datetime, most: int
) -> set[frozenset[int]] | None:
    """Of whom the same question was asked in other polls that closed since then, for each of their results that is
    published: of polls that ask some of the same people, of those that share people with these, and so on. `alike`:
    the samenesses of questions that ask the same. None: of more than `most` polls."""
    polls = await _connected(session, question, workspace_id, alike, since=since, most=most)
    if len(polls) > most:
        return None
    asked: dict[int, list[tuple[int, int | None]]] = {}
    query = select(Asked.poll_id, Asked.person_id, Asked.team_id).where(Asked.poll_id.in_(polls))
    for poll_id, person_id, team_id in await session.execute(query):
        asked.setdefault(poll_id, []).append((person_id, team_id))
    shown = (
        select(Question.poll_id, Published.team_id)
        .join(Question, Question.id == Published.question_id)
        .where(Question.sameness.in_(alike), Question.poll_id.in_(polls))
    )
    return {
        frozenset(person for person, its in asked.get(poll_id, ()) if team_id in {None, its})
        for poll_id, team_id in await session.execute(shown)
    }


async def _connected(
    session: AsyncSession, question: Question, workspace_id: str, alike: Collection[str], *, since: datetime, most: int
) -> set[int]:
    """Ids of polls that published the same question, and share people with this one, or with one that does, …"""
    compared = select(Poll.id).where(
        Poll.workspace_id == workspace_id, Poll.state == PollState.CLOSED, Poll.closed_at >= since
    )
    same = (
        select(Question.poll_id)
        .join(Published, Published.question_id == Question.id)
        .where(Question.sameness.in_(alike), Question.poll_id.in_(compared))
        .distinct()
    )
    found: set[int] = set()
    latest = {question.poll_id}
    while latest and len(found) <= most:
        people = select(Asked.person_id).where(Asked.poll_id.in_(latest))
        near = same.join(Asked, Asked.poll_id == Question.poll_id).where(Asked.person_id.in_(people))
        latest = set((await session.execute(near)).scalars()) - found - {question.poll_id}
        found |= latest
    return found


def _of_reader(model: type[Asked] | type[SecretBallot] | type[NamedBallot]) -> ColumnElement[bool]:
    return exists().where(model.poll_id == Poll.id, model.person_id == bindparam("person_id", type_=Integer))


_OPEN_FOR = (
    # each open poll is looked up: what somebody was asked before grows, what is open doesn't
    select(Poll)
    .where(Poll.state == PollState.OPEN, _of_reader(Asked), ~_of_reader(SecretBallot), ~_of_reader(NamedBallot))
    .order_by(Poll.closes_at, Poll.id)
    .limit(bindparam("most", type_=Integer))
)


async def open_for(session: AsyncSession, person_id: int, *, most: int) -> list[Poll]:
    """Open polls that somebody is asked in and has not answered, the first to close first."""
    return list((await session.execute(_OPEN_FOR, {"person_id": person_id, "most": most})).scalars())


async def drop_texts(session: AsyncSession, *, closed_before: datetime) -> None:
    """Deletes what people wrote in polls that were over by then."""
    questions = select(Question.id).join(Poll, Poll.id == Question.poll_id).where(Poll.closed_at < closed_before)
    await session.execute(delete(Answer).where(Answer.text.is_not(None), Answer.question_id.in_(questions)))


async def with_names(session: AsyncSession, *, closed_before: datetime, most: int) -> list[int]:
    """Ids of polls that were over by then and still have named ballots."""
    query = select(Poll.id).where(
        Poll.state == PollState.CLOSED, Poll.closed_at < closed_before, Poll.names_dropped_at.is_(None)
    )
    query = query.where(Poll.mode == "named")
    return list((await session.execute(query.order_by(Poll.closed_at).limit(most))).scalars())


async def destroy_named(session: AsyncSession, poll_id: int) -> None:
    await session.execute(delete(NamedBallot).where(NamedBallot.poll_id == poll_id))
