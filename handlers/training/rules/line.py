"""Who gets a place in a session: whoever comes first, then the waiting list in its order."""

from collections.abc import Iterable, Sequence

from storage.training import Answer, Place


def going(places: Iterable[Place]) -> list[Place]:
    return [place for place in places if place.answer == Answer.GOING]


def waiting(places: Iterable[Place]) -> list[Place]:
    """In the order in which they get a place."""
    return sorted((place for place in places if place.answer == Answer.WAITING), key=lambda place: place.turn)


def answered(capacity: int | None, places: Sequence[Place], person_id: int, wanted: Answer) -> Answer:
    """What somebody's answer becomes: who wants to come while every place is taken, or while others wait, is next in
    line. Who has a place keeps it, and who waits keeps their turn."""
    own = next((place.answer for place in places if place.person_id == person_id), None)
    if wanted == Answer.NOT_GOING or own == Answer.GOING:
        return wanted
    taken = len(going(places))
    others_wait = any(place.person_id != person_id for place in waiting(places))
    has_room = capacity is None or taken < capacity
    return Answer.GOING if has_room and not others_wait else Answer.WAITING


def next_in_line(capacity: int | None, places: Sequence[Place]) -> list[Place]:
    """Those who wait and for whom there is a place now, first come first."""
    in_line = waiting(places)
    return in_line if capacity is None else in_line[: max(0, capacity - len(going(places)))]
