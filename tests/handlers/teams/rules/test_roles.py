"""Who may do what with a team, and with its check-ins."""

from collections.abc import Callable

import pytest

from handlers.checkins.rules import rights
from handlers.teams.rules import roles
from storage.people import Person
from tests.handlers.teams.people import TUESDAY, facts, person, team

AGENT, MANAGER, HEAD, TURN, STRANGER = (
    person(name, number) for number, name in enumerate(("Agent", "Manager", "Head", "Turn", "Stranger"), start=1)
)
ADMIN = person("Admin", 6, is_admin=True)
ELSEWHERE = person("Elsewhere", 7, is_admin=True)
ELSEWHERE.workspace_id = "T2"
EVERYONE = (AGENT, MANAGER, HEAD, TURN, STRANGER, ADMIN, ELSEWHERE)
CARE = facts(team(), agents=(AGENT,), managers=(MANAGER,), heads=(HEAD,), rota=(TURN, AGENT))


RULES: dict[str, tuple[Callable[[Person], bool], set[str]]] = {
    "is in it": (lambda who: roles.is_member(CARE, who), {"Agent", "Manager"}),
    "manages it": (lambda who: roles.is_manager(CARE, who), {"Manager"}),
    "heads it": (lambda who: roles.is_head(CARE, who), {"Head"}),
    "may change it": (lambda who: roles.may_manage(CARE, who, is_admin=who.is_admin), {"Manager", "Admin"}),
    "has turns": (lambda who: roles.in_rota(CARE, who), {"Agent", "Turn"}),
    "may stand in": (lambda who: roles.may_stand_in(CARE, who), {"Agent", "Manager", "Turn"}),
    "may give this turn away": (
        lambda who: roles.may_give_away(CARE, who, TUESDAY, TUESDAY.replace(hour=12), is_admin=who.is_admin),
        {"Manager", "Turn", "Admin"},
    ),
    "reads what check-ins tell": (lambda who: rights.may_read_results(CARE, who), {"Manager", "Head"}),
    "starts one by hand": (lambda who: rights.may_start(CARE, who), {"Manager"}),
    "says when they are": (lambda who: rights.may_set_up(CARE, who, is_admin=who.is_admin), {"Manager", "Admin"}),
}


@pytest.mark.parametrize("rule", RULES)
def test_who_may_do_what(rule: str) -> None:
    may, allowed = RULES[rule]
    assert {who.name for who in EVERYONE if may(who)} == allowed


def test_where_the_rota_is_nobodys_turn_nothing_can_be_given_away() -> None:
    empty = facts(team(), agents=(AGENT,))
    assert not roles.may_give_away(empty, AGENT, TUESDAY, TUESDAY.replace(hour=12), is_admin=False)
    assert not roles.may_give_away(CARE, TURN, TUESDAY, TUESDAY, is_admin=False)
