"""What of an anonymous poll may be published: for any teams, any turnout, any answers, any earlier result."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.polls.rules.drafting import question
from handlers.polls.rules.secrecy import DIFFERENCE, FEW, THRESHOLD, Shown, is_too_close, publish
from storage.ballots import Group
from storage.polls import Kind, Question

OPTIONS = ("Refunds", "Invoices", "Exports")
PEOPLE = st.dictionaries(
    st.integers(1, 40), st.tuples(st.sampled_from([None, 1, 2, 3]), st.integers(0, 2), st.booleans()), min_size=1
)
"""Person → (team, what they would choose, whether they answer)."""


def asking(kind: Kind = Kind.ONE) -> Question:
    one = question(kind, "What next?", OPTIONS, most=3)
    one.id = 7
    return one


def shown(people: dict[int, tuple[int | None, int, bool]], earlier: list[Group] | None = None) -> Shown:
    ballots = [(team, {"7": choice}) for team, choice, answers in people.values() if answers]
    asked = {person: team for person, (team, _, _) in people.items()}
    return publish(asking(), ballots, asked, earlier or [])


@given(PEOPLE)
def test_no_group_below_the_threshold_is_shown_and_none_is_left_over_by_subtraction(
    people: dict[int, tuple[int | None, int, bool]],
) -> None:
    result = shown(people)
    answered = sum(answers for _, _, answers in people.values())
    if answered < THRESHOLD:
        assert (result.held_back, list(result.answers), dict(result.teams)) == (FEW, [], {})
        return
    assert result.everybody is not None
    assert result.everybody.answered == answered == len(result.answers)
    assert all(group.answered >= THRESHOLD for group in result.teams.values())
    rest = answered - sum(group.answered for group in result.teams.values())
    assert rest == 0 or rest >= THRESHOLD


@given(PEOPLE)
def test_every_answer_is_kept_once_and_carries_a_team_only_where_that_team_is_shown(
    people: dict[int, tuple[int | None, int, bool]],
) -> None:
    result = shown(people)
    if result.held_back:
        return
    assert Counter(one.option for one in result.answers) == Counter(
        choice for _, choice, answers in people.values() if answers
    )
    for team, group in result.teams.items():
        assert sum(one.team_id == team for one in result.answers) == group.answered
    assert {one.team_id for one in result.answers} <= {*result.teams, None}


@given(PEOPLE, PEOPLE)
@settings(max_examples=300)
def test_two_results_of_the_same_people_with_the_same_answers_never_tell_what_a_few_said(
    people: dict[int, tuple[int | None, int, bool]], others: dict[int, tuple[int | None, int, bool]]
) -> None:
    """Everybody answers, each as they did before; between the two some leave and some join."""
    before = {person: (team, choice, True) for person, (team, choice, _) in people.items()}
    after = {person: before.get(person, (team, choice, True)) for person, (team, choice, _) in others.items()}
    first = shown(before)
    known = [group for group in (first.everybody, *first.teams.values()) if group is not None]
    second = shown(after, known)
    for group in (second.everybody, *second.teams.values()):
        for other in known:
            if group is not None:
                apart = group.people ^ other.people
                assert not apart or len(apart) >= THRESHOLD


def test_somebody_who_joins_a_team_in_which_all_answer_holds_the_next_result_back() -> None:
    people: dict[int, tuple[int | None, int, bool]] = dict.fromkeys(range(1, 7), (1, 0, True))
    first = shown(people)
    assert first.everybody is not None
    second = shown({**people, 7: (1, 2, True)}, [first.everybody])
    assert (second.held_back, list(second.answers)) == (DIFFERENCE, [])


def test_somebody_who_joins_where_some_stay_silent_does_not() -> None:
    people: dict[int, tuple[int | None, int, bool]] = {person: (1, 0, person > 3) for person in range(1, 13)}
    first = shown(people)
    assert first.everybody is not None
    assert shown({**people, 13: (1, 2, True)}, [first.everybody]).held_back is None


def test_the_same_people_asked_again_are_shown_again() -> None:
    people: dict[int, tuple[int | None, int, bool]] = dict.fromkeys(range(1, 7), (1, 0, True))
    first = shown(people)
    assert first.everybody is not None
    assert shown(people, [first.everybody]).held_back is None


def test_the_next_smallest_team_is_suppressed_with_the_one_that_is_too_small() -> None:
    sizes = {1: 9, 2: 5, 3: 2}
    people: dict[int, tuple[int | None, int, bool]] = {}
    for team, size in sizes.items():
        people |= {team * 100 + number: (team, 0, True) for number in range(size)}
    assert set(shown(people).teams) == {1}


def test_several_choices_leave_their_ballot_one_by_one() -> None:
    ballots = [(1, {"7": [0, 2]})] * 5
    result = publish(asking(Kind.SEVERAL), ballots, dict.fromkeys(range(5), 1), [])
    assert Counter(one.option for one in result.answers) == {0: 5, 2: 5}
    assert result.everybody == Group(frozenset(range(5)), 5)


def test_words_are_held_back_by_their_number_only() -> None:
    written = question(Kind.TEXT, "What?")
    written.id = 7
    ballots = [(1, {"7": "pairing"})] * 5
    result = publish(written, ballots, dict.fromkeys(range(5), 1), [Group(frozenset(range(6)), 6)])
    assert (result.held_back, {one.text for one in result.answers}, result.teams) == (None, {"pairing"}, {})
    assert publish(written, ballots[:4], dict.fromkeys(range(5), 1), []).held_back == FEW


@given(st.frozensets(st.integers(1, 12), min_size=1), st.frozensets(st.integers(1, 12), min_size=1))
def test_closeness_has_no_direction_and_the_same_people_are_never_too_close(
    one: frozenset[int], other: frozenset[int]
) -> None:
    first, second = Group(one, len(one)), Group(other, len(other))
    assert is_too_close(first, second) == is_too_close(second, first)
    assert not is_too_close(first, first)
