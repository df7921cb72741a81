"""aiosqlite with one trip to its thread for each statement.

As it comes, a statement costs four: making a cursor, executing, fetching, closing; each wakes a thread and then the
event loop, which takes longer than most of our statements do. Measured (docs/performance.md): it was more than half
of what raising an escalation cost, while nobody else could write. Rows are always fetched whole, as SQLAlchemy does
anyway.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

import aiosqlite

CHUNK = 64
"""aiosqlite's own default; only iterating over a cursor of its own reads it."""


async def connect(file: str, *, busy_timeout_s: float) -> aiosqlite.Connection:
    """An open connection to that file. Raises sqlite3.Error."""

    def open_file() -> sqlite3.Connection:
        return sqlite3.connect(file, timeout=busy_timeout_s)

    connection = OneTripConnection(open_file, CHUNK)
    connection._thread.daemon = True  # noqa: SLF001  # as SQLAlchemy does: a forgotten one must not keep the process
    return await connection


class OneTripConnection(aiosqlite.Connection):
    def cursor(self) -> "OneTripCursor":  # type: ignore[override]  # SQLAlchemy's adapter enters it, which is free
        return OneTripCursor(self)

    async def take_trip(self, statement: str, *parameters: Any, many: bool = False) -> "Fetched":
        """Executes, fetches and closes in the connection's thread."""
        fetched: Fetched = await self._execute(  # type: ignore[no-untyped-call]  # aiosqlite leaves it untyped
            _run, self._conn, statement, parameters, many
        )
        return fetched


class Fetched:
    """What a cursor knew before it was closed."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self.description = cursor.description
        self.rows: list[Any] = cursor.fetchall() if cursor.description else []
        self.rowcount = cursor.rowcount
        self.lastrowid = cursor.lastrowid


def _run(connection: sqlite3.Connection, statement: str, parameters: Sequence[Any], many: bool) -> Fetched:
    cursor = connection.cursor()
    try:
        if many:
            cursor.executemany(statement, *parameters)
        else:
            cursor.execute(statement, *parameters)
        return Fetched(cursor)
    finally:
        cursor.close()


class OneTripCursor:
    """What SQLAlchemy's adapter asks of an aiosqlite cursor; it is made and closed without asking the thread."""

    arraysize = 1

    def __init__(self, connection: OneTripConnection) -> None:
        self._connection = connection
        self._fetched: Fetched | None = None

    async def __aenter__(self) -> "OneTripCursor":
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> "OneTripCursor":
        self._fetched = await self._connection.take_trip(statement, parameters)
        return self

    async def executemany(self, statement: str, parameters: Iterable[Sequence[Any]]) -> "OneTripCursor":
        self._fetched = await self._connection.take_trip(statement, parameters, many=True)
        return self

    async def fetchall(self) -> list[Any]:
        if self._fetched is None:
            return []
        rows, self._fetched.rows = self._fetched.rows, []
        return rows

    async def close(self) -> None:
        return

    @property
    def description(self) -> Any:
        return self._fetched.description if self._fetched else None

    @property
    def rowcount(self) -> int:
        return self._fetched.rowcount if self._fetched else -1

    @property
    def lastrowid(self) -> int | None:
        return self._fetched.lastrowid if self._fetched else None
