"""The clocks of an escalation: they start, pause, move, are met or breached. Each change raises the generation."""

from datetime import datetime, timedelta

from handlers.escalations.rules.policy import (
    ANSWER_WITHIN,
    CONFIRMED_AFTER,
    WARN_AT,
    calendar,
    frozen_terms,
    working_calendar,
)
from handlers.working_time import ALWAYS, BeyondHorizon, Calendar
from storage.escalations import Clock, ClockState, Escalation, Kind

LIVE = (ClockState.RUNNING, ClockState.BREACHED)
"""The obligation still stands, in time or too late."""


def time_of(escalation: Escalation, kind: Kind) -> Calendar:
    """In which time a clock counts."""
    match kind:
        case Kind.ANSWER:
            return working_calendar(escalation)
        case Kind.HOLD | Kind.CONFIRM:
            return ALWAYS
        case _:
            return calendar(escalation)


def length(escalation: Escalation, kind: Kind) -> timedelta | None:
    """How long the clock runs by the policy, in its own time; None: there is no such clock."""
    terms = frozen_terms(escalation)
    match kind:
        case Kind.ACKNOWLEDGE:
            return timedelta(minutes=terms.acknowledge_min)
        case Kind.RESOLVE:
            return timedelta(minutes=terms.resolve_min)
        case Kind.PROMISE | Kind.SILENCE:
            return timedelta(minutes=terms.update_min) if terms.update_min else None
        case Kind.ANSWER:
            return ANSWER_WITHIN
        case Kind.CONFIRM:
            return CONFIRMED_AFTER
        case Kind.HOLD:
            return None


def start(escalation: Escalation, kind: Kind, now: datetime, *, until: datetime | None = None) -> Clock | None:
    """Starts the clock, or starts it anew; `until` is a deadline that a person gave. None when the policy has none."""
    allowed = length(escalation, kind)
    if until is None and allowed is None:
        return None
    counted = time_of(escalation, kind)
    deadline = until if until is not None else _add(counted, now, allowed or timedelta())
    clock = escalation.clock(kind)
    if clock is None:
        clock = Clock(escalation_id=escalation.id, kind=kind, generation=0, pages=0, paused_s=0)
        escalation.clocks.append(clock)
    clock.state = ClockState.RUNNING
    clock.started_at = now
    clock.given = until is not None
    clock.paused_at = clock.met_at = clock.breached_at = None
    clock.paused_s = clock.pages = 0
    _aim(clock, counted, deadline)
    return clock


def meet(clock: Clock | None, now: datetime) -> list[Clock]:
    """The obligation is done. A breach stays a breach, but nobody is paged for it any more."""
    if clock is None or clock.state not in (*LIVE, ClockState.PAUSED) or clock.met_at is not None:
        return []
    if clock.state == ClockState.RUNNING and now > clock.deadline:
        breach(clock, clock.deadline)  # done too late, before the step could say so
    clock.met_at = now
    if clock.state != ClockState.BREACHED:
        clock.state = ClockState.MET
    clock.generation += 1
    return [clock]


def cancel(clock: Clock | None) -> list[Clock]:
    """The obligation fell away. What was met or breached stays so."""
    if clock is None or clock.state not in (ClockState.RUNNING, ClockState.PAUSED):
        return _quieten(clock)
    clock.state = ClockState.CANCELLED
    clock.generation += 1
    return [clock]


def pause(escalation: Escalation, kind: Kind, now: datetime) -> list[Clock]:
    """Stops the clock for a while; one that is breached already stays so, and falls silent."""
    clock = escalation.clock(kind)
    if clock is None or clock.state not in LIVE or clock.met_at is not None:
        return []
    clock.paused_at = now
    if clock.state == ClockState.RUNNING:
        clock.state = ClockState.PAUSED
    clock.generation += 1
    return [clock]


def resume(escalation: Escalation, kind: Kind, now: datetime) -> list[Clock]:
    """Goes on: the deadline moves by exactly the counted time of the pause."""
    clock = escalation.clock(kind)
    if clock is None or clock.paused_at is None:
        return []
    counted = time_of(escalation, kind)
    clock.paused_s += round(counted.between(clock.paused_at, now).total_seconds())
    if clock.state == ClockState.PAUSED:
        left = counted.between(clock.paused_at, clock.deadline)
        clock.state = ClockState.RUNNING
        _aim(clock, counted, _add(counted, now, left))
    else:
        clock.generation += 1
    clock.paused_at = None
    return [clock]


def recompute(escalation: Escalation, kind: Kind) -> list[Clock]:
    """The severity changed: a running (or paused) clock counts again from its start under the new terms. Met and
    breached stay; a deadline that a person gave stays too."""
    clock = escalation.clock(kind)
    if clock is None or clock.given or clock.state not in (ClockState.RUNNING, ClockState.PAUSED):
        return []
    allowed = length(escalation, kind)
    if allowed is None:
        return cancel(clock)
    counted = time_of(escalation, kind)
    deadline = _add(counted, clock.started_at, allowed + timedelta(seconds=clock.paused_s))
    if clock.paused_at is not None:
        deadline = max(deadline, clock.paused_at)
    _aim(clock, counted, deadline)
    return [clock]


def reopen(escalation: Escalation, resolved_at: datetime, now: datetime) -> list[Clock]:
    """The resolve clock continues with what was left when it was met; a breach stays one, and is silent."""
    clock = escalation.clock(Kind.RESOLVE)
    if clock is None:
        return []
    clock.met_at = None
    if clock.state == ClockState.BREACHED:
        clock.generation += 1
        return [clock]
    counted = time_of(escalation, Kind.RESOLVE)
    clock.paused_s += round(counted.between(resolved_at, now).total_seconds())
    clock.state = ClockState.RUNNING
    _aim(clock, counted, _add(counted, now, counted.between(resolved_at, clock.deadline)))
    return [clock]


def breach(clock: Clock, now: datetime) -> None:
    """The deadline passed. The generation stays: the timers of the repeats belong to this breach."""
    clock.state = ClockState.BREACHED
    clock.breached_at = now


def acknowledge_breach(clock: Clock) -> list[Clock]:
    """Somebody saw the breach and took it on: it stays, and nobody is paged for it any more."""
    return _quieten(clock)


def is_due_soon(clock: Clock, now: datetime) -> bool:
    """75 % of its time has passed, the rest not yet."""
    return clock.state == ClockState.RUNNING and clock.warn_at is not None and clock.warn_at <= now < clock.deadline


def _quieten(clock: Clock | None) -> list[Clock]:
    if clock is None or clock.state != ClockState.BREACHED or clock.met_at is not None:
        return []
    clock.generation += 1
    return [clock]


def _aim(clock: Clock, counted: Calendar, deadline: datetime) -> None:
    clock.deadline = deadline
    allowed = counted.between(clock.started_at, deadline)
    warned = clock.kind in {Kind.ACKNOWLEDGE, Kind.RESOLVE, Kind.PROMISE}
    if not warned:
        clock.warn_at = None
    elif allowed > timedelta():
        clock.warn_at = _add(counted, clock.started_at, allowed * WARN_AT)
    else:  # a promise for a time outside working hours: count it by the clock on the wall
        clock.warn_at = clock.started_at + (deadline - clock.started_at) * WARN_AT
    clock.generation += 1


def _add(counted: Calendar, begin: datetime, allowed: timedelta) -> datetime:
    try:
        return counted.add(begin, allowed)
    except BeyondHorizon:
        # nobody works in this team's hours: rather a deadline by the wall clock than none
        return begin + allowed
