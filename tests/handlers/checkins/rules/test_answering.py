"""Which round an answer belongs to that is given now."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.checkins.rules.answering import Place, is_open, place_of
from storage.checkins import Prompt, Round

NOW = datetime(2026, 6, 2, 15, tzinfo=UTC)
TODAY, YESTERDAY = date(2026, 6, 2), date(2026, 6, 1)
HOUR, INSTANT = timedelta(hours=1), timedelta(microseconds=1)
Part = tuple[Prompt, Round]


def part(opens: timedelta, closes: timedelta, day: date = TODAY) -> Part:
    return Prompt(opens_at=NOW + opens, closes_at=NOW + closes), Round(day=day)


def place(*parts: Part) -> Place:
    return place_of(parts, TODAY, NOW)


def test_an_open_window_takes_it_from_its_first_instant_to_its_last() -> None:
    for opens, closes in ((-HOUR, HOUR), (timedelta(), HOUR), (-HOUR, INSTANT)):
        prompt, round_ = part(opens, closes)
        assert place((prompt, round_)) == Place(TODAY, prompt, round_)


def test_after_midnight_it_still_belongs_to_the_night_before() -> None:
    night = part(-HOUR, HOUR, YESTERDAY)
    later = part(HOUR, 2 * HOUR)
    assert place(later, night) == Place(YESTERDAY, *night)


def test_early_it_belongs_to_todays_round() -> None:
    early = part(INSTANT, HOUR)
    assert place(early) == Place(TODAY, *early)


@pytest.mark.parametrize(
    "parts",
    [
        (),
        (part(-2 * HOUR, timedelta()),),
        (part(-2 * HOUR, -HOUR, YESTERDAY),),
        (part(20 * HOUR, 21 * HOUR, date(2026, 6, 3)),),
    ],
    ids=["nobody asks", "it has just closed", "yesterday’s is closed", "tomorrow’s is to come"],
)
def test_else_it_counts_for_its_writer_alone(parts: tuple[Part, ...]) -> None:
    assert place(*parts) == Place(TODAY)


@given(
    st.lists(
        st.tuples(st.timedeltas(-2 * HOUR, 2 * HOUR), st.timedeltas(INSTANT, HOUR), st.sampled_from([TODAY, YESTERDAY]))
    )
)
def test_no_answer_lands_where_the_window_is_over(windows: list[tuple[timedelta, timedelta, date]]) -> None:
    found = place(*(part(opens, opens + length, day) for opens, length, day in windows))
    if found.prompt is None:
        assert found == Place(TODAY)
    else:
        assert found.prompt.closes_at > NOW
        assert found.round is not None
        assert found.day == found.round.day


def test_a_round_takes_answers_early_and_until_the_window_or_the_round_is_closed() -> None:
    prompt, round_ = part(HOUR, 2 * HOUR)
    assert is_open(prompt, round_, NOW)
    assert is_open(prompt, round_, prompt.closes_at - INSTANT)
    assert not is_open(prompt, round_, prompt.closes_at)
    round_.closed_at = NOW
    assert not is_open(prompt, round_, NOW)
