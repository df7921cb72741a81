"""Everything that a decision about one escalation may look at, loaded under its lock."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from handlers.working_time import Calendar
from storage.clocks import Clock
from storage.escalation_events import Event
from storage.escalations import Escalation
from storage.people import Person
from storage.team_facts import TeamFacts


@dataclass(frozen=True)
class Case:
    escalation: Escalation
    facts: TeamFacts
    people: Mapping[int, Person]
    """Reporter, owners and whoever did the last thing, by id."""
    viewers: frozenset[int]
    """Who was named, if it is restricted."""
    last: Event | None
    """The last thing that a person did to it."""
    reporter_time: Calendar
    """When the reporter works: what they owe counts in their own time."""

    @property
    def reporter(self) -> Person:
        return self.people[self.escalation.reporter_id]

    def known(self, person_id: int) -> Person | None:
        """That person, if they are among those who were loaded with it."""
        return self.people.get(person_id) or self.facts.known(person_id)

    @property
    def owner(self) -> Person | None:
        owner_id = self.escalation.owner_id
        return None if owner_id is None else self.people[owner_id]


@dataclass(frozen=True)
class Change:
    """What a move did: a line of the history, and the clocks that it touched."""

    kind: str
    at: datetime
    actor_id: int | None
    """None: Backstop itself."""
    details: dict[str, Any] = field(default_factory=dict)
    clocks: tuple[Clock, ...] = ()


def changed(
    kind: str,
    *,
    now: datetime,
    actor: Person | None,
    clocks: Iterable[Clock] = (),
    **details: Any,
) -> Change:
    """A change without the details that nobody gave."""
    given = {name: value for name, value in details.items() if value not in (None, "")}
    touched = {clock.kind: clock for clock in clocks}  # a clock that two things happened to is told of once
    return Change(kind, now, actor.id if actor else None, given, tuple(touched.values()))
