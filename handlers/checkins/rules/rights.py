"""Who may do what with check-ins. Every click is checked here, on our side."""

from handlers.teams.rules import roles
from storage.people import Person
from storage.team_facts import TeamFacts


def may_read_results(facts: TeamFacts, person: Person) -> bool:
    """The team's managers, and the heads of its department. An admin is not thereby a reader."""
    return roles.is_manager(facts, person) or roles.is_head(facts, person)


def may_start(facts: TeamFacts, person: Person) -> bool:
    """Start a check-in by hand, and say what was done about a blocker."""
    return roles.is_manager(facts, person)


def may_set_up(facts: TeamFacts, person: Person, *, is_admin: bool) -> bool:
    """Switch them on and off, and say when; only an admin turns on named answers."""
    return roles.may_manage(facts, person, is_admin=is_admin)
