"""Who may do what with a team's training. Each `require_…` raises Refusal with the sentence for whoever may not.

Managers of the team and heads of its department lead its training; an admin as such doesn't, and reads nothing of it.
"""

from handlers.refusals import Refusal
from handlers.teams.rules import roles
from storage.people import Person
from storage.team_facts import TeamFacts
from storage.training import Item, Session

UNKNOWN = "That isn’t there any more, or it isn’t your team’s. `/training` shows what is."
"""The same for what isn't there and for what somebody may not see: the answer tells nothing."""
ONLY_LEADS = "Only those who lead {} can do this: {}."
ONLY_OWNER = "Only {} or those who lead {} can do this."
ONLY_HOST = "Only {}, who hosts it, or those who lead {} can do this."
NOT_INVITED = "This session is for {}. If you would like to come, ask its host, {}."
NOBODY = "nobody yet; an admin can name somebody"


def leads(facts: TeamFacts, person: Person) -> bool:
    return roles.is_manager(facts, person) or roles.is_head(facts, person)


def may_see(facts: TeamFacts, person: Person) -> bool:
    return roles.is_member(facts, person) or leads(facts, person)


def require_sight(facts: TeamFacts, person: Person) -> None:
    if not may_see(facts, person):
        raise Refusal(UNKNOWN)


def require_lead(facts: TeamFacts, person: Person) -> None:
    require_sight(facts, person)
    if not leads(facts, person):
        raise Refusal(ONLY_LEADS, facts.team.name, _leaders(facts))


def owns(facts: TeamFacts, item: Item, person: Person) -> bool:
    """Sees to the item, and is still of the team."""
    return item.owner_id == person.id and may_see(facts, person)


def require_owner(facts: TeamFacts, item: Item, person: Person, owner: Person) -> None:
    """Whoever sees to an item, or leads the team."""
    require_sight(facts, person)
    if not (leads(facts, person) or owns(facts, item, person)):
        raise Refusal(ONLY_OWNER, owner.name, facts.team.name)


def may_run(facts: TeamFacts, training: Session, person: Person) -> bool:
    """Changes a session, says who was there: its host and those who lead the team."""
    return leads(facts, person) or training.host_id == person.id


def require_run(facts: TeamFacts, training: Session, person: Person, host: Person) -> None:
    if training.host_id != person.id:
        require_sight(facts, person)
    if not may_run(facts, training, person):
        raise Refusal(ONLY_HOST, host.name, facts.team.name)


def require_invited(facts: TeamFacts, person: Person, host: Person) -> None:
    """Takes a place: whoever is of the team."""
    if not may_see(facts, person):
        raise Refusal(NOT_INVITED, facts.team.name, host.name)


def _leaders(facts: TeamFacts) -> str:
    everyone = {one.id: one for one in (*facts.managers, *facts.heads)}.values()
    return ", ".join(one.name for one in everyone) or NOBODY
