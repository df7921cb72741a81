"""What help desks tell, in one shape: the words that every desk's own words are brought to, and nothing guessed.

Instants are UTC. What a desk doesn't tell is None, never 0; its own word stands beside the normalised one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Status(StrEnum):
    NEW = "new"
    """Nobody has looked at it."""
    OPEN = "open"
    """The team's turn."""
    PENDING = "pending"
    """The customer's turn."""
    HOLD = "hold"
    """A third party's turn."""
    SOLVED = "solved"
    CLOSED = "closed"


UNSOLVED = (Status.NEW, Status.OPEN, Status.PENDING, Status.HOLD)
"""What makes up the backlog."""


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Gone(StrEnum):
    """Why a ticket no longer counts anywhere."""

    DELETED = "deleted"
    """Spam that was taken out is this as well."""
    MERGED = "merged"


class RatingKind(StrEnum):
    CSAT = "csat"
    NPS = "nps"
    CES = "ces"


@dataclass(frozen=True, slots=True, kw_only=True)
class PulledTicket:
    """A ticket as its help desk has it now."""

    external_id: str
    """As people see and type it, without '#'."""
    created_at: datetime
    updated_at: datetime
    status: Status
    status_raw: str | None = None
    subject: str | None = None
    group: str | None = None
    """The desk's group, queue or pipeline: decides whose team it is (storage.sources.SourceTeam)."""
    url: str | None = None
    """Where people open it, if the desk itself says so; else `Desk.url_of`."""
    customer_key: str | None = None
    """The same for every ticket of one customer: the organisation's id, else the requester's e-mail or id."""
    customer_name: str | None = None
    customer_tier: str | None = None
    customer_is_vip: bool | None = None
    assignee_external_id: str | None = None
    assignee_email: str | None = None
    assignee_name: str | None = None
    priority: Priority | None = None
    priority_raw: str | None = None
    channel: str | None = None
    """email, web, chat, phone, … as the desk calls it."""
    tags: Sequence[str] = ()
    first_agent_reply_at: datetime | None = None
    """The first public reply of an agent."""
    solved_at: datetime | None = None
    """When it was last solved; None while it isn't, or where the desk doesn't tell."""
    reopened: int | None = None
    """How often it was solved and came back."""
    replies: int | None = None
    """Public replies of agents: what one-touch resolution is judged by."""
    sla_due_at: datetime | None = None
    sla_breached: bool | None = None
    gone: Gone | None = None
    merged_into: str | None = None
    """The external id of the ticket that took it in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PulledRating:
    """One answer of one customer to one survey."""

    external_id: str
    ticket_external_id: str | None = None
    kind: RatingKind
    value: float | None
    """csat: 1 good, 0 bad, 0.5 neither; nps: 0–10; ces: 1–7. None: offered and not answered."""
    raw: str | None = None
    at: datetime
    group: str | None = None
    """Where no ticket is named: whose team it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PulledAgent:
    external_id: str
    name: str
    email: str | None = None
    active: bool = True


def known_by(ticket: PulledTicket) -> str | None:
    """What an agent is known by: the desk's id, or all that it tells of them; None: the ticket is unassigned."""
    return ticket.assignee_external_id or ticket.assignee_email or ticket.assignee_name


def agents_named(tickets: Iterable[PulledTicket]) -> list[PulledAgent]:
    """Who has these tickets, as far as the tickets tell."""
    named = {known_by(ticket): ticket for ticket in tickets}
    return [
        PulledAgent(external_id=external_id, name=ticket.assignee_name or external_id, email=ticket.assignee_email)
        for external_id, ticket in named.items()
        if external_id is not None
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one call to a help desk brought, and where to go on."""

    tickets: Sequence[PulledTicket] = ()
    ratings: Sequence[PulledRating] = ()
    deleted: Sequence[str] = ()
    """External ids of tickets that are no more."""
    cursor: str
    """Opaque to everybody but the desk: the next `pull` is given it. Kept together with the page."""
    more: bool
    """False: that was all there is for now."""
    total: int | None = None
    """About how many tickets there are in all for this pull, where the desk says so: for the progress bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One turn of a conversation with a customer."""

    at: datetime
    by: str
    text: str
    """Plain text."""
    from_agent: bool
    public: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What somebody wants to know before they help: shown privately, never kept."""

    conversation: Sequence[Said] = ()
    """The latest last, at most about 10."""
    facts: Sequence[tuple[str, str]] = field(default=())
    """About the customer: (title, value), for example ("Organisation", "Acme")."""
