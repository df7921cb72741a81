"""What holds of the clocks whatever people do, in whatever order, at whatever instant, under whatever policy."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from handlers.escalations.rules import clocks, policy
from handlers.escalations.rules.clocks import PROMISES
from handlers.escalations.rules.moves import Stale
from handlers.refusals import Refusal
from storage.clocks import Clock, ClockState, Kind
from storage.escalations import OPEN_STATES, Severity, State
from tests.handlers.escalations.rules.desk import TEN, Desk

TERMS = st.fixed_dictionaries(
    {
        "acknowledge_min": st.integers(1, 2000),
        "resolve_min": st.integers(1, 10_000),
        "update_min": st.none() | st.integers(5, 3000),
        "always": st.booleans(),
        "repeat_min": st.none() | st.integers(5, 1000),
    }
)
POLICIES = st.dictionaries(st.sampled_from([severity.value for severity in Severity]), TERMS)
SPANS = st.floats(0.01, 20_000).map(lambda minutes: timedelta(minutes=minutes)) | st.integers(1, 500).map(
    lambda quarters: timedelta(minutes=15 * quarters)
)
Shape = tuple[ClockState, datetime, datetime, datetime | None, datetime | None]


class Clocks(RuleBasedStateMachine):
    """People move an escalation about; the heartbeat says what is overdue, sometimes late."""

    desk: Desk

    @initialize(
        severity=st.sampled_from(Severity), nights=st.booleans(), terms=POLICIES, later=st.timedeltas(timedelta(0))
    )
    def raise_one(self, severity: Severity, nights: bool, terms: dict[str, Any], later: timedelta) -> None:
        at = TEN + later % timedelta(days=21)
        self.desk = Desk(severity, nights=nights, terms=terms, now=at)
        self.severity_changed_in_a_pause = False
        self.seen = self._shapes()

    def _shapes(self) -> dict[Kind, tuple[int, Shape]]:
        return {clock.kind: (clock.generation, _shape(clock)) for clock in self.desk.escalation.clocks}

    @rule(
        name=st.sampled_from(
            ["claim", "reassign", "update", "return", "answer", "hold", "resume", "resolve", "confirm", "reopen"]
        ),
        span=SPANS,
    )
    def somebody_moves(self, name: str, span: timedelta) -> None:
        self.desk.now += span
        self._tries(name)

    @rule(to=st.sampled_from(Severity), span=SPANS)
    def the_severity_changes(self, to: Severity, span: timedelta) -> None:
        self.desk.now += span
        if self.desk.clock(Kind.RESOLVE).paused_at is not None:
            self.severity_changed_in_a_pause = True
        self._tries("severity", to=to)

    @rule(ahead=SPANS, span=SPANS)
    def a_promise_is_given(self, ahead: timedelta, span: timedelta) -> None:
        self.desk.now += span
        self._tries("update", promise=self.desk.now + ahead)

    @rule(span=SPANS)
    def the_heart_beats(self, span: timedelta) -> None:
        self.desk.now += span
        for clock in self.desk.escalation.clocks:
            if clock.kind in PROMISES and clock.state == ClockState.RUNNING and clock.deadline <= self.desk.now:
                clocks.breach(clock)

    def _tries(self, name: str, **said: Any) -> None:
        try:
            self.desk.does(name, "manager", **said)
        except (Stale, Refusal):
            assert self._shapes() == self.seen, "a refused move changed a clock"

    @invariant()
    def a_generation_rises_exactly_when_its_clock_starts_stops_pauses_or_moves(self) -> None:
        shapes = self._shapes()
        for kind, (generation, shape) in shapes.items():
            old_generation, old_shape = self.seen.get(kind, (0, None))
            breached_by_itself = old_shape is not None and _breached(old_shape) == shape
            if shape == old_shape or breached_by_itself:
                assert generation == old_generation, kind
            else:
                assert generation > old_generation, kind
        self.seen = shapes

    @invariant()
    def the_resolve_deadline_allows_exactly_the_policys_time_beside_the_pauses(self) -> None:
        clock, escalation = self.desk.clock(Kind.RESOLVE), self.desk.escalation
        unsaid = clock.state == ClockState.RUNNING and clock.deadline < self.desk.now
        if clock.state not in {ClockState.RUNNING, ClockState.PAUSED} or unsaid or self.severity_changed_in_a_pause:
            return
        counted = clocks.time_of(escalation, Kind.RESOLVE)
        spans = ((datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in clock.pauses)
        paused = sum((counted.between(*span) for span in spans), timedelta())
        allowed = timedelta(minutes=policy.frozen_terms(escalation).resolve_min)
        assert counted.between(clock.started_at, clock.deadline) - paused == allowed

    @invariant()
    def resolve_is_paused_exactly_while_the_case_waits_for_somebody_else(self) -> None:
        clock = self.desk.clock(Kind.RESOLVE)
        elsewhere = self.desk.escalation.state in {State.RETURNED, State.ON_HOLD}
        assert (clock.paused_at is not None) == elsewhere
        assert (clock.state == ClockState.PAUSED) == (elsewhere and clock.state != ClockState.BREACHED)

    @invariant()
    def nothing_runs_on_a_resolved_case_but_its_confirmation(self) -> None:
        if self.desk.escalation.state == State.RESOLVED:
            running = {clock.kind for clock in self.desk.escalation.clocks if clock.state == ClockState.RUNNING}
            assert running <= {Kind.CONFIRM}
            assert not [clock for clock in self.desk.escalation.clocks if clocks.is_paged(clock)]

    @invariant()
    def a_waiting_case_is_owed_a_claim(self) -> None:
        escalation = self.desk.escalation
        if escalation.state == State.WAITING:
            assert escalation.owner_id is None
            assert self.desk.clock(Kind.ACKNOWLEDGE).state in {ClockState.RUNNING, ClockState.BREACHED}
        if escalation.state == State.IN_PROGRESS:
            assert escalation.owner_id is not None

    @invariant()
    def one_step_drives_each_state(self) -> None:
        state = self.desk.escalation.state
        driving = {State.RETURNED: Kind.ANSWER, State.ON_HOLD: Kind.HOLD}
        for only_in, kind in driving.items():
            clock = self.desk.escalation.clock(kind)
            runs = clock is not None and clock.state == ClockState.RUNNING
            assert runs == (state == only_in)

    @invariant()
    def a_warning_lies_before_its_deadline(self) -> None:
        for clock in self.desk.escalation.clocks:
            if clock.state == ClockState.RUNNING and clock.warn_at is not None:
                assert clock.warn_at <= max(clock.deadline, self.desk.now)

    @invariant()
    def nothing_takes_less_than_no_time(self) -> None:
        assert all(clock.taken_s is None or clock.taken_s >= 0 for clock in self.desk.escalation.clocks)
        assert self.desk.escalation.state in (*OPEN_STATES, State.RESOLVED)


def _shape(clock: Clock) -> Shape:
    return clock.state, clock.deadline, clock.started_at, clock.met_at, clock.quiet_at


def _breached(shape: Shape) -> Shape:
    return (ClockState.BREACHED, *shape[1:])


TestClocks = Clocks.TestCase
TestClocks.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)


def test_a_breach_stays_one_for_ever() -> None:
    desk = Desk(Severity.S2)
    desk.does("claim", "owner")
    desk.passes(days=2)
    for name, who in (
        ("return", "owner"),
        ("answer", "reporter"),
        ("hold", "owner"),
        ("resume", "owner"),
        ("severity", "owner"),
        ("resolve", "owner"),
        ("reopen", "reporter"),
        ("claim", "member"),
        ("resolve", "member"),
    ):
        desk.passes(minutes=5)
        desk.does(name, who)
        assert desk.clock(Kind.RESOLVE).state == ClockState.BREACHED, name
