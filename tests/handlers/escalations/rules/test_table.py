"""The table of PRODUCT.md § 2, row by row: what each transition does to the three clocks that the card shows."""

from datetime import timedelta

import pytest

from handlers.escalations.rules import clocks
from handlers.escalations.rules.moves import Stale
from storage.clocks import ClockState, Kind
from storage.escalations import Severity, State
from tests.handlers.escalations.rules.desk import TEN, Desk

ACK, RESOLVE, PROMISE = Kind.ACKNOWLEDGE, Kind.RESOLVE, Kind.PROMISE


def test_raising_starts_all_three(desk: Desk) -> None:
    due = {kind: desk.clock(kind).deadline for kind in (ACK, RESOLVE, PROMISE)}
    # S2: 1 h, 8 h and 4 h of working time, 9:00 to 17:00 in Dublin; it is 10:00
    tomorrow_at_ten = TEN + timedelta(days=1)
    assert due == {ACK: TEN + timedelta(hours=1), RESOLVE: tomorrow_at_ten, PROMISE: TEN + timedelta(hours=4)}
    assert all(desk.clock(kind).state == ClockState.RUNNING for kind in due)


def test_a_promise_given_at_raising_is_the_deadline() -> None:
    desk = Desk(promise=TEN + timedelta(hours=2))
    assert desk.clock(PROMISE).deadline == TEN + timedelta(hours=2)
    assert desk.clock(PROMISE).given


@pytest.mark.parametrize("move", ["claim", "reassign"])
def test_an_owner_meets_acknowledge_and_leaves_the_others_running(desk: Desk, move: str) -> None:
    before = {kind: desk.clock(kind).deadline for kind in (RESOLVE, PROMISE)}
    desk.passes(minutes=20)
    desk.does(move, "member" if move == "claim" else "manager")
    assert desk.clock(ACK).state == ClockState.MET
    assert desk.clock(ACK).taken_s == 20 * 60
    assert {kind: desk.clock(kind).deadline for kind in before} == before
    assert all(desk.clock(kind).state == ClockState.RUNNING for kind in before)
    assert desk.escalation.state == State.IN_PROGRESS


def test_a_return_meets_acknowledge_pauses_resolve_and_gives_the_reporter_one_working_day(desk: Desk) -> None:
    desk.passes(minutes=10)
    desk.does("return", "member")
    assert desk.clock(ACK).state == ClockState.MET
    assert desk.clock(RESOLVE).state == ClockState.PAUSED
    assert desk.clock(PROMISE).state == ClockState.RUNNING
    assert desk.clock(Kind.ANSWER).deadline == TEN + timedelta(days=1, minutes=10)


def test_the_reporters_working_day_is_their_own_not_the_teams() -> None:
    desk = Desk()
    desk.people["reporter"].zone = "Asia/Manila"  # 17:00 there: their day is over
    desk.does("return", "member")
    assert desk.clock(Kind.ANSWER).deadline == TEN.replace(day=3, hour=9)  # 17:00 in Manila, the next day


def test_an_answer_restarts_acknowledge_in_full_while_nobody_owns_it(desk: Desk) -> None:
    desk.passes(minutes=30)
    desk.does("return", "member")
    desk.passes(minutes=45)
    desk.does("answer", "reporter")
    assert desk.escalation.state == State.WAITING
    assert desk.clock(ACK).state == ClockState.RUNNING
    assert desk.clock(ACK).deadline == desk.now + timedelta(hours=1)
    assert desk.clock(RESOLVE).deadline == TEN + timedelta(days=1, minutes=45)


def test_an_answer_to_an_owner_leaves_acknowledge_met(desk: Desk) -> None:
    desk.does("claim", "owner")
    desk.does("return", "owner")
    desk.passes(minutes=6)
    desk.does("answer", "reporter")
    assert desk.escalation.state == State.IN_PROGRESS
    assert desk.clock(ACK).state == ClockState.MET
    assert desk.clock(RESOLVE).deadline == TEN + timedelta(days=1, minutes=6)


def test_a_return_over_night_moves_the_deadline_by_its_working_time_alone(desk: Desk) -> None:
    desk.does("claim", "owner")
    desk.passes(hours=6, minutes=30)  # 16:30
    desk.does("return", "owner")
    desk.passes(hours=17)  # 9:30 the next morning: half an hour of today's, half an hour of tomorrow's
    desk.does("answer", "reporter")
    assert desk.clock(RESOLVE).paused_s == 3600
    assert desk.clock(RESOLVE).deadline == TEN + timedelta(days=1, hours=1)


