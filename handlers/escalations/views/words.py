"""The words and signs for states, severities and clocks: one home for each."""

from collections.abc import Mapping
from datetime import datetime

from handlers.blocks import clock_time, one_line, when
from handlers.escalations.rules.clocks import is_due_soon
from handlers.escalations.rules.policy import MEANINGS, Terms, in_words
from storage.escalations import (
    Clock,
    ClockState,
    Escalation,
    Kind,
    Need,
    Outcome,
    RootCause,
    Severity,
    State,
)

SEVERITY_SIGN: Mapping[Severity, str] = {
    Severity.S1: ":red_circle:",
    Severity.S2: ":large_orange_circle:",
    Severity.S3: ":large_yellow_circle:",
    Severity.S4: ":white_circle:",
}
NEED: Mapping[Need, str] = {
    Need.DECISION: "A decision",
    Need.TAKE_OVER: "Somebody to take over",
    Need.TECHNICAL_HELP: "Technical help",
    Need.ANOTHER_TEAM: "Another team",
}
STATE: Mapping[State, str] = {
    State.WAITING: "Waiting for an owner",
    State.IN_PROGRESS: "In progress",
    State.RETURNED: "Returned to the reporter",
    State.ON_HOLD: "On hold",
    State.RESOLVED: "Resolved",
}
OUTCOME: Mapping[Outcome, str] = {
    Outcome.SOLVED: "Solved",
    Outcome.WORKAROUND: "Workaround",
    Outcome.REFUND: "Refund or credit",
    Outcome.DECLINED: "Declined within policy",
    Outcome.DUPLICATE: "Duplicate",
    Outcome.NOT_REPRODUCIBLE: "Not reproducible",
}
ROOT_CAUSE: Mapping[RootCause, str] = {
    RootCause.PRODUCT_DEFECT: "Product defect",
    RootCause.KNOWLEDGE_GAP: "Knowledge gap",
    RootCause.PROCESS_GAP: "Process gap",
    RootCause.POLICY_UNCLEAR: "Policy unclear",
    RootCause.THIRD_PARTY: "Third party",
    RootCause.CUSTOMER_SIDE: "Customer’s side",
    RootCause.NOT_KNOWN: "Not known yet (makes a follow-up)",
}
CLOCK: Mapping[Kind, str] = {
    Kind.ACKNOWLEDGE: "Acknowledge",
    Kind.RESOLVE: "Resolve",
    Kind.PROMISE: "Customer update",
    Kind.SILENCE: "Next word from the owner",
    Kind.ANSWER: "Answer",
    Kind.HOLD: "On hold until",
    Kind.CONFIRM: "Confirmed by itself",
}
SHOWN_CLOCKS = (Kind.ACKNOWLEDGE, Kind.RESOLVE, Kind.PROMISE)
ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
TITLE_LENGTH = 90


def title(escalation: Escalation, most: int = TITLE_LENGTH) -> str:
    """The beginning of what happens, on one line; not escaped."""
    return one_line(escalation.what, most)


def ordinal(number: int) -> str:
    return ORDINALS[number] if number < len(ORDINALS) else f"{number}th"


def severity_line(severity: Severity) -> str:
    """What the severity means, for a form’s option."""
    return f"{severity.value} · {MEANINGS[severity]}"


def deadlines_line(terms: Terms) -> str:
    """The deadlines of a severity: what is promised by when."""
    parts = [f"claimed in {in_words(terms.acknowledge_min)}", f"resolved in {in_words(terms.resolve_min)}"]
    if terms.update_min:
        parts.append(f"update every {in_words(terms.update_min)}")
    return ", ".join(parts)


def clock_line(clock: Clock, now: datetime) -> str | None:
    """A clock as the card shows it, or None if it says nothing any more."""
    name = CLOCK[clock.kind]
    at = when(clock.deadline, "{date_short_pretty} {time}")
    match clock.state:
        case ClockState.RUNNING if is_due_soon(clock, now):
            return f":warning: *{name} due soon: {at}*"
        case ClockState.RUNNING:
            return f"{name} by {at}"
        case ClockState.MET:
            return f":white_check_mark: {name}d in time" if clock.kind != Kind.PROMISE else None
        case ClockState.BREACHED if clock.met_at is not None:
            return f":red_circle: {name}d late ({clock_time(clock.met_at)}, due {at})"
        case ClockState.BREACHED:
            return f":rotating_light: *{name} overdue since {at}*"
        case ClockState.PAUSED:
            return f":double_vertical_bar: {name} paused"
        case ClockState.CANCELLED:
            return None
