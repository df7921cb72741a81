"""Tickets and ratings as the help desks have them: written by `storage.ticket_pages`, read by figures, forms and Home.

Counting leaves out what is `gone`. The indexes that figures walk are named beside what they are for.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, case, delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, OneOf
from storage.memberships import Membership
from storage.pulled import Gone, Priority, RatingKind, Status
from storage.sources import Source


def _where(name: str, condition: str, on_sqlite: str, *columns: str) -> Index:
    return Index(name, *columns, sqlite_where=text(on_sqlite), postgresql_where=text(condition))


class Ticket(Base):
    __tablename__ = "tickets"
    __table_args__ = (
        UniqueConstraint("source_id", "external_id"),
        Index(None, "team_id", "created_at"),
        Index(None, "team_id", "solved_at"),
        Index(None, "team_id", "first_agent_reply_at"),
        Index(None, "assignee_id", "created_at"),
        Index(None, "assignee_id", "solved_at"),
        Index(None, "workspace_id", "customer_key", "created_at"),
        Index(None, "source_id", "updated_at"),
        # the backlog is small, however many tickets there ever were; named twice, so that SQLite, which keeps no
        # statistics, holds it for better than the other indexes of a team
        _where("ix_tickets_backlog_of_team", "in_backlog", "in_backlog = 1", "team_id", "in_backlog", "created_at"),
        _where("ix_tickets_backlog_of_assignee", "in_backlog", "in_backlog = 1", "assignee_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    external_id: Mapped[str] = mapped_column(String(120))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="SET NULL"))
    """Whose group it is in; None: nobody's here."""
    group_name: Mapped[str | None] = mapped_column(String(120))
    subject: Mapped[str | None] = mapped_column(String(500))
    url: Mapped[str | None] = mapped_column(String(500))
    customer_key: Mapped[str | None] = mapped_column(String(200))
    customer_name: Mapped[str | None] = mapped_column(String(200))
    customer_tier: Mapped[str | None] = mapped_column(String(80))
    customer_is_vip: Mapped[bool | None]
    assignee_external_id: Mapped[str | None] = mapped_column(String(120))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    """The colleague who is matched with that agent; None: nobody is, or it is unassigned (then so is the one above)."""
    status: Mapped[Status] = mapped_column(OneOf(Status, 16))
    status_raw: Mapped[str | None] = mapped_column(String(80))
    in_backlog: Mapped[bool]
    """Unsolved, and neither deleted nor merged."""
    priority: Mapped[Priority | None] = mapped_column(OneOf(Priority, 16))
    priority_raw: Mapped[str | None] = mapped_column(String(80))
    channel: Mapped[str | None] = mapped_column(String(40))
    tags: Mapped[list[Any]] = mapped_column(default=list)
    """Sorted; the same stand in TicketTag, to be counted by."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    """When the desk last changed it."""
    first_agent_reply_at: Mapped[datetime | None]
    solved_at: Mapped[datetime | None]
    """When it was last solved; None while it isn't."""
    reopened: Mapped[int | None]
    replies: Mapped[int | None]
    """Public replies of agents."""
    sla_due_at: Mapped[datetime | None]
    sla_breached: Mapped[bool | None]
    gone: Mapped[Gone | None] = mapped_column(OneOf(Gone, 16))
    merged_into: Mapped[str | None] = mapped_column(String(120))


class TicketTag(Base):
    """One tag of one ticket that isn't gone; team and time stand here so that a tag's window is one index range."""

    __tablename__ = "ticket_tags"
    __table_args__ = (Index(None, "team_id", "tag", "created_at"), Index(None, "team_id", "created_at"))

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(100), primary_key=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    """The ticket's."""


class Rating(Base):
    """One answered survey; what wasn't answered is not kept."""

    __tablename__ = "ratings"
    __table_args__ = (
        UniqueConstraint("source_id", "external_id"),
        Index(None, "team_id", "kind", "at"),
        Index(None, "ticket_id"),
        Index(None, "assignee_id", "kind", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    external_id: Mapped[str] = mapped_column(String(120))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="SET NULL"))
    ticket_external_id: Mapped[str | None] = mapped_column(String(120))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="SET NULL"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    """Who had the ticket when the rating was last told of."""
    kind: Mapped[RatingKind] = mapped_column(OneOf(RatingKind, 8))
    value: Mapped[float]
    """csat: 1 good, 0 bad, 0.5 neither; nps: 0–10; ces: 1–7."""
    raw: Mapped[str | None] = mapped_column(String(80))
    at: Mapped[datetime]


async def by_external_id(session: AsyncSession, workspace_id: str, external_id: str) -> Sequence[Ticket]:
    """The tickets that have this number, one for each source that knows it; the most recent first."""
    of_workspace = select(Source.id).where(Source.workspace_id == workspace_id)
    query = select(Ticket).where(Ticket.source_id.in_(of_workspace), Ticket.external_id == external_id)
    return (await session.execute(query.order_by(Ticket.updated_at.desc()))).scalars().all()


async def forget(session: AsyncSession, source_id: int, *, before: datetime, most: int) -> int:
    """Deletes up to `most` tickets of the source that nobody changed since `before` and that aren't in the backlog,
    with their tags and ratings; returns how many. What days and snapshots counted stays counted."""
    old = select(Ticket.id).where(Ticket.source_id == source_id, Ticket.updated_at < before, ~Ticket.in_backlog)
    ids = (await session.execute(old.order_by(Ticket.updated_at).limit(most))).scalars().all()
    if ids:
        await session.execute(delete(Rating).where(Rating.ticket_id.in_(ids)))
        await session.execute(delete(Ticket).where(Ticket.id.in_(ids)))
    return len(ids)


async def backlog_of(session: AsyncSession, team_id: int) -> dict[str, Any]:
    """What stands in the team's queue now: open, unassigned, urgent, oldest (created_at), by_status; see
    `storage.ticket_days.Snapshot`."""
    counts = (
        select(
            Ticket.status,
            func.count(),
            func.sum(case((Ticket.assignee_external_id.is_(None), 1), else_=0)),
            func.sum(case((Ticket.priority == Priority.URGENT, 1), else_=0)),
            func.min(Ticket.created_at),
        )
        .where(Ticket.team_id == team_id, Ticket.in_backlog)
        .group_by(Ticket.status)
    )
    rows = (await session.execute(counts)).all()
    return {
        "open": sum(row[1] for row in rows),
        "unassigned": sum(row[2] for row in rows),
        "urgent": sum(row[3] for row in rows),
        "oldest": min((row[4] for row in rows), default=None),
        "by_status": {row[0].value: row[1] for row in rows},
    }


async def is_rated(session: AsyncSession, team_ids: Sequence[int], kind: RatingKind) -> bool:
    """Whether any answer of this kind of survey ever came to these teams."""
    query = select(Rating.id).where(Rating.team_id.in_(team_ids), Rating.kind == kind).limit(1)
    return (await session.execute(query)).first() is not None


async def held_in(session: AsyncSession, team_id: int) -> dict[int, int]:
    """How many open tickets each member has, by person id, those without any too; empty where no help desk tells."""
    held = (
        select(Membership.person_id, func.count(Ticket.id))
        .outerjoin(Ticket, (Ticket.assignee_id == Membership.person_id) & Ticket.in_backlog)
        .where(Membership.team_id == team_id, Membership.is_agent)
        .group_by(Membership.person_id)
    )
    found = (await session.execute(held)).all()
    return {row[0]: row[1] for row in found} if any(row[1] for row in found) else {}
