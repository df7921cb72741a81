"""Who may do what to an escalation. Each `require_…` raises Refusal with the sentence for whoever may not."""

from handlers.escalations.rules.case import Case
from handlers.refusals import Refusal
from handlers.teams.rules import roles
from storage.people import Person

UNKNOWN = "I don’t know that escalation. `/escalate list` shows the ones you can open."
"""The same for one that isn't there and for one that somebody may not see: the answer tells nothing."""
ONLY_TEAM = "Only {team} can do this. You can post in the card’s thread, or ask {who}."
ONLY_REPORTER = "Only {reporter}, who raised {label}, or a manager of {team} can do this."
ONLY_INVOLVED = "Only {reporter}, who raised {label}, its owner or a manager of {team} can do this."


def may_see(case: Case, person: Person) -> bool:
    """An escalation whose card stands in a public channel exists for every member of the workspace; one in a private
    channel for its team, its heads, its reporter and its owner; a restricted one for its reporter, its owner and those
    named only. For admins as such none does. (`storage.escalations.visible_to` is the same for queries.)"""
    escalation = case.escalation
    if person.id in {escalation.reporter_id, escalation.owner_id}:
        return True
    if escalation.restricted:
        return person.id in case.viewers
    return not escalation.team_only or is_on_team(case, person)


def require_sight(case: Case, person: Person) -> None:
    if not may_see(case, person):
        raise Refusal(UNKNOWN)


def is_manager(case: Case, person: Person) -> bool:
    """Manages the team, or heads its department."""
    return roles.is_manager(case.facts, person) or roles.is_head(case.facts, person)


def is_on_team(case: Case, person: Person) -> bool:
    return is_manager(case, person) or roles.is_member(case.facts, person)


def require_team(case: Case, person: Person) -> None:
    require_sight(case, person)
    named = case.escalation.restricted and person.id in case.viewers
    if not (is_on_team(case, person) or named or person.id == case.escalation.owner_id):
        managers = " or ".join(manager.name for manager in case.facts.managers[:2]) or "its managers"
        raise Refusal(ONLY_TEAM, team=case.facts.team.name, who=managers)


def require_reporter(case: Case, person: Person) -> None:
    require_sight(case, person)
    if person.id != case.escalation.reporter_id and not is_manager(case, person):
        raise Refusal(ONLY_REPORTER, **_names(case))


def require_involved(case: Case, person: Person) -> None:
    """Reporter, owner or manager; or the team, while nobody owns it."""
    require_sight(case, person)
    escalation = case.escalation
    involved = person.id in {escalation.reporter_id, escalation.owner_id}
    if not (involved or is_manager(case, person) or (escalation.owner_id is None and is_on_team(case, person))):
        raise Refusal(ONLY_INVOLVED, **_names(case))


def _names(case: Case) -> dict[str, str]:
    return {"label": case.escalation.label, "team": case.facts.team.name, "reporter": case.reporter.name}
