"""What measures that are counted together read once."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.measures import SHARED_WITHIN, read_once, share
from storage.store import Store

START = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)


async def test_the_same_question_is_asked_once_by_whoever_shares_and_every_other_for_itself(store: Store) -> None:
    asked: list[object] = []

    async def one(_session: AsyncSession, teams: Sequence[int], start: datetime, end: datetime) -> int:
        asked.append((teams, start, end))
        return len(asked)

    async def other(_session: AsyncSession, teams: Sequence[int], start: datetime, end: datetime) -> str:
        asked.append((teams, start, end))
        return "other"

    kept: dict[object, object] = {}
    async with store.read() as session:
        share(session, kept)
        assert await read_once(session, one, [1, 2], START, START + DAY) == 1
        assert await read_once(session, other, [1, 2], START, START + DAY) == "other"
        assert await read_once(session, one, [1], START, START + DAY) == 3
        assert await read_once(session, one, [1, 2], START + DAY, START + 2 * DAY) == 4
        assert await read_once(session, one, [1, 2], START, START + 2 * DAY) == 5
        assert await read_once(session, one, [1, 2], START, START + DAY) == 1, "as it was found"
    async with store.read() as session:
        share(session, kept)
        assert await read_once(session, one, [1, 2], START, START + DAY) == 1, "by another session too"
    async with store.read() as session:
        assert await read_once(session, one, [1, 2], START, START + DAY) == 6, "nobody shares with this one"


async def test_long_stretches_are_not_kept(store: Store) -> None:
    kept: dict[object, object] = {}

    async def read(_session: AsyncSession, _teams: Sequence[int], _start: datetime, _end: datetime) -> list[int]:
        return [1]

    async with store.read() as session:
        share(session, kept)
        await read_once(session, read, [1], START, START + SHARED_WITHIN + DAY)
        assert kept == {}
        await read_once(session, read, [1], START, START + SHARED_WITHIN)
        assert list(kept.values()) == [[1]]
