"""The words and signs for states, severities and clocks: one home for each."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from handlers.blocks import one_line, when
from handlers.escalations.rules.clocks import is_due_soon
from handlers.escalations.rules.policy import MEANINGS, Terms
from handlers.escalations.rules.receipt import Earlier
from handlers.local_time import parse_zone
from handlers.working_time import WORKING_DAY_MINUTES
from storage.clocks import Clock, ClockState, Kind
from storage.escalations import Escalation, Need, Outcome, RootCause, Severity, State

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
DONE: Mapping[Kind, str] = {
    Kind.ACKNOWLEDGE: "Acknowledged",
    Kind.RESOLVE: "Resolved",
    Kind.PROMISE: "Customer updated",
    Kind.SILENCE: "Heard of",
    Kind.ANSWER: "Answered",
    Kind.HOLD: "Resumed",
    Kind.CONFIRM: "Confirmed",
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
    """The deadlines of a severity, short enough for an option's description."""
    every_minute = terms.always
    parts = [
        f"claim in {short(terms.acknowledge_min, every_minute=every_minute)}",
        f"resolve in {short(terms.resolve_min, every_minute=every_minute)}",
    ]
    if terms.update_min:
        parts.append(f"update every {short(terms.update_min, every_minute=every_minute)}")
    if every_minute:
        parts.append("day and night")
    return " · ".join(parts)


def short(minutes: int, *, every_minute: bool = False) -> str:
    """A policy's length: 15 min, 1 h 30 min, 3 d. Days are working days, or of 24 hours where every minute counts."""
    day = 24 * 60 if every_minute else WORKING_DAY_MINUTES
    if minutes % day == 0:
        return f"{minutes // day} d"
    hours, left = divmod(minutes, 60)
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{left} min" if left else "") if part)


def local(instant: datetime, zone: str, now: datetime) -> str:
    """An instant in somebody's zone, as plain text: for fields' errors, where Slack shows no dates. The day is left
    out while it is today."""
    there, today = instant.astimezone(parse_zone(zone)), now.astimezone(parse_zone(zone)).date()
    return f"at {there:%H:%M}" if there.date() == today else f"on {there:%a %-d %b} at {there:%H:%M}"


def clock_line(clock: Clock, now: datetime, *, over: bool = False) -> str | None:
    """A clock as the card shows it, or None if it says nothing any more. `over`: the case is resolved, so that what was
    missed is a fact and alarms nobody."""
    name, done = CLOCK[clock.kind], DONE[clock.kind]
    at = when(clock.deadline, "{date_short_pretty} {time}")
    match clock.state:
        case ClockState.RUNNING if is_due_soon(clock, now):
            return f":hourglass_flowing_sand: *{name} due soon, by {at}*"
        # silence is never breached, and the others are so with their step, a moment later
        case ClockState.RUNNING if clock.deadline <= now:
            return f":hourglass: *{name} was due {at}*"
        case ClockState.RUNNING:
            return f"{name} by {at}"
        case ClockState.MET:
            return f":white_check_mark: {done} in time" if clock.kind != Kind.PROMISE else None
        case ClockState.BREACHED if clock.met_at is not None:
            return f":warning: {done} late ({when(clock.met_at, '{date_short_pretty} {time}')}, due {at})"
        case ClockState.BREACHED if over:
            return f":warning: {name} missed, due {at}"
        case ClockState.BREACHED:
            return f":rotating_light: *{name} overdue since {at}*"
        case ClockState.PAUSED:
            return f":double_vertical_bar: {name} paused"
        case ClockState.CANCELLED:
            return None


def earlier_line(earlier: Sequence[Earlier]) -> str | None:
    """How it was acknowledged before it was asked for anew; of several times the last that was too late, if one was."""
    if not earlier:
        return None
    late = [one for one in earlier if one.state == ClockState.BREACHED]
    if not late:
        return ":white_check_mark: Earlier: acknowledged in time"
    last = late[-1]
    due = when(last.deadline, "{date_short_pretty} {time}")
    if last.met_at is None:
        return f":warning: Earlier: acknowledge missed, due {due}"
    return f":warning: Earlier: acknowledged late ({when(last.met_at, '{date_short_pretty} {time}')}, due {due})"
