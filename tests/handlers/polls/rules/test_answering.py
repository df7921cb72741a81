"""What is counted of what somebody chose, and what no form of ours could have sent."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.polls.rules import answering
from handlers.polls.rules.answering import block_of, read_answers, read_tap
from handlers.polls.rules.drafting import question
from handlers.refusals import FormRefusal, Refusal
from storage.ballots import Answers
from storage.polls import Kind, Poll, PollState, Question
from tests.conftest import TUESDAY_TEN_IN_DUBLIN as NOW

OPTIONS = tuple("ABCDEFGHIJKL")


def asking(kind: Kind, number: int = 1, *, most: int = 1) -> Question:
    one = question(kind, "What?", OPTIONS, most=most)
    one.id = number
    return one


def poll(*questions: Question, **more: Any) -> Poll:
    one = Poll(number=7, state=PollState.OPEN, closes_at=NOW + timedelta(hours=1))
    for name, value in more.items():
        setattr(one, name, value)
    one.questions = list(questions)
    return one


def read(of: Poll, *values: object) -> Answers:
    return read_answers(of, {block_of(one): value for one, value in zip(of.questions, values, strict=True)})


def errors(of: Poll, *values: object) -> dict[str, str]:
    with pytest.raises(FormRefusal) as refused:
        read(of, *values)
    return refused.value.errors


def test_each_kind_is_read_as_it_is_kept() -> None:
    of = poll(asking(Kind.ONE, 1), asking(Kind.SEVERAL, 2, most=3), asking(Kind.RATING, 3), asking(Kind.TEXT, 4))
    assert read(of, "11", ["3", "0", "3"], "4", "words") == {"1": 11, "2": [0, 3], "3": 4, "4": "words"}
    assert read(of, "0", "2", "0", "") == {"1": 0, "2": [2], "3": 0}
    assert read(of, "0", "2", "0", None) == {"1": 0, "2": [2], "3": 0}


def test_words_are_kept_as_far_as_they_fit() -> None:
    of = poll(asking(Kind.TEXT, 4))
    assert read(of, "x" * 1001) == {"4": "x" * 1000}
    assert errors(of, "") == {"question-4": answering.ALL_EMPTY}


@pytest.mark.parametrize("kind", [Kind.ONE, Kind.SEVERAL, Kind.RATING])
@pytest.mark.parametrize("value", [None, "", []])
def test_what_is_to_be_chosen_is_needed(kind: Kind, value: object) -> None:
    of = poll(asking(Kind.TEXT, 1), asking(kind, 2))
    assert errors(of, "words", value) == {"question-2": answering.NEEDED}


def test_no_more_than_may_be_chosen_is_taken() -> None:
    of = poll(asking(Kind.SEVERAL, 1, most=2))
    assert read(of, ["5", "1"]) == {"1": [1, 5]}
    assert errors(of, ["5", "1", "0"]) == {"question-1": "Choose at most 2."}


@pytest.mark.parametrize("value", ["12", "-1", "0x1", "٣", "1.0", "012", "001", "1 ", "x", {"1": 1}, 99])
@pytest.mark.parametrize("kind", [Kind.ONE, Kind.SEVERAL])
def test_what_no_form_offers_is_refused(kind: Kind, value: object) -> None:
    with pytest.raises(Refusal, match=r"question has changed"):
        read(poll(asking(kind)), value)


@given(st.text(max_size=4))
def test_any_text_is_one_of_the_options_or_refused(value: str) -> None:
    of = poll(asking(Kind.ONE))
    known = {str(index): index for index in range(len(OPTIONS))} | {f"0{index}": index for index in range(10)}
    if value in known:
        assert read_tap(of, 1, value) == {"1": known[value]}
        return
    with pytest.raises(Refusal):
        read_tap(of, 1, value)


@pytest.mark.parametrize(
    ("kinds", "tappable"),
    [
        ([Kind.ONE], True),
        ([Kind.RATING], True),
        ([Kind.SEVERAL], False),
        ([Kind.TEXT], False),
        ([Kind.ONE, Kind.ONE], False),
        ([], False),
    ],
)
def test_a_tap_answers_one_question_with_one_choice(kinds: list[Kind], tappable: bool) -> None:
    of = poll(*(asking(kind, number) for number, kind in enumerate(kinds, start=1)))
    assert answering.is_tappable(of) is tappable
    if tappable:
        assert read_tap(of, 1, "2") == {"1": 2}
        return
    with pytest.raises(Refusal, match=r"question has changed"):
        read_tap(of, 1, "2")


def test_a_tap_on_a_question_that_was_exchanged_is_refused() -> None:
    with pytest.raises(Refusal, match=r"question has changed"):
        read_tap(poll(asking(Kind.ONE, 2)), 1, "0")


@pytest.mark.parametrize(
    ("state", "left", "over"),
    [
        (PollState.OPEN, timedelta(seconds=1), False),
        (PollState.OPEN, timedelta(), True),
        (PollState.CLOSED, timedelta(hours=1), True),
        (PollState.DRAFT, timedelta(hours=1), True),
    ],
)
def test_a_poll_is_over_at_its_time_even_before_it_is_closed(state: PollState, left: timedelta, over: bool) -> None:
    of = poll(asking(Kind.ONE), state=state, closes_at=NOW + left)
    assert answering.is_over(of, NOW) is over
    if not over:
        answering.require_open(of, NOW)
        return
    with pytest.raises(Refusal, match=r"^P-7 is closed: no answers are counted any more\.$"):
        answering.require_open(of, NOW)
