"""One write engine, one read engine; what each database needs to keep its promises is said here and nowhere else."""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import event, func, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from storage import sqlite_driver

SQLITE_BUSY_TIMEOUT_S = 1.0
POOL_TIMEOUT_S = 1.5
FROZEN_AFTER_MS = 60_000
"""PostgreSQL undoes a transaction whose process has said nothing for so long: one that is frozen in the middle of it
must not hold its locks before all other replicas until somebody notices. See also `let_go_of_the_frozen`."""
NAME = "backstop"
"""What our connections are called in PostgreSQL's list of them."""
END_THE_FROZEN = text(
    """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND application_name = :name
        AND (state = 'idle in transaction' OR state = 'active' AND wait_event = 'ClientRead')
        AND clock_timestamp() - state_change > :after
    """
)
TRIES = 3
"""How often a transaction is run that the database asks to have repeated."""
RETRYABLE_SQLSTATES = frozenset({"40001", "40P01"})
"""PostgreSQL: serialization_failure, deadlock_detected: the same transaction, run again, may pass."""
AWAY_SQLSTATES = ("08", "53", "57P", "55000", "25P03")
"""PostgreSQL, by how they begin: connection lost, too many connections or no room, starting up or shutting down, a
database that takes no connections, a transaction undone because nothing was heard of it. Its driver tells them as plain
errors, though the statement is well."""


TAKEN_FROM_THE_URL = {"host", "port", "user", "password", "sslmode", "ssl", "passfile", "target_session_attrs"}
"""What may stand after the ? of PostgreSQL's address."""
SAYS_NO_VALUES = {"hide_parameters": True}
"""Errors name columns and never what people typed: they end in logs and in `last_error`."""
WANTS = "wants a message"
T = TypeVar("T")


class UnknownDatabaseError(ValueError):
    """The database URL names a database that Backstop cannot keep its state in."""


class DatabaseAwayError(Exception):
    """The database did not take the transaction: nothing of it was kept."""


class DatabaseBusyError(DatabaseAwayError):
    """The database is there, and others were before us for longer than we wait: our own queue, mostly."""


class TryAgainError(DatabaseAwayError):
    """The database asked for the transaction to be run again (deadlock or serialization failure)."""


def wants(session: AsyncSession) -> None:
    """Once this transaction is committed, there is something for delivery to look for."""
    session.info[WANTS] = True


class Store:
    """The only way to the database. `write` is one transaction, committed when its block ends; `read` never writes."""

    def __init__(self, write_engine: AsyncEngine, read_engine: AsyncEngine) -> None:
        self.write_engine = write_engine
        self.read_engine = read_engine
        self.commits = 0
        """How many transactions `write` has committed."""
        self.wanted = 0
        """How many of them want something of Slack (see `wants`)."""
        self.shared_looks: dict[object, Any] = {}
        """Those that several wait for together (storage.together), by what they look for."""
        self._writes = async_sessionmaker(write_engine, expire_on_commit=False)
        self._reads = async_sessionmaker(read_engine, expire_on_commit=False, autoflush=False)

    @property
    def dialect(self) -> str:
        return self.write_engine.dialect.name

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """One transaction. Raises DatabaseAwayError when the database can't be reached or is too busy (nothing kept),
        TryAgainError when it asks for a repeat."""
        async with _translating(), self._writes.begin() as session:
            yield session
        self.commits += 1
        self.wanted += WANTS in session.info

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A consistent look, no locks kept. Raises DatabaseAwayError as `write` does."""
        async with _translating(), self._reads() as session:
            yield session

    async def transact(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """`work` in one transaction, run again if the database asks for it: it must call nobody else. Raises as `write`
        does."""
        for _ in range(TRIES - 1):
            try:
                async with self.write() as session:
                    return await work(session)
            except TryAgainError:
                continue
        async with self.write() as session:
            return await work(session)

    async def now(self) -> datetime:
        """PostgreSQL's time of day. Raises DatabaseAwayError."""
        async with self.read() as session:
            instant: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
        return instant

    async def let_go_of_the_frozen(self, after: timedelta = timedelta(milliseconds=FROZEN_AFTER_MS)) -> int:
        """Ends those of our connections whose process has said nothing for so long in the middle of a transaction, and
        says how many there were. On PostgreSQL; raises DatabaseAwayError.

        PostgreSQL itself ends only those that are idle. Who has asked for a statement to be prepared and was frozen
        before running it is at work to it, and holds its locks for ever: no timeout before PostgreSQL 17 ends that.
        """
        async with self.read() as session:
            number: int = (await session.execute(END_THE_FROZEN, {"name": NAME, "after": after})).scalar_one()
        return number

    async def scrub(self, table: str) -> None:
        """What was deleted from the table leaves the database's own files: SQLite's log is written back and emptied
        (its pages are overwritten as they are freed: secure_delete), PostgreSQL writes the table's file anew.

        Raises DatabaseAwayError while somebody still reads the state before: try again later.
        """
        async with _translating():
            if self.dialect == "postgresql":
                async with self.write_engine.connect() as connection:
                    alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
                    await alone.exec_driver_sql(f'VACUUM (FULL) "{table}"')
                return
            async with self.write_engine.connect() as connection:
                driver: Any = (await connection.get_raw_connection()).driver_connection
                with sqlite_driver.unhurried():
                    emptied = await driver.fetch("PRAGMA wal_checkpoint(TRUNCATE)")
                if emptied.rows[0][0]:
                    raise DatabaseAwayError("somebody still reads what was there before")

    async def close(self) -> None:
        await self.write_engine.dispose()
        if self.read_engine is not self.write_engine:
            await self.read_engine.dispose()


