"""How fresh a team's tickets are: a file lasts a day, a desk two hours, and what isn't whole has no instant."""

from datetime import UTC, datetime, timedelta

import pytest

from handlers.queue.rules.freshness import Freshness, Stale, is_fresh, judge
from storage.sources import Source

NOW = datetime(2026, 6, 2, 9, tzinfo=UTC)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
LONG_AGO = NOW - timedelta(days=90)


def source(ago: timedelta | None = SECOND, *, kind: str = "zendesk", filled: bool = True, **more: object) -> Source:
    good = None if ago is None else NOW - ago
    return Source(name=kind.capitalize(), kind=kind, last_good_at=good, filled_at=LONG_AGO if filled else None, **more)


@pytest.mark.parametrize(
    ("kind", "ago", "fresh"),
    [
        ("zendesk", 2 * HOUR, True),
        ("zendesk", 2 * HOUR + SECOND, False),
        ("csv", 30 * HOUR, True),
        ("csv", 30 * HOUR + SECOND, False),
        ("rt", None, False),
    ],
)
def test_a_source_is_fresh_for_as_long_as_its_kind_lasts(kind: str, ago: timedelta | None, fresh: bool) -> None:
    assert is_fresh(source(ago, kind=kind), NOW) is fresh


def test_what_is_fresh_is_as_old_as_its_oldest_source() -> None:
    assert judge([source(SECOND), source(HOUR), source(2 * SECOND)], NOW) == Freshness(
        is_connected=True, as_of=NOW - HOUR
    )


def test_without_a_source_nothing_is_known() -> None:
    assert judge([], NOW) == Freshness(is_connected=False, as_of=None)


def test_one_stale_source_makes_the_whole_stale_and_is_named() -> None:
    failing = source(3 * HOUR, kind="rt", failing_since=LONG_AGO, last_error="RT says no.")
    found = judge([source(), failing], NOW)
    assert found == Freshness(
        is_connected=True,
        as_of=None,
        stale=(Stale("Rt", "rt", NOW - 3 * HOUR, is_failing=True, why="RT says no."),),
    )
    quiet = judge([source(3 * HOUR)], NOW)
    assert quiet.stale == (Stale("Zendesk", "zendesk", NOW - 3 * HOUR, is_failing=False, why=""),)


def test_what_is_being_read_for_the_first_time_is_not_stale_but_not_whole_either() -> None:
    filling = source(None, filled=False)
    assert judge([source(), filling], NOW) == Freshness(is_connected=True, as_of=None, filling=True)


@pytest.mark.parametrize(
    "one",
    [
        source(None, filled=False, failing_since=LONG_AGO),
        source(3 * HOUR, filled=False),
        source(None, filled=True),
    ],
    ids=["fails", "was read, but long ago", "filled, yet never read well"],
)
def test_a_first_reading_that_stands_still_is_stale(one: Source) -> None:
    found = judge([one], NOW)
    assert (len(found.stale), found.filling, found.as_of) == (1, False, None)
