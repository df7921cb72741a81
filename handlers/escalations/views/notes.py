"""What people are told of an escalation in direct messages."""

from collections.abc import Mapping
from datetime import datetime

from handlers.blocks import (
    SECTION_LIMIT,
    Block,
    actions,
    bold,
    button,
    context,
    said,
    section,
)
from handlers.escalations.rules.case import Case
from handlers.escalations.rules.clocks import PROMISES, is_paged
from handlers.escalations.rules.policy import in_words
from handlers.escalations.views import card, happened
from handlers.escalations.views.words import SEVERITY_SIGN, STATE, clock_line, title
from storage.clocks import Clock, Kind
from storage.escalation_events import Event
from storage.escalations import State
from storage.follow_ups import FollowUp
from storage.people import Person

REPEAT = "_Possibly a repeat: Slack didn’t say whether the first one arrived._"
NOBODY_ON_DUTY = ":warning: Nobody is on duty for {} right now, so this goes to its managers. {}"


def headline(case: Case, link: str | None) -> str:
    """An escalation in one line: sign, label (linked when its card is in Slack), title."""
    escalation = case.escalation
    name = f"<{link}|{escalation.label}>" if link else escalation.label
    return f"{SEVERITY_SIGN[escalation.severity]} *{name}* {said(title(escalation))}"


def state_line(case: Case) -> str:
    """Who has it, and in which state."""
    escalation = case.escalation
    owner = f", {said(case.owner.name, 60)} owns it" if case.owner and escalation.state != State.WAITING else ""
    return f"{escalation.severity} · {STATE[escalation.state]}{owner}"


def page(case: Case, reason: str, now: datetime, *, link: str | None, clock: Clock | None = None) -> list[Block]:
    """A direct message that asks somebody to act: why, what, by when, and the button that does it."""
    lines = [clock_line(clock, now)] if clock is not None else []
    details = "   ·   ".join([state_line(case), *(line for line in lines if line)])
    blocks = [section(f"{reason}\n{headline(case, link)}"), context(details)]
    return [*blocks, _page_buttons(case, clock)]


def _page_buttons(case: Case, clock: Clock | None) -> Block:
    escalation = case.escalation
    offered = [button("Open", card.OPEN, escalation.id, says=f"Open {escalation.label}")]
    if escalation.state == State.WAITING:
        offered.insert(0, button("Claim", card.CLAIM, escalation.id, style="primary", says=f"Claim {escalation.label}"))
    elif clock is not None and clock.kind in {Kind.PROMISE, Kind.SILENCE}:
        offered.insert(0, button("Update…", card.UPDATE, escalation.id, style="primary"))
    if clock is not None and clock.kind in PROMISES and is_paged(clock):
        offered.append(button("I’m on it", card.SEEN, f"{escalation.id}:{clock.kind.value}"))
    return actions(*offered)


RAISED_PAGE = "*{who}* needs {need} from {team}."
WARN = {
    Kind.ACKNOWLEDGE: ":hourglass_flowing_sand: Nobody has claimed this yet.",
    Kind.RESOLVE: ":hourglass_flowing_sand: The time to resolve this is running out.",
    Kind.PROMISE: ":hourglass_flowing_sand: The customer’s next update is due soon.",
}
BREACH = {
    Kind.ACKNOWLEDGE: ":rotating_light: Nobody claimed this in time.",
    Kind.RESOLVE: ":rotating_light: This wasn’t resolved in time.",
    Kind.PROMISE: ":rotating_light: The customer’s update is overdue.",
}
SILENT = ":speech_balloon: You claimed this and nothing was heard for {}. A short update helps everyone who waits."
SILENT_MANAGER = ":speech_balloon: Nothing was heard from {owner} on this for {time}."
UNANSWERED = ":leftwards_arrow_with_hook: {reporter} hasn’t answered the question for a working day."
BACK = ":arrow_forward: This is waiting for somebody to claim it again."
LAST_PAGE = "\n_This was the last page; it now stands on top of the digest._"


def silence_reason(case: Case, minutes: int, *, to_owner: bool) -> str:
    if to_owner or case.owner is None:
        return SILENT.format(in_words(minutes))
    return SILENT_MANAGER.format(owner=said(case.owner.name, 60), time=in_words(minutes))


def receipt(case: Case, now: datetime, *, link: str | None, duty: str) -> list[Block]:
    """What the reporter keeps: where it is, who has it, what they can do. It follows the escalation to its end."""
    escalation = case.escalation
    shown = [clock_line(clock, now) for kind in (Kind.ACKNOWLEDGE, Kind.RESOLVE) if (clock := escalation.clock(kind))]
    lines = [line for line in shown if line] if escalation.state != State.RESOLVED else []
    first = ":inbox_tray: You raised this." + (f" {duty}" if escalation.state == State.WAITING and duty else "")
    return [
        section(f"{first}\n{headline(case, link)}"),
        context("   ·   ".join([state_line(case), *lines])),
        actions(button("Open", card.OPEN, escalation.id, says=f"Open {escalation.label}"), *_reporters_moves(case)),
    ]


def _reporters_moves(case: Case) -> list[Block]:
    escalation = case.escalation
    match escalation.state:
        case State.RETURNED:
            return [button("Answer…", card.ANSWER, escalation.id, style="primary")]
        case State.RESOLVED if escalation.confirmed_at is None:
            confirm = button("Confirm", card.CONFIRM, escalation.id, style="primary")
            return [confirm, button("Reopen…", card.REOPEN, escalation.id)]
        case State.RESOLVED:
            return [button("Reopen…", card.REOPEN, escalation.id)]
        case _:
            return [button("Update…", card.UPDATE, escalation.id)]


def news(case: Case, event: Event, people: Mapping[int, Person], *, link: str | None) -> list[Block]:
    """A direct message about something that happened to an escalation of theirs, with what they can do next."""
    told = happened.note(event, people) or STATE[case.escalation.state]
    open_ = button("Open", card.OPEN, case.escalation.id, says=f"Open {case.escalation.label}")
    moves = _reporters_moves(case) if event.kind in {"returned", "resolved"} else []
    return [section(headline(case, link)), section(told[:SECTION_LIMIT]), actions(*moves, open_)]


def follow_up_reminder(follow_up: FollowUp, label: str, *, link: str | None) -> list[Block]:
    name = f"<{link}|{label}>" if link else label
    due = f"{follow_up.due_on:%A %-d %B}"
    return [
        section(f":dart: *Follow-up of {name}*, due {due}\n{said(follow_up.what, 1500)}"),
        actions(button("Close…", "escalations.close_follow_up", follow_up.id, style="primary")),
    ]


def handover_offer(
    case: Case, offerer: Person, words: str | None, handover_id: int, *, link: str | None
) -> list[Block]:
    offered = f":handshake: {bold(offerer.name, 80)} would like to hand this over to you."
    quoted = f"\n>{said(words, 500)}" if words else ""
    return [
        section(f"{offered}\n{headline(case, link)}{quoted}"),
        actions(
            button("Take it", "escalations.accept_handover", handover_id, style="primary"),
            button("Not me", "escalations.decline_handover", handover_id),
            button("Open", card.OPEN, case.escalation.id),
        ),
    ]
