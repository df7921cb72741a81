"""Options as they are typed; what is missing is said in one sentence."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.polls.rules import drafting, topics
from handlers.polls.rules.drafting import Options, read_options, sameness
from storage.polls import Kind, Mode, Results, Template
from tests.conftest import TUESDAY_TEN_IN_DUBLIN as NOW

LINE = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters="*"), min_size=1, max_size=75
)


@given(st.lists(LINE, min_size=2, max_size=20, unique_by=str.casefold))
def test_two_to_twenty_different_lines_are_read_as_they_are(lines: list[str]) -> None:
    assert read_options("\n\n".join(lines) + "\n", quiz=False) == Options(tuple(lines), ())


@given(st.text(max_size=400))
def test_any_text_gives_options_or_a_sentence(typed: str) -> None:
    try:
        found = read_options(typed, quiz=False)
    except ValueError as wrong:
        sentence = str(wrong)
    else:
        sentence = "Read."
        assert 2 <= len(found.texts) <= 20
    assert sentence[0].isupper() or sentence[0] == "“"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", drafting.ONE_OPTION),
        ("Tea", drafting.ONE_OPTION),
        ("\n".join(str(number) for number in range(21)), drafting.TOO_MANY.format(21)),
        ("Tea\ntea ", drafting.TWICE.format("tea")),
        ("Tea\n" + "x" * 76, drafting.TOO_LONG.format("x" * 30)),
    ],
)
def test_what_can_not_be_chosen_from_is_said(typed: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r".") as wrong:
        read_options(typed, quiz=False)
    assert str(wrong.value) == sentence


def test_a_quiz_marks_its_right_answers_and_needs_a_wrong_one() -> None:
    assert read_options("* Four\nFive\n*Six", quiz=True) == Options(("Four", "Five", "Six"), (0, 2))
    for typed, sentence in (("Four\nFive", drafting.NO_RIGHT_ANSWER), ("*Four\n*Five", drafting.ALL_RIGHT)):
        with pytest.raises(ValueError, match=r".") as wrong:
            read_options(typed, quiz=True)
        assert str(wrong.value) == sentence


def test_the_same_question_is_known_again_whatever_its_capitals_and_signs() -> None:
    assert sameness(Kind.RATING, "How is work going?") == sameness(Kind.RATING, "how is  WORK going")
    assert sameness(Kind.RATING, "How is work going?") != sameness(Kind.TEXT, "How is work going?")


def test_what_does_not_go_together_is_said_at_its_field() -> None:
    assert drafting.why_not_mode(Mode.ANONYMOUS, Results.LIVE, Template.BLANK) == ("results", drafting.LIVE_IS_NAMED)
    assert drafting.why_not_mode(Mode.ANONYMOUS, Results.AFTER_CLOSE, Template.QUIZ) == ("mode", drafting.QUIZ_IS_NAMED)
    assert drafting.why_not_mode(Mode.NAMED, Results.LIVE, Template.DATE) is None


def test_a_close_in_the_past_or_in_a_year_is_refused() -> None:
    assert drafting.why_not_closing(NOW, NOW) == drafting.PAST
    assert drafting.why_not_closing(NOW + timedelta(days=91), NOW) == drafting.TOO_LATE
    assert drafting.why_not_closing(NOW + timedelta(days=1), NOW) is None


def test_too_few_for_an_anonymous_result_is_said_at_once() -> None:
    assert drafting.why_not_asked(Mode.ANONYMOUS, Results.AFTER_CLOSE, [1, 2], []) == drafting.TOO_FEW.format(
        "2 people"
    )
    assert drafting.why_not_asked(Mode.ANONYMOUS, Results.AFTER_CLOSE, range(5), []) is not None
    assert drafting.why_not_asked(Mode.ANONYMOUS, Results.AFTER_CLOSE, range(6), []) is None
    assert drafting.why_not_asked(Mode.ANONYMOUS, Results.MANAGERS, range(5), []) is None
    assert drafting.why_not_asked(Mode.ANONYMOUS, Results.MANAGERS, range(5), [0]) is not None
    assert drafting.why_not_asked(Mode.NAMED, Results.AFTER_CLOSE, [1, 2], []) is None
    assert drafting.why_not_asked(Mode.NAMED, Results.AFTER_CLOSE, [], []) == drafting.NOBODY


def test_knowledge_gaps_that_repeat_are_proposed_those_that_are_alike_as_one() -> None:
    titles = ["Refund above the limit", "Export of contacts is empty", "Refund above my limit again"]
    assert topics.proposed(titles) == ["Refund above the limit", "Export of contacts is empty"]
    assert topics.proposed(titles[:1]) == []
