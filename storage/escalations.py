"""Escalations: the case, who may know of it, and what was joined to it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    bindparam,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from storage.base import Base, OneOf
from storage.clocks import Clock, Kind
from storage.departments import Head
from storage.escalation_events import Event
from storage.memberships import Membership
from storage.people import Person
from storage.teams import Team


class State(StrEnum):
    WAITING = "waiting"
    IN_PROGRESS = "in_progress"
    RETURNED = "returned"
    ON_HOLD = "on_hold"
    RESOLVED = "resolved"


class Severity(StrEnum):
    S1 = "S1"
    S2 = "S2"
    S3 = "S3"
    S4 = "S4"


class Need(StrEnum):
    DECISION = "decision"
    TAKE_OVER = "take_over"
    TECHNICAL_HELP = "technical_help"
    ANOTHER_TEAM = "another_team"


class Outcome(StrEnum):
    SOLVED = "solved"
    WORKAROUND = "workaround"
    REFUND = "refund"
    DECLINED = "declined"
    DUPLICATE = "duplicate"
    NOT_REPRODUCIBLE = "not_reproducible"


class RootCause(StrEnum):
    PRODUCT_DEFECT = "product_defect"
    KNOWLEDGE_GAP = "knowledge_gap"
    PROCESS_GAP = "process_gap"
    POLICY_UNCLEAR = "policy_unclear"
    THIRD_PARTY = "third_party"
    CUSTOMER_SIDE = "customer_side"
    NOT_KNOWN = "not_known"


def _numbers_where(which: str, column: str, condition: str) -> Index:
    """An index of the escalations of somebody (or some team) that are open, or resolved, in order of their numbers."""
    where = text(condition)
    return Index(f"ix_escalations_{which}_by_{column}", column, "number", sqlite_where=where, postgresql_where=where)


UNCONFIRMED = "resolved_at IS NOT NULL AND confirmed_at IS NULL"


class Escalation(Base):
    __tablename__ = "escalations"
    __table_args__ = (
        UniqueConstraint("workspace_id", "number"),
        # a list is walked from its newest number and stops with the page, however many lie below
        _numbers_where("open", "team_id", "resolved_at IS NULL"),
        _numbers_where("resolved", "team_id", "resolved_at IS NOT NULL"),
        _numbers_where("open", "owner_id", "resolved_at IS NULL"),
        _numbers_where("open", "reporter_id", "resolved_at IS NULL"),
        Index(
            "ix_escalations_unconfirmed",
            "reporter_id",
            "resolved_at",
            sqlite_where=text(UNCONFIRMED),
            postgresql_where=text(UNCONFIRMED),
        ),
        Index(None, "team_id", "raised_at"),
        Index(None, "team_id", "resolved_at"),
        Index(None, "workspace_id", "raised_at"),
        Index(None, "workspace_id", "changed_at"),
        Index(None, "workspace_id", "customer_key", "raised_at"),
        Index(None, "workspace_id", "ticket_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    number: Mapped[int]
    form_key: Mapped[str] = mapped_column(String(64), unique=True)
    """The key of the form that created it: a repeated submission answers as the first did."""
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    channel: Mapped[str] = mapped_column(String(32))
    """Where its card stands: the team's escalation channel when it was raised."""
    reporter_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    last_owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))

    state: Mapped[State] = mapped_column(OneOf(State, 16))
    severity: Mapped[Severity] = mapped_column(OneOf(Severity, 4))
    need: Mapped[Need] = mapped_column(OneOf(Need, 24))
    what: Mapped[str] = mapped_column(Text)
    ticket: Mapped[str | None] = mapped_column(String(500))
    """A ticket's number or link, as typed."""
    ticket_key: Mapped[str | None] = mapped_column(String(200))
    """The same ticket written any way has this one key."""
    customer: Mapped[str | None] = mapped_column(String(200))
    customer_key: Mapped[str | None] = mapped_column(String(200))
    customer_is_vip: Mapped[bool] = mapped_column(default=False)
    customer_nth: Mapped[int] = mapped_column(default=1)
    """How many escalations of this customer there were in the 90 days up to this one, itself included."""
    began: Mapped[str | None] = mapped_column(String(200))
    tried: Mapped[str | None] = mapped_column(Text)
    impact: Mapped[str | None] = mapped_column(Text)
    quote: Mapped[str | None] = mapped_column(Text)
    quote_link: Mapped[str | None] = mapped_column(String(500))
    team_only: Mapped[bool] = mapped_column(default=False)
    """Its card stands in a private channel: it exists for the team and for whoever raised or owns it."""
    restricted: Mapped[bool] = mapped_column(default=False)
    """Only those named in EscalationViewer (and reporter and owner) may know that it exists."""

    policy: Mapped[dict[str, Any]] = mapped_column()
    """Every severity's terms as they were when it was raised."""
    calendar: Mapped[dict[str, Any]] = mapped_column()
    """The team's working time as it was when it was raised (handlers.working_time)."""
    raised_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    last_word_at: Mapped[datetime]
    """The last update, or a person's word in the thread (its time only)."""

    returned_reason: Mapped[str | None] = mapped_column(Text)
    returned_from: Mapped[State | None] = mapped_column(OneOf(State, 16))
    """What it was before it was returned: an answer leads back there."""
    hold_reason: Mapped[str | None] = mapped_column(Text)
    hold_until: Mapped[datetime | None]
    outcome: Mapped[Outcome | None] = mapped_column(OneOf(Outcome, 24))
    root_cause: Mapped[RootCause | None] = mapped_column(OneOf(RootCause, 24))
    done: Mapped[str | None] = mapped_column(Text)
    customer_told: Mapped[bool | None]
    resolved_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    reopened: Mapped[int] = mapped_column(default=0)
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("escalations.id"))

    clocks: Mapped[list[Clock]] = relationship(lazy="raise", order_by=Clock.kind)

    def clock(self, kind: Kind) -> Clock | None:
        return next((clock for clock in self.clocks if clock.kind == kind), None)

    @property
    def label(self) -> str:
        """How people name it: E-42."""
        return f"E-{self.number}"


