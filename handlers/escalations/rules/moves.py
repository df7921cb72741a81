"""The transitions of PRODUCT.md § 2, each a compare-and-set on the state. They change the nouns and say what changed.

A move that no longer fits raises Stale: the listener answers with who did what, and when, and shows the card anew.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from handlers.escalations.rules import clocks, rights
from handlers.escalations.rules.case import Case, Change, changed
from handlers.escalations.rules.policy import ANSWER_WITHIN, REOPENED_WITHIN
from handlers.refusals import FormRefusal, Refusal
from storage.clocks import Clock, Kind
from storage.escalations import OPEN_STATES, Escalation, Outcome, RootCause, Severity, State
from storage.people import Person

PAST = "That is in the past. Choose a time that is still to come."
TOO_FAR = "That is more than a year ahead: was another year meant?"
AHEAD_AT_MOST = timedelta(days=366)
NOT_IN_TEAM = "{} isn’t in {}. Choose somebody who is."
TOO_LATE = "{} was resolved more than 30 days ago. Raise a new one with `/escalate` and mention {} in it."


class Stale(Exception):  # noqa: N818  # nobody erred: somebody else was faster
    """What was clicked no longer stands: the escalation has moved on."""


def raise_(escalation: Escalation, reporter: Person, now: datetime, *, promise: datetime | None = None) -> Change:
    """The clocks of a new escalation start."""
    started = clocks.start(escalation, Kind.ACKNOWLEDGE, now)
    started += clocks.start(escalation, Kind.RESOLVE, now)
    started += clocks.start(escalation, Kind.PROMISE, now, until=promise)
    return changed("raised", now=now, actor=reporter, clocks=started, severity=escalation.severity.value)


def require_ahead(field: str, chosen: datetime, now: datetime) -> None:
    """Raises FormRefusal for a moment that has passed, or so far ahead that a year was mistyped: nobody would hear of
    the case again."""
    if chosen <= now:
        raise FormRefusal({field: PAST})
    if chosen > now + AHEAD_AT_MOST:
        raise FormRefusal({field: TOO_FAR})


def claim(case: Case, me: Person, now: datetime) -> Change:
    rights.require_team(case, me)
    _require_state(case, State.WAITING, State.RETURNED, State.ON_HOLD, unowned=True)
    escalation = case.escalation
    touched = clocks.meet(escalation, Kind.ACKNOWLEDGE, now)
    _own(escalation, me)
    if escalation.state == State.WAITING:
        escalation.state = State.IN_PROGRESS
        touched += clocks.start(escalation, Kind.SILENCE, now)
    return _moved(case, "claimed", me, now, touched)


def reassign(case: Case, me: Person, now: datetime, *, to: Person) -> Change:
    rights.require_involved(case, me)
    if not rights.is_on_team(case, to) and to.id not in case.viewers:
        raise FormRefusal({"to": NOT_IN_TEAM.format(to.name, case.facts.team.name)})
    return hand(case, me, now, to=to, kind="reassigned")


def hand(case: Case, me: Person, now: datetime, *, to: Person, kind: str) -> Change:
    """Ownership passes to `to`, by somebody's word (reassigned) or by their own tap (accepted)."""
    _require_state(case, *OPEN_STATES)
    escalation = case.escalation
    if escalation.owner_id == to.id:
        raise Refusal("{} already owns {}.", to.name, escalation.label)
    touched = clocks.meet(escalation, Kind.ACKNOWLEDGE, now)
    before = escalation.owner_id
    _own(escalation, to)
    if escalation.state == State.WAITING:
        escalation.state = State.IN_PROGRESS
    if escalation.state == State.IN_PROGRESS:
        touched += clocks.start(escalation, Kind.SILENCE, now)
    return _moved(case, kind, me, now, touched, to=to.id, before=before)


def update(
    case: Case, me: Person, now: datetime, *, news: str, promise: datetime | None = None, told: bool = False
) -> Change:
    """News; with `told` (the customer was told) or a new promise, the promise to the customer starts anew."""
    rights.require_involved(case, me)
    _require_state(case, *OPEN_STATES)
    if promise is not None:
        require_ahead("promise", promise, now)
    escalation = case.escalation
    touched: list[Clock] = []
    if promise is not None or told:
        started = clocks.start(escalation, Kind.PROMISE, now, until=promise)
        touched = started or clocks.meet(escalation, Kind.PROMISE, now)
    touched += _heard(escalation, now)
    when = promise.isoformat() if promise else None
    return _moved(case, "updated", me, now, touched, news=news, promise=when, told=told or None)


