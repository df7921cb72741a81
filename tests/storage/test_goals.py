"""What was measured on each day: written in the place of what was there, added up, and forgotten."""

from datetime import UTC, date, datetime, timedelta

from storage import goals
from storage.goals import Part, Whose
from storage.store import Store

METRIC, ZONE = "queue.csat", "Europe/Dublin"
MONDAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 2, 9, tzinfo=UTC)
WEEK = [MONDAY + timedelta(days=n) for n in range(7)]


async def keep(store: Store, days: dict[int, dict[date, Part]]) -> None:
    async with store.write() as session:
        await goals.keep_days(session, metric=METRIC, whose=Whose.TEAM, zone=ZONE, days=days)


async def sums(store: Store, first: date = WEEK[0], last: date = WEEK[-1]) -> dict[int, tuple[float, int]]:
    async with store.read() as session:
        found = await goals.sums_of(session, METRIC, Whose.TEAM, ZONE, [1, 2, 3], [(first, last)])
    return {whose_id: sums for (whose_id, _), sums in found.items()}


async def test_a_day_is_written_in_the_place_of_what_it_was_and_added_to_the_others(store: Store) -> None:
    await keep(store, {1: {day: Part(2.0, 1, (2.0,)) for day in WEEK}, 2: {MONDAY: Part(9.0, 3, (3.0, 3.0, 3.0))}})
    await keep(store, {1: {MONDAY: Part(7.0, 2, (3.0, 4.0))}, 2: {}})
    await keep(store, {})
    assert await sums(store) == {1: (7.0 + 12.0, 2 + 6), 2: (9.0, 3)}
    assert await sums(store, WEEK[1], WEEK[2]) == {1: (4.0, 2)}
    async with store.read() as session:
        found = await goals.raw_of(session, METRIC, Whose.TEAM, ZONE, [1], [(WEEK[0], WEEK[1])])
    [raw] = found.values()
    assert (raw.total, raw.count, sorted(raw.raw)) == (9.0, 3, [2.0, 3.0, 4.0])


async def test_old_days_are_forgotten_a_few_at_a_time_and_the_others_stay(store: Store) -> None:
    await keep(store, {1: {day: Part(1.0, 1, (1.0,)) for day in WEEK}})
    forgotten = []
    for _ in range(3):
        async with store.write() as session:
            forgotten.append(await goals.forget_days(session, before=WEEK[3], most=2))
    assert forgotten == [2, 1, 0]
    assert await sums(store) == {1: (4.0, 4)}
    assert await sums(store, WEEK[3], WEEK[6]) == {1: (4.0, 4)}


async def test_of_no_goal_and_no_metric_nothing_is_kept(store: Store) -> None:
    async with store.write() as session:
        await goals.keep_standings(session, [])
        await goals.keep_counted_until(session, "T1", [], NOW)
        assert await goals.counted_until(session, "T1") == {}
