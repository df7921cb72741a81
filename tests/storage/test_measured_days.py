"""Measured days: what is kept, what counts as news, and what stretches of them make together."""

import math
import random
from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from storage import goals
from storage.goals import Part, Span, Whose
from storage.store import Store

FIRST = date(2026, 4, 1)
METRIC, DUBLIN = "queue.first_response", "Europe/Dublin"


async def keep(session: AsyncSession, days: Mapping[int, Mapping[date, Part]], *, zone: str = DUBLIN) -> int:
    return await goals.keep_days(session, metric=METRIC, whose=Whose.PERSON, zone=zone, days=days)


def measured(chance: random.Random) -> dict[int, dict[date, Part]]:
    """A quarter of four people: on some days nothing, on others several cases."""
    found: dict[int, dict[date, Part]] = {}
    for person in range(1, 5):
        for shift in range(91):
            raw = tuple(float(chance.randrange(1, 5000)) for _ in range(chance.choice((0, 0, 1, 3))))
            if raw:
                found.setdefault(person, {})[FIRST + timedelta(days=shift)] = Part(math.fsum(raw), len(raw), raw)
    return found


async def test_only_news_is_written(store: Store) -> None:
    days = measured(random.Random(1))
    person, day = 2, min(days[2])
    many = sum(map(len, days.values()))
    async with store.write() as session:
        assert await keep(session, days) == many
    async with store.write() as session:
        assert await keep(session, days) == 0, "nothing of it is news"
        assert await keep(session, {person: days[person]}, zone="UTC") == len(days[person])
    days[person][day] = Part(7.0, 1, (7.0,))
    async with store.write() as session:
        assert await keep(session, {}) == 0
        assert await keep(session, days) == 1
        assert await goals.raw_of(session, METRIC, Whose.PERSON, DUBLIN, [person], [(day, day)]) == {
            (person, (day, day)): Part(7.0, 1, (7.0,))
        }


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
    async with store.write() as session:
        await keep(session, days)
        await keep(session, {1: {FIRST: Part(1e9, 9)}}, zone="UTC")
        raw = await goals.raw_of(session, METRIC, Whose.PERSON, DUBLIN, [1, 2, 3, 9], spans)
        sums = await goals.sums_of(session, METRIC, Whose.PERSON, DUBLIN, [1, 2, 3, 9], spans)
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
