"""Who sees and sets whose goals: each role, beside a person's, a team's and a department's goal."""

import contextlib
from collections.abc import Callable

import pytest

from handlers.goals.rules import rights
from handlers.refusals import Refusal
from storage.departments import Department
from storage.goal_circles import Circle
from storage.goals import Ending, Goal, State, Whose
from storage.people import Person
from storage.teams import Team
from tests.handlers.teams.people import person

AGENT, PEER, MANAGER, HEAD, NEIGHBOUR, STRANGER = (
    person(name, number)
    for number, name in enumerate(("Agent", "Peer", "Manager", "Head", "Neighbour", "Stranger"), start=1)
)
CARE, SALES = Team(id=10, name="Care", department_id=100), Team(id=11, name="Sales", department_id=100)
ALONE = Team(id=20, name="Alone", department_id=None)
SUPPORT = Department(id=100, name="Support")


def circle(me: Person, *teams: Team, manages: tuple[Team, ...] = (), leads: bool = False, people: int = 0) -> Circle:
    departments = {SUPPORT.id: SUPPORT} if any(one.department_id for one in teams) else {}
    reports = {AGENT.id: AGENT, PEER.id: PEER} if people else {}
    by_id = {one.id: one for one in teams}
    led = frozenset({SUPPORT.id}) if leads else frozenset[int]()
    return Circle(me.id, by_id, frozenset(one.id for one in manages), led, departments, reports)


CIRCLES = {
    "Agent": circle(AGENT, CARE),
    "Peer": circle(PEER, CARE),
    "Manager": circle(MANAGER, CARE, manages=(CARE,), people=2),
    "Head": circle(HEAD, CARE, SALES, leads=True),
    "Neighbour": circle(NEIGHBOUR, SALES, manages=(SALES,)),
    "Stranger": circle(STRANGER, ALONE),
}
TEAM = {"Agent", "Peer", "Manager", "Head"}
SEEN_AND_SET: dict[str, tuple[Whose, int, set[str], set[str]]] = {
    "the agent’s": (Whose.PERSON, AGENT.id, {"Agent", "Manager"}, {"Agent", "Manager"}),
    "the manager’s": (Whose.PERSON, MANAGER.id, {"Manager"}, {"Manager"}),
    "the team’s": (Whose.TEAM, CARE.id, TEAM, {"Manager", "Head"}),
    "the other team’s": (Whose.TEAM, SALES.id, {"Head", "Neighbour"}, {"Head", "Neighbour"}),
    "the department’s": (Whose.DEPARTMENT, SUPPORT.id, TEAM | {"Neighbour"}, {"Head"}),
    "a team’s without a department": (Whose.TEAM, ALONE.id, {"Stranger"}, set()),
}


def goal(whose: Whose = Whose.PERSON, whose_id: int = AGENT.id, state: State = State.OPEN, **more: object) -> Goal:
    return Goal(number=7, whose=whose, whose_id=whose_id, state=state, **more)


def who(rule: Callable[[Circle], object]) -> set[str]:
    """Those whom the rule lets; it says no with False or with a refusal."""
    found = set()
    for name, one in CIRCLES.items():
        with contextlib.suppress(Refusal):
            if rule(one) is not False:
                found.add(name)
    return found


@pytest.mark.parametrize("which", SEEN_AND_SET)
def test_who_sees_a_goal_and_who_sets_it(which: str) -> None:
    whose, whose_id, seen_by, set_by = SEEN_AND_SET[which]
    one = goal(whose, whose_id)
    assert who(lambda circle: rights.may_see(one, circle)) == seen_by
    assert who(lambda circle: rights.require_sight(one, circle)) == seen_by
    assert who(lambda circle: rights.may_set(whose, whose_id, circle)) == set_by
    assert who(lambda circle: rights.require_change(one, circle, name="Care")) == set_by


def refusal(ask: Callable[[], None]) -> str:
    with pytest.raises(Refusal) as refused:
        ask()
    return str(refused.value)


def test_who_may_not_see_a_goal_is_told_the_same_as_if_there_were_none() -> None:
    for require in (
        lambda: rights.require_sight(goal(), CIRCLES["Peer"]),
        lambda: rights.require_change(goal(), CIRCLES["Peer"], name="Agent"),
    ):
        assert refusal(require) == rights.UNKNOWN


@pytest.mark.parametrize(
    ("which", "sentence"),
    [
        ("the team’s", "Only the managers and heads of Care change its goals."),
        ("the department’s", "Only the heads of Care change its goals."),
    ],
)
def test_a_member_is_told_who_changes_a_goal(which: str, sentence: str) -> None:
    whose, whose_id, *_ = SEEN_AND_SET[which]
    told = refusal(lambda: rights.require_change(goal(whose, whose_id), CIRCLES["Agent"], name="Care"))
    assert told == sentence


def test_what_is_closed_says_how_it_ended() -> None:
    for state in set(State) - {State.CLOSED}:
        rights.require_open(goal(state=state))
    closed = goal(state=State.CLOSED, ending=Ending.MISSED)
    assert refusal(lambda: rights.require_open(closed)) == "G-7 is closed: missed. `/goal show G-7` shows how it ended."


def test_only_whose_goal_it_is_answers_it_and_only_while_it_waits() -> None:
    def answering(me: Person, state: State) -> Callable[[], None]:
        one = goal(state=state, ending=Ending.MET if state == State.CLOSED else None)
        return lambda: rights.require_answerable(one, me, name="Agent")

    answering(AGENT, State.PROPOSED)()
    assert refusal(answering(MANAGER, State.PROPOSED)) == "Only Agent can answer this."
    assert refusal(answering(AGENT, State.OPEN)) == "G-7 doesn’t wait for an answer any more."
    assert refusal(answering(AGENT, State.CLOSED)).startswith("G-7 is closed: met.")
