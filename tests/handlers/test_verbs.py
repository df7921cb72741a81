"""How the words after a command are read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.verbs import NearMiss, Parsed, Words, anything, nothing, parse, within_one_letter


def number(rest: str) -> int:
    return int(rest)


VERBS = {"away": anything, "back": nothing, "show": number}


def test_a_verb_with_its_arguments_is_that_verb() -> None:
    assert parse("  AWAY until Friday ", VERBS) == Parsed("away", "until Friday")
    assert parse("show 42", VERBS) == Parsed("show", 42)
    assert parse("back", VERBS) == Parsed("back", None)


def test_a_verb_whose_arguments_do_not_parse_is_only_words() -> None:
    assert parse("back to square one", VERBS) == Words("back to square one")
    assert parse("show must go on", VERBS) == Words("show must go on")


@pytest.mark.parametrize("slip", ["awy", "awayy", "awau", "waay"])
def test_a_word_one_letter_away_from_a_verb_is_asked_about(slip: str) -> None:
    read = parse(f"{slip} until friday", VERBS)
    assert read == NearMiss("away", slip, "until friday")
    assert isinstance(read, NearMiss)
    assert read.meant("/availability") == "/availability away until friday"


def test_a_near_miss_whose_rest_is_no_argument_of_the_verb_is_only_words() -> None:
    assert parse("bank transfer failed", VERBS) == Words("bank transfer failed")


def test_nothing_typed_is_no_verb() -> None:
    assert parse("   ", VERBS) == Words("")


def test_lines_and_tabs_separate_a_verb_from_its_arguments_as_spaces_do() -> None:
    assert parse("away\nuntil friday", VERBS) == Parsed("away", "until friday")


@given(st.text("abcd", max_size=5), st.text("abcd", max_size=5))
def test_one_letter_apart_is_the_same_from_either_side(one: str, other: str) -> None:
    assert within_one_letter(one, other) == within_one_letter(other, one)


@given(st.text("abcd", min_size=1, max_size=6), st.data())
def test_leaving_out_adding_changing_or_swapping_one_letter_is_within_one(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("abcd"))
    swapped = word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
    for slip in (
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at:],
        word[:at] + letter + word[at + 1 :],
        swapped,
    ):
        assert within_one_letter(slip, word)


def test_two_slips_are_another_word() -> None:
    assert not within_one_letter("awyy", "back")
    assert not within_one_letter("abcd", "badc")
