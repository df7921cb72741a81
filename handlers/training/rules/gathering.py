"""A session with everybody who matters to it: what the rules decide about and the views show."""

from dataclasses import dataclass

from storage.people import Person
from storage.team_facts import TeamFacts
from storage.training import Answer, Place, Session


@dataclass(frozen=True)
class Gathering:
    """A session with everybody who matters to it; `answers` are those of who can still come."""

    training: Session
    facts: TeamFacts
    host: Person
    answers: tuple[tuple[Place, Person], ...]

    @property
    def places(self) -> list[Place]:
        return [place for place, _ in self.answers]

    def who(self, answer: Answer) -> list[Person]:
        """Those who answered so; who waits in the order of the line."""
        return [person for place, person in self.answers if place.answer == answer]

    def answer_of(self, person_id: int) -> Answer | None:
        return next((place.answer for place in self.places if place.person_id == person_id), None)
