"""The card: one message that always shows the truth; and its small sisters in direct messages."""

from collections.abc import Sequence
from datetime import datetime

from handlers.blocks import SECTION_LIMIT, Block, actions, bold, button, context, fields, quoted, said, section, when
from handlers.escalations.rules.case import Case
from handlers.escalations.rules.receipt import Earlier
from handlers.escalations.views.ticket import CONVERSATION
from handlers.escalations.views.words import (
    NEED,
    OUTCOME,
    ROOT_CAUSE,
    SEVERITY_SIGN,
    SHOWN_CLOCKS,
    STATE,
    clock_line,
    earlier_line,
    ordinal,
    title,
)
from storage.escalations import Escalation, EscalationTicket, State
from storage.follow_ups import FollowUp

CLAIM = "escalations.claim"
UPDATE = "escalations.update"
RETURN = "escalations.return"
ANSWER = "escalations.answer"
RESUME = "escalations.resume"
RESOLVE = "escalations.resolve"
CONFIRM = "escalations.confirm"
REOPEN = "escalations.reopen"
OPEN = "escalations.open"
MORE = "escalations.more"
SEEN = "escalations.seen"
WHAT_LENGTH = 900
"""Characters of the text that the channel's card shows; the whole stands behind More…"""
JOINED_SHOWN = 8
RESTRICTED_STUB = ":lock: *{}* is restricted to the people named on it."


def summary(escalation: Escalation) -> str:
    """One line for notifications and screen readers."""
    return f"{escalation.label} {escalation.severity} · {STATE[escalation.state]}: {said(title(escalation), 120)}"


def body(
    case: Case,
    now: datetime,
    *,
    follow_ups: tuple[FollowUp, ...] = (),
    joined: tuple[EscalationTicket, ...] = (),
    duty: str | None = None,
    whole: bool = False,
    conversation: bool = False,
    earlier: Sequence[Earlier] = (),
) -> list[Block]:
    """The whole truth about an escalation, without its moves. `duty`: a word about who is on duty, while nobody owns
    it. `whole`: nothing that was typed is shortened (for one reader's eyes, not for the channel). `conversation`: the
    help desk can be asked for what the customer wrote; the button stands beside the ticket. `earlier`: how it was
    acknowledged before that was asked for anew."""
    escalation = case.escalation
    facts = fields(_facts(case))
    if conversation:
        says = f"What the customer of {escalation.label} wrote, shown to you alone"
        facts["accessory"] = button("Customer conversation", CONVERSATION, escalation.id, says=says)
    blocks = [section(_headline(escalation)), facts]
    full = escalation.what.strip()
    if full != title(escalation):
        blocks.append(section(quoted(full, 2900 if whole else WHAT_LENGTH)))
    blocks += _extras(escalation, joined, whole=whole)
    blocks += _standing(case, now, follow_ups, duty, earlier)
    return blocks


def stub(escalation: Escalation) -> list[Block]:
    """What the channel keeps of an escalation that was restricted later."""
    return [section(RESTRICTED_STUB.format(escalation.label))]


def _headline(escalation: Escalation) -> str:
    sign = ":white_check_mark:" if escalation.state == State.RESOLVED else SEVERITY_SIGN[escalation.severity]
    lock = ":lock: " if escalation.restricted else ""
    return f"{sign} {lock}{bold(f'{escalation.label} · {title(escalation)}')}"


def _facts(case: Case) -> list[str]:
    escalation = case.escalation
    texts = [f"*{escalation.severity}*  {STATE[escalation.state]}", f"*Owner*  {_owner(case)}"]
    texts.append(f"*Needs*  {NEED[escalation.need]}")
    texts.append(f"*Raised by*  {said(case.reporter.name, 80)}, {when(escalation.raised_at)}")
    if escalation.customer:
        texts.append(f"*Customer*  {_customer(escalation)}")
    if escalation.ticket:
        texts.append(f"*Ticket*  {ticket_link(escalation.ticket)}")
    return texts


def _owner(case: Case) -> str:
    return said(case.owner.name, 80) if case.owner else "nobody yet"


def _customer(escalation: Escalation) -> str:
    marks = [said(escalation.customer or "", 150)]
    if escalation.customer_is_vip:
        marks.append(":star: VIP")
    if escalation.customer_nth > 1:
        marks.append(f"{ordinal(escalation.customer_nth)} in 90 days")
    return " · ".join(marks)


def ticket_link(ticket: str, most: int = 1000) -> str:
    """A ticket as people click it: a link where it is one, else what was typed. At most `most` characters as sent."""
    if not ticket.startswith(("https://", "http://")):
        return said(f"#{ticket}" if ticket.isdigit() else ticket, min(most, 200))
    address = said(ticket.replace("|", "%7C"), 10_000)
    label = said(ticket.partition("://")[2], 60)
    linked = f"<{address}|{label}>"
    # an address that was cut leads nowhere: rather none
    return linked if label and len(linked) <= most else label or said(ticket, 60)


