"""What the answers come to: counts, means, quiz scores, and the change since the same question was asked before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from storage.ballots import Answer, Answers, Published
from storage.polls import Kind, Poll, Question


@dataclass(frozen=True)
class Count:
    answered: int
    counts: tuple[int, ...]
    """How often each option was chosen."""

    @property
    def mean(self) -> float | None:
        """Of a rating, from 1 (its lowest step); None: nobody answered."""
        rated = sum(self.counts)
        if not rated:
            return None
        return sum((index + 1) * number for index, number in enumerate(self.counts)) / rated

    def share(self, option: int) -> float:
        """Of those who answered, 0 to 1."""
        return self.counts[option] / self.answered if self.answered else 0.0


@dataclass(frozen=True)
class Tally:
    """One question's answers."""

    question: Question
    held_back: str | None
    whole: Count
    teams: Mapping[int, Count] = field(default_factory=dict)
    texts: tuple[tuple[str, str], ...] = ()
    """(what the answer is known by, its words), in no order that tells anything."""


def of_named(question: Question, ballots: Mapping[int, Answers]) -> Tally:
    """From ballots with names; free text by its words, so that the order tells no name."""
    given = [(person, answers[str(question.id)]) for person, answers in ballots.items() if str(question.id) in answers]
    if question.kind == Kind.TEXT:
        texts = tuple(sorted(((str(person), str(words)) for person, words in given), key=lambda pair: pair[1]))
        return Tally(question, None, Count(len(given), ()), texts=texts)
    chosen = [option for _, value in given for option in (value if isinstance(value, list) else [value])]
    return Tally(question, None, Count(len(given), _counted(question, chosen)))


def of_loose(question: Question, answers: Sequence[Answer], groups: Sequence[Published]) -> Tally:
    """From answers that have left their ballots."""
    mine = [one for one in answers if one.question_id == question.id]
    shown = {group.team_id: group for group in groups if group.question_id == question.id}
    whole = shown.get(None)
    texts = tuple((one.id, one.text) for one in mine if one.text is not None)
    chosen = [(one.team_id, one.option) for one in mine if one.option is not None]
    teams = {
        team: Count(group.answered, _counted(question, [option for its, option in chosen if its == team]))
        for team, group in shown.items()
        if team is not None
    }
    counts = _counted(question, [option for _, option in chosen])
    return Tally(question, question.held_back, Count(whole.answered if whole else 0, counts), teams, texts)


def _counted(question: Question, chosen: Sequence[int]) -> tuple[int, ...]:
    return tuple(chosen.count(option) for option in range(len(question.options)))


@dataclass(frozen=True)
class Score:
    """Somebody's quiz."""

    right: int
    of: int
    passed: bool


def score(poll: Poll, answers: Answers) -> Score:
    """How many questions are answered right: exactly what is marked, no more and no less."""
    asked = [one for one in poll.questions if one.right]
    right = sum(_chosen(answers.get(str(one.id))) == set(one.right) for one in asked)
    return Score(right, len(asked), right * 100 >= (poll.pass_mark or 0) * len(asked))


def _chosen(value: object) -> set[int]:
    return set(value) if isinstance(value, list) else {value} if isinstance(value, int) else set()


def changes(now: Tally, before: Tally) -> dict[int, float]:
    """How much each option's share grew since (−1 to 1), by option; an option counts as the same by its words."""
    known = {str(text).casefold(): index for index, text in enumerate(before.question.options)}
    return {
        index: now.whole.share(index) - before.whole.share(known[str(text).casefold()])
        for index, text in enumerate(now.question.options)
        if str(text).casefold() in known and now.whole.answered and before.whole.answered
    }


def leading(tally: Tally, most: int = 3) -> list[int]:
    """The options that were chosen most, those first; none that nobody chose."""
    ranked = sorted(range(len(tally.whole.counts)), key=lambda option: (-tally.whole.counts[option], option))
    return [option for option in ranked if tally.whole.counts[option]][:most]
