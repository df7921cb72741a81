"""What of an anonymous poll may be published: for any teams, any turnout, any answers, any earlier results."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.polls.rules.drafting import question
from handlers.polls.rules.secrecy import DIFFERENCE, FEW, FIVE, Readers, Shown, publish
from storage.ballots import Group
from storage.polls import Kind, Question

OPTIONS = ("Refunds", "Invoices", "Exports")


@dataclass(frozen=True)
class Voter:
    team: int | None = 1
    choice: int = 0
    answers: bool = True
    leads: bool = False


VOTERS = st.builds(
    Voter,
    team=st.sampled_from([None, 1, 2, 3]),
    choice=st.integers(0, 2),
    answers=st.sampled_from([True, True, True, False]),
    leads=st.sampled_from([False] * 9 + [True]),
)
PEOPLE = st.dictionaries(st.integers(1, 40), VOTERS, min_size=1)
MANAGERS_ONLY = Readers(frozenset(), everybody=False)
Results = Collection[frozenset[int]]


def asking(kind: Kind = Kind.ONE) -> Question:
    one = question(kind, "What next?", OPTIONS, most=3)
    one.id = 7
    return one


def shown(people: Mapping[int, Voter], earlier: Results = (), *, everybody: bool = False) -> Shown:
    ballots = {person: {"7": voter.choice} for person, voter in people.items() if voter.answers}
    asked = {person: voter.team for person, voter in people.items()}
    readers = Readers(frozenset(person for person, voter in people.items() if voter.leads), everybody)
    return publish(asking(), ballots, asked, earlier, readers)


def crew(numbers: Collection[int], **facts: object) -> dict[int, Voter]:
    return {number: replace(Voter(), **facts) for number in numbers}  # type: ignore[arg-type]  # facts by name


def groups(result: Shown) -> list[Group]:
    return [group for group in (result.everybody, *result.teams.values()) if group is not None]


@given(PEOPLE, st.booleans())
@settings(max_examples=200, deadline=None)
def test_every_reader_of_a_slice_faces_five_others_and_none_less_is_left_over_by_subtraction(
    people: dict[int, Voter], everybody: bool
) -> None:
    """A slice: everybody, a team, or everybody without some of the teams. A reader: somebody who answered, where those
    who were asked read it; all who lead it, together."""
    result = shown(people, everybody=everybody)
    whole = {person for person, voter in people.items() if voter.answers}
    if result.held_back == FEW:
        assert (result.everybody, list(result.answers), dict(result.teams)) == (None, [], {})
        return
    assert result.everybody is not None
    by_team = [{person for person in whole if people[person].team == team} for team in result.teams]
    for left_out in product([False, True], repeat=len(by_team)):
        rest = whole.difference(*(team for team, out in zip(by_team, left_out, strict=True) if out))
        for seen in (rest, *by_team):
            if seen:
                assert sum(not people[person].leads for person in seen) >= FIVE
                assert len(seen) - everybody >= FIVE


@given(PEOPLE)
def test_every_answer_is_kept_once_and_carries_a_team_only_where_that_team_is_shown(people: dict[int, Voter]) -> None:
    result = shown(people)
    if result.held_back:
        return
    given_all = [voter.choice for voter in people.values() if voter.answers]
    assert Counter(one.option for one in result.answers) == Counter(given_all)
    for team, group in result.teams.items():
        assert sum(one.team_id == team for one in result.answers) == group.answered
    assert {one.team_id for one in result.answers} <= {*result.teams, None}


@given(
    st.lists(
        st.dictionaries(st.integers(0, 8), st.sampled_from([1, 1, 2]), min_size=2),
        min_size=2,
        max_size=3,
    ),
    st.lists(st.integers(1, 7), min_size=9, max_size=9),
)
@settings(max_examples=150, deadline=None)
def test_who_has_all_results_of_a_question_works_out_nothing_about_fewer_than_five(
    polls: list[dict[int, int]], sizes: list[int]
) -> None:
    """Polls of overlapping audiences, one after the other. Everybody answers, each as ever: the worst there is. Then an
    attacker tries every sum and difference of all that was published, each up to twice."""
    public: list[frozenset[int]] = []
    for poll in polls:
        people = {block * 10 + one: Voter(team) for block, team in poll.items() for one in range(sizes[block])}
        public += [group.people for group in groups(shown(people, public))]
    distinct = sorted(set(public), key=sorted)[:5]
    blocks = [[block * 10 in people for people in distinct] for block in range(9)]
    for times in product(range(-2, 3), repeat=len(distinct)):
        left = sum(
            size
            for size, counted in zip(sizes, blocks, strict=True)
            if sum(n for n, counts in zip(times, counted, strict=True) if counts)
        )
        assert not 0 < left < FIVE


def test_somebody_who_joins_and_answers_holds_the_next_result_back_and_one_who_stays_silent_does_not() -> None:
    team = crew(range(1, 7))
    result = shown({**team, 7: Voter(choice=2)}, [frozenset(team)])
    assert (result.held_back, list(result.answers)) == (DIFFERENCE, [])
    assert shown({**team, 7: Voter(answers=False)}, [frozenset(team)]).held_back is None


def test_somebody_who_left_holds_the_next_result_back() -> None:
    team = crew(range(1, 9))
    assert shown(crew(range(1, 8)), [frozenset(team)]).held_back == DIFFERENCE


def test_a_poll_of_two_teams_is_held_back_if_those_of_each_team_leave_a_few() -> None:
    one, two = crew(range(1, 8)), crew(range(11, 18), team=2)
    before = [frozenset(one), frozenset(two)]
    assert shown(one | two, before).held_back is None
    assert shown(one | two | {99: Voter(None)}, before).held_back == DIFFERENCE


def test_five_who_join_of_whom_one_answers_are_not_five_answers() -> None:
    team = crew(range(1, 9))
    newcomers = crew(range(21, 26), answers=False) | {21: Voter()}
    assert shown(team | newcomers, [frozenset(team)]).held_back == DIFFERENCE
    assert shown(team | crew(range(21, 26)), [frozenset(team)]).held_back is None


def test_the_same_people_asked_again_are_shown_again() -> None:
    team = crew(range(1, 7))
    assert shown(team, [frozenset(team)]).held_back is None
    assert shown(team | {6: Voter(answers=False)}, [frozenset(team)]).held_back is None


def test_a_manager_s_answer_makes_no_fifth_and_where_all_read_it_takes_a_sixth() -> None:
    assert shown(crew(range(4)) | {9: Voter(leads=True)}).held_back == FEW
    assert shown(crew(range(5))).held_back is None
    assert shown(crew(range(5)), everybody=True).held_back == FEW
    assert shown(crew(range(6)), everybody=True).held_back is None


def test_a_manager_s_own_answer_is_not_left_over_either() -> None:
    team = crew(range(7))
    assert shown(team, [frozenset(team) | {9}]).held_back == DIFFERENCE
    assert shown(team | {9: Voter(leads=True)}, [frozenset(team)]).held_back == DIFFERENCE


def test_too_many_earlier_results_to_look_at_hold_it_back() -> None:
    ballots = {person: {"7": 0} for person in range(9)}
    assert publish(asking(), ballots, dict.fromkeys(range(9), 1), None, MANAGERS_ONLY).held_back == DIFFERENCE


def test_the_next_smallest_team_is_suppressed_with_the_one_that_is_too_small() -> None:
    people: dict[int, Voter] = {}
    for team, size in {1: 9, 2: 5, 3: 2}.items():
        people |= crew(range(team * 100, team * 100 + size), team=team)
    assert set(shown(people).teams) == {1}


def test_two_teams_with_enough_answers_are_both_shown() -> None:
    assert set(shown(crew(range(7)) | crew(range(11, 18), team=2)).teams) == {1, 2}


def test_several_choices_leave_their_ballot_one_by_one() -> None:
    ballots = {person: {"7": [0, 2]} for person in range(5)}
    result = publish(asking(Kind.SEVERAL), ballots, dict.fromkeys(range(5), 1), [], MANAGERS_ONLY)
    assert Counter(one.option for one in result.answers) == {0: 5, 2: 5}
    assert {one.question_id for one in result.answers} == {7}
    assert result.everybody == Group(frozenset(range(5)), 5)


def test_words_are_held_back_by_their_number_only() -> None:
    written = question(Kind.TEXT, "What?")
    written.id = 7
    ballots = {person: {"7": "pairing"} for person in range(5)}
    asked = dict.fromkeys(range(5), 1)
    result = publish(written, ballots, asked, [frozenset(range(6))], MANAGERS_ONLY)
    assert (result.held_back, {one.text for one in result.answers}, result.teams) == (None, {"pairing"}, {})
    assert {one.question_id for one in result.answers} == {7}
    assert result.everybody == Group(frozenset(range(5)), 5)
    del ballots[4]
    assert publish(written, ballots, asked, [], MANAGERS_ONLY).held_back == FEW
