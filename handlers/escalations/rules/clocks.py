"""The clocks of an escalation: they start, pause, move, are met or breached.

A clock's generation rises exactly when it starts, stops, pauses or moves: what was planned for it before is void.
"""

from datetime import datetime, timedelta

from handlers.escalations.rules.policy import CONFIRMED_AFTER, WARN_AT, calendar, frozen_terms
from handlers.working_time import ALWAYS, BeyondHorizon, Calendar
from storage.clocks import Clock, ClockState, Kind
from storage.escalations import Escalation

PROMISES = (Kind.ACKNOWLEDGE, Kind.RESOLVE, Kind.PROMISE)
"""What the card shows, what is warned of and paged for; the other clocks drive one step each."""


def time_of(escalation: Escalation, kind: Kind) -> Calendar:
    """In which time a clock counts."""
    by_the_wall = kind in {Kind.ANSWER, Kind.HOLD, Kind.CONFIRM}
    return ALWAYS if by_the_wall else calendar(escalation)


def length(escalation: Escalation, kind: Kind) -> timedelta | None:
    """How long the clock runs by the policy, in its own time; None: only as long as somebody says."""
    terms = frozen_terms(escalation)
    match kind:
        case Kind.ACKNOWLEDGE:
            return timedelta(minutes=terms.acknowledge_min)
        case Kind.RESOLVE:
            return timedelta(minutes=terms.resolve_min)
        case Kind.PROMISE | Kind.SILENCE:
            return timedelta(minutes=terms.update_min) if terms.update_min else None
        case Kind.CONFIRM:
            return CONFIRMED_AFTER
        case Kind.ANSWER | Kind.HOLD:
            return None


def start(escalation: Escalation, kind: Kind, now: datetime, *, until: datetime | None = None) -> list[Clock]:
    """Starts the clock (anew); `until` is a deadline that a person gave. Nothing when the policy has none either."""
    allowed = length(escalation, kind)
    if until is None and allowed is None:
        return []
    counted = time_of(escalation, kind)
    clock = escalation.clock(kind)
    if clock is None:
        clock = Clock(escalation_id=escalation.id, kind=kind, generation=0)
        escalation.clocks.append(clock)
    clock.state = ClockState.RUNNING
    clock.started_at = now
    clock.given = until is not None
    clock.paused_at = clock.met_at = clock.breached_at = clock.quiet_at = clock.warn_at = clock.taken_s = None
    clock.pauses = []
    clock.paused_s = clock.pages = 0
    _aim(clock, counted, until if until is not None else reached(counted, now, allowed or timedelta()), now)
    return [clock]


def meet(escalation: Escalation, kind: Kind, now: datetime) -> list[Clock]:
    """The obligation is done. A breach stays a breach, but nobody is paged for it any more."""
    clock = _standing(escalation, kind)
    if clock is None:
        return []
    _own_up(clock, now)
    clock.met_at = now
    taken = time_of(escalation, kind).between(clock.started_at, clock.paused_at or now)
    clock.taken_s = round(taken.total_seconds()) - clock.paused_s
    if clock.state != ClockState.BREACHED:
        clock.state = ClockState.MET
    clock.generation += 1
    return [clock]


def cancel(escalation: Escalation, kind: Kind, now: datetime) -> list[Clock]:
    """The obligation fell away. What was met or breached stays so."""
    clock = _standing(escalation, kind)
    if clock is None:
        return []
    _own_up(clock, now)
    if clock.state == ClockState.BREACHED:
        return _quieten(clock, now)
    clock.state = ClockState.CANCELLED
    clock.generation += 1
    return [clock]


def pause(escalation: Escalation, kind: Kind, now: datetime) -> list[Clock]:
    """Stops the clock for a while; one that is breached already stays so, and falls silent."""
    clock = _standing(escalation, kind)
    if clock is None or clock.paused_at is not None:
        return []
    _own_up(clock, now)
    clock.paused_at = now
    if clock.state == ClockState.BREACHED:
        return _quieten(clock, now)
    clock.state = ClockState.PAUSED
    clock.generation += 1
    return [clock]


def resume(escalation: Escalation, kind: Kind, now: datetime) -> list[Clock]:
    """Goes on: the deadline moves by exactly the counted time of the pause."""
    clock = escalation.clock(kind)
    if clock is None or clock.paused_at is None:
        return []
    counted = time_of(escalation, kind)
    left = counted.between(clock.paused_at, clock.deadline)
    _add_pause(clock, counted, clock.paused_at, now)
    clock.paused_at = None
    if clock.state != ClockState.PAUSED:
        return []
    clock.state = ClockState.RUNNING
    _aim(clock, counted, reached(counted, now, left), now)
    return [clock]


