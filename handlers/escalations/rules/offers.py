"""What may be done to an escalation now, and by whom: the one table behind every button and form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from handlers.escalations.rules import rights
from handlers.escalations.rules.case import Case
from handlers.refusals import Refusal
from storage.escalations import OPEN_STATES, State
from storage.people import Person


@dataclass(frozen=True)
class Offer:
    """A move: in which states it makes sense, and who may make it (raises Refusal for anybody else)."""

    states: tuple[State, ...]
    require: Callable[[Case, Person], None]
    while_unowned: bool = False

    def fits(self, case: Case) -> bool:
        """Whether the escalation is in a state for it."""
        escalation = case.escalation
        return escalation.state in self.states and not (self.while_unowned and escalation.owner_id is not None)


OFFERS: Mapping[str, Offer] = {
    "claim": Offer((State.WAITING, State.RETURNED, State.ON_HOLD), rights.require_team, while_unowned=True),
    "answer": Offer((State.RETURNED,), rights.require_reporter),
    "resume": Offer((State.ON_HOLD,), rights.require_involved),
    "update": Offer(OPEN_STATES, rights.require_involved),
    "return": Offer((State.WAITING, State.IN_PROGRESS), rights.require_team),
    "resolve": Offer(OPEN_STATES, rights.require_team),
    "confirm": Offer((State.RESOLVED,), rights.require_reporter),
    "reopen": Offer((State.RESOLVED,), rights.require_reporter),
    "severity": Offer(OPEN_STATES, rights.require_involved),
    "reassign": Offer(OPEN_STATES, rights.require_involved),
    "hold": Offer((State.WAITING, State.IN_PROGRESS), rights.require_involved),
    "join": Offer(OPEN_STATES, rights.require_sight),
    "restrict": Offer(tuple(State), rights.require_involved),
}


def offered(case: Case, person: Person) -> frozenset[str]:
    """The moves that this person may make now."""
    return frozenset(name for name, offer in OFFERS.items() if offer.fits(case) and _may(offer, case, person))


def _may(offer: Offer, case: Case, person: Person) -> bool:
    if offer is OFFERS["confirm"] and case.escalation.confirmed_at is not None:
        return False
    try:
        offer.require(case, person)
    except Refusal:
        return False
    return True