class EscalationViewer(Base):
    """Who may see a restricted escalation."""

    __tablename__ = "escalation_viewers"

    escalation_id: Mapped[int] = mapped_column(ForeignKey("escalations.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)


class EscalationTicket(Base):
    """A further ticket or report of the same problem, joined to an escalation."""

    __tablename__ = "escalation_tickets"
    __table_args__ = (UniqueConstraint("escalation_id", "ticket_key"), Index(None, "ticket_key"))

    id: Mapped[int] = mapped_column(primary_key=True)
    escalation_id: Mapped[int] = mapped_column(ForeignKey("escalations.id", ondelete="CASCADE"))
    ticket: Mapped[str] = mapped_column(String(500))
    ticket_key: Mapped[str] = mapped_column(String(200))
    customer: Mapped[str | None] = mapped_column(String(200))
    joined_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    joined_at: Mapped[datetime]
    note: Mapped[str | None] = mapped_column(Text)


OPEN_STATES = (State.WAITING, State.IN_PROGRESS, State.RETURNED, State.ON_HOLD)


def is_open(escalation: Escalation) -> bool:
    return escalation.state in OPEN_STATES


_WITH_CLOCKS = select(Escalation).options(selectinload(Escalation.clocks))
_LOADED = _WITH_CLOCKS.where(Escalation.id.in_(bindparam("ids", expanding=True)))
_LOCKED = _WITH_CLOCKS.where(Escalation.id == bindparam("id")).with_for_update(of=Escalation)
_OF_THE_FORM = _WITH_CLOCKS.where(Escalation.form_key == bindparam("form_key"))
"""Asked for every message and every step: built once."""


async def locked(session: AsyncSession, escalation_id: int) -> Escalation | None:
    """The escalation with its clocks, locked until the transaction ends."""
    return (await session.execute(_LOCKED, {"id": escalation_id})).scalar_one_or_none()


async def loaded(session: AsyncSession, escalation_id: int) -> Escalation | None:
    """The escalation with its clocks, to look at."""
    return next(iter(await all_loaded(session, [escalation_id])), None)


async def all_loaded(session: AsyncSession, escalation_ids: Iterable[int]) -> Sequence[Escalation]:
    """Those of these that there are, with their clocks, to look at."""
    return (await session.execute(_LOADED, {"ids": list(escalation_ids)})).scalars().all()


async def by_number(session: AsyncSession, workspace_id: str, number: int) -> Escalation | None:
    query = select(Escalation).where(Escalation.workspace_id == workspace_id, Escalation.number == number)
    return (await session.execute(query.options(selectinload(Escalation.clocks)))).scalar_one_or_none()


async def by_ticket(session: AsyncSession, workspace_id: str, key: str) -> Escalation | None:
    """The latest escalation of that ticket."""
    query = select(Escalation).where(Escalation.workspace_id == workspace_id, Escalation.ticket_key == key)
    return (await session.execute(query.order_by(Escalation.id.desc()).limit(1))).scalar_one_or_none()


async def by_form_key(session: AsyncSession, form_key: str) -> Escalation | None:
    return (await session.execute(_OF_THE_FORM, {"form_key": form_key})).scalar_one_or_none()


async def viewers(session: AsyncSession, escalation_id: int) -> frozenset[int]:
    """Ids of the people named on a restricted escalation."""
    query = select(EscalationViewer.person_id).where(EscalationViewer.escalation_id == escalation_id)
    return frozenset((await session.execute(query)).scalars())


async def joined_tickets(session: AsyncSession, escalation_ids: Iterable[int]) -> Sequence[EscalationTicket]:
    query = select(EscalationTicket).where(EscalationTicket.escalation_id.in_(list(escalation_ids)))
    return (await session.execute(query.order_by(EscalationTicket.id))).scalars().all()


async def count_of_customer(session: AsyncSession, workspace_id: str, customer_key: str, *, since: datetime) -> int:
    """How many escalations this customer had since then; the restricted ones are nobody's business here."""
    query = select(func.count()).where(
        Escalation.workspace_id == workspace_id,
        Escalation.customer_key == customer_key,
        Escalation.raised_at >= since,
        ~Escalation.restricted,
    )
    return (await session.execute(query)).scalar_one()


def visible_to(person_id: int | BindParameter[int]) -> ColumnElement[bool]:
    """Which escalations exist for somebody (the rule is handlers.escalations.rules.rights.may_see): those whose card
    stands in a public channel; their teams' own; what they raised or own; restricted ones on which they are named."""
    named = select(EscalationViewer.escalation_id).where(EscalationViewer.person_id == person_id)
    joined = select(Membership.team_id).where(Membership.person_id == person_id)
    led = select(Team.id).join(Head, Head.department_id == Team.department_id).where(Head.person_id == person_id)
    return or_(
        ~Escalation.restricted & (~Escalation.team_only | Escalation.team_id.in_(joined) | Escalation.team_id.in_(led)),
        Escalation.reporter_id == person_id,
        Escalation.owner_id == person_id,
        Escalation.restricted & Escalation.id.in_(named),
    )


async def owned_by(session: AsyncSession, person_id: int) -> Sequence[Escalation]:
    """What somebody owns that is still open, oldest first, with clocks."""
    query = select(Escalation).where(Escalation.owner_id == person_id, Escalation.resolved_at.is_(None))
    query = query.order_by(Escalation.number).options(selectinload(Escalation.clocks))
    return (await session.execute(query)).scalars().all()


async def keep_to_the_team(session: AsyncSession, team_id: int, channel: str) -> None:
    """Those whose cards stand in that channel exist for the team only, from now on."""
    theirs = (Escalation.team_id == team_id) & (Escalation.channel == channel)
    await session.execute(update(Escalation).where(theirs).values(team_only=True))


async def without_their_owner(session: AsyncSession, workspace_id: str) -> Sequence[int]:
    """Ids of what is open and owned by somebody who can't be reached any more, as long as no line of its history says
    that this owner left."""
    said = select(Event.id).where(
        Event.escalation_id == Escalation.id, Event.kind == "left", Event.details["owner"].as_integer() == Person.id
    )
    query = select(Escalation.id).join(Person, Person.id == Escalation.owner_id)
    query = query.where(
        Escalation.workspace_id == workspace_id,
        Escalation.state.in_(OPEN_STATES),
        or_(Person.deactivated, Person.is_guest, Person.is_bot, Person.is_stranger),
        ~said.exists(),
    )
    return (await session.execute(query.order_by(Escalation.number))).scalars().all()
