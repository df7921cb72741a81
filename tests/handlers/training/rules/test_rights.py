"""Who may do what with training: each role of the table, for a team and a stranger to it."""

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from handlers.refusals import Refusal
from handlers.training.rules import rights
from storage.people import Person
from storage.training import Item, Session
from tests.handlers.teams.people import facts, person, team

AGENT, OWNER, HOST, MANAGER, HEAD, STRANGER, ADMIN = (
    person(name, number, is_admin=name == "Admin")
    for number, name in enumerate(("Agent", "Owner", "Host", "Manager", "Head", "Stranger", "Admin"), 1)
)
CARE = facts(team(), agents=(AGENT, OWNER, HOST), managers=(MANAGER,), heads=(HEAD,))
ITEM = Item(id=1, team_id=1, topic="Refunds", owner_id=OWNER.id)
SESSION = Session(id=1, team_id=1, title="Refunds", host_id=HOST.id, starts_at=datetime(2026, 6, 2, tzinfo=UTC))
EVERYONE = (AGENT, OWNER, HOST, MANAGER, HEAD, STRANGER, ADMIN)


RULES: dict[str, tuple[Callable[[Person], None], set[str]]] = {
    "sees": (lambda who: rights.require_sight(CARE, who), {"Agent", "Owner", "Host", "Manager", "Head"}),
    "leads": (lambda who: rights.require_lead(CARE, who), {"Manager", "Head"}),
    "changes the topic": (
        lambda who: rights.require_owner(CARE, ITEM, who, OWNER),
        {"Owner", "Manager", "Head"},
    ),
    "runs the session": (lambda who: rights.require_run(CARE, SESSION, who, HOST), {"Host", "Manager", "Head"}),
    "comes": (
        lambda who: rights.require_invited(CARE, who, HOST),
        {"Agent", "Owner", "Host", "Manager", "Head"},
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_who_may_do_what(rule: str) -> None:
    require, allowed = RULES[rule]
    did = set()
    for who in EVERYONE:
        with contextlib.suppress(Refusal):
            require(who)
            did.add(who.name)
    assert did == allowed


def test_whoever_hosts_a_session_runs_it_also_from_another_team() -> None:
    theirs = Session(id=2, team_id=1, title="Refunds", host_id=STRANGER.id, starts_at=SESSION.starts_at)
    rights.require_run(CARE, theirs, STRANGER, STRANGER)
    with pytest.raises(Refusal):
        rights.require_run(CARE, SESSION, STRANGER, HOST)


@pytest.mark.parametrize(
    ("rule", "who", "names"),
    [
        ("leads", AGENT, ("Care", "Manager, Head.")),
        ("changes the topic", AGENT, ("Owner", "Care")),
        ("runs the session", AGENT, ("Host", "Care")),
        ("comes", STRANGER, ("Host", "Care")),
    ],
)
def test_a_refusal_says_who_may(rule: str, who: Person, names: tuple[str, ...]) -> None:
    with pytest.raises(Refusal) as refused:
        RULES[rule][0](who)
    assert [name for name in names if name not in str(refused.value)] == []


@pytest.mark.parametrize("rule", ["sees", "leads", "changes the topic", "runs the session"])
def test_who_may_not_see_it_is_told_the_same_as_if_there_were_none(rule: str) -> None:
    with pytest.raises(Refusal) as refused:
        RULES[rule][0](STRANGER)
    assert str(refused.value) == rights.UNKNOWN
