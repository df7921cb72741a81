"""Measured days: written in the place of what was there, where they are news; added up over stretches; forgotten."""

import math
import random
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import goal_standings
from storage.goals import Whose
from storage.measured_days import (
    MeasuredDay,
    Part,
    Series,
    Span,
    counted_until,
    forget_days,
    keep_counted_until,
    keep_days,
    raw_of,
    sums_of,
)
from storage.store import Store

FIRST_RESPONSE = Series("queue.first_response", Whose.PERSON, "Europe/Dublin")
IN_UTC = FIRST_RESPONSE._replace(zone="UTC")
FIRST = date(2026, 4, 1)
WEEK = [FIRST + timedelta(days=shift) for shift in range(7)]


def measured(chance: random.Random) -> dict[int, dict[date, Part]]:
    """A quarter of four people: on some days nothing, on others several cases."""
    found: dict[int, dict[date, Part]] = {}
    for person in range(1, 5):
        for shift in range(91):
            raw = tuple(float(chance.randrange(1, 5000)) for _ in range(chance.choice((0, 0, 1, 3))))
            if raw:
                found.setdefault(person, {})[FIRST + timedelta(days=shift)] = Part(math.fsum(raw), len(raw), raw)
    return found


async def keep(
    store: Store, days: Mapping[int, Mapping[date, Part]], series: Series = FIRST_RESPONSE
) -> dict[int, set[date]]:
    """Writes them; what of it was news."""
    async with store.write() as session:
        return await keep_days(session, series, days)


async def sums(session: AsyncSession, first: date, last: date) -> dict[int, tuple[float, int]]:
    found = await sums_of(session, FIRST_RESPONSE, [1, 2, 3], [(first, last)])
    return {whose_id: sums for (whose_id, _), sums in found.items()}


async def test_only_news_is_written_in_the_place_of_what_it_was(store: Store) -> None:
    days = measured(random.Random(1))
    person, day = 2, min(days[2])
    assert await keep(store, days) == {one: set(parts) for one, parts in days.items()}
    assert await keep(store, days) == {}, "nothing of it is news"
    assert await keep(store, {person: days[person]}, IN_UTC) == {person: set(days[person])}, "another zone's are others"
    days[person][day] = Part(7.0, 1, (7.0,))
    assert await keep(store, {}) == await keep(store, {person: {}}) == {}
    assert await keep(store, days) == {person: {day}}
    async with store.read() as session:
        found = await raw_of(session, FIRST_RESPONSE, [person], [(day, day)])
    assert found == {(person, (day, day)): Part(7.0, 1, (7.0,))}


async def test_a_day_of_nothing_is_news_only_where_something_was(store: Store) -> None:
    first, second = WEEK[:2]
    await keep(store, {1: {first: Part(1.0, 1)}})
    assert await keep(store, {1: {first: Part(), second: Part()}, 2: {first: Part()}}) == {1: {first}}
    async with store.read() as session:
        assert await sums(session, first, second) == {1: (0.0, 0)}
        assert len((await session.execute(select(MeasuredDay.day))).all()) == 1, "what was nothing has no row"


async def test_stretches_that_overlap_are_each_the_sum_of_their_days(store: Store) -> None:
    chance = random.Random(2)
    days = measured(chance)
    spans: list[Span] = [
        (FIRST, FIRST + timedelta(days=90)),
        (FIRST + timedelta(days=200), FIRST + timedelta(days=210)),
    ]
    for _ in range(6):
        since = FIRST + timedelta(days=chance.randrange(-5, 91))
        spans.append((since, since + timedelta(days=chance.randrange(40))))
    await keep(store, days)
    await keep(store, {1: {FIRST: Part(1e9, 9)}}, IN_UTC)
    async with store.read() as session:
        raw = await raw_of(session, FIRST_RESPONSE, [1, 2, 3, 9], spans)
        sums = await sums_of(session, FIRST_RESPONSE, [1, 2, 3, 9], spans)
    expected: dict[tuple[int, Span], list[Part]] = {}
    for person in (1, 2, 3):
        for first, last in spans:
            some = [part for day, part in days[person].items() if first <= day <= last]
            if some:
                expected[person, (first, last)] = some
    assert sums == {
        one: (math.fsum(part.total for part in some), sum(part.count for part in some))
        for one, some in expected.items()
    }
    assert {one: sorted(part.raw) for one, part in raw.items()} == {
        one: sorted(value for part in some for value in part.raw) for one, some in expected.items()
    }


async def test_old_days_are_forgotten_a_few_at_a_time_and_the_others_stay(store: Store) -> None:
    await keep(store, {1: {day: Part(1.0, 1, (1.0,)) for day in WEEK}})
    forgotten = []
    for _ in range(3):
        async with store.write() as session:
            forgotten.append(await forget_days(session, before=WEEK[3], most=2))
    assert forgotten == [2, 1, 0]
    async with store.read() as session:
        assert await sums(session, WEEK[0], WEEK[-1]) == {1: (4.0, 4)}
        assert await sums(session, WEEK[3], WEEK[-1]) == {1: (4.0, 4)}


async def test_of_no_goal_and_no_metric_nothing_is_kept(store: Store) -> None:
    async with store.write() as session:
        await goal_standings.keep(session, [])
        await keep_counted_until(session, "T1", [], datetime(2026, 6, 2, 9, tzinfo=UTC))
        assert await counted_until(session, "T1") == {}
