"""Every role × every move, and every move in every state where it no longer fits."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.escalations.rules import clocks, moves, rights
from handlers.escalations.rules.moves import Stale
from handlers.refusals import Refusal
from storage.clocks import ClockState, Kind
from storage.escalations import State
from storage.memberships import Membership
from tests.handlers.escalations.rules.desk import MOVES, NAMES, Desk

TEAM = {"owner", "member", "colleague", "manager", "head"}
INVOLVED = {"reporter", "owner", "manager", "head"}
REPORTERS = {"reporter", "manager", "head"}
EVERYBODY = set(NAMES)


def waiting() -> Desk:
    return Desk()


def in_progress() -> Desk:
    desk = Desk()
    desk.does("claim", "owner")
    return desk


def returned() -> Desk:
    desk = in_progress()
    desk.does("return", "owner")
    return desk


def on_hold() -> Desk:
    desk = in_progress()
    desk.does("hold", "owner")
    return desk


def resolved() -> Desk:
    desk = in_progress()
    desk.does("resolve", "owner")
    return desk


def confirmed() -> Desk:
    desk = resolved()
    desk.does("confirm", "reporter")
    return desk


def breached() -> Desk:
    desk = Desk()
    desk.passes(hours=1)
    clocks.breach(desk.clock(Kind.ACKNOWLEDGE))
    return desk


STATES: dict[str, Callable[[], Desk]] = {
    "waiting": waiting,
    "in_progress": in_progress,
    "returned": returned,
    "on_hold": on_hold,
    "resolved": resolved,
    "confirmed": confirmed,
}
ALLOWED: dict[str, tuple[Callable[[], Desk], set[str]]] = {
    "claim": (waiting, TEAM),
    "reassign": (in_progress, INVOLVED),
    "update": (in_progress, INVOLVED),
    "return": (in_progress, TEAM),
    "answer": (returned, REPORTERS),
    "hold": (in_progress, INVOLVED),
    "resume": (on_hold, INVOLVED),
    "severity": (in_progress, INVOLVED),
    "resolve": (in_progress, TEAM),
    "confirm": (resolved, REPORTERS),
    "reopen": (resolved, REPORTERS),
    "join": (in_progress, EVERYBODY),
    "restrict": (in_progress, INVOLVED),
    "see_breach": (breached, TEAM),
}
FITS: dict[str, set[str]] = {
    "claim": {"waiting"},
    "reassign": {"waiting", "in_progress", "returned", "on_hold"},
    "update": {"waiting", "in_progress", "returned", "on_hold"},
    "return": {"waiting", "in_progress"},
    "answer": {"returned"},
    "hold": {"waiting", "in_progress"},
    "resume": {"on_hold"},
    "severity": {"waiting", "in_progress", "returned", "on_hold"},
    "resolve": {"waiting", "in_progress", "returned", "on_hold"},
    "confirm": {"resolved"},
    "reopen": {"resolved", "confirmed"},
    "join": {"waiting", "in_progress", "returned", "on_hold"},
    "see_breach": set(),
}


def test_every_move_is_tried() -> None:
    assert set(ALLOWED) == set(MOVES)
    assert set(FITS) == set(MOVES) - {"restrict"}  # which may be done in any state


@pytest.mark.parametrize("who", NAMES)
@pytest.mark.parametrize("move", MOVES)
def test_a_move_is_for_those_who_may(move: str, who: str) -> None:
    make, allowed = ALLOWED[move]
    desk = make()
    if who in allowed:
        desk.does(move, who)
        return
    with pytest.raises(Refusal) as refused:
        desk.does(move, who)
    assert str(refused.value).endswith((".", "?"))


@pytest.mark.parametrize(
    ("move", "sentence"),
    [
        ("confirm", "Only Reporter, who raised E-42, or a manager of Care can do this."),
        ("update", "Only Reporter, who raised E-42, its owner or a manager of Care can do this."),
    ],
)
def test_who_may_not_is_told_by_name_who_may(move: str, sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        ALLOWED[move][0]().does(move, "outsider")
    assert str(refused.value) == sentence


@pytest.mark.parametrize("move", ["reassign", "update", "hold", "severity", "restrict"])
def test_while_nobody_owns_it_the_whole_team_may_care_for_it(move: str) -> None:
    waiting().does(move, "member")
    with pytest.raises(Refusal):
        in_progress().does(move, "member")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("move", FITS)
def test_a_move_that_no_longer_fits_is_stale_and_changes_nothing(move: str, state: str) -> None:
    desk = STATES[state]()
    desk.passes(minutes=1)
    before = _everything(desk)
    if state in FITS[move]:
        desk.does(move, "manager")
        return
    with pytest.raises(Stale):
        desk.does(move, "manager")
    assert _everything(desk) == before


@pytest.mark.parametrize("state", ["returned", "on_hold"])
def test_an_owned_case_cant_be_claimed_from_under_its_owner(state: str) -> None:
    with pytest.raises(Stale):
        STATES[state]().does("claim", "member")


@pytest.mark.parametrize("move", ["return", "hold"])
def test_what_nobody_owns_can_be_claimed_while_it_waits_for_somebody_else(move: str) -> None:
    desk = waiting()
    desk.does(move, "member")
    state = desk.escalation.state
    desk.does("claim", "member")
    assert desk.escalation.state == state
    assert desk.clock(Kind.ACKNOWLEDGE).state == ClockState.MET


@pytest.mark.parametrize("who", NAMES)
@pytest.mark.parametrize("move", MOVES)
def test_a_restricted_one_doesnt_exist_for_those_not_named(move: str, who: str) -> None:
    desk = Desk(restricted=True)
    if who in {"reporter", "viewer"}:
        rights.require_sight(desk.case, desk.people[who])
        return
    with pytest.raises(Refusal, match="don’t know that escalation"):
        desk.does(move, who)


def test_whoever_is_named_on_a_restricted_one_may_take_it() -> None:
    desk = Desk(restricted=True)
    desk.does("claim", "viewer")
    desk.does("resolve", "viewer")
    assert desk.escalation.state == State.RESOLVED


def test_who_raised_a_restricted_one_is_not_on_the_team_for_that() -> None:
    with pytest.raises(Refusal, match=r"^Only Care can do this"):
        Desk(restricted=True).does("claim", "reporter")


@pytest.mark.parametrize("who", NAMES)
def test_one_in_a_private_channel_exists_for_its_team_and_its_reporter(who: str) -> None:
    desk = Desk()
    desk.escalation.team_only = True
    assert rights.may_see(desk.case, desk.people[who]) is (who in TEAM | {"reporter"})


@pytest.mark.parametrize(
    ("managers", "whom"),
    [
        ((), "its managers"),
        (("manager",), "Manager"),
        (("manager", "head", "viewer"), "Manager or Head"),
    ],
)
def test_the_first_two_managers_are_named_to_who_is_not_on_the_team(managers: tuple[str, ...], whom: str) -> None:
    desk = Desk()
    managing = Membership(is_manager=True, is_agent=False)
    desk.facts = replace(desk.facts, members=tuple((desk.people[name], managing) for name in managers))
    with pytest.raises(Refusal) as refused:
        desk.does("claim", "outsider")
    assert str(refused.value) == f"Only Care can do this. You can post in the card’s thread, or ask {whom}."


def test_an_owner_may_be_chosen_from_the_team_only() -> None:
    with pytest.raises(Refusal, match="isn’t in Care"):
        waiting().does("reassign", "manager", to="outsider")


def test_nobody_reopens_after_thirty_days() -> None:
    desk = resolved()
    desk.now += timedelta(days=30)
    desk.does("reopen", "reporter")
    desk = resolved()
    desk.now += timedelta(days=30, seconds=1)
    with pytest.raises(Refusal, match="more than 30 days ago"):
        desk.does("reopen", "reporter")


@pytest.mark.parametrize(("move", "field"), [("hold", "until"), ("update", "promise")])
def test_the_past_is_refused_at_its_field(move: str, field: str) -> None:
    desk = in_progress()
    with pytest.raises(Refusal, match="in the past"):
        desk.does(move, "owner", **{field: desk.now})


def _everything(desk: Desk) -> object:
    def columns(noun: object) -> dict[str, object]:
        return {name: value for name, value in vars(noun).items() if not name.startswith("_") and name != "clocks"}

    return columns(desk.escalation), [columns(clock) for clock in desk.escalation.clocks], len(desk.history)


@pytest.mark.parametrize("restricted", [True, False])
def test_who_may_see_a_case_is_changed_with_a_line_in_its_history(restricted: bool) -> None:
    desk = Desk(restricted=not restricted)
    viewer = desk.people["viewer"]
    desk.passes(minutes=5)
    change = moves.restrict(
        desk.case, desk.people["reporter"], desk.now, restricted=restricted, named=[viewer] if restricted else []
    )
    assert desk.escalation.restricted is restricted
    assert change.kind == ("restricted" if restricted else "unrestricted")
    assert change.actor_id == desk.people["reporter"].id
    assert change.at == desk.now == desk.escalation.changed_at == desk.escalation.last_word_at
    assert change.details.get("named") == ([viewer.id] if restricted else None)
