"""What each thing that happens to a clock does to all of its fields."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from handlers.escalations.rules import clocks
from handlers.working_time import ALWAYS, Calendar
from storage.clocks import Clock, ClockState, Kind
from storage.escalations import Escalation, Severity
from tests.handlers.escalations.rules.desk import TEN, Desk

ACK, RESOLVE, PROMISE, SILENCE = Kind.ACKNOWLEDGE, Kind.RESOLVE, Kind.PROMISE, Kind.SILENCE
RUNNING, PAUSED, MET, BREACHED, CANCELLED = (
    ClockState.RUNNING,
    ClockState.PAUSED,
    ClockState.MET,
    ClockState.BREACHED,
    ClockState.CANCELLED,
)
HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
Act = Callable[[Escalation, Kind, datetime], list[Clock]]
ACTS: dict[str, Act] = {
    "meet": clocks.meet,
    "cancel": clocks.cancel,
    "pause": clocks.pause,
    "resume": clocks.resume,
    "recompute": clocks.recompute,
    "acknowledge_breach": clocks.acknowledge_breach,
}


def fields(clock: Clock) -> dict[str, Any]:
    return {column.key: getattr(clock, column.key) for column in Clock.__table__.columns}


def changes(desk: Desk, kind: Kind, act: Act) -> dict[str, Any]:
    """What the act changed of the clock; nothing: it told of no clock."""
    before = fields(desk.clock(kind))
    touched = act(desk.escalation, kind, desk.now)
    after = fields(desk.clock(kind))
    different = {name: value for name, value in after.items() if value != before[name]}
    assert touched == ([desk.clock(kind)] if "generation" in different else [])
    return different


def breached(desk: Desk, kind: Kind = RESOLVE) -> Desk:
    desk.now = desk.clock(kind).deadline + HOUR
    clocks.breach(desk.clock(kind))
    return desk


def test_a_clock_starts_with_every_field_as_new() -> None:
    desk = Desk()
    assert fields(desk.clock(RESOLVE)) == {
        "escalation_id": 1,
        "kind": RESOLVE,
        "state": RUNNING,
        "generation": 1,
        "started_at": TEN,
        "warn_at": TEN + 6 * HOUR,
        "deadline": TEN + DAY,
        "paused_at": None,
        "pauses": [],
        "paused_s": 0,
        "met_at": None,
        "taken_s": None,
        "breached_at": None,
        "quiet_at": None,
        "pages": 0,
        "given": False,
    }


def test_a_clock_that_starts_anew_forgets_what_was() -> None:
    desk = Desk()
    clock = desk.clock(RESOLVE)
    clock.paused_at = clock.met_at = clock.breached_at = clock.quiet_at = TEN
    clock.taken_s, clock.pages, clock.paused_s, clock.pauses, clock.state = 9, 3, 60, [["a", "b"]], BREACHED
    desk.passes(hours=1)
    fresh = fields(Desk(now=desk.now).clock(RESOLVE))
    assert clocks.start(desk.escalation, RESOLVE, desk.now) == [clock]
    assert fields(clock) == {**fresh, "generation": 2}
    assert len(desk.escalation.clocks) == 3


def test_a_given_deadline_is_the_deadline_and_is_warned_of_at_three_quarters() -> None:
    desk = Desk()
    desk.passes(hours=1)
    assert clocks.start(desk.escalation, PROMISE, desk.now, until=desk.now + 2 * HOUR)
    clock = desk.clock(PROMISE)
    assert (clock.given, clock.deadline, clock.warn_at) == (True, desk.now + 2 * HOUR, desk.now + timedelta(minutes=90))
    tonight = desk.now + 8 * HOUR  # 19:00: six hours of work until then, of which four and a half pass first
    clocks.start(desk.escalation, PROMISE, desk.now, until=tonight)
    assert clock.warn_at == desk.now + timedelta(hours=4, minutes=30)


def test_a_promise_outside_working_hours_is_warned_of_by_the_clock_on_the_wall() -> None:
    evening = TEN + 9 * HOUR
    desk = Desk(now=evening, promise=evening + 4 * HOUR)
    assert desk.clock(PROMISE).warn_at == evening + 3 * HOUR


def test_without_terms_and_without_a_date_nothing_starts() -> None:
    desk = Desk(Severity.S4)
    assert clocks.start(desk.escalation, SILENCE, TEN) == []
    assert clocks.start(desk.escalation, Kind.HOLD, TEN) == []
    assert desk.escalation.clock(SILENCE) is None


@pytest.mark.parametrize(
    ("kind", "allowed", "always"),
    [
        (ACK, HOUR, False),
        (RESOLVE, 8 * HOUR, False),
        (PROMISE, 4 * HOUR, False),
        (SILENCE, 4 * HOUR, False),
        (Kind.CONFIRM, 2 * DAY, True),
        (Kind.ANSWER, None, True),
        (Kind.HOLD, None, True),
    ],
)
def test_each_kind_has_its_length_and_its_time(kind: Kind, allowed: timedelta | None, always: bool) -> None:
    escalation = Desk().escalation
    assert clocks.length(escalation, kind) == allowed
    assert clocks.time_of(escalation, kind).always is always
    assert clocks.time_of(Desk(Severity.S1).escalation, kind).always


def test_clocks_that_drive_one_step_are_not_warned_of() -> None:
    desk = Desk()
    desk.does("claim", "owner")
    desk.does("resolve", "owner")
    warned = {clock.kind for clock in desk.escalation.clocks if clock.warn_at is not None}
    assert warned == set(clocks.PROMISES) == {ACK, RESOLVE, PROMISE}


def test_meeting_a_clock() -> None:
    desk = Desk()
    desk.passes(hours=1)
    assert changes(desk, RESOLVE, clocks.meet) == {"state": MET, "met_at": desk.now, "taken_s": 3600, "generation": 2}
    assert changes(desk, RESOLVE, clocks.meet) == {}


def test_an_answer_takes_as_long_as_the_clock_on_the_wall_says() -> None:
    desk = Desk()
    clocks.start(desk.escalation, Kind.ANSWER, TEN, until=TEN + 2 * DAY)
    desk.now += DAY
    assert changes(desk, Kind.ANSWER, clocks.meet)["taken_s"] == DAY.total_seconds()


def test_meeting_a_paused_clock_counts_to_its_pause() -> None:
    desk = Desk()
    desk.passes(hours=1)
    clocks.pause(desk.escalation, RESOLVE, desk.now)
    desk.passes(hours=2)
    clocks.resume(desk.escalation, RESOLVE, desk.now)
    desk.passes(minutes=30)
    clocks.pause(desk.escalation, RESOLVE, desk.now)
    desk.passes(hours=1)
    assert changes(desk, RESOLVE, clocks.meet) == {"state": MET, "met_at": desk.now, "taken_s": 5400, "generation": 5}


def test_meeting_a_breached_clock_leaves_the_breach() -> None:
    desk = breached(Desk())
    assert changes(desk, RESOLVE, clocks.meet) == {"met_at": desk.now, "taken_s": 9 * 3600, "generation": 2}


def test_cancelling_a_clock() -> None:
    desk = Desk()
    assert changes(desk, RESOLVE, clocks.cancel) == {"state": CANCELLED, "generation": 2}
    assert changes(desk, RESOLVE, clocks.cancel) == {}
    assert changes(desk, RESOLVE, clocks.meet) == {}
    late = breached(Desk())
    assert changes(late, RESOLVE, clocks.cancel) == {"quiet_at": late.now, "generation": 2}
    assert changes(late, RESOLVE, clocks.cancel) == {}, "it is silent already"


def test_pausing_and_going_on() -> None:
    desk = Desk()
    desk.passes(hours=1)
    began = desk.now
    assert changes(desk, RESOLVE, clocks.pause) == {"state": PAUSED, "paused_at": began, "generation": 2}
    assert changes(desk, RESOLVE, clocks.pause) == {}
    desk.passes(hours=2)
    assert changes(desk, RESOLVE, clocks.resume) == {
        "state": RUNNING,
        "paused_at": None,
        "pauses": [[began.isoformat(), desk.now.isoformat()]],
        "paused_s": 7200,
        "deadline": TEN + DAY + 2 * HOUR,
        "warn_at": TEN + DAY,  # seven hours were left, five of them until the warning: Wednesday at 10:00
        "generation": 3,
    }
    assert changes(desk, RESOLVE, clocks.resume) == {}


def test_a_breached_clock_pauses_in_silence_and_stays_breached() -> None:
    desk = breached(Desk())
    began = desk.now
    assert changes(desk, RESOLVE, clocks.pause) == {"paused_at": began, "quiet_at": began, "generation": 2}
    desk.passes(hours=1)
    before = fields(desk.clock(RESOLVE))
    assert clocks.resume(desk.escalation, RESOLVE, desk.now) == []
    after = fields(desk.clock(RESOLVE))
    different = {name: value for name, value in after.items() if value != before[name]}
    assert different == {
        "paused_at": None,
        "pauses": [[began.isoformat(), desk.now.isoformat()]],
        "paused_s": 3600,
    }


@pytest.mark.parametrize(("after", "is_late"), [(timedelta(), False), (SECOND, True)])
@pytest.mark.parametrize("act", ["meet", "cancel", "pause"])
def test_what_happens_after_the_deadline_happens_to_a_breach(act: str, after: timedelta, is_late: bool) -> None:
    desk = Desk()
    desk.now = desk.clock(RESOLVE).deadline + after
    assert changes(desk, RESOLVE, ACTS[act]).get("breached_at") == (TEN + DAY if is_late else None)
    assert (desk.clock(RESOLVE).state == BREACHED) is is_late


def test_an_answer_that_comes_late_is_a_breach_and_a_hold_that_ends_late_is_none() -> None:
    desk = Desk()
    for kind, state in ((Kind.ANSWER, BREACHED), (Kind.HOLD, MET), (Kind.CONFIRM, MET)):
        clocks.start(desk.escalation, kind, TEN, until=TEN + HOUR)
        clocks.meet(desk.escalation, kind, TEN + 2 * HOUR)
        assert desk.clock(kind).state == state


def test_a_changed_severity_leaves_alone_what_it_does_not_move() -> None:
    desk = Desk()
    assert changes(desk, RESOLVE, clocks.recompute) == {}
    desk.escalation.severity = Severity.S3
    assert changes(desk, RESOLVE, clocks.recompute) == {
        "deadline": TEN + 3 * DAY,
        "warn_at": TEN + 2 * DAY + 2 * HOUR,
        "generation": 2,
    }
    clocks.start(desk.escalation, PROMISE, TEN, until=TEN + HOUR)
    desk.escalation.severity = Severity.S2
    assert changes(desk, PROMISE, clocks.recompute) == {}
    assert changes(breached(desk), RESOLVE, clocks.recompute) == {}


def test_stricter_terms_than_have_passed_are_due_at_once_where_the_clock_is_paused() -> None:
    desk = Desk(Severity.S3)
    desk.passes(hours=6)
    clocks.pause(desk.escalation, RESOLVE, desk.now)
    paused_at = desk.now
    desk.passes(minutes=30)
    desk.escalation.severity = Severity.S1  # four hours, of which six have passed
    desk.escalation.policy["S1"]["always"] = False
    assert changes(desk, RESOLVE, clocks.recompute) == {"deadline": paused_at, "warn_at": None, "generation": 3}


def test_stricter_terms_are_due_soon_at_once_where_three_quarters_have_passed() -> None:
    desk = Desk(Severity.S2)
    desk.passes(hours=4)
    desk.escalation.policy["S2"]["resolve_min"] = 300
    assert changes(desk, RESOLVE, clocks.recompute) == {
        "deadline": TEN + 5 * HOUR,
        "warn_at": desk.now,
        "generation": 2,
    }


def test_a_warning_that_was_given_before_a_pause_stays_where_it_was() -> None:
    desk = Desk()
    desk.passes(hours=6, minutes=30)  # half an hour after the warning
    clocks.pause(desk.escalation, RESOLVE, desk.now)
    desk.passes(hours=17)
    clocks.resume(desk.escalation, RESOLVE, desk.now)
    assert desk.clock(RESOLVE).warn_at == TEN + 6 * HOUR


def test_reopening_goes_on_with_what_was_left() -> None:
    desk = Desk()
    desk.passes(hours=2)
    resolved_at = desk.now
    clocks.meet(desk.escalation, RESOLVE, desk.now)
    desk.passes(days=1)
    assert changes(desk, RESOLVE, lambda one, _, now: clocks.reopen(one, resolved_at, now)) == {
        "state": RUNNING,
        "met_at": None,
        "taken_s": None,
        "pauses": [[resolved_at.isoformat(), desk.now.isoformat()]],
        "paused_s": 8 * 3600,
        "deadline": TEN + 2 * DAY,
        "warn_at": TEN + DAY + 6 * HOUR,
        "generation": 3,
    }


def test_reopening_a_breach_pages_nobody_and_keeps_since_when() -> None:
    desk = breached(Desk())
    resolved_at = desk.now
    clocks.meet(desk.escalation, RESOLVE, desk.now)
    desk.passes(minutes=5)
    clocks.reopen(desk.escalation, resolved_at, desk.now)
    clock = desk.clock(RESOLVE)
    assert (clock.state, clock.met_at, clock.quiet_at, clock.generation) == (BREACHED, None, desk.now, 3)
    clock.quiet_at = TEN
    clocks.reopen(desk.escalation, resolved_at, desk.now)
    assert clock.quiet_at == TEN


def test_a_breach_is_of_the_deadline_whenever_it_is_found() -> None:
    clock = breached(Desk()).clock(RESOLVE)
    assert (clock.state, clock.breached_at, clock.generation) == (BREACHED, clock.deadline, 1)


def test_seeing_a_breach_ends_its_pages_once() -> None:
    desk = breached(Desk())
    assert clocks.is_paged(desk.clock(RESOLVE))
    assert changes(desk, RESOLVE, clocks.acknowledge_breach) == {"quiet_at": desk.now, "generation": 2}
    assert not clocks.is_paged(desk.clock(RESOLVE))
    assert changes(desk, RESOLVE, clocks.acknowledge_breach) == {}
    assert changes(Desk(), RESOLVE, clocks.acknowledge_breach) == {}, "nothing is overdue"
    met = breached(Desk())
    clocks.meet(met.escalation, RESOLVE, met.now)
    assert not clocks.is_paged(met.clock(RESOLVE))


@pytest.mark.parametrize("act", ACTS)
def test_to_a_clock_that_never_started_nothing_happens(act: str) -> None:
    desk = Desk()
    assert ACTS[act](desk.escalation, SILENCE, TEN) == []
    desk.escalation.clocks = []
    assert clocks.reopen(desk.escalation, TEN, TEN) == []
    assert desk.escalation.clocks == []


@pytest.mark.parametrize(
    ("after", "state", "soon"),
    [
        (6 * HOUR - SECOND, RUNNING, False),
        (6 * HOUR, RUNNING, True),
        (DAY - SECOND, RUNNING, True),
        (DAY, RUNNING, False),
        (7 * HOUR, PAUSED, False),
    ],
)
def test_from_three_quarters_on_it_is_due_soon_and_then_overdue(
    after: timedelta, state: ClockState, soon: bool
) -> None:
    clock = Desk().clock(RESOLVE)
    clock.state = state
    assert clocks.is_due_soon(clock, TEN + after) is soon
    clock.warn_at = None
    assert not clocks.is_due_soon(clock, TEN + after)


def test_where_nobody_ever_works_a_deadline_is_by_the_clock_on_the_wall() -> None:
    assert clocks.reached(Calendar(()), TEN, 3 * HOUR) == clocks.reached(ALWAYS, TEN, 3 * HOUR) == TEN + 3 * HOUR


def test_a_case_knows_its_people() -> None:
    desk = Desk()
    assert desk.case.reporter is desk.people["reporter"]
    assert desk.case.owner is None
    desk.does("claim", "owner")
    assert desk.case.owner is desk.people["owner"]
    assert desk.case.known(1) is desk.people["reporter"]
    assert desk.case.known(99) is None
    of_the_team_alone = replace(desk.case, people={})
    assert of_the_team_alone.known(3) is desk.people["member"]
    assert of_the_team_alone.known(1) is None


def test_two_pauses_add_up() -> None:
    desk = Desk()
    for _ in range(2):
        clocks.pause(desk.escalation, RESOLVE, desk.now)
        desk.passes(minutes=30)
        clocks.resume(desk.escalation, RESOLVE, desk.now)
    assert desk.clock(RESOLVE).paused_s == 3600
    assert len(desk.clock(RESOLVE).pauses) == 2
    assert desk.clock(RESOLVE).deadline == TEN + DAY + HOUR
