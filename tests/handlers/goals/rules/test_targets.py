"""Targets as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.goals.rules.targets import number_of, shown, target_of, typed_as
from storage.goals import Unit

READ = [
    ("40", Unit.COUNT, 40),
    ("1,200,000", Unit.COUNT, 1_200_000),
    ("95%", Unit.PERCENT, 95),
    ("97.5 %", Unit.PERCENT, 97.5),
    ("2h", Unit.DURATION, 7200),
    ("1 h 30 min", Unit.DURATION, 5400),
    ("1.5 hours", Unit.DURATION, 5400),
    ("3 d", Unit.DURATION, 259200),
    ("-12", Unit.POINTS, -12),
    ("4.2", Unit.POINTS, 4.2),
]
REFUSED = [
    ("2h", Unit.PERCENT, "percentage"),
    ("95%", Unit.DURATION, "length of time"),
    ("95%", Unit.COUNT, "Write a number"),
    ("1,5", Unit.POINTS, "meant as 1.5 or as 15"),
    ("1,5 h", Unit.DURATION, "meant as 1.5 or as 15"),
    ("1.5", Unit.COUNT, "1 or 2"),
    ("0", Unit.COUNT, "zero"),
    ("0%", Unit.PERCENT, "zero"),
    ("-1", Unit.COUNT, "below zero"),
    ("101%", Unit.PERCENT, "More than 100%"),
    ("1e9", Unit.COUNT, "Write a number"),
    ("99999999999", Unit.COUNT, "more than I can count"),
    ("", Unit.COUNT, "Write a number"),
    ("٣", Unit.COUNT, "Write a number"),
]


@pytest.mark.parametrize(("typed", "unit", "value"), READ)
def test_it_is_read(typed: str, unit: Unit, value: float) -> None:
    assert target_of(typed, unit) == value


@pytest.mark.parametrize(("typed", "unit", "sentence"), REFUSED)
def test_it_is_refused_with_what_to_write(typed: str, unit: Unit, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        target_of(typed, unit)


@given(st.text(max_size=60), st.sampled_from(Unit))
def test_any_text_is_a_value_or_a_sentence(typed: str, unit: Unit) -> None:
    assert _told(typed, unit)[0].isupper() or abs(number_of(typed, unit)) <= 1e9


def _told(typed: str, unit: Unit) -> str:
    try:
        number_of(typed, unit)
    except ValueError as refused:
        return str(refused)
    return "a value"


@given(st.integers(1, 99_999), st.sampled_from([Unit.COUNT, Unit.PERCENT, Unit.POINTS]))
def test_what_is_shown_can_be_typed_again(number: int, unit: Unit) -> None:
    value = number % 100 + 1 if unit == Unit.PERCENT else number
    assert number_of(typed_as(value, unit), unit) == value


def test_unknown_is_not_measured() -> None:
    assert shown(None, Unit.COUNT) == "not measured"
