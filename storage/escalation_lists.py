"""Escalations in lists and in figures: queries whose cost follows the page, or the period, and never the archive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Subquery, and_, exists, func, select, text, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from storage.clocks import Clock, ClockState, Kind
from storage.escalation_events import Event
from storage.escalations import Escalation, RootCause, Severity, visible_to

PROMISED = (Kind.ACKNOWLEDGE, Kind.RESOLVE, Kind.PROMISE)
"""The clocks that the card shows; one of them late makes the escalation overdue."""


async def listed(
    session: AsyncSession,
    *,
    which: str,
    viewer_id: int,
    team_ids: Sequence[int],
    ids: Sequence[int] | None = None,
    below: int | None = None,
    most: int,
) -> Sequence[Escalation]:
    """A page of escalations with their clocks, newest first, numbers below `below`.

    `which`: open, overdue or resolved ones of these teams, or `mine` (raised or owned, open). `ids` narrows to these.
    Each team's newest are walked in an index of their own and put together, so a page costs the same at any size.
    """
    if which == "mine":
        whose: list[ColumnElement[bool]] = [Escalation.reporter_id == viewer_id, Escalation.owner_id == viewer_id]
    else:
        whose = [Escalation.team_id == team_id for team_id in team_ids]
    if not whose:
        return []
    newest = [_newest(one, which, viewer_id, ids=ids, below=below, most=most) for one in whose]
    found = union(*(select(part.c.id) for part in newest)).subquery()
    query = select(Escalation).where(Escalation.id.in_(select(found.c.id)))
    query = query.order_by(Escalation.number.desc()).limit(most).options(selectinload(Escalation.clocks))
    return (await session.execute(query)).scalars().all()


def _newest(
    whose: ColumnElement[bool],
    which: str,
    viewer_id: int,
    *,
    ids: Sequence[int] | None,
    below: int | None,
    most: int,
) -> Subquery:
    """The ids of the newest that one team (or person) has."""
    done = Escalation.resolved_at.is_not(None) if which == "resolved" else Escalation.resolved_at.is_(None)
    query = select(Escalation.id).where(whose, done, visible_to(viewer_id))
    if which == "overdue":
        late = exists().where(
            Clock.escalation_id == Escalation.id,
            Clock.kind.in_(PROMISED),
            Clock.state == ClockState.BREACHED,
            Clock.met_at.is_(None),
        )
        query = query.where(late)
    if ids is not None:
        query = query.where(Escalation.id.in_(ids))
    if below is not None:
        query = query.where(Escalation.number < below)
    return query.order_by(Escalation.number.desc()).limit(most).subquery()


async def raised_between(
    session: AsyncSession, *, team_ids: Sequence[int], viewer_id: int, start: datetime, end: datetime, most: int
) -> Sequence[Escalation]:
    """The escalations of these teams raised from start to end with their clocks, the newest `most`, newest first."""
    query = select(Escalation).where(_raised(team_ids, viewer_id, start, end))
    query = query.order_by(Escalation.raised_at.desc()).limit(most).options(selectinload(Escalation.clocks))
    return (await session.execute(query)).scalars().all()


async def of_team(session: AsyncSession, team_id: int, *, most: int) -> Sequence[Escalation]:
    """What is open in the team for anybody in it to know, with clocks, the oldest first: no restricted ones."""
    query = select(Escalation).where(
        Escalation.team_id == team_id, Escalation.resolved_at.is_(None), ~Escalation.restricted
    )
    query = query.order_by(Escalation.number).limit(most).options(selectinload(Escalation.clocks))
    return (await session.execute(query)).scalars().all()


async def flow_of_team(session: AsyncSession, team_id: int, start: datetime, end: datetime) -> tuple[int, int]:
    """(raised, resolved) in [start, end), the restricted ones left out."""
    await _prefer_indexes(session)
    ours = [Escalation.team_id == team_id, ~Escalation.restricted]
    raised = select(func.count()).where(*ours, Escalation.raised_at >= start, Escalation.raised_at < end)
    resolved = select(func.count()).where(*ours, Escalation.resolved_at >= start, Escalation.resolved_at < end)
    return (await session.execute(raised)).scalar_one(), (await session.execute(resolved)).scalar_one()


@dataclass(frozen=True)
class Measured:
    """One escalation of a period, in as few columns as its figures need. Durations in seconds of each clock's time."""

    id: int
    severity: Severity
    raised_at: datetime
    resolved_at: datetime | None
    root_cause: RootCause | None
    is_repeat: bool
    acknowledged_s: int | None
    resolve: ClockState
    resolve_s: int | None


async def measured(
    session: AsyncSession, *, team_ids: Sequence[int], viewer_id: int | None, start: datetime, end: datetime
) -> list[Measured]:
    """What the figures of a period count: a few columns a case, for percentiles can't be added up from parts.
    `viewer_id` None: for any reader in the team, so no restricted ones."""
    await _prefer_indexes(session)
    acknowledge, resolve = _clock(Kind.ACKNOWLEDGE), _clock(Kind.RESOLVE)
    query = select(
        Escalation.id,
        Escalation.severity,
        Escalation.raised_at,
        Escalation.resolved_at,
        Escalation.root_cause,
        Escalation.customer_nth > 1,
        acknowledge.c.taken_s,
        resolve.c.state,
        resolve.c.taken_s,
    )
    query = query.where(_raised(team_ids, viewer_id, start, end))
    query = query.outerjoin(acknowledge, acknowledge.c.escalation_id == Escalation.id)
    query = query.join(resolve, resolve.c.escalation_id == Escalation.id)
    return [Measured(*row) for row in await session.execute(query)]


