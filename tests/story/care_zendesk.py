"""Care's Zendesk on the acceptance day: the vendor's fake, told what a story's tickets say."""

from collections.abc import Sequence
from datetime import datetime

from simulator.company import AGENTS, LEADS
from simulator.desks import zendesk as vendor
from simulator.desks.zendesk import stamp
from storage.pulled import PulledTicket, Status

FIRST_AGENT, FIRST_CUSTOMER = 11, 1000


def found_zendesk(now: datetime) -> vendor.Zendesk:
    """Twelve agents, by the addresses that they have in Slack."""
    desk = vendor.Zendesk(now)
    desk.users = [
        {"id": FIRST_AGENT + number, "name": name, "email": f"{name.lower()}@care.example", "role": "agent"}
        for number, name in enumerate((*LEADS, *AGENTS))
    ]
    desk.groups = [{"id": 1, "name": "Support"}]
    return desk


def tells(desk: vendor.Zendesk, tickets: Sequence[PulledTicket], now: datetime) -> None:
    """From now on the desk has these, and exports them."""
    desk.date = now
    agents = {str(user["name"]).casefold(): user["id"] for user in desk.users}
    for ticket in tickets:
        id_ = int(ticket.external_id)
        is_open = ticket.status != Status.SOLVED
        desk.add(
            id_,
            ticket.created_at,
            updated_at=stamp(ticket.updated_at),
            exported_at=now,
            status=ticket.status.value,
            subject=ticket.subject,
            priority=ticket.priority and str(ticket.priority),
            requester_id=_customer(desk, ticket.customer_key or f"customer-of-{id_}"),
            assignee_id=agents.get(ticket.assignee_external_id or ""),
            tags=list(ticket.tags),
            slas={"policy_metrics": [{"stage": "active", "breach_at": stamp(ticket.sla_due_at)}]}
            if ticket.sla_due_at
            else {},
        )
        desk.metric_sets[id_] = {
            "ticket_id": id_,
            "solved_at": None if is_open or ticket.solved_at is None else stamp(ticket.solved_at),
            "reopens": ticket.reopened,
            "replies": ticket.replies,
            "reply_time_in_minutes": {"calendar": None if is_open else 30},
        }


def _customer(desk: vendor.Zendesk, name: str) -> int:
    for user in desk.users:
        if user["name"] == name:
            return int(user["id"])
    desk.users.append({"id": FIRST_CUSTOMER + len(desk.users), "name": name, "role": "end-user"})
    return FIRST_CUSTOMER + len(desk.users) - 1
