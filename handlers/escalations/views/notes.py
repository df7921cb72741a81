"""The news in a card's thread, and what people are told in direct messages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from handlers.blocks import Block, actions, button, context, said, section, when
from handlers.escalations.rules.case import Case
from handlers.escalations.rules.policy import in_words
from handlers.escalations.views import card
from handlers.escalations.views.words import (
    CLOCK,
    OUTCOME,
    SEVERITY_SIGN,
    STATE,
    clock_line,
    title,
)
from storage.escalations import Clock, Event, FollowUp, Kind, Outcome, State
from storage.people import Person

REPEAT = "_Possibly a repeat: Slack didn’t say whether the first one arrived._"
NOBODY_ON_DUTY = ":warning: Nobody is on duty for {} right now, so this goes to its managers. {}"


def note(event: Event, people: Mapping[int, Person]) -> str | None:
    """What a line of the history says in the thread; None: the card says it all."""
    who = mention_of(event.actor_id, people)
    told: Mapping[str, Any] = event.details
    match event.kind:
        case "claimed":
            return f":raised_hand: {who} claimed it."
        case "reassigned":
            return f":arrow_right: {who} gave it to {mention_of(told['to'], people)}."
        case "accepted":
            return f":handshake: {mention_of(told['to'], people)} took it over from {mention_of(told.get('before'), people)}."
        case "updated":
            promised = f"\n_Next update promised for {_instant(told['promise'])}._" if told.get("promise") else ""
            customer = "\n_The customer was told._" if told.get("told") and not promised else ""
            return f":speech_balloon: *Update* from {who}\n{said(told['news'], 2400)}{promised}{customer}"
        case "returned":
            return f":leftwards_arrow_with_hook: {who} returned it: {said(told['reason'])}"
        case "answered":
            return f":arrow_forward: {who} answered: {said(told['answer'])}"
        case "held":
            return f":double_vertical_bar: {who} put it on hold until {_instant(told['until'])}: {said(told['reason'])}"
        case "resumed":
            return (
                f":arrow_forward: {who} resumed it."
                if event.actor_id
                else ":arrow_forward: The hold is over: it goes on."
            )
        case "severity":
            reason = f": {said(told['reason'], 500)}" if told.get("reason") else "."
            return f":left_right_arrow: {who} changed the severity from {told['before']} to {told['after']}{reason}"
        case "resolved":
            return f":white_check_mark: {who} resolved it: {OUTCOME[Outcome(told['outcome'])].lower()}."
        case "confirmed":
            return f":ballot_box_with_check: {who} confirmed it." if event.actor_id else None
        case "reopened":
            return f":repeat: {who} reopened it: {said(told['reason'])}"
        case "joined":
            ticket = card.ticket_link(told["ticket"]) if told.get("ticket") else "another report"
            more = f": {said(told['note'], 800)}" if told.get("note") else "."
            return f":link: {who} joined {ticket}{more}"
        case "breached":
            return f":rotating_light: *{CLOCK[Kind(told['clock'])]} is overdue.*{late_label(told)}"
        case "nobody_on_duty":
            return f":warning: Nobody was on duty ({said(told['why'], 200)}), so the managers were told."
        case "unrestricted":
            return f":unlock: {who} lifted the restriction."
        case _:
            return None


def mention_of(person_id: int | None, people: Mapping[int, Person]) -> str:
    """How a person is named in a thread; by name alone, so that nobody is tagged to be nagged."""
    person = people.get(person_id) if person_id is not None else None
    return f"*{said(person.name, 80)}*" if person else "Backstop"


def late_label(details: Mapping[str, Any]) -> str:
    minutes = details.get("late_min")
    if not minutes:
        return ""
    hours, rest = divmod(int(minutes), 60)
    shown = f"{hours} h {rest} min" if hours else f"{rest} min"
    return f"\n_Late {shown}: Backstop was down._"


def _instant(written: str) -> str:
    return when(datetime.fromisoformat(written))


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
    elif clock is not None and clock.kind == Kind.PROMISE:
        offered.insert(0, button("Update…", card.UPDATE, escalation.id, style="primary"))
    elif clock is not None and clock.breached_at and clock.met_at is None:
        offered.append(button("I’m on it", card.SEEN, f"{escalation.id}:{clock.kind.value}"))
    elif clock is not None and clock.kind == Kind.SILENCE:
        offered.insert(0, button("Update…", card.UPDATE, escalation.id, style="primary"))
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
BACK = ":arrow_forward: The hold is over: this goes on."
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
    told = note(event, people) or STATE[case.escalation.state]
    open_ = button("Open", card.OPEN, case.escalation.id, says=f"Open {case.escalation.label}")
    moves = _reporters_moves(case) if event.kind in {"returned", "resolved"} else []
    return [section(f"{headline(case, link)}\n{told}"), actions(*moves, open_)]


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
    said_words = f"\n>{said(words, 500)}" if words else ""
    return [
        section(
            f":handshake: *{said(offerer.name, 80)}* would like to hand this over to you.\n{headline(case, link)}{said_words}"
        ),
        actions(
            button("Take it", "escalations.accept_handover", handover_id, style="primary"),
            button("Not me", "escalations.decline_handover", handover_id),
            button("Open", card.OPEN, case.escalation.id),
        ),
    ]
