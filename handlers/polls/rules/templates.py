"""What each template asks, and how it is asked unless somebody says otherwise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from handlers.polls.rules.drafting import question
from storage.polls import Kind, Mode, Question, Results, Template


@dataclass(frozen=True)
class Pattern:
    name: str
    about: str
    """One line, where it is chosen."""
    mode: Mode
    results: Results
    asks: tuple[str, ...] = ()
    """What its form asks for: "question", "options"."""


PATTERNS: Mapping[Template, Pattern] = {
    Template.TRAINING: Pattern(
        "Training needs",
        "Four questions: what is hardest, what the team could do better, contact with other teams, rapport",
        Mode.ANONYMOUS,
        Results.AFTER_CLOSE,
    ),
    Template.TOPIC: Pattern(
        "Topic vote",
        "What to train next: each may choose up to three",
        Mode.ANONYMOUS,
        Results.AFTER_CLOSE,
        ("options",),
    ),
    Template.DATE: Pattern(
        "Session date",
        "Which dates suit: each chooses all that do, everybody sees the count grow",
        Mode.NAMED,
        Results.LIVE,
        ("options",),
    ),
    Template.QUIZ: Pattern(
        "Quiz",
        "Right answers and a pass mark; each sees their own result at the close",
        Mode.NAMED,
        Results.AFTER_CLOSE,
        ("question", "options"),
    ),
    Template.PULSE: Pattern(
        "Pulse", "One rating from 1 to 5, and room for a word", Mode.ANONYMOUS, Results.AFTER_CLOSE
    ),
    Template.BLANK: Pattern(
        "Your own questions", "Anything else", Mode.ANONYMOUS, Results.AFTER_CLOSE, ("question", "options")
    ),
}
TRAINING_NEEDS = (
    "What is most challenging in your work right now?",
    "How could the team improve?",
    "With which other teams would more contact help you?",
    "What would strengthen rapport in the team?",
)
TOPIC = "What should we train next?"
DATE = "Which dates suit you?"
PULSE = "How is work going?"
PULSE_WORD = "What should we know?"


def questions_of(
    template: Template, *, text: str | None, options: Sequence[str], right: Sequence[int]
) -> list[Question]:
    """The questions that a draft begins with. `text` and `options`: what its form asked for."""
    match template:
        case Template.TRAINING:
            return [question(Kind.TEXT, asked) for asked in TRAINING_NEEDS]
        case Template.TOPIC:
            return [question(Kind.SEVERAL, TOPIC, options, most=3)]
        case Template.DATE:
            return [question(Kind.SEVERAL, DATE, options, most=len(options))]
        case Template.PULSE:
            return [question(Kind.RATING, PULSE), question(Kind.TEXT, PULSE_WORD)]
        case Template.QUIZ:
            kind = Kind.SEVERAL if len(right) > 1 else Kind.ONE
            return [question(kind, text or "", options, most=len(options), right=right)]
        case Template.BLANK:
            return [question(Kind.ONE if options else Kind.TEXT, text or "", options)]


def title_of(template: Template, text: str | None) -> str:
    """What a poll is called that was given no title."""
    return (text if text and "question" in PATTERNS[template].asks else PATTERNS[template].name)[:150]