def _extras(escalation: Escalation, joined: tuple[EscalationTicket, ...], *, whole: bool) -> list[Block]:
    most = 2000 if whole else 300
    given = (("Since", escalation.began), ("Tried", escalation.tried), ("Effect", escalation.impact))
    texts = [f"*{label}:* {said(text, most)}" for label, text in given if text]
    if escalation.quote:
        link = f" (<{escalation.quote_link}|see it there>)" if escalation.quote_link else ""
        texts.append(f"*Quoted message*{link}\n{quoted(escalation.quote, 1500 if whole else 600)}")
    if joined:
        texts.append(_also_reported(joined))
    return [section(text) for text in texts] if whole else _together(texts)


def _together(texts: Sequence[str]) -> list[Block]:
    """In one section where they fit, so that the card stays calm."""
    joined = "\n".join(texts)
    if len(joined) > SECTION_LIMIT:
        return [section(text) for text in texts]
    return [section(joined)] if joined else []


def _also_reported(joined: tuple[EscalationTicket, ...]) -> str:
    shown = ", ".join(
        ticket_link(ticket.ticket, 250) + (f" ({said(ticket.customer, 60)})" if ticket.customer else "")
        for ticket in joined[:JOINED_SHOWN]
    )
    rest = f" and {len(joined) - JOINED_SHOWN} more" if len(joined) > JOINED_SHOWN else ""
    return f"*Also reported:* {shown}{rest}"


def _standing(
    case: Case, now: datetime, follow_ups: tuple[FollowUp, ...], duty: str | None, earlier: Sequence[Earlier]
) -> list[Block]:
    """What holds now: the clocks, and the word that belongs to the state."""
    escalation = case.escalation
    blocks: list[Block] = []
    match escalation.state:
        case State.RETURNED:
            asked = said(escalation.returned_reason or "", 600)
            blocks.append(
                section(f":leftwards_arrow_with_hook: *{said(case.reporter.name, 80)}, one question:* {asked}")
            )
        case State.ON_HOLD if escalation.hold_until:
            reason = said(escalation.hold_reason or "", 600)
            blocks.append(section(f":double_vertical_bar: *On hold until {when(escalation.hold_until)}:* {reason}"))
        case State.RESOLVED:
            blocks.append(section(_ending(case, follow_ups)))
        case _:
            pass
    over = escalation.state == State.RESOLVED
    shown = [clock_line(clock, now, over=over) for kind in SHOWN_CLOCKS if (clock := escalation.clock(kind))]
    lines = [line for line in [*shown, earlier_line(earlier)] if line]
    if duty and escalation.state == State.WAITING:
        lines.insert(0, duty)
    return [*blocks, context("   ·   ".join(lines))] if lines else blocks


def _ending(case: Case, follow_ups: tuple[FollowUp, ...]) -> str:
    escalation = case.escalation
    assert escalation.outcome is not None
    assert escalation.root_cause is not None
    cause = ROOT_CAUSE[escalation.root_cause].partition(" (")[0]
    told = "The customer was told." if escalation.customer_told else "The customer has not been told yet."
    lines = [f"*{OUTCOME[escalation.outcome]}* · {cause}", said(escalation.done or "", 1200), told]
    for follow_up in follow_ups[:4]:
        owner = case.people.get(follow_up.owner_id)
        sign = ":white_check_mark:" if follow_up.closed_at else ":dart:"
        name = owner.name if owner else "nobody"
        lines.append(f"{sign} {said(follow_up.what, 200)} ({said(name, 60)}, {follow_up.due_on:%a %-d %b})")
    if escalation.confirmed_at:
        lines.append(f"_Confirmed {when(escalation.confirmed_at)}_")
    return "\n".join(lines)


def buttons(escalation: Escalation) -> Block:
    more = button("More…", MORE, escalation.id, says=f"Everything that can be done with {escalation.label}")
    return actions(*_next_moves(escalation), more, block_id=f"escalations.moves.{escalation.id}")


def _next_moves(escalation: Escalation) -> list[Block]:
    identifier = escalation.id
    label = escalation.label
    claim = button("Claim", CLAIM, identifier, style="primary", says=f"Claim {label}")
    update = button("Update…", UPDATE, identifier, says=f"Post an update on {label}")
    return_ = button("Return…", RETURN, identifier, says=f"Return {label} to the reporter")
    resolve = button("Resolve…", RESOLVE, identifier, says=f"Resolve {label}")
    match escalation.state:
        case State.WAITING:
            return [claim, update, return_, resolve]
        case State.IN_PROGRESS:
            return [update, return_, resolve]
        case State.RETURNED:
            answer = button("Answer…", ANSWER, identifier, style="primary", says=f"Answer the question on {label}")
            return [answer, *([] if escalation.owner_id else [button("Claim", CLAIM, identifier)]), resolve]
        case State.ON_HOLD:
            return [button("Resume", RESUME, identifier, style="primary"), update, resolve]
        case State.RESOLVED:
            reopen = button("Reopen…", REOPEN, identifier, says=f"Reopen {label}")
            if escalation.confirmed_at:
                return [reopen]
            return [button("Confirm", CONFIRM, identifier, style="primary", says=f"Confirm {label}"), reopen]
