"""What a look at the database costs, told by what no busy machine can blur: steps of SQLite's machine, and the plans of
both databases."""

from collections.abc import Awaitable, Callable, Collection
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.databases import asked_of
from storage.store import Store

Question = Callable[[AsyncSession], Awaitable[Any]]
Look = Callable[[], Awaitable[Any]]
"""Opens what sessions it needs by itself, as a listener does."""
COUNTED_BY = 10


def asking(store: Store, ask: Question) -> Look:
    """The question in a session of its own."""

    async def look() -> None:
        async with store.read() as session:
            await ask(session)

    return look


async def steps_of(store: Store, look: Look) -> int:
    """How many steps SQLite's machine takes for it, about, reading and writing."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += COUNTED_BY
        return 0

    def listen(connection: Any, *_: object) -> None:
        _driver(connection).set_progress_handler(count, COUNTED_BY)

    def leave(connection: Any, *_: object) -> None:
        _driver(connection).set_progress_handler(None, COUNTED_BY)

    engines = (store.read_engine.sync_engine, store.write_engine.sync_engine)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", listen)
        event.listen(engine, "after_cursor_execute", leave)
    try:
        await look()
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", listen)
            event.remove(engine, "after_cursor_execute", leave)
    return steps


def _driver(connection: Any) -> Any:
    """sqlite3's own connection: aiosqlite's would have to be awaited, where nothing can be."""
    return connection.connection.driver_connection._conn


async def plans_of(store: Store, look: Look) -> list[tuple[str, list[str]]]:
    """Each statement that reads, with its plan."""
    with asked_of(store.read_engine) as asked:
        await look()
    plans = []
    for statement, parameters in (one for one in asked if not one[0].startswith("SET ")):
        async with store.read_engine.connect() as connection:
            if store.dialect == "sqlite":
                rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            else:
                # so small a table is read whole, and rightly; what is asked here is whether there is another way
                await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
                rows = await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
            plans.append((statement, [str(row[-1]) for row in rows]))
    return plans


def read_whole(plan: Collection[str], tables: Collection[str]) -> list[str]:
    """The lines of a plan that read one of these tables from end to end."""

    def is_whole(line: str) -> bool:
        scanned = line.startswith(tuple(f"SCAN {table}" for table in tables)) and "USING" not in line
        return scanned or any(f"Seq Scan on {table}" in line for table in tables)

    return [line for line in plan if is_whole(line)]