def return_(case: Case, me: Person, now: datetime, *, reason: str) -> Change:
    rights.require_team(case, me)
    _require_state(case, State.WAITING, State.IN_PROGRESS)
    escalation = case.escalation
    touched = clocks.meet(escalation, Kind.ACKNOWLEDGE, now)
    touched += clocks.pause(escalation, Kind.RESOLVE, now)
    touched += clocks.cancel(escalation, Kind.SILENCE, now)
    touched += clocks.start(escalation, Kind.ANSWER, now, until=clocks.reached(case.reporter_time, now, ANSWER_WITHIN))
    escalation.returned_from = escalation.state
    escalation.state = State.RETURNED
    escalation.returned_reason = reason
    return _moved(case, "returned", me, now, touched, reason=reason)


def answer(case: Case, me: Person, now: datetime, *, answered: str) -> Change:
    rights.require_reporter(case, me)
    _require_state(case, State.RETURNED)
    escalation = case.escalation
    touched = clocks.meet(escalation, Kind.ANSWER, now)
    touched += clocks.resume(escalation, Kind.RESOLVE, now)
    if escalation.owner_id is None:
        escalation.state = State.WAITING
        touched += clocks.start(escalation, Kind.ACKNOWLEDGE, now)
    else:
        escalation.state = State.IN_PROGRESS
        touched += clocks.start(escalation, Kind.SILENCE, now)
    escalation.returned_reason = escalation.returned_from = None
    return _moved(case, "answered", me, now, touched, answer=answered)


def hold(case: Case, me: Person, now: datetime, *, reason: str, until: datetime) -> Change:
    rights.require_involved(case, me)
    _require_state(case, State.WAITING, State.IN_PROGRESS)
    require_ahead("until", until, now)
    escalation = case.escalation
    touched = clocks.pause(escalation, Kind.RESOLVE, now)
    touched += clocks.cancel(escalation, Kind.SILENCE, now)
    touched += clocks.start(escalation, Kind.HOLD, now, until=until)
    escalation.state = State.ON_HOLD
    escalation.hold_reason, escalation.hold_until = reason, until
    return _moved(case, "held", me, now, touched, reason=reason, until=until.isoformat())


def resume(case: Case, me: Person | None, now: datetime, *, late_min: int | None = None) -> Change:
    """`me` None: the date came (`late_min` minutes ago, if the bot was down)."""
    if me is not None:
        rights.require_involved(case, me)
    _require_state(case, State.ON_HOLD)
    escalation = case.escalation
    touched = clocks.meet(escalation, Kind.HOLD, now)
    touched += clocks.resume(escalation, Kind.RESOLVE, now)
    escalation.hold_reason = escalation.hold_until = None
    if escalation.owner_id is None:
        escalation.state = State.WAITING
    else:
        escalation.state = State.IN_PROGRESS
        touched += clocks.start(escalation, Kind.SILENCE, now)
    return _moved(case, "resumed", me, now, touched, late_min=late_min)


def change_severity(case: Case, me: Person, now: datetime, *, to: Severity, reason: str) -> Change:
    rights.require_involved(case, me)
    _require_state(case, *OPEN_STATES)
    escalation = case.escalation
    before = escalation.severity
    if to == before:
        raise FormRefusal({"severity": f"{escalation.label} is {to.value} already."})
    escalation.severity = to
    touched = clocks.recompute(escalation, Kind.ACKNOWLEDGE, now) + clocks.recompute(escalation, Kind.RESOLVE, now)
    promise = escalation.clock(Kind.PROMISE)
    if promise is None or not promise.given:
        touched += clocks.start(escalation, Kind.PROMISE, now) or clocks.cancel(escalation, Kind.PROMISE, now)
    if escalation.state == State.IN_PROGRESS:
        touched += clocks.start(escalation, Kind.SILENCE, now) or clocks.cancel(escalation, Kind.SILENCE, now)
    return _moved(case, "severity", me, now, touched, before=before.value, after=to.value, reason=reason)


