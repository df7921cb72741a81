"""What somebody's words ask for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app import furnish
from handlers.blocks import button
from handlers.home.rules.words import recognise
from handlers.house import Understood

KNOWN = furnish().understood
SENTENCES = {
    "escalate 4711 customer is furious": ("Raise an escalation", "4711 customer is furious"),
    "<@U0BOT> Escalate 4711 customer is furious": ("Raise an escalation", "4711 customer is furious"),
    "how are my goals?": ("My goals", "how are my"),
    "I'm overloaded": ("Say how it is…", "I'm"),
    "I’m sick, back tomorrow": ("I’m away…", "I’m , back tomorrow"),
    "can you set a goal for me": ("Set a goal…", "can you for me"),
    "what do you know about me": ("My data", ""),
}


@pytest.mark.parametrize("words", SENTENCES)
def test_words_are_recognised(words: str) -> None:
    found = recognise(words, KNOWN)
    assert found is not None
    label, rest = SENTENCES[words]
    assert found.understood.button(found.rest)["text"]["text"] == label
    assert found.rest == rest


@pytest.mark.parametrize("words", ["hello", "the goalkeeper left", "", "targeted", "<@U0BOT>"])
def test_what_nobody_understands_is_not_guessed(words: str) -> None:
    assert recognise(words, KNOWN) is None


def test_no_two_features_claim_the_same_words() -> None:
    phrases = [phrase for one in KNOWN for phrase in one.phrases]
    assert len(phrases) == len(set(phrases))
    assert all(phrase == phrase.casefold() for phrase in phrases)


@given(st.text(max_size=600))
def test_any_text_is_taken_and_a_button_fits_slack(text: str) -> None:
    found = recognise(f"{text} escalate {text}", KNOWN)
    if found is not None:
        assert len(found.understood.button(found.rest).get("value", "")) <= 2000


@given(st.permutations([("away",), ("i'm away",), ("away today",)]))
def test_the_longest_phrase_wins_whatever_the_order(phrases: list[tuple[str, ...]]) -> None:
    known = [Understood(one, one[0], lambda rest: button("x", "x", rest)) for one in phrases]
    found = recognise("I'm away today", known)
    assert found is not None
    assert found.understood.phrases == ("away today",)


def understood(*phrases: str) -> Understood:
    return Understood(phrases, phrases[0], lambda rest: button("x", "x", rest))


def test_a_curly_apostrophe_is_one_and_of_two_as_long_the_first_registered_counts() -> None:
    away, other = understood("i'm away"), understood("tomorrow")
    found = recognise("Tomorrow I’m away", [away, other])
    assert found is not None
    assert (found.understood, found.rest) == (away, "Tomorrow")
    assert recognise("a tomorrow b", [other, understood("tomorrow")]) is not None
    first = recognise("tomorrow", [other, understood("tomorrow")])
    assert first is not None
    assert first.understood is other


def test_what_stands_around_is_kept_without_its_commas() -> None:
    found = recognise("XXL: raise, please - X!", [understood("raise")])
    assert found is not None
    assert found.rest == "XXL: , please - X"
