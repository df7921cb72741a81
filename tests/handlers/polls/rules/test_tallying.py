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


def test_words_with_names_stand_in_the_order_of_the_words() -> None:
    words = asking(Kind.TEXT)
    told = of_named(words, {1: {"1": "pairing"}, 2: {"1": "calls"}, 3: {"2": "other"}})
    assert told == Tally(words, None, Count(2, ()), texts=(("2", "calls"), ("1", "pairing")))
    choice = asking(Kind.ONE)
    assert of_named(choice, {1: {"1": 2}, 2: {"1": 0}, 3: {}}) == Tally(choice, None, Count(2, (1, 0, 1)))


def test_words_without_names_are_known_by_their_answers() -> None:
    one = asking(Kind.TEXT)
    loose = [
        Answer(id=key, question_id=number, team_id=None, option=None, text=words)
        for key, number, words in (("b", 1, "pairing"), ("a", 1, "calls"), ("c", 2, "other"))
    ]
    told = of_loose(one, loose, [Published(question_id=1, team_id=None, asked=9, answered=2)])
    assert (told.texts, told.whole) == ((("b", "pairing"), ("a", "calls")), Count(2, ()))


def test_teams_that_are_shown_have_counts_of_their_own() -> None:
    one = asking(Kind.ONE)
    one.held_back = "difference"
    loose = [
        Answer(id=str(number), question_id=question, team_id=team, option=option, text=None)
        for number, (question, team, option) in enumerate([(1, 7, 0), (1, 7, 2), (1, None, 0), (1, 8, 1), (2, 7, 1)])
    ]
    groups = [
        Published(question_id=question, team_id=team, asked=9, answered=answered)
        for question, team, answered in ((1, None, 4), (1, 7, 2), (2, 8, 5))
    ]
    told = of_loose(one, loose, groups)
    assert told == Tally(one, "difference", Count(4, (2, 1, 1)), {7: Count(2, (1, 0, 1))})
    assert of_loose(one, [], []).whole == Count(0, (0, 0, 0))


def test_a_share_is_of_those_who_answered() -> None:
    assert Count(4, (1, 3)).share(1) == 0.75
    assert Count(0, (0, 0)).share(1) == 0.0


def test_a_quiz_is_passed_from_its_mark_on_and_without_one_always() -> None:
    quiz = Poll(pass_mark=67)
    quiz.questions = [asking(Kind.ONE, number, right=(0,)) for number in (1, 2, 3)]
    two_of_three: Answers = {"1": 0, "2": 0, "3": 1}
    assert not score(quiz, two_of_three).passed
    quiz.pass_mark = 66
    assert score(quiz, two_of_three).passed
    quiz.pass_mark = None
    assert score(quiz, {}).passed
    assert not score(Poll(pass_mark=50, questions=quiz.questions), {"1": "words"}).passed


def test_there_is_no_change_where_nobody_answered() -> None:
    some, none = Count(4, (1, 3, 0)), Count(0, (0, 0, 0))
    one = asking(Kind.ONE)
    for now, before in ((some, none), (none, some)):
        assert changes(Tally(one, None, now), Tally(one, None, before)) == {}


def test_three_lead_at_most_and_equals_in_their_order() -> None:
    tally = Tally(asking(Kind.ONE), None, Count(9, (1, 3, 1, 3, 1)))
    assert leading(tally) == [1, 3, 0]
    assert leading(tally, most=1) == [1]
