"""What of the escalations waits for somebody, line by line, each with the button that does it: for Home."""

from collections.abc import Mapping
from datetime import datetime

from handlers.blocks import Block, actions, button, said, section
from handlers.escalations.views import card
from handlers.escalations.views.answers import most_urgent
from handlers.escalations.views.words import NEED, SEVERITY_SIGN, STATE, clock_line, title
from storage.escalations import Escalation
from storage.follow_ups import FollowUp
from storage.handovers import Handover
from storage.people import Person

RAISE = "escalations.raise_button"
ASKED = "you were asked: {}"
RESOLVED = "resolved: is it solved for you? It is confirmed by itself otherwise."
OFFERED = ":handshake: *{}* would like to hand this over to you."
DUE = "due {:%a %-d %b}"


def raising(words: str) -> Block:
    """The button of a form that begins with these words."""
    return button("Raise an escalation", RAISE, words, style="primary")


def offered(handover: Handover, one: Escalation, people: Mapping[int, Person], now: datetime) -> list[Block]:
    giver = people[handover.from_id]
    text = OFFERED.format(said(giver.name, 80))
    note = f"\n>{said(handover.note, 300)}" if handover.note else ""
    return [
        section(f"{text}\n{_headline(one)}{note}\n{_clock(one, now) or STATE[one.state]}"),
        actions(
            button("Take it", "escalations.accept_handover", handover.id, style="primary", says=f"Take {one.label}"),
            button("Not me", "escalations.decline_handover", handover.id, says=f"Leave {one.label} with them"),
            button("Open", card.OPEN, one.id, says=f"Open {one.label}"),
        ),
    ]


def returned(one: Escalation) -> Block:
    asked = ASKED.format(said(one.returned_reason or "", 300))
    return _row(one, asked, button("Answer…", card.ANSWER, one.id, style="primary", says=f"Answer {one.label}"))


def unowned(one: Escalation, now: datetime) -> Block:
    needs = f"{NEED[one.need]} needed"
    detail = " · ".join(part for part in (needs, _clock(one, now)) if part)
    return _row(one, detail, button("Claim", card.CLAIM, one.id, style="primary", says=f"Claim {one.label}"))


def news_due(one: Escalation, line: str) -> Block:
    return _row(one, line, button("Update…", card.UPDATE, one.id, style="primary", says=f"Update {one.label}"))


def own(one: Escalation, now: datetime) -> Block:
    detail = " · ".join(part for part in (STATE[one.state], _clock(one, now)) if part)
    return _row(one, detail, button("Open", card.OPEN, one.id, says=f"Open {one.label}"))


def resolved(one: Escalation) -> Block:
    return _row(one, RESOLVED, button("Confirm", card.CONFIRM, one.id, says=f"Confirm {one.label}"))


def follow_up(one: FollowUp, escalation: Escalation, today: datetime) -> Block:
    late = " :warning: overdue" if one.due_on < today.date() else ""
    text = f":dart: *{escalation.label}* {said(one.what, 200)}\nFollow-up, {DUE.format(one.due_on)}{late}"
    close = button("Close…", "escalations.close_follow_up", one.id, says=f"Close the follow-up of {escalation.label}")
    return section(text, accessory=close)


def _row(one: Escalation, detail: str, accessory: Block) -> Block:
    return section(f"{_headline(one)}\n{detail}", accessory=accessory)


def _headline(one: Escalation) -> str:
    return f"{SEVERITY_SIGN[one.severity]} *{one.label}* {said(title(one, 80), 200)}"


def _clock(one: Escalation, now: datetime) -> str | None:
    clock = most_urgent(one)
    return clock_line(clock, now) if clock else None
