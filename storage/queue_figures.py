"""What the figures of the queue are made of: a window's raw rows by index, and the days before it from the roll-ups.

Percentiles can't be added up, so a window reads its own rows; what is usual comes from `ticket_days`. So a digest costs
the same with ten thousand tickets behind it and with ten million. What is gone doesn't count anywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, distinct, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from storage.pulled import Priority, RatingKind
from storage.ticket_days import ALL, Snapshot, TicketDay
from storage.tickets import Rating, Ticket, TicketTag


@dataclass(frozen=True)
class Replied:
    """A ticket's first public reply of an agent."""

    at: datetime
    team_id: int
    person_id: int | None
    """Whose ticket it is now."""
    created_at: datetime


@dataclass(frozen=True)
class Solved:
    """A ticket that was last solved then, and still is."""

    at: datetime
    team_id: int
    person_id: int | None
    created_at: datetime
    replies: int | None
    reopened: int | None


@dataclass(frozen=True)
class Rated:
    at: datetime
    team_id: int
    person_id: int | None
    kind: RatingKind
    value: float
    """csat: 1 good, 0 bad, 0.5 neither; nps: 0–10; ces: 1–7."""


@dataclass(frozen=True)
class Standing:
    """A queue as it stands."""

    open: int
    unassigned: int
    urgent: int
    urgent_unassigned: int
    breached: int
    """Past their SLA's deadline, or told to be."""
    at_risk: int
    """Their deadline comes within the time that was asked for."""
    oldest_at: datetime | None
    """When the oldest of them came."""
    tells_sla: bool
    """Any of them has a deadline: else nothing is known of SLAs."""
    tells_urgency: bool
    """Any of them has a priority."""


@dataclass(frozen=True)
class TagCount:
    tag: str
    tickets: int
    customers: int


async def replied(
    session: AsyncSession, team_ids: Sequence[int], start: datetime, end: datetime, *, person_id: int | None = None
) -> list[Replied]:
    """First replies in [start, end), the earliest first; with `person_id`, of tickets that are theirs."""
    columns = (Ticket.first_agent_reply_at, Ticket.team_id, Ticket.assignee_id, Ticket.created_at)
    query = _window(select(*columns), Ticket.first_agent_reply_at, team_ids, start, end, person_id)
    return [Replied(*row) for row in await _rows(session, query)]


async def solved(
    session: AsyncSession, team_ids: Sequence[int], start: datetime, end: datetime, *, person_id: int | None = None
) -> list[Solved]:
    """Solved in [start, end), the earliest first."""
    columns = (Ticket.solved_at, Ticket.team_id, Ticket.assignee_id, Ticket.created_at, Ticket.replies, Ticket.reopened)
    query = _window(select(*columns), Ticket.solved_at, team_ids, start, end, person_id)
    return [Solved(*row) for row in await _rows(session, query)]


async def rated(
    session: AsyncSession, team_ids: Sequence[int], start: datetime, end: datetime, *, person_id: int | None = None
) -> list[Rated]:
    """Answered surveys in [start, end), the earliest first; those of tickets that are gone are left out."""
    query = select(Rating.at, Rating.team_id, Rating.assignee_id, Rating.kind, Rating.value)
    query = query.join(Ticket, Ticket.id == Rating.ticket_id, isouter=True)
    whose = Rating.team_id.in_(team_ids) if person_id is None else Rating.assignee_id == person_id
    # every kind is named, so that the index leads to the window
    query = query.where(whose, Rating.kind.in_(list(RatingKind)), Rating.at >= start, Rating.at < end)
    if person_id is not None:
        query = query.where(Rating.team_id.in_(team_ids))
    query = query.where(or_(Rating.ticket_id.is_(None), Ticket.gone.is_(None))).order_by(Rating.at)
    return [Rated(*row) for row in await _rows(session, query)]