def resolve(
    case: Case,
    me: Person,
    now: datetime,
    *,
    outcome: Outcome,
    root_cause: RootCause,
    done: str,
    customer_told: bool,
    duplicate_of: Escalation | None = None,
) -> Change:
    rights.require_team(case, me)
    _require_state(case, *OPEN_STATES)
    escalation = case.escalation
    touched = clocks.resume(escalation, Kind.RESOLVE, now) + clocks.meet(escalation, Kind.RESOLVE, now)
    for kind in (Kind.ACKNOWLEDGE, Kind.PROMISE, Kind.SILENCE, Kind.ANSWER, Kind.HOLD):
        touched += clocks.cancel(escalation, kind, now)
    touched += clocks.start(escalation, Kind.CONFIRM, now)
    escalation.last_owner_id = escalation.owner_id or me.id
    if escalation.owner_id is None:
        escalation.owner_id = me.id
    escalation.state = State.RESOLVED
    escalation.outcome, escalation.root_cause = outcome, root_cause
    escalation.done, escalation.customer_told = done, customer_told
    escalation.duplicate_of_id = duplicate_of.id if duplicate_of else None
    escalation.resolved_at, escalation.confirmed_at = now, None
    escalation.returned_reason = escalation.returned_from = escalation.hold_reason = escalation.hold_until = None
    return _moved(
        case,
        "resolved",
        me,
        now,
        touched,
        outcome=outcome.value,
        root_cause=root_cause.value,
        done=done,
        customer_told=customer_told,
        duplicate_of=duplicate_of.label if duplicate_of else None,
    )


def confirm(case: Case, me: Person | None, now: datetime) -> Change:
    """`me` None: two days passed without a word."""
    if me is not None:
        rights.require_reporter(case, me)
    _require_state(case, State.RESOLVED)
    escalation = case.escalation
    if escalation.confirmed_at is not None:
        raise Stale
    touched = clocks.meet(escalation, Kind.CONFIRM, now)
    escalation.confirmed_at = now
    return _moved(case, "confirmed", me, now, touched)


def reopen(case: Case, me: Person, now: datetime, *, reason: str) -> Change:
    """The resolve clock goes on with what was left; to acknowledge is owed by the last owner."""
    rights.require_reporter(case, me)
    _require_state(case, State.RESOLVED)
    escalation = case.escalation
    assert escalation.resolved_at is not None
    if now - escalation.resolved_at > REOPENED_WITHIN:
        raise Refusal(TOO_LATE.format(escalation.label, escalation.label))
    touched = clocks.cancel(escalation, Kind.CONFIRM, now)
    touched += clocks.reopen(escalation, escalation.resolved_at, now)
    touched += clocks.start(escalation, Kind.ACKNOWLEDGE, now)
    touched += clocks.start(escalation, Kind.PROMISE, now)
    escalation.state = State.WAITING
    escalation.owner_id = None
    escalation.reopened += 1
    escalation.resolved_at = escalation.confirmed_at = None
    return _moved(case, "reopened", me, now, touched, reason=reason)


def join(case: Case, me: Person, now: datetime, *, ticket: str | None, note: str | None) -> Change:
    rights.require_sight(case, me)
    _require_state(case, *OPEN_STATES)
    return _moved(case, "joined", me, now, [], ticket=ticket, note=note)


def restrict(case: Case, me: Person, now: datetime, *, restricted: bool, named: Sequence[Person]) -> Change:
    rights.require_involved(case, me)
    case.escalation.restricted = restricted
    kind = "restricted" if restricted else "unrestricted"
    return _moved(case, kind, me, now, [], named=[person.id for person in named] or None)


def see_breach(case: Case, me: Person, now: datetime, *, kind: Kind) -> Change:
    """Somebody who was paged says that they are on it: the breach stays, the pages stop."""
    rights.require_team(case, me)
    touched = clocks.acknowledge_breach(case.escalation, kind, now)
    if not touched:
        raise Stale
    return _moved(case, "seen", me, now, touched, clock=kind.value)


def hear_word(case: Case, now: datetime) -> list[Clock]:
    """A person wrote in the thread: activity, by its time alone. Returns the clock that it moved."""
    return _heard(case.escalation, now)


def _heard(escalation: Escalation, now: datetime) -> list[Clock]:
    escalation.last_word_at = now
    if escalation.state == State.IN_PROGRESS:
        return clocks.start(escalation, Kind.SILENCE, now)
    return []


def _own(escalation: Escalation, owner: Person) -> None:
    escalation.owner_id = owner.id
    escalation.last_owner_id = owner.id


def _require_state(case: Case, *states: State, unowned: bool = False) -> None:
    escalation = case.escalation
    if escalation.state not in states or (unowned and escalation.owner_id is not None):
        raise Stale


def _moved(case: Case, kind: str, me: Person | None, now: datetime, touched: list[Clock], **details: object) -> Change:
    case.escalation.changed_at = now
    if me is not None:
        case.escalation.last_word_at = now
    return changed(kind, now=now, actor=me, clocks=touched, **details)
