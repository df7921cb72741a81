"""What the answers come to."""

from hypothesis import given
from hypothesis import strategies as st

from handlers.polls.rules.drafting import question
from handlers.polls.rules.tallying import Count, Tally, changes, leading, of_loose, of_named, score
from storage.ballots import Answer, Answers, Published
from storage.polls import Kind, Poll, Question


def asking(
    kind: Kind, number: int = 1, options: tuple[str, ...] = ("A", "B", "C"), right: tuple[int, ...] = ()
) -> Question:
    one = question(kind, "What?", options, most=3, right=right)
    one.id = number
    return one


@given(st.dictionaries(st.integers(1, 30), st.lists(st.integers(0, 2), unique=True, min_size=1)))
def test_named_and_loose_answers_come_to_the_same(given_: dict[int, list[int]]) -> None:
    one = asking(Kind.SEVERAL)
    named = of_named(one, {person: {"1": chosen} for person, chosen in given_.items()})
    loose = [
        Answer(id=f"{person}{option}", question_id=1, team_id=None, option=option, text=None)
        for person, chosen in given_.items()
        for option in chosen
    ]
    groups = [Published(question_id=1, team_id=None, asked=30, answered=len(given_))]
    assert of_loose(one, loose, groups).whole == named.whole


def test_a_rating_has_its_mean_from_one_to_five() -> None:
    assert Count(4, (1, 0, 0, 1, 2)).mean == (1 + 4 + 5 + 5) / 4
    assert Count(0, (0, 0, 0, 0, 0)).mean is None


def test_a_quiz_counts_a_question_only_when_it_is_exactly_right() -> None:
    quiz = Poll(pass_mark=50)
    quiz.questions = [asking(Kind.ONE, 1, right=(1,)), asking(Kind.SEVERAL, 2, right=(0, 2)), asking(Kind.TEXT, 3)]
    cases: list[tuple[Answers, int, bool]] = [
        ({"1": 1, "2": [0, 2]}, 2, True),
        ({"1": 1, "2": [0]}, 1, True),
        ({"1": 0, "2": [0, 1, 2]}, 0, False),
        ({}, 0, False),
    ]
    for answers, right, passed in cases:
        mine = score(quiz, answers)
        assert (mine.right, mine.of, mine.passed) == (right, 2, passed)


def test_the_change_compares_options_by_their_words() -> None:
    before = Tally(asking(Kind.ONE, 1, ("Refunds", "Exports")), None, Count(4, (1, 3)))
    now = Tally(asking(Kind.ONE, 2, ("exports", "Refunds", "Mail")), None, Count(4, (1, 2, 1)))
    assert changes(now, before) == {0: -0.5, 1: 0.25}


def test_what_nobody_chose_leads_nothing() -> None:
    assert leading(Tally(asking(Kind.ONE), None, Count(3, (0, 2, 1)))) == [1, 2]