async def turns(
    session: AsyncSession,
    *,
    kinds: Sequence[str],
    team_ids: Sequence[int],
    viewer_id: int,
    start: datetime,
    end: datetime,
) -> list[tuple[int, str, datetime]]:
    """(escalation, kind, instant) of these lines in the histories of a period's cases, in order."""
    await _prefer_indexes(session)
    query = select(Event.escalation_id, Event.kind, Event.at).join(Escalation, Event.escalation_id == Escalation.id)
    query = query.where(_raised(team_ids, viewer_id, start, end), Event.kind.in_(kinds))
    found = await session.execute(query.order_by(Event.escalation_id, Event.id))
    return [(escalation_id, kind, at) for escalation_id, kind, at in found]


async def knowledge_gaps(session: AsyncSession, *, team_ids: Sequence[int], since: datetime, most: int) -> list[str]:
    """What escalations of these teams were about that were resolved since as a gap in knowledge, the newest first; the
    restricted ones left out."""
    query = select(Escalation.what).where(
        Escalation.team_id.in_(team_ids),
        Escalation.resolved_at >= since,
        Escalation.root_cause == RootCause.KNOWLEDGE_GAP,
        ~Escalation.restricted,
    )
    return list((await session.execute(query.order_by(Escalation.resolved_at.desc()).limit(most))).scalars())


async def _prefer_indexes(session: AsyncSession) -> None:
    # PostgreSQL's defaults are for spinning disks: a period of some hundred cases was joined by reading all events of
    # the archive, in parallel (58 ms instead of 3 at 300,000 cases; measured)
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SET LOCAL random_page_cost = 1.1"))
        await session.execute(text("SET LOCAL max_parallel_workers_per_gather = 0"))


def _raised(team_ids: Sequence[int], viewer_id: int | None, start: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(
        Escalation.team_id.in_(team_ids),
        Escalation.raised_at >= start,
        Escalation.raised_at <= end,
        ~Escalation.restricted if viewer_id is None else visible_to(viewer_id),
    )


def _clock(kind: Kind) -> Subquery:
    return select(Clock.escalation_id, Clock.state, Clock.taken_s).where(Clock.kind == kind).subquery()


async def changed_since(session: AsyncSession, workspace_id: str, since: datetime) -> Sequence[tuple[int, datetime]]:
    """In which team, and when, the escalations were raised in which something happened since then."""
    query = select(Escalation.team_id, Escalation.raised_at).where(Escalation.workspace_id == workspace_id)
    return (await session.execute(query.where(Escalation.changed_at >= since))).all()


@dataclass(frozen=True)
class Counted:
    """One escalation as goals count it."""

    team_id: int
    owner_id: int | None
    """Who owns it, or owned it last."""
    raised_at: datetime
    is_resolved: bool
    is_repeat: bool
    acknowledge: ClockState
    resolve: ClockState
    resolve_s: int | None


async def counted_between(
    session: AsyncSession, *, team_ids: Sequence[int], start: datetime, end: datetime
) -> list[Counted]:
    """What was raised in these teams in [start, end), the restricted too: a count names nobody."""
    await _prefer_indexes(session)
    acknowledge, resolve = _clock(Kind.ACKNOWLEDGE), _clock(Kind.RESOLVE)
    query = select(
        Escalation.team_id,
        func.coalesce(Escalation.owner_id, Escalation.last_owner_id),
        Escalation.raised_at,
        Escalation.resolved_at.is_not(None),
        Escalation.customer_nth > 1,
        acknowledge.c.state,
        resolve.c.state,
        resolve.c.taken_s,
    )
    query = query.where(Escalation.team_id.in_(team_ids), Escalation.raised_at >= start, Escalation.raised_at < end)
    query = query.join(acknowledge, acknowledge.c.escalation_id == Escalation.id)
    query = query.join(resolve, resolve.c.escalation_id == Escalation.id)
    return [Counted(*row) for row in await session.execute(query)]


async def open_deadlines(
    session: AsyncSession,
    *,
    kind: Kind,
    team_ids: Sequence[int],
    viewer_id: int | None,
    before: datetime,
    most: int,
) -> list[tuple[Escalation, Clock]]:
    """Open escalations of these teams whose deadline of this kind is running out before then (those whose has, are
    missed already), the soonest first. `viewer_id` None: what everybody in a channel may read."""
    in_sight = visible_to(viewer_id) if viewer_id is not None else ~Escalation.restricted & ~Escalation.team_only
    query = (
        select(Escalation, Clock)
        .join(Clock, Clock.escalation_id == Escalation.id)
        .where(
            Escalation.team_id.in_(team_ids),
            Escalation.resolved_at.is_(None),
            in_sight,
            Clock.kind == kind,
            Clock.state == ClockState.RUNNING,
            Clock.deadline < before,
        )
        .order_by(Clock.deadline)
        .limit(most)
    )
    return [(one, clock) for one, clock in await session.execute(query)]
