"""Statements keep to the loop's thread, but for what may wait: then everything else goes on.

The driver reaches into aiosqlite's own parts, and into what SQLAlchemy expects of it: with a release that changes
either, these fail (they need a connection that works).
"""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from storage.counters import Counter
from storage.sqlite_driver import unhurried
from storage.store import DatabaseAwayError, Store, open_store


@pytest.fixture
async def file(sqlite_template: Path, tmp_path: Path) -> Path:
    copied = tmp_path / "driver.sqlite3"
    await asyncio.to_thread(shutil.copy, sqlite_template, copied)
    return copied


@pytest.fixture
async def store(file: Path) -> AsyncIterator[Store]:
    opened = open_store(f"sqlite:///{file}")
    yield opened
    await opened.close()


class Turns:
    """How often the loop came round while something was awaited."""

    def __init__(self) -> None:
        self.taken = 0

    async def __aenter__(self) -> "Turns":
        self._counting = asyncio.create_task(self._count())
        await asyncio.sleep(0)
        self.taken = 0
        return self

    async def __aexit__(self, *_: object) -> None:
        self._counting.cancel()
        await asyncio.gather(self._counting, return_exceptions=True)

    async def _count(self) -> None:
        while True:
            self.taken += 1
            await asyncio.sleep(0)


async def test_between_two_statements_of_a_transaction_nobody_else_has_a_turn(store: Store) -> None:
    async with store.write() as session, Turns() as turns:
        await session.execute(select(Counter))
        turns.taken = 0
        for n in range(20):
            session.add(Counter(workspace_id="T0CARE", name=f"n{n}", value=n))
            await session.flush()
            await session.execute(select(Counter))
        assert turns.taken == 0
    async with store.read() as session:
        assert len((await session.execute(select(Counter))).all()) == 20


async def test_a_slow_statement_of_unhurried_work_leaves_the_loop_to_others(store: Store) -> None:
    count_far = text(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT count(*) FROM n"
    )
    async with Turns() as turns:
        async with store.read() as session:
            with unhurried():
                counting = asyncio.create_task(session.scalar(count_far))
            assert await counting == 200_000
        assert turns.taken > 10


async def test_waiting_for_another_process_to_write_leaves_the_loop_to_others(store: Store, file: Path) -> None:
    other = await asyncio.to_thread(_begin_elsewhere, file)
    async with Turns() as turns:
        with pytest.raises(DatabaseAwayError):
            async with store.write() as session:
                await session.execute(select(Counter))
        assert turns.taken > 10
    await asyncio.to_thread(other.close)
    async with store.write() as session:
        await session.execute(select(Counter))


def _begin_elsewhere(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    connection.execute("BEGIN IMMEDIATE")
    return connection


async def test_a_cancelled_transaction_leaves_nothing_behind_and_the_next_one_works(store: Store) -> None:
    reached = asyncio.Event()

    async def write_and_wait() -> None:
        async with store.write() as session:
            session.add(Counter(workspace_id="T0CARE", name="cut off", value=1))
            await session.flush()
            reached.set()
            await asyncio.sleep(60)

    writing = asyncio.create_task(write_and_wait())
    await reached.wait()
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    async with store.write() as session:
        assert (await session.execute(select(Counter))).all() == []


async def test_cancelling_while_the_thread_is_at_work_is_survived(store: Store, file: Path) -> None:
    other = await asyncio.to_thread(_begin_elsewhere, file)
    writing = asyncio.create_task(store.transact(lambda session: session.execute(select(Counter))))
    for _ in range(10):
        await asyncio.sleep(0)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    await asyncio.to_thread(other.close)
    async with store.write() as session:
        session.add(Counter(workspace_id="T0CARE", name="after", value=1))


async def test_many_rows_and_errors_arrive_as_they_should(store: Store) -> None:
    rows = [{"workspace_id": "T0CARE", "name": f"n{n}", "value": n} for n in range(3)]
    async with store.write() as session:
        await session.execute(insert(Counter), rows)
    with pytest.raises(IntegrityError):
        async with store.write() as session:
            await session.execute(insert(Counter), rows)
    async with store.read() as session:
        assert (await session.execute(select(Counter.value).order_by(Counter.value))).scalars().all() == [0, 1, 2]
