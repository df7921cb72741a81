"""The help desk's ticket beside an escalation: what the form tells, the conversation, the note, the tag's offer."""

from handlers.blocks import (
    Block,
    actions,
    bold,
    button,
    clipped,
    context,
    modal,
    quoted,
    said,
    section,
    when,
)
from handlers.house import Rendered
from storage.escalation_events import Event
from storage.escalations import Escalation
from storage.people import Person
from storage.pulled import Context, PulledTicket
from storage.tickets import Ticket

CONVERSATION = "escalations.conversation"
RAISE_TICKET = "escalations.raise_ticket"
ASKING = "Asking {} for the conversation…"
NOT_THERE = "{} doesn’t know ticket {} any more."
ONLY_YOU = "Only you see this, and it isn’t kept."
NO_CONVERSATION = "This ticket has no conversation that I can show."
SHOWN = 8
"""Turns of a conversation."""
FACTS_SHOWN = 8
NOTED = {"claimed": "was claimed", "resolved": "was resolved"}


def about(ticket: Ticket | PulledTicket) -> str:
    """A ticket in one line of plain text, for the form: what it is about, whose it is, since when."""
    who = ticket.customer_name or ""
    marks = [mark for mark in ("VIP" if ticket.customer_is_vip else "", ticket.customer_tier or "") if mark]
    parts = [ticket.subject or "", who + (f" ({', '.join(marks)})" if marks and who else "")]
    parts.append(f"{ticket.status.value} since {ticket.created_at:%-d %b}")
    return clipped(" · ".join(part for part in parts if part), 300)


def asking(escalation: Escalation, name: str) -> Block:
    return modal("escalations.read", escalation.label, [section(ASKING.format(said(name, 120)))], close="Close")


def trouble(escalation: Escalation, sentence: str) -> Block:
    return modal("escalations.read", escalation.label, [section(f":warning: {said(sentence, 800)}")], close="Close")


def conversation(escalation: Escalation, ticket: Ticket, told: Context, url: str | None) -> Block:
    """The latest turns, the latest last; internal notes marked; what is known of the customer on top."""
    number = f"#{said(ticket.external_id, 120)}"
    head = f"*<{url}|{number}>*" if url else f"*{number}*"
    blocks = [section(f"{head} {said(ticket.subject or '', 300)}")]
    facts = "\n".join(f"{bold(title, 60)}  {said(value, 200)}" for title, value in told.facts[:FACTS_SHOWN])
    if facts:
        blocks.append(section(facts))
    for turn in told.conversation[-SHOWN:]:
        kind = "" if turn.public else " · internal note"
        side = "agent" if turn.from_agent else "customer"
        line = f"{bold(turn.by, 80)} ({side}){kind}, {when(turn.at)}"
        blocks.append(section(f"{line}\n{quoted(turn.text, 1500)}"))
    if not told.conversation:
        blocks.append(section(NO_CONVERSATION))
    return modal("escalations.read", escalation.label, [*blocks, context(ONLY_YOU)], close="Close")


def marker(escalation: Escalation, event: Event) -> str:
    """What a note is known by."""
    return f"[{escalation.label}-{event.id}]"


def note(escalation: Escalation, event: Event, actor: Person | None, link: str | None) -> str:
    """Plain text, as the help desk shows it to agents."""
    by = f" by {actor.name}" if actor is not None else ""
    lines = [f"{escalation.label} {NOTED[event.kind]}{by}, {event.at:%Y-%m-%d %H:%M} UTC."]
    if link:
        lines.append(link)
    return "\n".join([*lines, marker(escalation, event)])


def tagged(ticket: Ticket, raised: Escalation | None) -> Rendered:
    """What whoever is on duty hears of a ticket that was tagged `escalate`."""
    number = f"#{said(ticket.external_id, 120)}"
    text = f"Ticket {number} was tagged *escalate*: {said(ticket.subject or 'no subject', 300)}"
    customer = f"\nCustomer: {said(ticket.customer_name, 150)}" if ticket.customer_name else ""
    if raised is not None:
        return Rendered(f"Raised as {raised.label}", [section(f"{text}{customer}\nRaised as *{raised.label}*.")])
    start = button(
        "Raise an escalation…", RAISE_TICKET, ticket.external_id, style="primary", says=f"Escalate ticket {number}"[:75]
    )
    return Rendered(f"Ticket {number} was tagged escalate", [section(f"{text}{customer}"), actions(start)])
