"""Options as they are typed; what is missing is said in one sentence."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.polls.rules import drafting, topics
from handlers.polls.rules.drafting import Options, read_options, sameness
from storage.polls import Kind, Mode, Poll, Question, Results, Template
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
    others = ("How is work?", "Is work going how?", "Howis work going", "")
    assert len({sameness(Kind.RATING, text) for text in ("How is work going?", *others)}) == 5


def test_a_question_of_years_ago_is_still_known() -> None:
    """It is kept in the database: were it made otherwise, no poll would find the one before."""
    assert sameness(Kind.RATING, "How is work going?") == "e5090ee96c116e603ed8c80bb9939a2f"


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


def test_a_rating_and_a_choice_with_the_same_words_tell_the_same_of_people_and_words_tell_nothing() -> None:
    chosen = {sameness(kind, "How is work?") for kind in (Kind.ONE, Kind.SEVERAL, Kind.RATING)}
    assert drafting.alike("how is work") == chosen
    assert len(chosen) == 3
    assert sameness(Kind.TEXT, "How is work?") not in chosen


@pytest.mark.parametrize(
    ("kind", "options", "most", "kept", "at_most"),
    [
        (Kind.RATING, ("A",), 3, ["1", "2", "3", "4", "5"], 1),
        (Kind.TEXT, ("A", "B"), 3, [], 1),
        (Kind.ONE, ("A", "B"), 2, ["A", "B"], 1),
        (Kind.SEVERAL, ("A", "B", "C"), 2, ["A", "B", "C"], 2),
        (Kind.SEVERAL, ("A", "B"), 3, ["A", "B"], 2),
        (Kind.SEVERAL, (), 3, [], 1),
    ],
)
def test_a_question_offers_what_its_kind_can(
    kind: Kind, options: tuple[str, ...], most: int, kept: list[str], at_most: int
) -> None:
    one = drafting.question(kind, "What?", options, most=most, right=(0,))
    assert (one.kind, one.text, one.options, one.most, one.right) == (kind, "What?", kept, at_most, [0])
    assert (one.sameness, one.position) == (sameness(kind, "What?"), 0)


def ready(template: Template = Template.BLANK, *questions: Question) -> Poll:
    poll = Poll(template=template, closes_at=NOW + timedelta(days=1))
    poll.questions = list(questions)
    return poll


CHOICE = drafting.question(Kind.ONE, "Which?", ("A", "B"))
QUIZ = drafting.question(Kind.ONE, "Which?", ("A", "B"), right=(0,))
WORDS = drafting.question(Kind.TEXT, "Why?")
EMPTY = drafting.question(Kind.SEVERAL, "Which?", ("A",))


@pytest.mark.parametrize(
    ("poll", "lacks"),
    [
        (ready(), drafting.NO_QUESTION),
        (ready(Template.BLANK, WORDS), None),
        (ready(Template.BLANK, CHOICE, drafting.question(Kind.RATING, "How?")), None),
        (ready(Template.BLANK, CHOICE, EMPTY), "Question 2 has no options to choose from yet. Edit it first."),
        (ready(Template.QUIZ, QUIZ, WORDS), None),
        (ready(Template.QUIZ, QUIZ, CHOICE), "Question 2 doesn’t say which answer is right. Edit it first."),
        (ready(Template.QUIZ, WORDS), drafting.NOT_MEASURED),
    ],
)
def test_a_draft_says_what_it_still_lacks(poll: Poll, lacks: str | None) -> None:
    assert drafting.why_not_sent(poll, NOW) == lacks


def test_a_draft_whose_close_has_passed_or_is_far_off_waits_for_another() -> None:
    poll = ready(Template.BLANK, CHOICE)
    assert drafting.why_not_sent(poll, poll.closes_at) == drafting.PAST
    assert drafting.why_not_sent(poll, poll.closes_at - drafting.LONGEST_OPEN) is None
    assert drafting.why_not_sent(poll, poll.closes_at - timedelta(days=90, seconds=1)) == drafting.TOO_LATE


def test_one_person_is_too_few_and_called_so() -> None:
    told = drafting.why_not_asked(Mode.ANONYMOUS, Results.AFTER_CLOSE, [1], [])
    assert told is not None
    assert told.startswith("Only one person would be asked")


def test_the_most_frequent_topics_come_first_five_at_most_each_once() -> None:
    titles = [f"Problem{chr(97 + n)} with thing{chr(97 + n)}" for n in range(7)]
    many = [*titles, titles[6], titles[6], titles[5]]
    assert topics.proposed(many) == [titles[6], titles[5], *titles[:3]]
    assert topics.proposed(["a b", "A  b"]) == ["a b"], "words too short to tell, yet the same"
    assert topics.proposed(["x" * 100, "y" * 100]) == [one * 74 + "…" for one in "xy"]


def test_a_third_of_their_longer_words_makes_titles_alike() -> None:
    assert len(topics.proposed(["refund limit", "refund other"])) == 2, "one word of three is a little too few"
    assert len(topics.proposed(["refund limit again", "refund limit other"])) == 1
    assert len(topics.proposed(["refund", "Refund the"])) == 1
    assert len(topics.proposed(["4711 refund", "4711 export"])) == 2


def test_a_star_is_a_mark_in_a_quiz_alone_and_comes_off_with_its_spaces() -> None:
    assert read_options("* Tea\n* Coffee", quiz=False).texts == ("* Tea", "* Coffee")
    assert read_options("*  Xylophone\n**X\nTea *", quiz=True) == Options(("Xylophone", "X", "Tea *"), (0, 1))


def test_an_option_may_have_seventy_five_characters() -> None:
    assert read_options("Tea\n" + "x" * 75, quiz=False).texts[1] == "x" * 75
