"""What of an anonymous poll may be published. What may not is not kept.

One rule: whatever can be read off the results of a question, by adding and subtracting them with each other and with
those of the WEEKS_COMPARED before, comes from nobody, or from enough people (handlers.polls.rules.subtraction). Enough
are FIVE, and they are five *others*: the answers of those who lead the poll don't count, as they read the result and
know their own; and where everybody who was asked reads it, it takes one more, as each of them knows theirs.

The teams that are shown by themselves are those with most answers; the smallest is left out until the rule holds.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from handlers.polls.rules.subtraction import leaves_a_few
from storage.ballots import Answers, Group, Loose
from storage.polls import Kind, Question, Results

FIVE = 5
WEEKS_COMPARED = 8
"""A result from longer ago is no answer of today: what somebody thinks has had time to change."""
FEW = "few"
DIFFERENCE = "difference"


@dataclass(frozen=True)
class Readers:
    """Who reads a result, and so knows an answer in it."""

    leading: Collection[int]
    """Ids of whoever asked, and of those who manage or head the teams."""
    everybody: bool
    """Whether those who were asked read it too."""

    @classmethod
    def of(cls, results: Results, leading: Collection[int]) -> "Readers":
        return cls(frozenset(leading), results != Results.MANAGERS)

    def face_enough(self, people: Collection[int]) -> bool:
        """Whether each of the readers is told the answers of five others, if these people answered."""
        others = sum(person not in self.leading for person in people)
        return others >= FIVE and len(people) >= self.least

    @property
    def least(self) -> int:
        """The fewest answers of which anything is shown."""
        return FIVE + self.everybody


@dataclass(frozen=True)
class Shown:
    """What becomes of the answers to one question."""

    held_back: str | None
    """FEW, DIFFERENCE, or None: published."""
    everybody: Group | None = None
    teams: Mapping[int, Group] = field(default_factory=dict)
    answers: Sequence[Loose] = ()


def publish(
    question: Question,
    ballots: Mapping[int, Answers],
    asked: Mapping[int, int | None],
    earlier: Collection[frozenset[int]] | None,
    readers: Readers,
) -> Shown:
    """`ballots`: everybody's answers, by person; `asked`: the team of each person asked; `earlier`: of whom each result
    of the same question was asked that is public already, None if they are too many to be looked at."""
    given = {person: answers[str(question.id)] for person, answers in ballots.items() if str(question.id) in answers}
    if not readers.face_enough(given):
        return Shown(FEW)
    everybody = Group(frozenset(asked), len(given))
    if question.kind == Kind.TEXT:  # words are nobody's share of a whole: there is nothing to subtract
        return Shown(None, everybody, {}, [Loose(question.id, None, text=str(value)) for value in given.values()])
    if earlier is None or not _may_stand([everybody], given, earlier, readers):
        return Shown(DIFFERENCE)
    groups = _groups(given, asked)
    shown = _teams(groups, everybody, given, earlier, readers)
    answers = [
        Loose(question.id, asked[person] if asked[person] in shown else None, option=option)
        for person, value in given.items()
        for option in (value if isinstance(value, list) else [value])
    ]
    return Shown(None, everybody, {team: groups[team] for team in shown}, answers)


def _may_stand(
    groups: Collection[Group], answered: Collection[int], earlier: Collection[frozenset[int]], readers: Readers
) -> bool:
    """Whether these may be published together, beside what is public already.

    Who is asked now and stays silent adds nothing to what is published now. Who was asked earlier is taken to have
    answered then: who did is not known any more.
    """
    silent = frozenset[int]().union(*(group.people for group in groups)).difference(answered)
    results = [people - silent for people in (*(group.people for group in groups), *earlier)]
    return not leaves_a_few(results, readers.face_enough)


def _groups(answered: Collection[int], asked: Mapping[int, int | None]) -> dict[int, Group]:
    found = {}
    for team in {team for team in asked.values() if team is not None}:
        people = frozenset(person for person, its in asked.items() if its == team)
        found[team] = Group(people, len(people.intersection(answered)))
    return found


def _teams(
    groups: Mapping[int, Group],
    everybody: Group,
    answered: Collection[int],
    earlier: Collection[frozenset[int]],
    readers: Readers,
) -> set[int]:
    """The teams that are shown by themselves."""
    if len(groups) < 2:
        return set()
    shown = sorted(
        (team for team, group in groups.items() if readers.face_enough(group.people.intersection(answered))),
        key=lambda team: groups[team].answered,
    )
    while shown and not _may_stand([everybody, *(groups[team] for team in shown)], answered, earlier, readers):
        shown.pop(0)
    return set(shown)
