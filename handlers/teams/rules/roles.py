"""Who may do what with a team. Every click is checked here, on our side; what a button shows is only a courtesy."""

from datetime import datetime

from handlers.teams.rules.duty import whose_turns
from storage.people import Person
from storage.team_facts import TeamFacts


def is_member(facts: TeamFacts, person: Person) -> bool:
    """In the team, as agent or manager."""
    return any(member.id == person.id for member, _ in facts.members)


def is_manager(facts: TeamFacts, person: Person) -> bool:
    return any(manager.id == person.id for manager in facts.managers)


def is_head(facts: TeamFacts, person: Person) -> bool:
    """Leads the team's department."""
    return any(head.id == person.id for head in facts.heads)


def may_manage(facts: TeamFacts, person: Person, *, is_admin: bool) -> bool:
    """May change the team, its people and its rota: its managers, and its workspace's admins (who thereby read nothing
    of its work)."""
    return (is_admin and facts.team.workspace_id == person.workspace_id) or is_manager(facts, person)


def may_stand_in(facts: TeamFacts, person: Person) -> bool:
    """May take a turn on duty: members, and whoever is in the rota already."""
    return is_member(facts, person) or in_rota(facts, person)


def in_rota(facts: TeamFacts, person: Person) -> bool:
    return any(turn.id == person.id for turn in facts.rota)


def may_give_away(facts: TeamFacts, person: Person, since: datetime, until: datetime, *, is_admin: bool) -> bool:
    """May let somebody else stand in: managers and admins at any time, others for nothing but their own turns."""
    if may_manage(facts, person, is_admin=is_admin):
        return True
    turns = whose_turns(facts, since, until)
    return bool(turns) and all(turn.id == person.id for turn in turns)