@asynccontextmanager
async def _translating() -> AsyncIterator[None]:
    try:
        yield
    except PoolTimeoutError as error:
        raise DatabaseBusyError("the database is busy") from error
    except DBAPIError as error:
        sqlstate = str(getattr(error.orig, "sqlstate", None) or "")
        if sqlstate in RETRYABLE_SQLSTATES:
            raise TryAgainError("the database asked for a repeat") from error
        code = getattr(error.orig, "sqlite_errorcode", None)
        if code is not None and code & 0xFF == sqlite3.SQLITE_BUSY:  # the rest says what kept it busy
            raise DatabaseBusyError("the database is busy") from error
        is_away = error.connection_invalidated or sqlstate.startswith(AWAY_SQLSTATES)
        is_bug = code == sqlite3.SQLITE_ERROR  # wrong SQL: no column, say
        if is_away or (isinstance(error, (OperationalError, InterfaceError)) and not is_bug):
            raise DatabaseAwayError("the database is away") from error
        raise
    except OSError as error:  # asyncpg lets the refused connection through as it came
        raise DatabaseAwayError("the database is away") from error


def open_store(url: str) -> Store:
    """A store for `sqlite:///file.sqlite3` or `postgresql://…`; the drivers are chosen here.

    Raises UnknownDatabaseError for any other kind of URL.
    """
    parsed = async_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed)
    engine = create_async_engine(
        parsed,
        pool_size=10,
        max_overflow=10,
        pool_timeout=POOL_TIMEOUT_S,
        pool_pre_ping=True,
        connect_args={
            "server_settings": {
                "application_name": NAME,
                "idle_in_transaction_session_timeout": str(FROZEN_AFTER_MS),
            }
        },
        **SAYS_NO_VALUES,
    )
    return Store(engine, engine)


def async_url(url: str) -> URL:
    """The same database with the asyncio driver that Backstop uses. Raises UnknownDatabaseError."""
    try:
        parsed = make_url(url)
    except Exception as error:
        raise UnknownDatabaseError("it is not a database URL") from error
    match parsed.get_backend_name():
        case "sqlite":
            if parsed.database in {None, "", ":memory:"}:
                raise UnknownDatabaseError("a SQLite database must be a file, for example sqlite:///backstop.sqlite3")
            return parsed.set(drivername="sqlite+aiosqlite")
        case "postgresql" | "postgres":
            if unknown := sorted(set(parsed.query) - TAKEN_FROM_THE_URL):
                names = ", ".join(unknown)
                raise UnknownDatabaseError(
                    f"asks for {names} after its ?, which Backstop can’t ask of PostgreSQL: leave that out"
                )
            # libpq's name for it, which hosts of databases hand out; asyncpg takes the same words under its own
            query = {"ssl" if name == "sslmode" else name: value for name, value in parsed.query.items()}
            return parsed.set(drivername="postgresql+asyncpg", query=query)
        case other:
            raise UnknownDatabaseError(f"{other} is not supported; use sqlite:///file or postgresql://…")


def file_of(url: str | URL) -> Path:
    """Where a SQLite database is, from the root on; `~` is the home of whoever runs this."""
    return Path(str(make_url(url).database)).expanduser().absolute()


def _open_sqlite(url: URL) -> Store:
    file = file_of(url)
    file.resolve().parent.mkdir(parents=True, exist_ok=True)
    connect = partial(sqlite_driver.connect, str(file), busy_timeout_s=SQLITE_BUSY_TIMEOUT_S)
    write_engine = create_async_engine(
        url, pool_size=1, max_overflow=0, pool_timeout=POOL_TIMEOUT_S, async_creator=connect, **SAYS_NO_VALUES
    )
    read_engine = create_async_engine(
        url, pool_size=4, max_overflow=4, pool_timeout=POOL_TIMEOUT_S, async_creator=connect, **SAYS_NO_VALUES
    )
    # IMMEDIATE takes the write lock at the start: a read that later turns into a write can't fail busy half-way
    _prepare_sqlite(write_engine, begin="BEGIN IMMEDIATE")
    _prepare_sqlite(read_engine, begin="BEGIN")
    return Store(write_engine, read_engine)


def _prepare_sqlite(engine: AsyncEngine, *, begin: str) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def set_pragmas(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver must not open transactions by itself: `begin` below does
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def open_transaction(connection: Any) -> None:
        connection.exec_driver_sql(begin)
