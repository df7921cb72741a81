"""The card: one message that always shows the truth; and its small sisters in direct messages."""

from datetime import datetime

from handlers.blocks import (
    Block,
    actions,
    button,
    clipped,
    context,
    fields,
    mention,
    option,
    said,
    section,
    select,
    when,
)
from handlers.escalations.rules.case import Case
from handlers.escalations.views.words import (
    NEED,
    OUTCOME,
    ROOT_CAUSE,
    SEVERITY_SIGN,
    SHOWN_CLOCKS,
    STATE,
    clock_line,
    ordinal,
    title,
)
from storage.escalations import Escalation, EscalationTicket, FollowUp, State

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

REASSIGN, SEVERITY, HOLD, JOIN, HISTORY, WHY, RESTRICT = (
    "reassign",
    "severity",
    "hold",
    "join",
    "history",
    "why",
    "restrict",
)
MORE_LABEL = {
    SEVERITY: "Change severity…",
    REASSIGN: "Reassign…",
    HOLD: "Put on hold…",
    "resume": "Resume",
    JOIN: "Join a ticket…",
    HISTORY: "History",
    WHY: "Why these deadlines?",
    "reopen": "Reopen…",
    RESTRICT: "Restrict…",
}
RESTRICTED_STUB = ":lock: *{}* is restricted to the people named on it."


def summary(escalation: Escalation) -> str:
    """One line for notifications and screen readers."""
    return f"{escalation.label} {escalation.severity} · {STATE[escalation.state]}: {said(title(escalation), 120)}"


def card(
    case: Case,
    now: datetime,
    *,
    follow_ups: tuple[FollowUp, ...] = (),
    joined: tuple[EscalationTicket, ...] = (),
    duty: str | None = None,
) -> list[Block]:
    """The whole truth about an escalation, with what can be done next. `duty`: a word about who is on duty, while
    nobody owns it."""
    escalation = case.escalation
    blocks = [section(_headline(escalation)), fields(_facts(case))]
    full = escalation.what.strip()
    if full and full != title(escalation):
        blocks.append(section(_quoted(full)))
    blocks += _extras(escalation, joined)
    blocks += _standing(case, now, follow_ups, duty)
    blocks.append(buttons(escalation))
    return blocks


def buttons(escalation: Escalation) -> Block:
    return actions(*_next_moves(escalation), _more(escalation), block_id=f"escalations.moves.{escalation.id}")


def stub(escalation: Escalation) -> list[Block]:
    """What the channel keeps of an escalation that was restricted later."""
    return [section(RESTRICTED_STUB.format(escalation.label))]


def _headline(escalation: Escalation) -> str:
    sign = ":white_check_mark:" if escalation.state == State.RESOLVED else SEVERITY_SIGN[escalation.severity]
    lock = ":lock: " if escalation.restricted else ""
    return f"{sign} {lock}*{escalation.label} · {said(title(escalation))}*"


def _facts(case: Case) -> list[str]:
    escalation = case.escalation
    texts = [f"*Severity*\n{escalation.severity} · {STATE[escalation.state]}", f"*Owner*\n{_owner(case)}"]
    texts.append(f"*Needs*\n{NEED[escalation.need]}")
    texts.append(f"*Raised by*\n{mention(case.reporter.slack_id)}, {when(escalation.raised_at)}")
    if escalation.customer:
        texts.append(f"*Customer*\n{_customer(escalation)}")
    if escalation.ticket:
        texts.append(f"*Ticket*\n{ticket_link(escalation.ticket)}")
    return texts


def _owner(case: Case) -> str:
    return mention(case.owner.slack_id) if case.owner else "nobody yet"


def _customer(escalation: Escalation) -> str:
    marks = [said(escalation.customer or "", 150)]
    if escalation.customer_is_vip:
        marks.append(":star: VIP")
    if escalation.customer_nth > 1:
        marks.append(f"{ordinal(escalation.customer_nth)} in 90 days")
    return " · ".join(marks)


def ticket_link(ticket: str) -> str:
    """A ticket as people click it: a link where it is one, else what was typed."""
    if ticket.startswith(("https://", "http://")):
        address = said(ticket, 480).replace("|", "%7C")
        return f"<{address}|{said(clipped(ticket.partition('://')[2], 50))}>"
    return said(f"#{ticket}" if ticket.isdigit() else ticket, 200)


def _extras(escalation: Escalation, joined: tuple[EscalationTicket, ...]) -> list[Block]:
    lines = []
    for label, text in (
        ("Since", escalation.began),
        ("Tried", escalation.tried),
        ("Effect", escalation.impact),
    ):
        if text:
            lines.append(f"*{label}:* {said(text, 600)}")
    if escalation.quote:
        link = f" (<{escalation.quote_link}|original>)" if escalation.quote_link else ""
        lines.append(f"*Quoted message*{link}\n{_quoted(escalation.quote, 600)}")
    if joined:
        shown = ", ".join(
            ticket_link(ticket.ticket) + (f" ({said(ticket.customer, 60)})" if ticket.customer else "")
            for ticket in joined[:8]
        )
        rest = f" and {len(joined) - 8} more" if len(joined) > 8 else ""
        lines.append(f"*Also reported:* {shown}{rest}")
    return [section("\n".join(lines)[:3000])] if lines else []


def _quoted(text: str, most: int = 1200) -> str:
    return "\n".join(f">{line}" for line in said(text, most).splitlines())


def _standing(case: Case, now: datetime, follow_ups: tuple[FollowUp, ...], duty: str | None) -> list[Block]:
    """What holds now: the clocks, and the word that belongs to the state."""
    escalation = case.escalation
    blocks: list[Block] = []
    match escalation.state:
        case State.RETURNED:
            asked = said(escalation.returned_reason or "", 600)
            blocks.append(
                section(f":leftwards_arrow_with_hook: *{mention(case.reporter.slack_id)}, one question:* {asked}")
            )
        case State.ON_HOLD if escalation.hold_until:
            reason = said(escalation.hold_reason or "", 600)
            blocks.append(section(f":double_vertical_bar: *On hold until {when(escalation.hold_until)}:* {reason}"))
        case State.RESOLVED:
            blocks.append(section(_ending(case, follow_ups)))
        case State.WAITING if duty:
            blocks.append(context(duty))
        case _:
            pass
    shown = [clock_line(clock, now) for kind in SHOWN_CLOCKS if (clock := escalation.clock(kind))]
    lines = [line for line in shown if line]
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


def _more(escalation: Escalation) -> Block:
    if escalation.state == State.RESOLVED:
        offered = [HISTORY, WHY, RESTRICT]
    elif escalation.state in {State.WAITING, State.IN_PROGRESS}:
        offered = [REASSIGN, SEVERITY, HOLD, JOIN, HISTORY, WHY, RESTRICT]
    else:
        offered = [REASSIGN, SEVERITY, JOIN, HISTORY, WHY, RESTRICT]
    choices = [option(MORE_LABEL[name], f"{name}:{escalation.id}") for name in offered]
    return select(MORE, choices, placeholder="More…")
