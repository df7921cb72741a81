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
    ("45 s", Unit.DURATION, 45),
    ("1 day 2 hrs 3 mins 4 secs", Unit.DURATION, 86400 + 7200 + 180 + 4),
    ("2 HOURS and 30 minutes", Unit.DURATION, 9000),
    ("1 hr + 1 sec", Unit.DURATION, 3601),
    ("+40", Unit.COUNT, 40),
    ("95 percent", Unit.PERCENT, 95),
    ("100%", Unit.PERCENT, 100),
    ("0.5%", Unit.PERCENT, 0.5),
    ("1,234,567.5", Unit.POINTS, 1_234_567.5),
    ("1000000000", Unit.COUNT, 1e9),
    ("-1,000,000", Unit.POINTS, -1_000_000),
    ("0", Unit.POINTS, 0),
    ("-12", Unit.POINTS, -12),
    ("\u221212", Unit.POINTS, -12),  # a minus sign
    ("\u00a04.2 ", Unit.POINTS, 4.2),  # a space that doesn't break
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
    ("-1%", Unit.PERCENT, "below zero"),
    ("0 min", Unit.DURATION, "zero"),
    ("1e9", Unit.COUNT, "Write a number"),
    ("1000000001", Unit.POINTS, "more than I can count"),
    ("-1000000001", Unit.POINTS, "more than I can count"),
    ("100.1", Unit.PERCENT, "More than 100%"),
    ("7.5", Unit.COUNT, r"whole ones: write 7 or 8\."),
    ("1,000", Unit.COUNT, r"^Is 1,000 meant as 1\.000 or as 1000\? Write it without the comma\.$"),
    ("3,000 min", Unit.DURATION, r"^Is 3,000 meant as 3\.000 or as 3000\?"),
    ("2 h later", Unit.DURATION, "length of time"),
    ("h", Unit.DURATION, "length of time"),
    ("2", Unit.DURATION, "length of time"),
    ("2 hx", Unit.DURATION, "length of time"),
    ("4.", Unit.POINTS, "This is a score"),
    ("99999999999", Unit.COUNT, "more than I can count"),
    ("", Unit.COUNT, "Write a number"),
    ("٣", Unit.COUNT, "Write a number"),
]


@pytest.mark.parametrize(
    ("typed", "unit"), [("-2", Unit.COUNT), ("\u22122%", Unit.PERCENT), ("-1,000,000", Unit.COUNT)]
)
def test_nothing_is_counted_below_zero_though_a_number_that_is_given_may_be_zero(typed: str, unit: Unit) -> None:
    with pytest.raises(ValueError, match="below zero"):
        number_of(typed, unit)
    assert number_of("0", unit) == 0


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


@pytest.mark.parametrize(
    ("value", "unit", "words", "typed"),
    [
        (40.0, Unit.COUNT, "40", "40"),
        (1_234_567.0, Unit.COUNT, "1,234,567", "1234567"),
        (97.5, Unit.PERCENT, "97.5 %", "97.5%"),
        (95.0, Unit.PERCENT, "95 %", "95%"),
        (4.25, Unit.POINTS, "4.2", "4.2"),
        (-12.0, Unit.POINTS, "-12", "-12"),
        (59.0, Unit.DURATION, "59 s", "59 s"),
        (60.0, Unit.DURATION, "1 min", "1 min"),
        (89.0, Unit.DURATION, "1 min", "1 min"),
        (5400.0, Unit.DURATION, "1 h 30 min", "1 h 30 min"),
        (7200.0, Unit.DURATION, "2 h", "2 h"),
        (86400.0 + 7200 + 180, Unit.DURATION, "1 d 2 h", "1 d 2 h"),
        (86400.0 + 180, Unit.DURATION, "1 d 3 min", "1 d 3 min"),
    ],
)
def test_a_value_is_shown_in_its_unit_and_filled_in_as_one_would_type_it(
    value: float, unit: Unit, words: str, typed: str
) -> None:
    assert shown(value, unit) == words
    assert typed_as(value, unit) == typed


def test_unknown_is_not_measured() -> None:
    assert [shown(None, unit) for unit in Unit] == ["not measured"] * 4
