"""The clock receipt: every start, pause, calendar rule and deadline, read from the append-only history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.escalations.rules.clocks import length, time_of
from handlers.working_time import Calendar, Stretch
from storage.clocks import ClockState, Kind
from storage.escalation_events import Event
from storage.escalations import Escalation

EXPLAINED = (Kind.ACKNOWLEDGE, Kind.RESOLVE, Kind.PROMISE)
GAPS_AT_MOST = 6

ACKNOWLEDGING = frozenset({"claimed", "reassigned", "accepted", "returned"})
"""What somebody does to an escalation by which it is acknowledged."""


@dataclass(frozen=True)
class Line:
    """What one event did to a clock."""

    at: datetime
    event: Event
    state: ClockState
    deadline: datetime
    paused: timedelta
    """Counted time that pauses have added so far."""
    moved: timedelta
    """How far the deadline moved against the line before (by the wall clock)."""


@dataclass(frozen=True)
class Receipt:
    kind: Kind
    allowed: timedelta | None
    """By the policy at the raising, under the present severity."""
    always: bool
    lines: tuple[Line, ...]
    gaps: tuple[Stretch, ...]
    """Stretches between start and deadline that did not count, and why; the first few."""
    further_gaps: int
    """How many more there are."""


def receipts(escalation: Escalation, history: Sequence[Event]) -> list[Receipt]:
    """One for each clock that was ever started."""
    made = []
    for kind in EXPLAINED:
        lines = _lines(kind, history)
        if lines:
            counted = time_of(escalation, kind)
            gaps = _gaps(counted, lines[0].at, lines[-1].deadline)
            made.append(
                Receipt(
                    kind,
                    length(escalation, kind),
                    counted.always,
                    tuple(lines),
                    tuple(gaps[:GAPS_AT_MOST]),
                    len(gaps[GAPS_AT_MOST:]),
                )
            )
    return made


def _lines(kind: Kind, history: Sequence[Event]) -> list[Line]:
    lines: list[Line] = []
    for event in history:
        for kept in event.clocks:
            if kept["kind"] != kind:
                continue
            deadline = datetime.fromisoformat(kept["deadline"])
            moved = deadline - lines[-1].deadline if lines else timedelta()
            paused = timedelta(seconds=kept["paused_s"])
            lines.append(Line(event.at, event, ClockState(kept["state"]), deadline, paused, moved))
    return lines


@dataclass(frozen=True)
class Earlier:
    """How an acknowledgement ended that was owed before its clock started anew."""

    state: ClockState
    """Met or breached."""
    deadline: datetime
    met_at: datetime | None
    """None: nobody acknowledged it, and then it fell away."""


def earlier_acknowledgements(escalation: Escalation, history: Sequence[Event]) -> list[Earlier]:
    """Of each time that the clock ran before its present start, oldest first; one that fell away in time is none."""
    clock = escalation.clock(Kind.ACKNOWLEDGE)
    ended: dict[str, Earlier] = {}
    for event in history:
        for kept in event.clocks:
            if kept["kind"] != Kind.ACKNOWLEDGE or kept["state"] not in {ClockState.MET, ClockState.BREACHED}:
                continue
            met_at = event.at if event.kind in ACKNOWLEDGING else None
            deadline = datetime.fromisoformat(kept["deadline"])
            ended[kept["started_at"]] = Earlier(ClockState(kept["state"]), deadline, met_at)
    if clock is not None:
        ended.pop(clock.started_at.isoformat(), None)
    return list(ended.values())


def _gaps(counted: Calendar, start: datetime, end: datetime) -> list[Stretch]:
    return [stretch for stretch in counted.explain(start, end) if not stretch.counts]
