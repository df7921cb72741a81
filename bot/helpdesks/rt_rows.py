"""What Request Tracker's rows mean."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.helpdesks.reading import Row, count, instant, needed_instant, needed_words, part, parts, words
from storage.pulled import UNSOLVED, Gone, Priority, PulledTicket, Status

NOBODY = "Nobody"
STATUSES = {
    "new": Status.NEW,
    "open": Status.OPEN,
    "stalled": Status.PENDING,
    "resolved": Status.SOLVED,
    "rejected": Status.CLOSED,
    "deleted": Status.CLOSED,
}
"""The default lifecycle; other ones' words are judged by whether the ticket has been resolved."""
MEDIUM, HIGH = 50, 100
"""What RT 5 shows as Low, Medium and High begins at 0, 50 and 100; what is above, nobody's default reaches."""


@dataclass
class History:
    """What a ticket's transactions tell."""

    replies: list[tuple[datetime, str]] = field(default_factory=list)
    """Public ones of agents: when, and whose."""
    reopened: int = 0

    def hear(self, row: Row, creator: str | None, *, by_agent: bool) -> None:
        """One transaction, in the order of their ids."""
        at = instant(row.get("Created"))
        if row.get("Type") == "Correspond" and by_agent and at is not None and creator is not None:
            self.replies.append((at, creator))
        if row.get("Type") == "Status" and _is_end(row.get("OldValue")) and not _is_end(row.get("NewValue")):
            self.reopened += 1


def ticket_of(row: Row, history: History, *, gone: Gone | None = None, merged_into: str | None = None) -> PulledTicket:
    raw = needed_words(row, "Status")
    resolved_at, due_at = instant(row.get("Resolved")), instant(row.get("Due"))
    status = STATUSES.get(raw.casefold(), Status.SOLVED if resolved_at is not None else Status.OPEN)
    solved_at = resolved_at if status not in UNSOLVED else None
    requestors = parts(row, "Requestor")
    requestor = requestors[0] if requestors else {}
    email = words(requestor.get("EmailAddress")) or words(requestor.get("id"))
    organisation = words(requestor.get("Organization"))
    owner = part(row, "Owner")
    assignee = words(owner.get("Name")) or words(owner.get("id"))
    asking = {words(one.get("id")) for one in requestors}
    # a colleague who asks for something himself is the customer of that ticket
    replies = [at for at, by in history.replies if by not in asking]
    priority = count(row.get("Priority"))
    return PulledTicket(
        external_id=needed_words(row, "id"),
        created_at=needed_instant(row, "Created"),
        updated_at=needed_instant(row, "LastUpdated"),
        status=status,
        status_raw=raw,
        subject=words(row.get("Subject")),
        group=words(part(row, "Queue").get("Name")),
        customer_key=f"org:{organisation}" if organisation else email.casefold() if email else None,
        customer_name=organisation or words(requestor.get("RealName")) or email,
        assignee_external_id=assignee if assignee != NOBODY else None,
        assignee_email=words(owner.get("EmailAddress")) if assignee != NOBODY else None,
        assignee_name=(words(owner.get("RealName")) or assignee) if assignee != NOBODY else None,
        priority=_priority(priority),
        priority_raw=words(row.get("Priority")),
        first_agent_reply_at=min(replies, default=None),
        solved_at=solved_at,
        reopened=None if gone else history.reopened,
        replies=None if gone else len(replies),
        sla_due_at=due_at if status in UNSOLVED else None,
        sla_breached=solved_at > due_at if solved_at is not None and due_at is not None else None,
        gone=gone or (Gone.DELETED if raw == "deleted" else None),
        merged_into=merged_into,
    )


def _priority(raw: int | None) -> Priority | None:
    if raw is None:
        return None
    if raw > HIGH:
        return Priority.URGENT
    return Priority.HIGH if raw == HIGH else Priority.NORMAL if raw >= MEDIUM else Priority.LOW


def _is_end(status: object) -> bool:
    return status in {"resolved", "rejected", "deleted"}
