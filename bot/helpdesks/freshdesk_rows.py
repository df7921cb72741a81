"""What Freshdesk's rows mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.helpdesks.reading import Row, count, instant, needed_instant, needed_words, part, says_vip, several, words
from storage.pulled import UNSOLVED, Priority, PulledAgent, PulledRating, PulledTicket, RatingKind, Status

STATUSES = {
    2: Status.OPEN,
    3: Status.PENDING,
    4: Status.SOLVED,
    5: Status.CLOSED,
    6: Status.PENDING,  # Waiting on Customer
    7: Status.HOLD,  # Waiting on Third Party
}
STATUS_NAMES = {
    2: "Open",
    3: "Pending",
    4: "Resolved",
    5: "Closed",
    6: "Waiting on Customer",
    7: "Waiting on Third Party",
}
PRIORITIES = {1: Priority.LOW, 2: Priority.NORMAL, 3: Priority.HIGH, 4: Priority.URGENT}
PRIORITY_NAMES = {1: "Low", 2: "Medium", 3: "High", 4: "Urgent"}
CHANNELS = {
    1: "email",
    2: "portal",
    3: "phone",
    5: "twitter",
    6: "facebook",
    7: "chat",
    9: "feedback widget",
    10: "outbound email",
    11: "e-commerce",
    13: "whatsapp",
}
HAPPINESS = {103: 1.0, 102: 1.0, 101: 1.0, 100: 0.5, -101: 0.0, -102: 0.0, -103: 0.0, 1: 1.0, 2: 0.5, 3: 0.0}
"""1, 2 and 3 are the classic survey's."""


@dataclass
class Account:
    """Whom and what tickets name by id."""

    agents: Mapping[str, PulledAgent] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    companies: dict[str, Row] = field(default_factory=dict)
    statuses: Mapping[int, str] = field(default_factory=dict)
    """The names of this account's statuses."""

    def ticket(self, row: Row) -> PulledTicket:
        stats, requester = part(row, "stats"), part(row, "requester")
        code = count(row.get("status"))
        if code is None:
            code = int(needed_words(row, "status"))
        status = STATUSES.get(code, Status.PENDING if stats.get("pending_since") else Status.OPEN)
        first_reply_at = instant(stats.get("first_responded_at"))
        resolved_at = instant(stats.get("resolved_at")) or instant(stats.get("closed_at"))
        solved_at = resolved_at if status not in UNSOLVED else None
        reply_due_at, due_at = instant(row.get("fr_due_by")), instant(row.get("due_by"))
        company_id, email = words(row.get("company_id")), words(requester.get("email"))
        company = (self.companies).get(company_id or "", {})
        tier, tags = words(company.get("account_tier")), several(row.get("tags"))
        agent = self.agents.get(words(row.get("responder_id")) or "")
        priority = count(row.get("priority"))
        requester_id = words(row.get("requester_id"))
        return PulledTicket(
            external_id=needed_words(row, "id"),
            created_at=needed_instant(row, "created_at"),
            updated_at=needed_instant(row, "updated_at"),
            status=status,
            status_raw=(self.statuses).get(code) or STATUS_NAMES.get(code) or str(code),
            subject=words(row.get("subject")),
            group=self.groups.get(words(row.get("group_id")) or ""),
            customer_key=(
                f"company:{company_id}"
                if company_id
                else email.casefold()
                if email
                else f"contact:{requester_id}"
                if requester_id
                else None
            ),
            customer_name=words(company.get("name")) or words(requester.get("name")),
            customer_tier=tier,
            customer_is_vip=says_vip([*tags, *([tier] if tier else [])]) if tags or tier else None,
            assignee_external_id=words(row.get("responder_id")),
            assignee_email=agent.email if agent is not None else None,
            assignee_name=agent.name if agent is not None else None,
            priority=PRIORITIES.get(priority) if priority is not None else None,
            priority_raw=PRIORITY_NAMES.get(priority) if priority is not None else None,
            channel=CHANNELS.get(count(row.get("source")) or 0) or words(row.get("source")),
            tags=tags,
            first_agent_reply_at=first_reply_at,
            solved_at=solved_at,
            reopened=_reopened(stats),
            sla_due_at=(due_at if first_reply_at else reply_due_at or due_at) if status in UNSOLVED else None,
            sla_breached=_breached(row, (first_reply_at, reply_due_at), (solved_at, due_at)),
        )

    def rating(self, row: Row) -> PulledRating:
        asked = part(row, "ratings").get("default_question")
        code = int(asked) if isinstance(asked, str | int) else None
        return PulledRating(
            external_id=needed_words(row, "id"),
            ticket_external_id=words(row.get("ticket_id")),
            kind=RatingKind.CSAT,
            value=HAPPINESS.get(code) if code is not None else None,
            raw=words(asked),
            at=needed_instant(row, "created_at"),
            group=self.groups.get(words(row.get("group_id")) or ""),
        )


def agent_of(row: Row) -> PulledAgent:
    contact = part(row, "contact")
    return PulledAgent(
        external_id=needed_words(row, "id"),
        name=words(contact.get("name")) or words(contact.get("email")) or needed_words(row, "id"),
        email=words(contact.get("email")),
        active=contact.get("active") is not False and row.get("deactivated") is not True,
    )


def _reopened(stats: Row) -> int | None:
    """Freshdesk tells when it was last reopened, not how often: at least once."""
    if "reopened_at" not in stats:
        return None
    return 1 if instant(stats.get("reopened_at")) else 0


def _breached(row: Row, *done_and_due: tuple[datetime | None, datetime | None]) -> bool | None:
    """Freshdesk marks both targets as they pass; a late end says so too."""
    marks = [row.get("is_escalated"), row.get("fr_escalated")]
    if True in marks or any(done and due and done > due for done, due in done_and_due):
        return True
    return False if False in marks else None
