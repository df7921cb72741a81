"""Places: never more than there are, first come first served, nobody waits beside a free one."""

from datetime import UTC, datetime

import pytest
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


def place(person: int, answer: Answer, turn: int = 1) -> Place:
    return Place(session_id=1, person_id=person, answer=answer, turn=turn)


GOING, WAITING, NOT_GOING = Answer.GOING, Answer.WAITING, Answer.NOT_GOING


@pytest.mark.parametrize(
    ("capacity", "places", "wanted", "becomes"),
    [
        (None, [], GOING, GOING),
        (1, [], GOING, GOING),
        (1, [place(2, GOING)], GOING, WAITING),
        (2, [place(2, GOING)], GOING, GOING),
        (1, [place(2, NOT_GOING)], GOING, GOING),
        (2, [place(2, GOING), place(3, WAITING)], GOING, WAITING),  # a place is free, but others wait for it
        (2, [place(2, GOING), place(1, WAITING)], GOING, GOING),  # and this is who waits
        (1, [place(2, GOING), place(1, WAITING)], GOING, WAITING),
        (1, [place(1, GOING), place(2, WAITING)], GOING, GOING),
        (1, [place(1, GOING), place(2, GOING)], GOING, GOING),  # there are fewer places now: who goes, goes
        (1, [place(2, GOING)], NOT_GOING, NOT_GOING),
        (1, [place(1, WAITING)], NOT_GOING, NOT_GOING),
    ],
)
def test_what_an_answer_becomes(capacity: int | None, places: list[Place], wanted: Answer, becomes: Answer) -> None:
    assert line.answered(capacity, places, 1, wanted) == becomes


def test_the_line_is_in_the_order_of_its_turns() -> None:
    places = [place(1, WAITING, 9), place(2, GOING, 1), place(3, WAITING, 2), place(4, WAITING, 5)]
    assert [one.person_id for one in line.waiting(places)] == [3, 4, 1]
    for capacity, come in ((None, [3, 4, 1]), (1, []), (0, []), (2, [3]), (3, [3, 4])):
        assert [one.person_id for one in line.next_in_line(capacity, places)] == come