def test_a_hold_leaves_acknowledge_alone_and_pauses_resolve(desk: Desk) -> None:
    desk.does("hold", "member")
    assert desk.clock(ACK).state == ClockState.RUNNING
    assert desk.clock(RESOLVE).state == ClockState.PAUSED
    assert desk.clock(PROMISE).state == ClockState.RUNNING
    desk.passes(hours=2)
    generation = desk.clock(ACK).generation
    desk.does("resume", "member")
    assert desk.clock(ACK).generation == generation
    assert desk.clock(RESOLVE).deadline == TEN + timedelta(days=1, hours=2)


def test_an_update_with_a_promise_restarts_the_promise_and_nothing_else(desk: Desk) -> None:
    desk.does("claim", "owner")
    desk.passes(hours=1)
    before = desk.clock(RESOLVE).deadline
    desk.does("update", "reporter", promise=desk.now + timedelta(minutes=90))
    assert desk.clock(PROMISE).deadline == desk.now + timedelta(minutes=90)
    assert desk.clock(RESOLVE).deadline == before
    assert desk.clock(ACK).state == ClockState.MET


def test_an_update_without_a_promise_leaves_the_promise_running(desk: Desk) -> None:
    before = desk.clock(PROMISE).generation
    desk.passes(minutes=5)
    desk.does("update", "reporter")
    assert desk.clock(PROMISE).generation == before


def test_a_customer_who_was_told_is_owed_nothing_where_the_policy_promises_nothing() -> None:
    desk = Desk(Severity.S4, promise=TEN + timedelta(hours=2))
    desk.does("update", "reporter", told=True)
    assert desk.clock(PROMISE).state == ClockState.MET


def test_a_changed_severity_recomputes_what_runs_from_the_raising() -> None:
    desk = Desk(Severity.S3)
    desk.passes(minutes=10)
    desk.does("severity", "member", to=Severity.S2)
    assert desk.clock(ACK).deadline == TEN + timedelta(hours=1)
    assert desk.clock(RESOLVE).deadline == TEN + timedelta(days=1)
    assert desk.clock(PROMISE).deadline == desk.now + timedelta(hours=4)


def test_a_changed_severity_leaves_met_and_breached_alone() -> None:
    desk = Desk(Severity.S2)
    desk.does("claim", "owner")
    desk.passes(days=2)
    clocks.breach(desk.clock(RESOLVE))
    met, missed = desk.clock(ACK).deadline, desk.clock(RESOLVE).deadline
    desk.does("severity", "owner", to=Severity.S3)
    assert (desk.clock(ACK).state, desk.clock(ACK).deadline) == (ClockState.MET, met)
    assert (desk.clock(RESOLVE).state, desk.clock(RESOLVE).deadline) == (ClockState.BREACHED, missed)


def test_a_changed_severity_takes_back_no_deadline_that_has_passed_unsaid() -> None:
    desk = Desk(Severity.S2)
    desk.does("claim", "owner")
    missed = desk.clock(RESOLVE).deadline
    desk.now = missed + timedelta(seconds=1)
    desk.does("severity", "owner", to=Severity.S3)
    assert desk.clock(RESOLVE).deadline == missed


def test_a_changed_severity_counts_the_same_pauses_in_the_new_time() -> None:
    desk = Desk(Severity.S2)
    desk.does("claim", "owner")
    desk.passes(hours=7)  # 17:00
    desk.does("return", "owner")
    desk.passes(hours=16)  # 9:00: no working time has passed
    desk.does("answer", "reporter")
    assert desk.clock(RESOLVE).paused_s == 0
    desk.does("severity", "owner", to=Severity.S1)  # 4 h in which every minute counts
    assert desk.clock(RESOLVE).paused_s == 16 * 3600
    assert desk.clock(RESOLVE).deadline == TEN + timedelta(hours=4 + 16)


def test_a_changed_severity_leaves_a_given_promise_alone() -> None:
    desk = Desk(Severity.S3, promise=TEN + timedelta(hours=2))
    desk.does("severity", "member", to=Severity.S1)
    assert desk.clock(PROMISE).deadline == TEN + timedelta(hours=2)


def test_a_severity_without_updates_cancels_the_default_promise(desk: Desk) -> None:
    desk.does("severity", "member", to=Severity.S4)
    assert desk.clock(PROMISE).state == ClockState.CANCELLED


def test_resolving_unclaimed_cancels_acknowledge_and_promise_and_meets_resolve(desk: Desk) -> None:
    desk.passes(minutes=30)
    desk.does("resolve", "member")
    assert desk.clock(ACK).state == ClockState.CANCELLED
    assert desk.clock(PROMISE).state == ClockState.CANCELLED
    assert desk.clock(RESOLVE).state == ClockState.MET
    assert desk.clock(RESOLVE).taken_s == 1800
    assert desk.clock(Kind.CONFIRM).deadline == desk.now + timedelta(days=2)


