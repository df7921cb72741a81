"""What each database must do so that nothing is kept by halves: locks, refusals, repeats, and no traces."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.ext.asyncio import AsyncSession

from storage.base import NaiveInstantError
from storage.counters import Counter, next_number
from storage.pacing import Gate
from storage.store import (
    DatabaseAwayError,
    DatabaseBusyError,
    Store,
    TryAgainError,
    UnknownDatabaseError,
    async_url,
    open_store,
)
from tests.storage.silence import line_to

NOON = datetime(2026, 6, 2, 12, 0, tzinfo=UTC)
TYPED = "my secret words"


@pytest.fixture
async def sqlite_store(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Store]:
    file = tmp_path / "store.sqlite3"
    await asyncio.to_thread(shutil.copy, sqlite_template, file)
    opened = open_store(f"sqlite:///{file}")
    yield opened
    await opened.close()


async def test_a_transaction_is_kept_whole_or_not_at_all(store: Store) -> None:
    async def breaks(session: AsyncSession) -> None:
        session.add(Gate(key="one", open_at=NOON))
        await session.flush()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await store.transact(breaks)
    async with store.write() as session:
        session.add(Gate(key="two", open_at=NOON))
    async with store.read() as session:
        assert (await session.execute(select(Gate.key))).scalars().all() == ["two"]


async def test_a_naive_instant_is_refused_and_any_zone_is_kept_as_the_same_instant(store: Store) -> None:
    with pytest.raises(StatementError) as refused:
        async with store.write() as session:
            session.add(Gate(key="naive", open_at=NOON.replace(tzinfo=None)))
    assert isinstance(refused.value.orig, NaiveInstantError)
    async with store.write() as session:
        session.add(Gate(key="manila", open_at=NOON.astimezone(timezone(timedelta(hours=8)))))
    async with store.read() as session:
        kept = (await session.execute(select(Gate.open_at))).scalar_one()
    assert (kept, kept.tzinfo) == (NOON, UTC)


async def test_numbers_are_dense_and_never_given_twice_however_many_ask(store: Store) -> None:
    async def take(n: int) -> int:
        async with store.write() as session:
            number = await next_number(session, "T0CARE", "escalations")
            return number // (n % 3)  # every third takes a number and breaks before it is kept

    asking = [take(n) for n in range(30) if n % 3 != 2]
    taken = await asyncio.gather(*asking, return_exceptions=True)
    assert sorted(number for number in taken if isinstance(number, int)) == list(range(1, 11))


async def test_read_then_write_transactions_at_once_all_pass_and_none_is_lost(store: Store) -> None:
    async with store.write() as session:
        session.add(Counter(workspace_id="T0CARE", name="many", value=0))

    async def add_one() -> None:
        async with store.write() as session:
            query = select(Counter).where(Counter.name == "many").with_for_update()
            (await session.execute(query)).scalar_one().value += 1

    await asyncio.gather(*(add_one() for _ in range(20)))
    async with store.read() as session:
        assert (await session.execute(select(Counter.value))).scalar_one() == 20


async def test_an_error_names_no_value_that_somebody_typed(store: Store) -> None:
    async with store.write() as session:
        session.add(Counter(workspace_id="T0CARE", name=TYPED, value=0))
    again = insert(Counter).values(workspace_id="T0CARE", name=TYPED, value=1)
    with pytest.raises(IntegrityError) as refused:
        await store.transact(lambda session: session.execute(again))
    assert "parameters hidden" in str(refused.value)


async def test_a_transaction_is_run_again_when_the_database_asks_and_no_more_than_three_times(store: Store) -> None:
    tries = 0

    async def deadlocks(times: int) -> str:
        nonlocal tries
        tries = 0

        async def work(session: object) -> str:
            nonlocal tries
            tries += 1
            if tries <= times:
                raise TryAgainError("deadlock")
            return "done"

        return await store.transact(work)

    assert await deadlocks(2) == "done"
    with pytest.raises(TryAgainError):
        await deadlocks(3)
    assert tries == 3


async def test_a_busy_sqlite_is_away_within_the_time_that_a_form_has(sqlite_store: Store) -> None:
    other = open_store(str(sqlite_store.write_engine.url.render_as_string()).replace("+aiosqlite", ""))
    async with other.write() as held:
        await held.execute(select(Gate))
        began = time.monotonic()
        with pytest.raises(DatabaseBusyError):
            await sqlite_store.transact(lambda session: session.execute(select(Gate)))
        assert time.monotonic() - began < 2.5
        began = time.monotonic()
        async with sqlite_store.read() as session:
            await session.execute(select(Gate))
        assert time.monotonic() - began < 0.5, "readers don't wait for the writer"
    await other.close()


async def test_writers_in_one_process_queue_for_no_longer_either(sqlite_store: Store) -> None:
    async with sqlite_store.write() as held:
        await held.execute(select(Gate))
        began = time.monotonic()
        with pytest.raises(DatabaseBusyError):
            await sqlite_store.transact(lambda session: session.execute(select(Gate)))
        assert 1.0 < time.monotonic() - began < 2.5


async def test_sqlite_keeps_its_promises_on_every_connection(sqlite_store: Store) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    for use in (sqlite_store.write, sqlite_store.read):
        async with use() as session:
            found = {name: (await session.execute(text(f"PRAGMA {name}"))).scalar_one() for name in wanted}
        assert found == wanted


async def test_what_was_deleted_is_not_in_the_file_any_more(sqlite_store: Store, tmp_path: Path) -> None:
    async with sqlite_store.write() as session:
        session.add(Counter(workspace_id="T0CARE", name=TYPED, value=1))
    async with sqlite_store.write() as session:
        await session.execute(delete(Counter))
    await sqlite_store.close()  # the last connection folds the log into the file
    assert await asyncio.to_thread(_files_with, TYPED.encode(), tmp_path) == []
    assert await asyncio.to_thread(_files_with, b"counters", tmp_path) == ["store.sqlite3"]


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
async def test_a_deadlock_asks_one_of_the_two_to_try_again(store: Store) -> None:
    async with store.write() as session:
        session.add_all([Gate(key="a", open_at=NOON), Gate(key="b", open_at=NOON)])
    both_hold_one = asyncio.Barrier(2)

    async def change(first: str, second: str) -> None:
        async with store.write() as session:
            await session.execute(update(Gate).where(Gate.key == first).values(open_at=NOON))
            await both_hold_one.wait()
            await session.execute(update(Gate).where(Gate.key == second).values(open_at=NOON))

    ended = await asyncio.gather(change("a", "b"), change("b", "a"), return_exceptions=True)
    assert sorted(type(end).__name__ for end in ended) == ["NoneType", "TryAgainError"]


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
async def test_who_is_frozen_in_the_middle_of_a_statement_holds_nobody_up(store: Store, database_url: str) -> None:
    async with store.write() as session:
        session.add(Gate(key="one", open_at=NOON))
    one = select(Gate).where(Gate.key == "one")
    async with line_to(database_url) as (url, line):
        freezes = open_store(url)

        async def locks_and_goes_on() -> None:
            async with freezes.write() as session:
                await session.execute(one.with_for_update())
                line.falls_silent_next = True
                await session.execute(select(Gate.key).where(Gate.open_at > NOON))

        frozen = asyncio.create_task(locks_and_goes_on())
        await line.silent.wait()
        assert await store.let_go_of_the_frozen(timedelta(minutes=1)) == 0
        assert await store.let_go_of_the_frozen(timedelta(0)) == 1
        async with asyncio.timeout(10), store.write() as session:
            found = (await session.execute(one.with_for_update())).scalar_one()
            found.open_at = NOON + timedelta(hours=1)
        with pytest.raises(DatabaseAwayError):
            await frozen
        line.falls_silent_next = False
        await freezes.close()


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
async def test_a_serialization_failure_asks_for_a_repeat(store: Store) -> None:
    async with store.write() as session:
        session.add(Gate(key="a", open_at=NOON))

    async def change_what_was_seen() -> None:
        async with store.write() as session:
            await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            await session.execute(select(Gate))
            async with store.write() as other:
                await other.execute(update(Gate).values(open_at=NOON + timedelta(hours=1)))
            await session.execute(update(Gate).values(open_at=NOON + timedelta(hours=2)))

    with pytest.raises(TryAgainError):
        await change_what_was_seen()


async def test_no_server_is_a_database_that_is_away() -> None:
    nowhere = open_store("postgresql://nobody@127.0.0.1:1/nowhere")
    with pytest.raises(DatabaseAwayError):
        async with nowhere.read() as session:
            await session.execute(select(Gate))
    await nowhere.close()


@pytest.mark.parametrize("url", ["mysql://somewhere/x", "sqlite://", "sqlite:///:memory:", "not a url"])
def test_a_database_that_cannot_keep_state_is_refused(url: str) -> None:
    with pytest.raises(UnknownDatabaseError):
        open_store(url)


def _files_with(words: bytes, folder: Path) -> list[str]:
    return [file.name for file in folder.glob("store.sqlite3*") if words in file.read_bytes()]


async def test_a_statement_that_is_wrong_is_a_bug_and_not_a_database_away(store: Store) -> None:
    with pytest.raises(DBAPIError):
        async with store.read() as session:
            await session.execute(text("SELECT no_such_column FROM people"))


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_an_address_as_hosts_of_databases_hand_it_out_is_taken(database_url: str) -> None:
    opened = open_store(
        make_url(database_url).update_query_dict({"sslmode": "prefer"}).render_as_string(hide_password=False)
    )
    async with opened.read() as session:
        assert (await session.execute(text("SELECT 1"))).scalar_one() == 1
    await opened.close()


def test_what_an_address_asks_that_cannot_be_had_is_named_and_its_value_is_not() -> None:
    with pytest.raises(UnknownDatabaseError, match="asks for channel_binding, options after") as told:
        async_url("postgresql://me:secret@db/backstop?options=-csecret&sslmode=require&channel_binding=require")
    assert "secret" not in str(told.value)
