"""What of an anonymous poll may be published. What may not is not kept.

1. A group's answers are shown from THRESHOLD answers on.
2. What is left when the shown teams are taken from everybody is empty or has THRESHOLD answers too: else the team with
   the fewest answers is not shown by itself either (complementary suppression, as statistics offices do it).
3. Set beside an earlier result of the same question, what differs must not come from fewer than THRESHOLD people: if
   one to four people joined or left those who were asked, and nearly everybody answered, a subtraction would show what
   those few said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from storage.ballots import Answers, Group, Loose
from storage.polls import Kind, Question

THRESHOLD = 5
FEW = "few"
DIFFERENCE = "difference"


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
    ballots: Sequence[tuple[int | None, Answers]],
    asked: Mapping[int, int | None],
    earlier: Sequence[Group],
) -> Shown:
    """`ballots`: (team, answers) of everybody; `asked`: the team of each person asked, by id; `earlier`: groups whose
    answers to the same question are public already."""
    given = [(team, answers[str(question.id)]) for team, answers in ballots if str(question.id) in answers]
    if len(given) < THRESHOLD:
        return Shown(FEW)
    everybody = Group(frozenset(asked), len(given))
    if question.kind == Kind.TEXT:  # words are nobody's share of a whole: there is nothing to subtract
        return Shown(None, everybody, {}, [Loose(question.id, None, text=str(value)) for _, value in given])
    if any(is_too_close(everybody, other) for other in earlier):
        return Shown(DIFFERENCE)
    groups = _groups([team for team, _ in given], asked)
    shown = _teams(groups, everybody, earlier)
    answers = [
        Loose(question.id, team if team in shown else None, option=option)
        for team, value in given
        for option in (value if isinstance(value, list) else [value])
    ]
    return Shown(None, everybody, {team: groups[team] for team in shown}, answers)


def is_too_close(one: Group, other: Group) -> bool:
    """Whether what differs between two results could come from fewer than THRESHOLD people of whom some are known.

    Who was asked is known to everybody; who of them answered, to nobody.
    """
    known = len(one.people ^ other.people)
    silent = len(one.people) - one.answered + len(other.people) - other.answered
    return 0 < known < THRESHOLD and known + silent < THRESHOLD


def _groups(answered: Sequence[int | None], asked: Mapping[int, int | None]) -> dict[int, Group]:
    return {
        team: Group(frozenset(person for person, its in asked.items() if its == team), answered.count(team))
        for team in {team for team in asked.values() if team is not None}
    }


def _teams(groups: Mapping[int, Group], everybody: Group, earlier: Sequence[Group]) -> set[int]:
    """The teams that are shown by themselves."""
    shown = sorted(
        (
            team
            for team, group in groups.items()
            if group.answered >= THRESHOLD and not any(is_too_close(group, other) for other in earlier)
        ),
        key=lambda team: groups[team].answered,
    )
    while shown and not _leaves_enough([groups[team] for team in shown], everybody, earlier):
        shown.pop(0)
    return set(shown) if len(groups) > 1 else set()


def _leaves_enough(shown: Sequence[Group], everybody: Group, earlier: Sequence[Group]) -> bool:
    """Whether everybody less these is nobody, or a group that might itself be shown."""
    rest = Group(
        everybody.people.difference(*(group.people for group in shown)),
        everybody.answered - sum(group.answered for group in shown),
    )
    return not rest.answered or (rest.answered >= THRESHOLD and not any(is_too_close(rest, other) for other in earlier))
