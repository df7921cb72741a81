"""Moves everything from a SQLite file into an empty PostgreSQL database: all or nothing, the file left as it is."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, ForeignKeyConstraint, MetaData, NullPool, Table, func, inspect, select, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, create_async_engine
from sqlalchemy.schema import AddConstraint, DropConstraint

from storage import migrating, search
from storage.escalations import Escalation
from storage.store import DatabaseAwayError, async_url

ROWS_AT_ONCE = 1000

Told = Callable[[str, int, int], None]
"""Hears (table, rows copied so far, rows in all)."""


class CannotMoveError(Exception):
    """Nothing was moved, and both databases are as they were; the message says why."""


def move(source: str, target: str, *, told: Told = lambda _table, _done, _all: None) -> dict[str, int]:
    """How many rows of each table stand in the target now, compared with the source's. Nobody else can write to the
    file meanwhile; what is written to it afterwards stays there.

    Raises CannotMoveError, DatabaseAwayError, and what `migrating.upgrade` raises of the target.
    """
    if async_url(source).get_backend_name() != "sqlite" or async_url(target).get_backend_name() != "postgresql":
        raise CannotMoveError("this moves a SQLite database to PostgreSQL, and no other way")
    if waiting := migrating.pending(source):
        raise CannotMoveError(f"the SQLite database lacks {', '.join(waiting)}: run `backstop migrate` first")
    migrating.upgrade(target)
    try:
        return migrating.connected(source, lambda file: asyncio.run(_move(file, target, told)))
    except (OperationalError, InterfaceError, OSError) as error:
        raise DatabaseAwayError(f"the database can't be used: {getattr(error, 'orig', error)}") from error


async def _move(file: Connection, target: str, told: Told) -> dict[str, int]:
    engine = create_async_engine(async_url(target), poolclass=NullPool, hide_parameters=True)
    async with engine.begin() as connection:
        counts = await connection.run_sync(lambda into: _copy_all(file, into, told))
        await _index(connection)
    return counts


def _copy_all(file: Connection, into: Connection, told: Told) -> dict[str, int]:
    models = migrating.models()
    into.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": migrating.ADVISORY_LOCK})
    _refuse_unless_empty(into, models)
    keys = [key for table in models.tables.values() for key in table.foreign_key_constraints]
    # tables point at each other, and at themselves: the keys stand again, each row checked, before anybody looks
    for key in keys:
        into.execute(DropConstraint(key))
    counts: dict[str, int] = {}
    for name in sorted(models.tables):
        counts[name] = _copy(file, into, models.tables[name], told)
        _set_sequence(into, models.tables[name])
    for key in keys:
        _restore(into, key)
    return counts


def _refuse_unless_empty(into: Connection, models: MetaData) -> None:
    for name in sorted(inspect(into).get_table_names()):
        if name in models.tables and into.execute(select(text("1")).select_from(models.tables[name]).limit(1)).first():
            raise CannotMoveError(f"the PostgreSQL database is not empty: {name} has rows. Give it a new one")


def _copy(file: Connection, into: Connection, table: Table, told: Told) -> int:
    wanted = file.execute(select(func.count()).select_from(table)).scalar_one()
    done = 0
    try:
        for rows in _batches(file, table):
            into.execute(table.insert(), rows)
            done += len(rows)
            told(table.name, done, wanted)
    except DBAPIError as error:
        # the driver's own words quote the row
        raise CannotMoveError(f"{table.name} has a row that PostgreSQL doesn't take ({_kind(error)})") from error
    found = into.execute(select(func.count()).select_from(table)).scalar_one()
    if found != wanted:
        raise CannotMoveError(f"{table.name} would have {found} rows instead of {wanted}")
    return found


def _batches(file: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    rows = file.execute(select(table).execution_options(yield_per=ROWS_AT_ONCE)).mappings()
    for partition in rows.partitions(ROWS_AT_ONCE):
        yield [dict(row) for row in partition]


def _set_sequence(into: Connection, table: Table) -> None:
    """The next row's number comes after those that were brought."""
    column = table.autoincrement_column
    if column is None:
        return
    sequence = into.execute(select(func.pg_get_serial_sequence(table.name, column.name))).scalar_one()
    last = into.execute(select(func.max(column))).scalar_one()
    if sequence is not None and last is not None:
        into.execute(select(func.setval(sequence, last)))


def _restore(into: Connection, key: ForeignKeyConstraint) -> None:
    try:
        into.execute(AddConstraint(key))
    except DBAPIError as error:
        raise CannotMoveError(f"{key.table.name} has a row that points at nothing ({key.name})") from error


async def _index(connection: AsyncConnection) -> None:
    """Full-text search is each database's own: it is made anew."""
    async with AsyncSession(bind=connection, expire_on_commit=False) as session:
        last = 0
        while True:
            query = select(Escalation).where(Escalation.id > last).order_by(Escalation.id).limit(ROWS_AT_ONCE)
            some = (await session.execute(query)).scalars().all()
            if not some:
                return
            for escalation in some:
                await search.index(session, escalation)
            last = some[-1].id
            session.expunge_all()


def _kind(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", None) or type(error.orig).__name__)
