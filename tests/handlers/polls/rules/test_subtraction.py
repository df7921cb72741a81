"""Results that are added and subtracted: tried beside an attacker who tries every small sum."""

from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from handlers.polls.rules import subtraction
from handlers.polls.rules.subtraction import People, leaves_a_few

CELLS = st.integers(2, 4).flatmap(
    lambda results: st.dictionaries(
        st.tuples(*[st.booleans()] * results).filter(any), st.integers(0, 8), min_size=1, max_size=8
    )
)
"""How many people are counted by the same of two to four results."""


def results_of(cells: dict[tuple[bool, ...], int]) -> list[People]:
    """The results, each as those whom it counts."""
    numbered = [
        (counted_by, place * 10 + one) for place, (counted_by, size) in enumerate(cells.items()) for one in range(size)
    ]
    width = len(next(iter(cells)))
    return [frozenset(one for counted_by, one in numbered if counted_by[result]) for result in range(width)]


def five(people: People) -> bool:
    return len(people) >= 5


def found_by_trying(cells: dict[tuple[bool, ...], int]) -> bool:
    """What an attacker finds who takes each result up to three times, added or subtracted."""
    for times in product(range(-3, 4), repeat=len(next(iter(cells)))):
        left = sum(
            size
            for counted_by, size in cells.items()
            if sum(n for n, counted in zip(times, counted_by, strict=True) if counted)
        )
        if 0 < left < 5:
            return True
    return False


# What is left after cancelling in two neighbouring places, and after cancelling by something else than one
@example(
    {
        (False, False, False, True): 2,
        (True, True, False, False): 2,
        (False, True, True, False): 3,
        (False, False, True, False): 3,
    }
)
@example({(False, True, False): 1, (True, False, True): 3, (True, True, False): 8, (False, True, True): 4})
@given(CELLS)
@settings(max_examples=200, deadline=None)
def test_it_says_what_an_attacker_finds_who_tries_every_sum(cells: dict[tuple[bool, ...], int]) -> None:
    assert leaves_a_few(results_of(cells), five) == found_by_trying(cells)


def test_a_union_of_three_polls_is_found() -> None:
    one, two = frozenset(range(6)), frozenset(range(10, 17))
    assert not leaves_a_few([one, two, one | two], five)
    assert leaves_a_few([one, two, one | two | {99}], five)
    assert leaves_a_few([one | two, one | two | {97, 98, 99}], five)


def test_people_who_are_in_two_results_alone_cannot_be_worked_out() -> None:
    assert not leaves_a_few([frozenset(range(8)), frozenset(range(7, 15))], five)


def test_the_same_results_again_tell_nothing_new() -> None:
    assert not leaves_a_few([frozenset(range(6))] * 50, five)


def test_what_cannot_be_checked_counts_as_leaving_a_few() -> None:
    many = [frozenset(range(one * 10, one * 10 + 6)) for one in range(subtraction.RESULTS_AT_MOST + 1)]
    assert leaves_a_few(many, five)
    assert not leaves_a_few(many[1:], five)


@pytest.mark.parametrize(("tried", "unknown"), [(18, False), (17, True)])
def test_as_many_ways_as_are_allowed_are_tried(tried: int, unknown: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice two results that share three people: one, the other and their difference, each with three ways to be rid
    of the other two results."""
    monkeypatch.setattr(subtraction, "TRIED_AT_MOST", tried)
    results = [frozenset(range(begin, begin + 6)) for begin in (0, 3, 20, 23)]
    assert leaves_a_few(results, five) == unknown
