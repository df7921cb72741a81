"""Places: never more than there are, first come first served, nobody waits beside a free one."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from handlers.training.rules import line
from storage.training import Answer, Place

capacities = st.one_of(st.none(), st.integers(1, 4))
said = st.tuples(st.integers(1, 7), st.sampled_from([Answer.GOING, Answer.NOT_GOING]))


class Session:
    """A session as the listeners keep it: each answer, then whoever is next in line."""

    def __init__(self, capacity: int | None) -> None:
        self.capacity = capacity
        self.places: list[Place] = []
        self.turn = 0

    def answers(self, person: int, wanted: Answer) -> Answer:
        became = line.answered(self.capacity, self.places, person, wanted)
        own = next((place for place in self.places if place.person_id == person), None)
        if own is None:
            own = Place(session_id=1, person_id=person, answered_at=datetime(2026, 6, 2, tzinfo=UTC))
            self.places.append(own)
        if own.answer != became:
            self.turn += 1
            own.answer, own.turn = became, self.turn
        self.fills()
        return became

    def fills(self) -> list[int]:
        promoted = line.next_in_line(self.capacity, self.places)
        for place in promoted:
            place.answer = Answer.GOING
        return [place.person_id for place in promoted]

    @property
    def going(self) -> list[int]:
        return [place.person_id for place in line.going(self.places)]

    @property
    def waiting(self) -> list[int]:
        return [place.person_id for place in line.waiting(self.places)]


@given(capacities, st.lists(said, max_size=30))
def test_never_more_than_the_places_and_nobody_waits_beside_a_free_one(
    capacity: int | None, happened: list[tuple[int, Answer]]
) -> None:
    session = Session(capacity)
    for person, wanted in happened:
        session.answers(person, wanted)
        assert capacity is None or len(session.going) <= capacity
        assert not session.waiting or len(session.going) == capacity


@given(st.integers(1, 3), st.lists(said, max_size=30))
def test_who_waits_keeps_their_turn_and_who_goes_their_place(capacity: int, happened: list[tuple[int, Answer]]) -> None:
    session = Session(capacity)
    for person, wanted in happened:
        going, waiting = session.going, session.waiting
        session.answers(person, wanted)
        if wanted == Answer.GOING:
            assert set(going) <= set(session.going)
            assert session.waiting[: len(waiting)] == waiting
        else:
            rest = [one for one in waiting if one != person]
            assert [one for one in session.waiting if one in rest] == [one for one in rest if one in session.waiting]
            promoted = [one for one in rest if one in session.going]
            assert promoted == rest[: len(promoted)]


@given(st.integers(1, 3), st.integers(1, 7), st.lists(said, max_size=20))
def test_more_places_go_to_the_first_in_line(capacity: int, more: int, happened: list[tuple[int, Answer]]) -> None:
    session = Session(capacity)
    for person, wanted in happened:
        session.answers(person, wanted)
    waiting = session.waiting
    session.capacity = capacity + more
    assert session.fills() == waiting[:more]
