"""Who said what about a session."""

from handlers.training.rules.gathering import Gathering
from storage.training import Answer, Place, Session
from tests.handlers.teams.people import TUESDAY, facts, person, team

BEN, MEI, RAMON, AOIFE = (person(name, number) for number, name in enumerate(("Ben", "Mei", "Ramon", "Aoife"), 1))
SAID = ((BEN, Answer.GOING), (MEI, Answer.WAITING), (RAMON, Answer.GOING), (AOIFE, Answer.NOT_GOING))


def test_those_who_answered_are_found_by_their_answer_in_their_order() -> None:
    answers = tuple((Place(session_id=1, person_id=one.id, answer=answer), one) for one, answer in SAID)
    session = Session(id=1, team_id=1, title="Refunds", host_id=AOIFE.id, starts_at=TUESDAY)
    gathering = Gathering(session, facts(team()), AOIFE, answers)
    assert gathering.places == [place for place, _ in answers]
    assert gathering.who(Answer.GOING) == [BEN, RAMON]
    assert gathering.who(Answer.WAITING) == [MEI]
    assert [gathering.answer_of(one.id) for one, _ in SAID] == [answer for _, answer in SAID]
    assert gathering.answer_of(99) is None
