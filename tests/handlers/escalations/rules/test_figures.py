"""Medians that really happened, budgets of misses, and what is too little to say."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.escalations.rules import figures
from handlers.escalations.rules.figures import TOO_FEW
from storage.clocks import ClockState
from storage.escalation_lists import Measured
from storage.escalations import RootCause, Severity
from tests.handlers.escalations.rules.desk import TEN

MINUTE = timedelta(minutes=1)


def case(number: int = 1, **more: object) -> Measured:
    plain = {
        "id": number,
        "severity": Severity.S2,
        "raised_at": TEN,
        "resolved_at": None,
        "root_cause": None,
        "is_repeat": False,
        "acknowledged_s": None,
        "resolve": ClockState.RUNNING,
        "resolve_s": None,
    }
    return Measured(**{**plain, **more})  # type: ignore[arg-type]  # a test's shorthand


@given(st.lists(st.timedeltas(timedelta(0), timedelta(days=9)), min_size=TOO_FEW))
def test_median_and_p90_are_nearest_rank(durations: list[timedelta]) -> None:
    spread = figures.spread(durations)
    for value, share in ((spread.median, 0.5), (spread.p90, 0.9)):
        assert value in durations
        assert sum(one <= value for one in durations) >= share * len(durations)
        assert sum(one < value for one in durations) < share * len(durations)


def test_ten_minutes_in_a_row() -> None:
    spread = figures.spread(MINUTE * n for n in range(10, 0, -1))
    assert (spread.n, spread.median, spread.p90) == (10, 5 * MINUTE, 9 * MINUTE)


def test_too_few_have_no_median() -> None:
    assert figures.spread([MINUTE, MINUTE]) == figures.Spread(2, None, None)


def test_what_was_not_decided_has_no_share() -> None:
    assert figures.line(None, [case()]).met_share is None


@pytest.mark.parametrize(("met", "missed", "left"), [(10, 0, 1), (9, 1, 0), (8, 2, -1), (0, 1, -1), (95, 5, 5)])
def test_a_month_may_miss_a_tenth(met: int, missed: int, left: int) -> None:
    cases = [case(resolve=ClockState.MET)] * met + [case(resolve=ClockState.BREACHED)] * missed
    assert figures.line(None, cases).misses_left == left


def test_a_line_for_each_severity_that_has_cases_and_one_for_all() -> None:
    lines = figures.lines([case(severity=Severity.S3), case(severity=Severity.S1), case(severity=Severity.S3)])
    assert [(line.severity, line.raised) for line in lines] == [(Severity.S1, 1), (Severity.S3, 2), (None, 3)]


def test_root_causes_come_most_frequent_first() -> None:
    causes = [RootCause.KNOWLEDGE_GAP, RootCause.PRODUCT_DEFECT, RootCause.PRODUCT_DEFECT, None]
    counted = figures.root_causes(case(root_cause=cause) for cause in causes)
    assert counted == [(RootCause.PRODUCT_DEFECT, 2), (RootCause.KNOWLEDGE_GAP, 1)]


def test_time_is_held_by_roles_until_the_case_is_resolved() -> None:
    turns = [
        (1, "returned", TEN + 10 * MINUTE),
        (1, "answered", TEN + 16 * MINUTE),
        (1, "held", TEN + 20 * MINUTE),
        (1, "resumed", TEN + 50 * MINUTE),
        (1, "resolved", TEN + 60 * MINUTE),
    ]
    held = figures.held_by_role([case(1), case(2)], turns, TEN + 100 * MINUTE)
    assert held == {"reporter": 6 * MINUTE, "team": (10 + 4 + 10 + 100) * MINUTE, "other team": 30 * MINUTE}


def test_a_line_counts_what_is_open_met_missed_and_how_long_it_took() -> None:
    met = case(resolve=ClockState.MET, resolved_at=TEN, acknowledged_s=60, resolve_s=600)
    missed = case(resolve=ClockState.BREACHED, resolved_at=TEN, acknowledged_s=120, resolve_s=1200)
    line = figures.line(Severity.S2, [met, met, missed, case(acknowledged_s=180)])
    assert (line.severity, line.raised, line.open, line.met, line.missed) == (Severity.S2, 4, 1, 2, 1)
    assert line.acknowledge == figures.Spread(4, MINUTE, 3 * MINUTE)
    assert line.resolve == figures.Spread(3, 10 * MINUTE, 20 * MINUTE)
    assert line.met_share == 2 / 3


def test_repeats_are_those_of_a_customer_who_had_one_before() -> None:
    assert figures.repeats([case(is_repeat=True), case(), case(is_repeat=True)]) == 2


def test_a_case_that_came_back_lies_with_the_team_again() -> None:
    turns = [(1, "resolved", TEN + 10 * MINUTE), (1, "reopened", TEN + 30 * MINUTE)]
    assert figures.held_by_role([case(1)], turns, TEN + 40 * MINUTE) == {"team": 20 * MINUTE}
    assert figures.held_by_role([case(1)], turns[:1], TEN + 40 * MINUTE) == {"team": 10 * MINUTE}
    assert figures.held_by_role([], [], TEN) == {}