def recompute(escalation: Escalation, kind: Kind, now: datetime) -> list[Clock]:
    """The severity changed: a running (or paused) clock counts again from its start under the new terms, less its
    pauses. Met and breached stay; a deadline that a person gave stays too."""
    clock, allowed = _standing(escalation, kind), length(escalation, kind)
    if clock is None or allowed is None or clock.given or clock.state == ClockState.BREACHED or _is_late(clock, now):
        return []
    counted = time_of(escalation, kind)
    pauses = ((datetime.fromisoformat(since), datetime.fromisoformat(until)) for since, until in clock.pauses)
    paused = sum((counted.between(*span) for span in pauses), timedelta())
    clock.paused_s = round(paused.total_seconds())
    deadline = reached(counted, clock.started_at, allowed + paused)
    if clock.paused_at is not None:
        deadline = max(deadline, clock.paused_at)  # nothing is left: due as soon as it goes on
    if deadline == clock.deadline:
        return []
    clock.warn_at = None
    _aim(clock, counted, deadline, clock.paused_at or now)
    return [clock]


def reopen(escalation: Escalation, resolved_at: datetime, now: datetime) -> list[Clock]:
    """The resolve clock continues with what was left when it was met; a breach stays one, and is silent."""
    clock = escalation.clock(Kind.RESOLVE)
    if clock is None:
        return []
    counted = time_of(escalation, Kind.RESOLVE)
    clock.met_at = clock.taken_s = None
    _add_pause(clock, counted, resolved_at, now)
    if clock.state == ClockState.BREACHED:
        clock.quiet_at = clock.quiet_at or now
        clock.generation += 1
        return [clock]
    left = counted.between(resolved_at, clock.deadline)
    clock.state = ClockState.RUNNING
    _aim(clock, counted, reached(counted, now, left), now)
    return [clock]


def breach(clock: Clock) -> None:
    """The deadline passed. The generation stays: the timers of the repeats belong to this breach."""
    clock.state = ClockState.BREACHED
    clock.breached_at = clock.deadline


def acknowledge_breach(escalation: Escalation, kind: Kind, now: datetime) -> list[Clock]:
    """Somebody saw the breach and took it on: it stays, and nobody is paged for it any more."""
    clock = _standing(escalation, kind)
    return _quieten(clock, now) if clock is not None else []


def is_due_soon(clock: Clock, now: datetime) -> bool:
    """75 % of its time has passed, the rest not yet."""
    return clock.state == ClockState.RUNNING and clock.warn_at is not None and clock.warn_at <= now < clock.deadline


def is_paged(clock: Clock) -> bool:
    """Overdue, and nobody has said yet that they are on it."""
    return clock.state == ClockState.BREACHED and clock.met_at is None and clock.quiet_at is None


def reached(counted: Calendar, begin: datetime, allowed: timedelta) -> datetime:
    """When that much of this time has passed since `begin`; by the wall clock where it never does."""
    try:
        return counted.add(begin, allowed)
    except BeyondHorizon:
        # nobody works in these hours: rather a deadline by the wall clock than none
        return begin + allowed


def _standing(escalation: Escalation, kind: Kind) -> Clock | None:
    """The clock, while its obligation stands: in time, too late, or paused."""
    clock = escalation.clock(kind)
    if clock is None or clock.met_at is not None or clock.state in {ClockState.MET, ClockState.CANCELLED}:
        return None
    return clock


def _is_late(clock: Clock, now: datetime) -> bool:
    return clock.state == ClockState.RUNNING and now > clock.deadline


def _own_up(clock: Clock, now: datetime) -> None:
    """Whatever happens to a promise after its deadline happens to a broken one, even before the step could say so."""
    if clock.kind in (*PROMISES, Kind.ANSWER) and _is_late(clock, now):
        breach(clock)


def _quieten(clock: Clock, now: datetime) -> list[Clock]:
    if not is_paged(clock):
        return []
    clock.quiet_at = now
    clock.generation += 1
    return [clock]


def _add_pause(clock: Clock, counted: Calendar, since: datetime, until: datetime) -> None:
    clock.pauses = [*clock.pauses, [since.isoformat(), until.isoformat()]]
    clock.paused_s += round(counted.between(since, until).total_seconds())


def _aim(clock: Clock, counted: Calendar, deadline: datetime, now: datetime) -> None:
    """Points a clock at its deadline, and at the moment when 75 % of its own time has passed, pauses left out."""
    clock.deadline = deadline
    clock.generation += 1
    if clock.kind not in PROMISES:
        return
    paused = timedelta(seconds=clock.paused_s)
    allowed = counted.between(clock.started_at, deadline) - paused
    if allowed <= timedelta():  # a promise for a time outside working hours: by the clock on the wall
        clock.warn_at = clock.started_at + (deadline - clock.started_at) * WARN_AT
        return
    left = allowed * WARN_AT - (counted.between(clock.started_at, now) - paused)
    if left > timedelta():
        clock.warn_at = reached(counted, now, left)
    elif clock.warn_at is None and clock.state == ClockState.RUNNING:
        clock.warn_at = now  # the new terms are stricter: it is due soon already
    # else it was due soon before it paused: that was said then
