"""What is offered is exactly what can be done: to everybody, in every state."""

from collections.abc import Callable

import pytest

from handlers.escalations.rules.moves import Stale
from handlers.escalations.rules.offers import OFFERS, offered
from handlers.refusals import Refusal
from tests.handlers.escalations.rules.desk import NAMES, Desk
from tests.handlers.escalations.rules.test_rights import STATES


def restricted() -> Desk:
    return Desk(restricted=True)


def unowned(move: str) -> Callable[[], Desk]:
    def made() -> Desk:
        desk = Desk()
        desk.does(move, "member")
        return desk

    return made


PLACES = {**STATES, "restricted": restricted, "returned, unowned": unowned("return"), "held, unowned": unowned("hold")}


def can(make: Callable[[], Desk], move: str, who: str) -> bool:
    try:
        make().does(move, who)
    except (Stale, Refusal):
        return False
    return True


@pytest.mark.parametrize("who", NAMES)
@pytest.mark.parametrize("place", PLACES)
def test_what_is_offered_can_be_done_and_nothing_else(place: str, who: str) -> None:
    desk = PLACES[place]()
    assert offered(desk.case, desk.people[who]) == {move for move in OFFERS if can(PLACES[place], move, who)}