async def created(
    session: AsyncSession, team_ids: Sequence[int], start: datetime, end: datetime, *, person_id: int | None = None
) -> int:
    """How many came in [start, end)."""
    query = _window(select(func.count()), Ticket.created_at, team_ids, start, end, person_id, ordered=False)
    return int((await _rows(session, query))[0][0])


async def arrivals(
    session: AsyncSession, team_ids: Sequence[int], start: datetime, end: datetime
) -> list[tuple[datetime, int, int | None]]:
    """(when, team, whose it is now) of what came in [start, end)."""
    query = _window(
        select(Ticket.created_at, Ticket.team_id, Ticket.assignee_id), Ticket.created_at, team_ids, start, end, None
    )
    return [(at, team_id, person_id) for at, team_id, person_id in await _rows(session, query)]


async def standing(
    session: AsyncSession, team_ids: Sequence[int], *, now: datetime, risk_until: datetime, person_id: int | None = None
) -> Standing:
    """The backlog now; `risk_until`: until when an SLA's deadline counts as at risk."""
    late = or_(Ticket.sla_breached.is_(True), Ticket.sla_due_at <= now)
    soon = and_(Ticket.sla_breached.is_not(True), Ticket.sla_due_at > now, Ticket.sla_due_at <= risk_until)
    unassigned = Ticket.assignee_external_id.is_(None)
    urgent = Ticket.priority == Priority.URGENT
    query = select(
        func.count(),
        _counting(unassigned),
        _counting(urgent),
        _counting(and_(urgent, unassigned)),
        _counting(late),
        _counting(soon),
        func.min(Ticket.created_at),
        func.count(Ticket.sla_due_at),
        func.count(Ticket.priority),
    ).where(Ticket.team_id.in_(team_ids), Ticket.in_backlog)
    if person_id is not None:
        query = query.where(Ticket.assignee_id == person_id)
    [(open_, unassigned_, urgent_, both, breached, at_risk, oldest, with_sla, with_priority)] = await _rows(
        session, query
    )
    return Standing(
        open=open_,
        unassigned=unassigned_ or 0,
        urgent=urgent_ or 0,
        urgent_unassigned=both or 0,
        breached=breached or 0,
        at_risk=at_risk or 0,
        oldest_at=oldest,
        tells_sla=bool(with_sla),
        tells_urgency=bool(with_priority),
    )


async def waiting(
    session: AsyncSession, team_id: int, which: str, *, now: datetime, risk_until: datetime, most: int
) -> Sequence[Ticket]:
    """Tickets of the backlog, the oldest first: those past their SLA, near it, urgent without an assignee, without an
    assignee, or any. Raises KeyError for another word."""
    unassigned = Ticket.assignee_external_id.is_(None)
    conditions: dict[str, ColumnElement[bool]] = {
        "breached": or_(Ticket.sla_breached.is_(True), Ticket.sla_due_at <= now),
        "at_risk": and_(Ticket.sla_breached.is_not(True), Ticket.sla_due_at > now, Ticket.sla_due_at <= risk_until),
        "urgent": and_(Ticket.priority == Priority.URGENT, unassigned),
        "unassigned": unassigned,
        "oldest": Ticket.in_backlog.is_(True),
    }
    query = select(Ticket).where(Ticket.team_id == team_id, Ticket.in_backlog, conditions[which])
    return (await session.execute(query.order_by(Ticket.created_at, Ticket.id).limit(most))).scalars().all()


async def days(
    session: AsyncSession, team_id: int, first: date, last: date, *, tag: str | None = ALL
) -> Sequence[TicketDay]:
    """The roll-ups of these local dates, both included, in their order; `tag` None: every tag's. No row: zeros."""
    query = select(TicketDay).where(
        TicketDay.team_id == team_id, TicketDay.local_date >= first, TicketDay.local_date <= last
    )
    if tag is not None:
        query = query.where(TicketDay.tag == tag)
    return (await session.execute(query.order_by(TicketDay.local_date, TicketDay.tag))).scalars().all()


