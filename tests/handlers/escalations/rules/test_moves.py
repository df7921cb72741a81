"""What each move changes of a case, what its history's line tells, and which clocks it touched."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from handlers.escalations.rules import clocks, moves
from handlers.escalations.rules.case import Change, changed
from handlers.refusals import FormRefusal, Refusal
from storage.clocks import Clock, ClockState, Kind
from storage.escalations import Escalation, Outcome, RootCause, Severity, State
from tests.handlers.escalations.rules.desk import TEN, Desk
from tests.handlers.escalations.rules.test_rights import STATES

ACK, RESOLVE, PROMISE, SILENCE = Kind.ACKNOWLEDGE, Kind.RESOLVE, Kind.PROMISE, Kind.SILENCE
LATER = TEN + timedelta(minutes=1)
OWNER, MEMBER, COLLEAGUE = 2, 3, 9
NOBODY_HOLDS = {"hold_reason": None, "hold_until": None}
TOMORROW = LATER + timedelta(days=1)

# move: (in which state, who, the line's details, what changes of the case, which clocks are touched)
MOVED: dict[str, tuple[str, str, dict[str, Any], dict[str, Any], set[Kind]]] = {
    "claim": (
        "waiting",
        "member",
        {},
        {"state": State.IN_PROGRESS, "owner_id": MEMBER, "last_owner_id": MEMBER},
        {ACK, SILENCE},
    ),
    "reassign": (
        "in_progress",
        "owner",
        {"to": COLLEAGUE, "before": OWNER},
        {"owner_id": COLLEAGUE, "last_owner_id": COLLEAGUE},
        {SILENCE},
    ),
    "update": ("in_progress", "owner", {"news": "We are looking"}, {}, {SILENCE}),
    "return": (
        "in_progress",
        "owner",
        {"reason": "Which version?"},
        {"state": State.RETURNED, "returned_from": State.IN_PROGRESS, "returned_reason": "Which version?"},
        {RESOLVE, SILENCE, Kind.ANSWER},
    ),
    "answer": (
        "returned",
        "reporter",
        {"answer": "4.2"},
        {"state": State.IN_PROGRESS, "returned_from": None, "returned_reason": None},
        {Kind.ANSWER, RESOLVE, SILENCE},
    ),
    "hold": (
        "in_progress",
        "owner",
        {"reason": "Vendor", "until": TOMORROW.isoformat()},
        {"state": State.ON_HOLD, "hold_reason": "Vendor", "hold_until": TOMORROW},
        {RESOLVE, SILENCE, Kind.HOLD},
    ),
    "resume": (
        "on_hold",
        "owner",
        {},
        {"state": State.IN_PROGRESS, **NOBODY_HOLDS},
        {Kind.HOLD, RESOLVE, SILENCE},
    ),
    "severity": (
        "in_progress",
        "owner",
        {"before": "S2", "after": "S1", "reason": "Worse"},
        {"severity": Severity.S1},
        {RESOLVE, PROMISE, SILENCE},
    ),
    "resolve": (
        "returned",
        "member",
        {"outcome": "solved", "root_cause": "product_defect", "done": "Mended", "customer_told": True},
        {
            "state": State.RESOLVED,
            "outcome": Outcome.SOLVED,
            "root_cause": RootCause.PRODUCT_DEFECT,
            "done": "Mended",
            "customer_told": True,
            "resolved_at": LATER,
            "returned_from": None,
            "returned_reason": None,
        },
        {RESOLVE, PROMISE, Kind.ANSWER, Kind.CONFIRM},
    ),
    "confirm": ("resolved", "reporter", {}, {"confirmed_at": LATER}, {Kind.CONFIRM}),
    "reopen": (
        "confirmed",
        "reporter",
        {"reason": "It is back"},
        {"state": State.WAITING, "owner_id": None, "reopened": 1, "resolved_at": None, "confirmed_at": None},
        {RESOLVE, ACK, PROMISE},
    ),
    "join": ("in_progress", "outsider", {"ticket": "48213"}, {}, set()),
}
KINDS = {
    "claim": "claimed",
    "reassign": "reassigned",
    "update": "updated",
    "return": "returned",
    "answer": "answered",
    "hold": "held",
    "resume": "resumed",
    "severity": "severity",
    "resolve": "resolved",
    "confirm": "confirmed",
    "reopen": "reopened",
    "join": "joined",
}


def columns(escalation: Escalation) -> dict[str, Any]:
    return {column.key: getattr(escalation, column.key) for column in Escalation.__table__.columns}


def does(desk: Desk, move: str, who: str, **said: Any) -> tuple[Change, dict[str, Any]]:
    """(the change, what is different of the case afterwards, a minute later)."""
    before = columns(desk.escalation)
    desk.passes(minutes=1)
    change = desk.does(move, who, **said)
    after = columns(desk.escalation)
    return change, {name: value for name, value in after.items() if value != before[name]}


@pytest.mark.parametrize("move", MOVED)
def test_a_move_changes_this_of_its_case_and_tells_this(move: str) -> None:
    state, who, details, of_the_case, touched = MOVED[move]
    desk = STATES[state]()
    change, different = does(desk, move, who)
    assert different == {**of_the_case, "changed_at": LATER, "last_word_at": LATER}
    assert (change.kind, change.at, change.actor_id) == (KINDS[move], LATER, desk.people[who].id)
    assert change.details == details
    assert {clock.kind for clock in change.clocks} == touched


def test_what_nobody_owned_waits_again_after_an_answer_or_a_hold() -> None:
    for away, back, who in (("return", "answer", "reporter"), ("hold", "resume", "member")):
        desk = Desk()
        desk.does(away, "member")
        _, different = does(desk, back, who)
        assert different["state"] == State.WAITING
        assert desk.escalation.clock(SILENCE) is None


def test_a_case_is_returned_from_where_it_was() -> None:
    desk = Desk()
    desk.does("return", "member")
    assert desk.escalation.returned_from == State.WAITING


def test_returning_what_waits_tells_that_it_was_acknowledged() -> None:
    change, _ = does(Desk(), "return", "member")
    assert {clock.kind for clock in change.clocks} == {ACK, RESOLVE, Kind.ANSWER}


def test_raising_tells_the_severity_and_starts_the_clocks() -> None:
    desk = Desk(Severity.S4)
    raised = desk.history[0]
    assert (raised.kind, raised.at, raised.actor_id) == ("raised", TEN, desk.people["reporter"].id)
    assert raised.details == {"severity": "S4"}
    assert [clock["kind"] for clock in raised.clocks] == [ACK, RESOLVE], "S4 promises no updates"


def test_whoever_resolves_what_nobody_owned_owned_it_at_last() -> None:
    desk = Desk()
    _, different = does(desk, "resolve", "member")
    assert (different["owner_id"], different["last_owner_id"]) == (MEMBER, MEMBER)


def test_resolving_for_an_owner_leaves_it_theirs_and_names_what_it_duplicates() -> None:
    desk = STATES["in_progress"]()
    other = Escalation(id=7, number=41)
    change = moves.resolve(
        desk.case,
        desk.people["member"],
        desk.now,
        outcome=Outcome.DUPLICATE,
        root_cause=RootCause.NOT_KNOWN,
        done="",
        customer_told=False,
        duplicate_of=other,
    )
    assert (desk.escalation.owner_id, desk.escalation.last_owner_id) == (OWNER, OWNER)
    assert desk.escalation.duplicate_of_id == 7
    assert change.details == {
        "outcome": "duplicate",
        "root_cause": "not_known",
        "customer_told": False,
        "duplicate_of": "E-41",
    }


def test_resolving_cancels_every_obligation_and_ends_a_hold() -> None:
    desk = Desk()
    desk.does("hold", "member")
    change, different = does(desk, "resolve", "member")
    assert {name: different[name] for name in NOBODY_HOLDS} == NOBODY_HOLDS
    assert {clock.kind: clock.state for clock in change.clocks} == {
        RESOLVE: ClockState.MET,
        ACK: ClockState.CANCELLED,
        PROMISE: ClockState.CANCELLED,
        Kind.HOLD: ClockState.CANCELLED,
        Kind.CONFIRM: ClockState.RUNNING,
    }


def test_by_itself_a_hold_ends_and_a_resolution_is_confirmed() -> None:
    desk = STATES["on_hold"]()
    resumed = moves.resume(desk.case, None, LATER, late_min=7)
    assert (resumed.actor_id, resumed.details) == (None, {"late_min": 7})
    assert (desk.escalation.changed_at, desk.escalation.last_word_at) == (LATER, TEN), "nobody said a word"
    desk = STATES["resolved"]()
    assert moves.confirm(desk.case, None, LATER).actor_id is None


def test_an_update_with_a_promise_or_that_the_customer_was_told_is_told() -> None:
    promise = LATER + timedelta(minutes=90)
    change, _ = does(STATES["in_progress"](), "update", "owner", promise=promise)
    assert change.details == {"news": "We are looking", "promise": promise.isoformat()}
    assert {clock.kind for clock in change.clocks} == {PROMISE, SILENCE}
    desk = STATES["in_progress"]()
    change, _ = does(desk, "update", "owner", told=True)
    assert change.details == {"news": "We are looking", "told": True}
    assert desk.clock(PROMISE).deadline == LATER + timedelta(hours=4)


@pytest.mark.parametrize(("state", "is_silence"), [("waiting", False), ("in_progress", True), ("on_hold", False)])
def test_a_word_in_the_thread_is_activity_while_somebody_is_at_it(state: str, is_silence: bool) -> None:
    desk = STATES[state]()
    before = desk.escalation.changed_at
    desk.passes(minutes=30)
    touched = moves.hear_word(desk.case, desk.now)
    assert [clock.kind for clock in touched] == ([SILENCE] if is_silence else [])
    assert desk.escalation.last_word_at == desk.now
    assert desk.escalation.changed_at == before
    if is_silence:
        assert desk.clock(SILENCE).deadline == desk.now + timedelta(hours=4)


def test_whoever_has_it_already_cant_be_given_it() -> None:
    with pytest.raises(Refusal, match=r"^Owner already owns E-42\.$"):
        STATES["in_progress"]().does("reassign", "manager", to="owner")


def test_refusals_of_a_form_stand_at_their_field() -> None:
    for state, move, said, errors in (
        ("waiting", "reassign", {"to": "outsider"}, {"to": "Outsider isn’t in Care. Choose"}),
        ("waiting", "severity", {"to": Severity.S2}, {"severity": "E-42 is S2 already."}),
        ("waiting", "hold", {"until": TEN}, {"until": moves.PAST}),
        ("waiting", "update", {"promise": TEN}, {"promise": moves.PAST}),
        ("waiting", "hold", {"until": TEN.replace(year=2099)}, {"until": moves.TOO_FAR}),
        ("waiting", "update", {"promise": TEN.replace(year=2062)}, {"promise": moves.TOO_FAR}),
    ):
        with pytest.raises(FormRefusal) as refused:
            STATES[state]().does(move, "manager", **said)
        ((field, sentence),) = refused.value.errors.items()
        assert errors.keys() == {field}
        assert sentence.startswith(errors[field])


def test_what_is_too_late_to_reopen_names_the_case_to_mention() -> None:
    desk = STATES["resolved"]()
    desk.passes(days=31)
    with pytest.raises(Refusal) as refused:
        desk.does("reopen", "reporter")
    assert str(refused.value) == (
        "E-42 was resolved more than 30 days ago. Raise a new one with `/escalate` and mention E-42 in it."
    )


def test_reassigning_to_somebody_named_on_a_restricted_one_is_allowed() -> None:
    desk = Desk(restricted=True)
    change = desk.does("reassign", "reporter", to="viewer")
    assert change.details == {"to": desk.people["viewer"].id}


def test_who_is_on_a_breach_is_told_of_its_clock() -> None:
    desk = Desk()
    desk.passes(hours=1)
    desk.clock(ACK).state = ClockState.BREACHED
    change = desk.does("see_breach", "manager")
    assert (change.kind, change.details) == ("seen", {"clock": "acknowledge"})
    assert [clock.kind for clock in change.clocks] == [ACK]


def clock(kind: Kind, at: datetime) -> Clock:
    return Clock(kind=kind, deadline=at)


def test_a_line_leaves_out_what_nobody_gave_and_tells_of_a_clock_once_as_it_is_at_last() -> None:
    early, late = clock(ACK, TEN), clock(ACK, LATER)
    other = clock(RESOLVE, TEN)
    change = changed("x", now=TEN, actor=None, clocks=[early, other, late], no=False, none=None, empty="", zero=0)
    assert change == Change("x", TEN, None, {"no": False, "zero": 0}, (late, other))


def test_giving_somebody_what_waits_touches_both_clocks() -> None:
    change, _ = does(Desk(), "reassign", "manager")
    assert {clock.kind for clock in change.clocks} == {ACK, SILENCE}


def test_an_answer_that_nobody_waits_for_restarts_the_claim_beside_the_others() -> None:
    desk = Desk()
    desk.does("return", "member")
    change, _ = does(desk, "answer", "reporter")
    assert {clock.kind for clock in change.clocks} == {Kind.ANSWER, RESOLVE, ACK}


def test_news_alone_tell_nothing_to_the_customer() -> None:
    desk = STATES["in_progress"]()
    change = moves.update(desk.case, desk.people["owner"], LATER, news="We are looking")
    assert change.details == {"news": "We are looking"}
    assert [clock.kind for clock in change.clocks] == [SILENCE]


def test_joining_keeps_the_ticket_and_the_note() -> None:
    desk = Desk()
    change = moves.join(desk.case, desk.people["outsider"], LATER, ticket="48213", note="Same here")
    assert change.details == {"ticket": "48213", "note": "Same here"}


def test_seeing_a_breach_is_somebodys_at_an_instant() -> None:
    desk = Desk()
    desk.passes(hours=2)
    clocks.breach(desk.clock(ACK))
    change = desk.does("see_breach", "manager")
    assert (change.actor_id, change.at) == (desk.people["manager"].id, desk.now)
    assert desk.escalation.last_word_at == desk.escalation.changed_at == desk.now


def test_a_changed_severity_measures_silence_by_its_own_terms() -> None:
    desk = STATES["in_progress"]()
    desk.passes(minutes=30)
    desk.does("severity", "owner", to=Severity.S1)
    assert (desk.clock(SILENCE).state, desk.clock(SILENCE).deadline) == (
        ClockState.RUNNING,
        desk.now + timedelta(hours=1),
    )
    change = desk.does("severity", "owner", to=Severity.S4)  # which promises no updates
    assert desk.clock(SILENCE).state == desk.clock(PROMISE).state == ClockState.CANCELLED
    assert {SILENCE, PROMISE} <= {clock.kind for clock in change.clocks}


def test_a_case_may_come_back_more_than_once_and_its_confirmation_falls_away() -> None:
    desk = Desk()
    for times in (1, 2):
        desk.does("resolve", "member")
        desk.passes(days=3)
        change = desk.does("reopen", "reporter")
        assert desk.escalation.reopened == times
        assert {clock.kind for clock in change.clocks} == {Kind.CONFIRM, RESOLVE, ACK, PROMISE}
        assert desk.clock(Kind.CONFIRM).state == ClockState.CANCELLED