def test_resolving_too_late_is_a_breach_even_before_the_step_said_so(desk: Desk) -> None:
    desk.does("claim", "owner")
    desk.passes(days=1, seconds=1)
    desk.does("resolve", "owner")
    assert desk.clock(RESOLVE).state == ClockState.BREACHED
    assert desk.clock(RESOLVE).breached_at == desk.clock(RESOLVE).deadline
    assert desk.clock(RESOLVE).met_at == desk.now


def test_resolving_on_the_deadline_is_in_time(desk: Desk) -> None:
    desk.does("claim", "owner")
    desk.passes(days=1)
    desk.does("resolve", "owner")
    assert desk.clock(RESOLVE).state == ClockState.MET


def test_resolving_from_a_hold_counts_the_hold_out(desk: Desk) -> None:
    desk.does("claim", "owner")
    desk.passes(hours=1)
    desk.does("hold", "owner", until=desk.now + timedelta(days=7))
    desk.passes(days=5)
    desk.does("resolve", "owner")
    assert desk.clock(RESOLVE).state == ClockState.MET
    assert desk.clock(RESOLVE).taken_s == 3600


def test_reopening_restarts_acknowledge_continues_resolve_and_starts_the_promise(desk: Desk) -> None:
    desk.does("claim", "owner")
    desk.passes(hours=2)
    desk.does("resolve", "owner")
    desk.passes(hours=24)
    desk.does("reopen", "reporter")
    assert desk.escalation.state == State.WAITING
    assert desk.clock(ACK).deadline == desk.now + timedelta(hours=1)
    assert desk.clock(PROMISE).deadline == desk.now + timedelta(hours=4)
    # 6 of its 8 working hours were left: from noon on Wednesday, 5 that day and 1 on Thursday
    assert desk.clock(RESOLVE).state == ClockState.RUNNING
    assert desk.clock(RESOLVE).deadline == TEN.replace(day=4)
    assert desk.clock(Kind.CONFIRM).state == ClockState.CANCELLED


def test_reopening_a_breached_one_keeps_the_breach_and_pages_nobody(desk: Desk) -> None:
    desk.does("claim", "owner")
    desk.passes(days=2)
    desk.does("resolve", "owner")
    desk.does("reopen", "reporter")
    assert desk.clock(RESOLVE).state == ClockState.BREACHED
    assert desk.clock(RESOLVE).met_at is None
    assert not clocks.is_paged(desk.clock(RESOLVE))


def test_silence_is_measured_only_while_somebody_is_at_it(desk: Desk) -> None:
    assert desk.escalation.clock(Kind.SILENCE) is None
    desk.does("claim", "owner")
    assert desk.clock(Kind.SILENCE).deadline == TEN + timedelta(hours=4)
    desk.passes(hours=1)
    desk.does("update", "owner")
    assert desk.clock(Kind.SILENCE).deadline == TEN + timedelta(hours=5)
    desk.does("hold", "owner")
    assert desk.clock(Kind.SILENCE).state == ClockState.CANCELLED


def test_a_warning_comes_when_three_quarters_of_the_time_itself_have_passed_pauses_left_out(desk: Desk) -> None:
    desk.does("claim", "owner")
    assert desk.clock(RESOLVE).warn_at == TEN + timedelta(hours=6)
    desk.passes(hours=1)
    desk.does("hold", "owner", until=TEN + timedelta(days=30))
    desk.passes(days=7)
    desk.does("resume", "owner")
    # one of eight hours is used: five more until the warning, seven until the deadline
    assert desk.clock(RESOLVE).warn_at == desk.now + timedelta(hours=5)
    assert desk.clock(RESOLVE).deadline == desk.now + timedelta(hours=23)


def test_a_pause_after_the_deadline_hides_no_breach(desk: Desk) -> None:
    desk.does("claim", "owner")
    desk.passes(days=1, minutes=1)
    desk.does("return", "owner")
    assert desk.clock(RESOLVE).state == ClockState.BREACHED
    desk.passes(hours=1)
    desk.does("answer", "reporter")
    assert desk.clock(RESOLVE).state == ClockState.BREACHED


def test_whoever_says_that_they_are_on_it_is_the_only_one(desk: Desk) -> None:
    desk.passes(hours=1)
    clocks.breach(desk.clock(ACK))
    assert clocks.is_paged(desk.clock(ACK))
    generation = desk.clock(ACK).generation
    desk.does("see_breach", "manager")
    assert not clocks.is_paged(desk.clock(ACK))
    assert desk.clock(ACK).state == ClockState.BREACHED
    assert desk.clock(ACK).generation == generation + 1
    with pytest.raises(Stale):
        desk.does("see_breach", "member")
