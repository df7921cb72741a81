"""What can be asked: options as they are typed, and what a poll needs before it is sent."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.polls.rules.secrecy import Readers
from storage.polls import Kind, Mode, Poll, Question, Results, Template

QUESTIONS_AT_MOST = 10
OPTIONS_AT_LEAST, OPTIONS_AT_MOST = 2, 20
OPTION_LENGTH = 75
RATING = ("1", "2", "3", "4", "5")
PASS_MARK = 80
"""Per cent."""
LONGEST_OPEN = timedelta(days=90)

ONE_OPTION = "Give at least two options, each on its own line."
TOO_MANY = "That is {} options, and at most 20 fit. Leave some out, or make two questions of them."
TWICE = "“{}” is there twice. Each option once, please."
TOO_LONG = "“{}…” is longer than an option may be (75 characters)."
NO_RIGHT_ANSWER = "Which answer is right? Put a * before it."
ALL_RIGHT = "All of them are marked as right. Leave the * away from the wrong ones."
MANY_RIGHT = "{} answers are marked as right, but only one can be chosen. Choose “Several”, or mark one."
NOT_SO_MANY = "There are only {} options."
PAST = "That is in the past. Choose a time that is still to come."
TOO_LATE = "That is more than 90 days away. Choose an earlier time."
NOBODY = "Nobody would be asked: there is nobody in it who can be written to. Choose others."
TOO_FEW = (
    "Only {} would be asked, and an anonymous result needs 5 answers besides your own and other readers’: there would "
    "never be any. Ask more people, or make it named under More."
)
LIVE_IS_NAMED = "Live results would show who answered last. Choose another, or make the poll named."
QUIZ_IS_NAMED = "A quiz is named: each sees their own result, and the managers see everybody’s."
UNFINISHED = "Question {} has no options to choose from yet. Edit it first."
NO_QUESTION = "There is nothing to ask yet. Add a question."
NOTHING_RIGHT = "Question {} doesn’t say which answer is right. Edit it first."
NOT_MEASURED = "A quiz needs at least one question with a right answer."


@dataclass(frozen=True)
class Options:
    texts: tuple[str, ...]
    right: tuple[int, ...]
    """Indexes of those with a * before them."""


def read_options(typed: str, *, quiz: bool) -> Options:
    """One option a line; in a quiz a * marks a right one. Raises ValueError with a sentence for the field."""
    lines = [" ".join(line.split()) for line in typed.splitlines()]
    read = [(line.lstrip("* "), True) if quiz and line.startswith("*") else (line, False) for line in lines]
    kept = [(text, mark) for text, mark in read if text]
    if len(kept) < OPTIONS_AT_LEAST:
        raise ValueError(ONE_OPTION)
    if len(kept) > OPTIONS_AT_MOST:
        raise ValueError(TOO_MANY.format(len(kept)))
    seen: set[str] = set()
    for text, _ in kept:
        if len(text) > OPTION_LENGTH:
            raise ValueError(TOO_LONG.format(text[:30]))
        if text.casefold() in seen:
            raise ValueError(TWICE.format(text))
        seen.add(text.casefold())
    right = tuple(index for index, (_, mark) in enumerate(kept) if mark)
    if quiz and not right:
        raise ValueError(NO_RIGHT_ANSWER)
    if quiz and len(right) == len(kept):
        raise ValueError(ALL_RIGHT)
    return Options(tuple(text for text, _ in kept), right)


def sameness(kind: Kind, text: str) -> str:
    """Equal for questions that ask the same: capitals, spaces and punctuation don't matter."""
    words = "".join(char if char.isalnum() else " " for char in text.casefold()).split()
    return hashlib.sha256(f"{kind.value}:{' '.join(words)}".encode()).hexdigest()[:32]


def alike(text: str) -> set[str]:
    """The samenesses of every question with these words that is answered by choosing: a rating from 1 to 5 and a choice
    among 1, 2, 3, 4, 5 tell the same of the same people."""
    return {sameness(kind, text) for kind in Kind if kind != Kind.TEXT}


def question(
    kind: Kind, text: str, options: Sequence[str] = (), *, most: int = 1, right: Sequence[int] = ()
) -> Question:
    """A question that belongs to no poll yet."""
    offered = list(RATING) if kind == Kind.RATING else [] if kind == Kind.TEXT else list(options)
    return Question(
        kind=kind,
        text=text,
        options=offered,
        most=min(most, len(offered)) or 1 if kind == Kind.SEVERAL else 1,
        right=list(right),
        sameness=sameness(kind, text),
        position=0,
    )


def why_not_closing(closes_at: datetime, now: datetime) -> str | None:
    """Why a poll can't close then; None if it can."""
    if closes_at <= now:
        return PAST
    return TOO_LATE if closes_at - now > LONGEST_OPEN else None


def why_not_mode(mode: Mode, results: Results, template: Template) -> tuple[str, str] | None:
    """(field, sentence) of what doesn't go together."""
    if template == Template.QUIZ and mode == Mode.ANONYMOUS:
        return "mode", QUIZ_IS_NAMED
    if mode == Mode.ANONYMOUS and results == Results.LIVE:
        return "results", LIVE_IS_NAMED
    return None


def why_not_asked(mode: Mode, results: Results, asked: Collection[int], leading: Collection[int]) -> str | None:
    """Why these people (by id) can't be asked; `leading`: who reads the result because they lead."""
    if not asked:
        return NOBODY
    if mode == Mode.ANONYMOUS and not Readers.of(results, leading).face_enough(asked):
        return TOO_FEW.format("one person" if len(asked) == 1 else f"{len(asked)} people")
    return None


def why_not_sent(poll: Poll, now: datetime) -> str | None:
    """What a draft still lacks."""
    if not poll.questions:
        return NO_QUESTION
    for number, one in enumerate(poll.questions, 1):
        chosen = one.kind in {Kind.ONE, Kind.SEVERAL}
        if chosen and len(one.options) < OPTIONS_AT_LEAST:
            return UNFINISHED.format(number)
        if chosen and poll.template == Template.QUIZ and not one.right:
            return NOTHING_RIGHT.format(number)
    if poll.template == Template.QUIZ and not any(one.right for one in poll.questions):
        return NOT_MEASURED
    return why_not_closing(poll.closes_at, now)
