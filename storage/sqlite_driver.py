"""aiosqlite whose statements are run where they are asked for; only what may wait goes to the driver's thread.

aiosqlite runs each connection in a thread, and a statement costs four trips to it (make a cursor, execute, fetch,
close). Most of our statements take 30 µs, and a trip ends when the event loop comes round again: with fifty people at
once, that is after everything else that is ready to run has had its turn. Twenty-odd statements so took half a second,
during which nobody else could write (docs/performance.md).

What waits for others still makes the trip: BEGIN IMMEDIATE (another process may be writing), COMMIT (the disk), and
everything inside `unhurried`. A statement of the rest keeps the loop for as long as SQLite needs for it, which is
right for what people wait for anyway: rows by their index.
"""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import aiosqlite

CHUNK = 64
"""aiosqlite's own default; only iterating over a cursor of its own reads it."""
WAITS_FOR_OTHERS = "BEGIN IMMEDIATE"
_unhurried = ContextVar("unhurried", default=False)


@contextmanager
def unhurried() -> Iterator[None]:
    """Statements in here, and in tasks that are started in here, may take long: the loop goes on meanwhile."""
    token = _unhurried.set(True)
    try:
        yield
    finally:
        _unhurried.reset(token)


def make_private(file: Path) -> None:
    """Makes a file that isn't there yet, for its owner alone: names and answers are not for the machine's other users.
    One that is there stays as it is, whoever may read it. Raises OSError.

    What SQLite makes beside a database (-wal, -shm, -journal) may be read by whoever may read that.
    """
    with contextlib.suppress(FileExistsError):
        # made or left alone, never opened: closing a file lets go of every lock that this process has on it
        file.resolve().touch(mode=0o600, exist_ok=False)


async def connect(file: str, *, busy_timeout_s: float) -> aiosqlite.Connection:
    """An open connection to that file. Raises sqlite3.Error and OSError."""

    def open_file() -> sqlite3.Connection:
        make_private(Path(file))
        # used from the loop's thread and from its own, never from both at once: each statement is awaited, and
        # SQLAlchemy closes a connection whose statement was cancelled
        return sqlite3.connect(file, timeout=busy_timeout_s, check_same_thread=False)

    connection = DirectConnection(open_file, CHUNK)
    connection._thread.daemon = True  # noqa: SLF001  # as SQLAlchemy does: a forgotten one must not keep the process
    return await connection


class DirectConnection(aiosqlite.Connection):
    def cursor(self) -> "DirectCursor":  # type: ignore[override]  # SQLAlchemy's adapter enters it, which is free
        return DirectCursor(self)

    async def fetch(self, statement: str, *parameters: Any, many: bool = False) -> "Fetched":
        """Executes, fetches whole (as SQLAlchemy does anyway) and closes."""
        if statement != WAITS_FOR_OTHERS and not _unhurried.get():
            return _run(self._conn, statement, parameters, many)
        fetched: Fetched = await self._execute(  # type: ignore[no-untyped-call]  # aiosqlite leaves it untyped
            _run, self._conn, statement, parameters, many
        )
        return fetched

    async def rollback(self) -> None:
        self._conn.rollback()


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


class DirectCursor:
    """What SQLAlchemy's adapter asks of an aiosqlite cursor."""

    arraysize = 1

    def __init__(self, connection: DirectConnection) -> None:
        self._connection = connection
        self._fetched: Fetched | None = None

    async def __aenter__(self) -> "DirectCursor":
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> "DirectCursor":
        self._fetched = await self._connection.fetch(statement, parameters)
        return self

    async def executemany(self, statement: str, parameters: Iterable[Sequence[Any]]) -> "DirectCursor":
        self._fetched = await self._connection.fetch(statement, parameters, many=True)
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
