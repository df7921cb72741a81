"""What a draft begins with, by its template."""

import pytest

from handlers.polls.rules import templates
from handlers.polls.rules.templates import PATTERNS, questions_of, title_of
from storage.polls import Kind, Question, Template

Asked = tuple[Kind, str, list[str], int, list[int]]
TWO = ("Monday", "Friday")


def asked(
    template: Template, text: str | None = None, options: tuple[str, ...] = (), right: tuple[int, ...] = ()
) -> list[Asked]:
    def plain(one: Question) -> Asked:
        return one.kind, one.text, one.options, one.most, one.right

    return [plain(one) for one in questions_of(template, text=text, options=options, right=right)]


def test_training_needs_are_four_questions_in_words() -> None:
    assert asked(Template.TRAINING) == [(Kind.TEXT, words, [], 1, []) for words in templates.TRAINING_NEEDS]
    assert len(templates.TRAINING_NEEDS) == 4


def test_a_pulse_is_a_rating_and_room_for_a_word() -> None:
    assert asked(Template.PULSE) == [
        (Kind.RATING, templates.PULSE, ["1", "2", "3", "4", "5"], 1, []),
        (Kind.TEXT, templates.PULSE_WORD, [], 1, []),
    ]


def test_of_topics_three_may_be_chosen_and_of_dates_all() -> None:
    many = tuple("ABCDE")
    assert asked(Template.TOPIC, "ignored", many) == [(Kind.SEVERAL, templates.TOPIC, [*many], 3, [])]
    assert asked(Template.TOPIC, None, TWO) == [(Kind.SEVERAL, templates.TOPIC, [*TWO], 2, [])]
    assert asked(Template.DATE, "ignored", many) == [(Kind.SEVERAL, templates.DATE, [*many], 5, [])]


@pytest.mark.parametrize(("right", "kind", "most"), [((1,), Kind.ONE, 1), ((0, 2), Kind.SEVERAL, 3)])
def test_a_quiz_lets_choose_several_where_several_are_right(right: tuple[int, ...], kind: Kind, most: int) -> None:
    assert asked(Template.QUIZ, "Which?", tuple("ABC"), right) == [(kind, "Which?", ["A", "B", "C"], most, [*right])]


def test_ones_own_question_is_answered_by_choosing_or_in_words() -> None:
    assert asked(Template.BLANK, "When?", TWO) == [(Kind.ONE, "When?", [*TWO], 1, [])]
    assert asked(Template.BLANK, "Why?") == [(Kind.TEXT, "Why?", [], 1, [])]
    assert [one[1] for template in (Template.BLANK, Template.QUIZ) for one in asked(template, None, TWO)] == ["", ""]


@pytest.mark.parametrize("template", Template)
def test_a_poll_is_called_by_its_question_where_one_is_asked_for(template: Template) -> None:
    pattern = PATTERNS[template]
    called = "What next?" if template in {Template.QUIZ, Template.BLANK} else pattern.name
    assert title_of(template, "What next?") == called
    assert title_of(template, None) == title_of(template, "") == pattern.name
    assert len(title_of(template, "x" * 200)) <= 150
    assert title_of(Template.BLANK, "x" * 200) == "x" * 150