async def first_day(session: AsyncSession, team_id: int) -> date | None:
    """The earliest local date of which something was counted: how far back the history goes."""
    query = select(func.min(TicketDay.local_date)).where(TicketDay.team_id == team_id, TicketDay.tag == ALL)
    return (await session.execute(query)).scalar_one()


async def snapshot_before(session: AsyncSession, team_id: int, day: date) -> Snapshot | None:
    """The latest of the days before that one."""
    query = select(Snapshot).where(Snapshot.team_id == team_id, Snapshot.local_date < day)
    return (await session.execute(query.order_by(Snapshot.local_date.desc()).limit(1))).scalar_one_or_none()


async def tags_between(session: AsyncSession, team_id: int, start: datetime, end: datetime) -> list[TagCount]:
    """Each tag of what came in [start, end), the most frequent first; and ALL for everything that came."""
    customer = func.coalesce(Ticket.customer_key, "")
    customers = func.count(distinct(func.nullif(customer, "")))
    by_tag = (
        select(TicketTag.tag, func.count(), customers)
        .join(Ticket, Ticket.id == TicketTag.ticket_id)
        .where(TicketTag.team_id == team_id, TicketTag.created_at >= start, TicketTag.created_at < end)
        .group_by(TicketTag.tag)
        .order_by(func.count().desc(), TicketTag.tag)
    )
    every = _window(select(func.count(), customers), Ticket.created_at, [team_id], start, end, None, ordered=False)
    found = [TagCount(tag, tickets, known) for tag, tickets, known in await _rows(session, by_tag)]
    [(tickets, known)] = await _rows(session, every)
    return [TagCount(ALL, tickets, known), *found]


async def tagged(
    session: AsyncSession, team_id: int, tag: str, start: datetime, end: datetime, *, most: int
) -> Sequence[Ticket]:
    """What came with this tag in [start, end), the latest first."""
    query = (
        select(Ticket)
        .join(TicketTag, TicketTag.ticket_id == Ticket.id)
        .where(
            TicketTag.team_id == team_id,
            TicketTag.tag == tag,
            TicketTag.created_at >= start,
            TicketTag.created_at < end,
        )
        .order_by(TicketTag.created_at.desc())
        .limit(most)
    )
    return (await session.execute(query)).scalars().all()


async def came(session: AsyncSession, team_id: int, start: datetime, end: datetime, *, most: int) -> Sequence[Ticket]:
    """What came in [start, end), the latest first."""
    query = select(Ticket).where(
        Ticket.team_id == team_id, Ticket.created_at >= start, Ticket.created_at < end, Ticket.gone.is_(None)
    )
    return (await session.execute(query.order_by(Ticket.created_at.desc()).limit(most))).scalars().all()


def _window(
    query: Select[*tuple[Any, ...]],
    at: InstrumentedAttribute[Any],
    team_ids: Sequence[int],
    start: datetime,
    end: datetime,
    person_id: int | None,
    *,
    ordered: bool = True,
) -> Select[*tuple[Any, ...]]:
    narrowed = query.where(Ticket.team_id.in_(team_ids), at >= start, at < end, Ticket.gone.is_(None))
    if person_id is not None:
        narrowed = narrowed.where(Ticket.assignee_id == person_id)
    return narrowed.order_by(at, Ticket.id) if ordered else narrowed


def _counting(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.sum(case((condition, 1), else_=0))


_FOR_THIS_TRANSACTION = text(
    "SELECT set_config('random_page_cost', '1.1', true), set_config('max_parallel_workers_per_gather', '0', true)"
)


async def _rows(session: AsyncSession, query: Select[*tuple[Any, ...]]) -> Sequence[Any]:
    if session.get_bind().dialect.name == "postgresql":
        # its defaults are for spinning disks: a window of a day was read by walking a table of a million
        await session.execute(_FOR_THIS_TRANSACTION)
    rows: Sequence[Any] = (await session.execute(query)).all()
    return rows
