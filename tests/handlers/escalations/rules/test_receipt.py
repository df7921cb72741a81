"""The clock receipt: what each event did to a clock, and why stretches of its time did not count."""

from datetime import timedelta

import pytest

from handlers.escalations.rules.receipt import GAPS_AT_MOST, Earlier, Receipt, earlier_acknowledgements, receipts
from storage.clocks import ClockState, Kind
from storage.escalations import Severity
from tests.handlers.escalations.rules.desk import TEN, Desk

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RUNNING, PAUSED, MET = ClockState.RUNNING, ClockState.PAUSED, ClockState.MET


def receipt(desk: Desk, kind: Kind) -> Receipt:
    return next(one for one in receipts(desk.escalation, desk.history) if one.kind == kind)


def test_each_event_that_touched_a_clock_is_a_line_of_its_receipt(desk: Desk) -> None:
    desk.does("claim", "owner")
    desk.passes(hours=1)
    desk.does("return", "owner")
    desk.passes(hours=2)
    desk.does("answer", "reporter")
    desk.passes(hours=1)
    desk.does("resolve", "owner")
    lines = [
        (line.event.kind, line.at - TEN, line.state, line.deadline - TEN, line.paused, line.moved)
        for line in receipt(desk, Kind.RESOLVE).lines
    ]
    assert lines == [
        ("raised", 0 * HOUR, RUNNING, DAY, 0 * HOUR, 0 * HOUR),
        ("returned", HOUR, PAUSED, DAY, 0 * HOUR, 0 * HOUR),
        ("answered", 3 * HOUR, RUNNING, DAY + 2 * HOUR, 2 * HOUR, 2 * HOUR),
        ("resolved", 4 * HOUR, MET, DAY + 2 * HOUR, 2 * HOUR, 0 * HOUR),
    ]


def test_clocks_that_were_started_have_a_receipt_and_no_others() -> None:
    kinds = [one.kind for one in receipts(Desk(Severity.S2).escalation, Desk(Severity.S2).history)]
    assert kinds == [Kind.ACKNOWLEDGE, Kind.RESOLVE, Kind.PROMISE]
    plain = Desk(Severity.S4)  # which promises no updates
    plain.does("claim", "owner")
    assert [one.kind for one in receipts(plain.escalation, plain.history)] == [Kind.ACKNOWLEDGE, Kind.RESOLVE]
    assert receipts(plain.escalation, []) == []


@pytest.mark.parametrize(
    ("severity", "allowed", "always"), [(Severity.S1, 4 * HOUR, True), (Severity.S2, 8 * HOUR, False)]
)
def test_it_says_how_long_is_allowed_and_in_which_time(severity: Severity, allowed: timedelta, always: bool) -> None:
    told = receipt(Desk(severity), Kind.RESOLVE)
    assert (told.allowed, told.always) == (allowed, always)


def test_what_did_not_count_lies_between_start_and_deadline(desk: Desk) -> None:
    gaps = receipt(desk, Kind.RESOLVE).gaps
    five = TEN + 7 * HOUR
    assert [(gap.start, gap.end, gap.reason) for gap in gaps] == [(five, five + 16 * HOUR, "outside hours")]
    assert receipt(desk, Kind.ACKNOWLEDGE).gaps == ()
    assert receipt(Desk(Severity.S1), Kind.RESOLVE).gaps == ()


def test_a_long_one_names_its_first_gaps_and_how_many_follow() -> None:
    told = receipt(Desk(Severity.S4), Kind.RESOLVE)
    gaps = told.gaps
    assert told.further_gaps > 0
    assert receipt(Desk(Severity.S2), Kind.RESOLVE).further_gaps == 0
    assert len(gaps) == GAPS_AT_MOST
    assert [gap.start for gap in gaps] == sorted(gap.start for gap in gaps)
    assert gaps[0].start == TEN + 7 * HOUR


def test_a_deadline_that_a_person_set_before_the_start_leaves_no_gap() -> None:
    desk = Desk(Severity.S3, promise=TEN - HOUR)
    assert receipt(desk, Kind.PROMISE).gaps == ()


def earlier(desk: Desk) -> list[Earlier]:
    return earlier_acknowledgements(desk.escalation, desk.history)


def test_only_an_acknowledgement_that_was_owed_anew_since_is_an_earlier_one(desk: Desk) -> None:
    desk.does("claim", "owner")
    desk.does("resolve", "owner")
    assert earlier(desk) == []
    desk.passes(hours=1)
    desk.does("reopen", "reporter")
    assert earlier(desk) == [Earlier(MET, TEN + HOUR, TEN)]
    assert earlier_acknowledgements(desk.escalation, []) == []


def test_an_earlier_acknowledgement_that_came_too_late_is_told_from_one_that_never_came(desk: Desk) -> None:
    desk.passes(hours=2)
    desk.does("return", "owner")
    desk.does("answer", "reporter")
    desk.passes(hours=2)
    desk.does("resolve", "owner")
    desk.passes(minutes=1)
    desk.does("reopen", "reporter")
    late = ClockState.BREACHED
    assert earlier(desk) == [Earlier(late, TEN + HOUR, TEN + 2 * HOUR), Earlier(late, TEN + 3 * HOUR, None)]


def test_an_acknowledgement_that_fell_away_in_time_is_no_earlier_one(desk: Desk) -> None:
    desk.does("resolve", "owner")
    desk.passes(minutes=1)
    desk.does("reopen", "reporter")
    assert earlier(desk) == []
