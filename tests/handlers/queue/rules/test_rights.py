"""Who sees figures about one person: nobody, themselves, or their managers too, as each of their teams says."""

import itertools

import pytest

from handlers.queue.rules.rights import ORDER, PersonalMetrics, is_wider, visible_teams
from handlers.refusals import Refusal
from storage.people import Person
from storage.team_facts import TeamFacts
from tests.handlers.teams.people import facts, person, team

OFF, SELF, MANAGERS = PersonalMetrics.OFF, PersonalMetrics.SELF, PersonalMetrics.MANAGERS
BEN, AOIFE, JONAS, ADMIN = (
    person(name, number, is_admin=name == "Admin")
    for number, name in enumerate(("Ben", "Aoife", "Jonas", "Admin"), start=1)
)


def shared(name: str, level: PersonalMetrics, manager: Person = AOIFE) -> TeamFacts:
    one = team(name=name, personal_metrics=level)
    return facts(one, agents=(BEN,), managers=(manager,), heads=(JONAS,))


def seen(reader: Person, *teams: TeamFacts) -> list[str]:
    return [one.name for one in visible_teams(BEN, reader, teams)]


@pytest.mark.parametrize(("level", "seen_by"), [(OFF, []), (SELF, ["Ben"]), (MANAGERS, ["Ben", "Aoife"])])
def test_each_level_adds_its_readers_and_never_an_admin_or_a_head(level: PersonalMetrics, seen_by: list[str]) -> None:
    found = []
    for reader in (BEN, AOIFE, JONAS, ADMIN):
        try:
            assert seen(reader, shared("Care", level)) == ["Care"]
        except Refusal:
            continue
        found.append(reader.name)
    assert found == seen_by


def test_only_the_figures_of_the_teams_that_say_so_are_seen() -> None:
    care, sales = shared("Care", MANAGERS), shared("Sales", SELF)
    billing, returns = shared("Billing", MANAGERS, manager=JONAS), shared("Returns", OFF)
    assert seen(BEN, care, sales, billing, returns) == ["Care", "Sales", "Billing"]
    assert seen(AOIFE, care, sales, billing, returns) == ["Care"], "Sales is for Ben alone, Billing is Jonas’s"
    assert seen(JONAS, care, sales, billing, returns) == ["Billing"]


def test_who_may_not_is_told_the_same_whatever_the_reason() -> None:
    for reader, level in itertools.product((AOIFE, JONAS, ADMIN), (OFF, SELF)):
        with pytest.raises(Refusal) as refused:
            seen(reader, shared("Care", level))
        assert str(refused.value) == "Only Ben can see this."
    with pytest.raises(Refusal, match=r"^Only Ben can see this\.$"):
        seen(AOIFE)


def test_oneself_is_told_where_figures_are_switched_off_and_without_a_team_there_are_none() -> None:
    teams = [shared(name, OFF) for name in ("Care", "Sales", "Billing", "Returns")]
    with pytest.raises(Refusal) as refused:
        seen(BEN, *teams)
    assert str(refused.value) == "Figures about one person are switched off in Care and Sales and Billing."
    assert seen(BEN) == []


def test_a_level_is_wider_than_those_before_it() -> None:
    assert set(ORDER) == set(PersonalMetrics)
    assert is_wider(SELF, OFF)
    assert is_wider(MANAGERS, SELF)
    assert is_wider(MANAGERS, OFF)
    for one, other in itertools.product(PersonalMetrics, repeat=2):
        assert not (is_wider(one, other) and is_wider(other, one))
    assert not any(is_wider(one, one) for one in PersonalMetrics)
