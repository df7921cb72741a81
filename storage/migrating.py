"""Brings a database to the tables that this version expects, from code: all of it or nothing.

SQLite is copied first and migrated with foreign keys off (with them on, Alembic's recreating a table empties the tables
that cascade from it), then every key is checked and every row counted. On PostgreSQL an advisory lock makes those that
migrate at once wait for one another, and bots may be at work meanwhile (storage.giving_way).
"""

import asyncio
import importlib
import pkgutil
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any, Literal, TypeGuard, TypeVar

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.autogenerate.api import AutogenContext
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import ops
from alembic.script import Script, ScriptDirectory
from sqlalchemy import (
    JSON,
    URL,
    Connection,
    ForeignKeyConstraint,
    MetaData,
    NullPool,
    create_engine,
    event,
    func,
    inspect,
    select,
    table,
    text,
)
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import create_async_engine

import storage
from storage.backups import copy_sqlite
from storage.base import Base, OneOf, UtcDateTime
from storage.giving_way import USUAL, Patience, Told, make_with_patience
from storage.sqlite_driver import make_private
from storage.store import DatabaseAwayError, async_url, file_of

Worked = TypeVar("Worked")
SCRIPTS = "storage:migrations"
ADVISORY_LOCK = 0x6261636B73746F70
"""One number for the whole of Backstop, on PostgreSQL ("backstop" in ASCII)."""

OTHERS_MIGRATE_WITHIN_S = 60.0
"""So long a process that starts waits for another one that migrates the same SQLite file."""


TRACES = text(
    """
    SELECT relname, concat_ws(' ', oid, pg_relation_filenode(oid), pg_stat_get_xact_tuples_deleted(oid))
    FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
    """
)
BEYOND_MODELS = ("escalation_texts",)
"""Beginnings of the names of tables that models can't describe: full-text search, and what SQLite keeps beside it."""


class NewerDatabaseError(Exception):
    """The database was migrated by a newer Backstop than this one."""


class MigrationRefusedError(Exception):
    """The migration would have lost rows or broken keys: it was undone, and the database is as it was."""


def upgrade(url: str, *, scripts: str = SCRIPTS, patience: Patience = USUAL, told: Told = lambda _line: None) -> None:
    """Applies every pending migration, on PostgreSQL with as many tries as `patience` has. Raises NewerDatabaseError,
    MigrationRefusedError, DatabaseAwayError and storage.backups.BackupFailedError, each with the database left as it
    was."""
    if _is_sqlite(url):
        connected(url, lambda connection: _upgrade_sqlite(connection, scripts))
    else:
        connected(url, lambda connection: _upgrade_postgres(connection, scripts, patience, told))


def pending(url: str) -> tuple[str, ...]:
    """The migrations that are not applied yet, oldest first ("0002 escalations know their customer"). A database that
    doesn't exist yet lacks all of them, and isn't made. Raises NewerDatabaseError and DatabaseAwayError."""
    if _is_sqlite(url) and not file_of(url).exists():
        return tuple(map(_told, _history(SCRIPTS)))
    return connected(url, lambda connection: tuple(map(_told, _newer_than(_current(connection), SCRIPTS))))


def models() -> MetaData:
    """Every table that storage describes."""
    for module in pkgutil.iter_modules(storage.__path__, "storage."):
        importlib.import_module(module.name)
    return Base.metadata


def compared() -> dict[str, Any]:
    """How Alembic compares and writes, the same for drafting, upgrading and the test that both agree."""
    return {
        "target_metadata": models(),
        "render_as_batch": True,  # SQLite changes a table by making it anew
        "compare_type": True,
        "compare_server_default": True,
        "render_item": _render,
        "include_name": _is_of_models,
    }


def differences(url: str) -> list[Any]:
    """What the models say otherwise than the database, as Alembic describes it; empty when both agree."""
    return connected(url, _differences)


def _differences(connection: Connection) -> list[Any]:
    return list(compare_metadata(MigrationContext.configure(connection, opts=compared()), models()))


def draft(message: str, *, scratch: Path, scripts: str = SCRIPTS) -> Path | None:
    """Writes the next migration beside the others and returns its file, or None when the models need none. `scratch` is
    where a database is made to compare with."""
    url = f"sqlite:///{scratch}"
    upgrade(url, scripts=scripts)
    return connected(url, lambda connection: _draft(connection, message, scripts))


def _draft(connection: Connection, message: str, scripts: str) -> Path | None:
    written = command.revision(
        _config(connection, scripts),
        message,
        autogenerate=True,
        rev_id=f"{len(_history(scripts)) + 1:04}",
        process_revision_directives=_arrange,
    )
    return Path(written.path) if isinstance(written, Script) else None


def _arrange(_context: object, _revision: object, directives: list[ops.MigrationScript]) -> None:
    """No file for no change; and tables that point at each other get the closing key once both exist."""
    upgrade_ops = directives[0].upgrade_ops
    if upgrade_ops is None or upgrade_ops.is_empty():
        directives.clear()
        return
    closing: list[ops.MigrateOperation] = []
    for made in upgrade_ops.ops:
        if isinstance(made, ops.CreateTableOp):
            keys = [part for part in made.columns if _closes_a_circle(part)]
            made.columns = [part for part in made.columns if not _closes_a_circle(part)]
            closing += [ops.ModifyTableOps(made.table_name, [_added(key)]) for key in keys]
    upgrade_ops.ops.extend(closing)


def _added(key: ForeignKeyConstraint) -> ops.CreateForeignKeyOp:
    added = ops.CreateForeignKeyOp.from_constraint(key)
    assert isinstance(added, ops.CreateForeignKeyOp)
    added.kw.pop("use_alter")  # said of a key inside CREATE TABLE; this one stands after it
    return added


def _closes_a_circle(part: object) -> TypeGuard[ForeignKeyConstraint]:
    return isinstance(part, ForeignKeyConstraint) and part.use_alter


def _is_of_models(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or name is None or not name.startswith(BEYOND_MODELS)


def _render(kind: str, item: object, context: AutogenContext) -> str | Literal[False]:
    """A migration says what the database holds, and doesn't change when our own types do."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, OneOf):
        return f"sa.String(length={item.length})"
    if kind == "type" and isinstance(item, JSON):
        context.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def _upgrade_sqlite(connection: Connection, scripts: str) -> None:
    waiting = _newer_than(_current(connection), scripts)
    if not waiting:
        return
    before = _row_counts(connection)
    if before:
        file = Path(str(connection.engine.url.database))
        copy_sqlite(file, file.with_name(f"{file.name}.before-{waiting[0].revision}"))
    command.upgrade(_config(connection, scripts), "head")
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise MigrationRefusedError(f"{len(broken)} rows would point at nothing, the first in {broken[0][0]}")
    _compare_counts(before, _row_counts(connection), waiting)


def _upgrade_postgres(connection: Connection, scripts: str, patience: Patience, told: Told) -> None:
    connection.execute(text("SET LOCAL lock_timeout = 0"))  # whoever migrates may take its time
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
    waiting = _newer_than(_current(connection), scripts)
    if waiting:
        make_with_patience(connection, lambda: _migrate_postgres(connection, scripts, waiting), patience, told)


def _migrate_postgres(connection: Connection, scripts: str, waiting: Iterable[Script]) -> None:
    before, untouched = _row_counts(connection), _traces(connection)
    command.upgrade(_config(connection, scripts), "head")
    # the rest may hold fewer rows for what bots at work have deleted; and while they are counted, they wait for us
    touched = before.keys() - {table for table, _ in untouched & _traces(connection)}
    _compare_counts({name: before[name] for name in touched}, _row_counts(connection, touched), waiting)


def _traces(connection: Connection) -> set[tuple[str, str]]:
    """Each table of PostgreSQL with what changes when this transaction deletes from it, empties it or makes it anew."""
    return {(table, trace) for table, trace in connection.execute(TRACES)}


def _compare_counts(before: dict[str, int], after: dict[str, int], applied: Iterable[Script]) -> None:
    meant = {name for script in applied for name in script.module.removes_rows_from}
    for name in sorted(before.keys() - meant):
        if after.get(name, 0) < before[name]:
            raise MigrationRefusedError(f"{name} would hold {after.get(name, 0)} rows instead of {before[name]}")


def _row_counts(connection: Connection, among: Collection[str] | None = None) -> dict[str, int]:
    found = inspect(connection).get_table_names()
    names = {name for name in found if name != "alembic_version" and _is_of_models(name, "table", None)}
    if among is not None:
        names &= set(among)
    return {name: connection.execute(select(func.count()).select_from(table(name))).scalar_one() for name in names}


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _history(scripts: str) -> list[Script]:
    """Every migration, oldest first."""
    return list(ScriptDirectory.from_config(_config(None, scripts)).walk_revisions())[::-1]


def _newer_than(revision: str | None, scripts: str) -> list[Script]:
    history = _history(scripts)
    if revision is None:
        return history
    known = [script.revision for script in history]
    if revision not in known:
        raise NewerDatabaseError(
            f"the database is at migration {revision}, which this version of Backstop doesn't know: "
            "install the version that migrated it, or a newer one"
        )
    return history[known.index(revision) + 1 :]


def _told(script: Script) -> str:
    return f"{script.revision} {script.doc}"


def _config(connection: Connection | None, scripts: str) -> Config:
    config = Config()
    config.set_main_option("script_location", scripts)
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _is_sqlite(url: str) -> bool:
    return async_url(url).get_backend_name() == "sqlite"


def connected(url: str, work: Callable[[Connection], Worked]) -> Worked:
    """Runs `work` in one transaction of a connection of its own."""
    try:
        return _in_sqlite(file_of(url), work) if _is_sqlite(url) else asyncio.run(_in_postgres(url, work))
    except (OperationalError, InterfaceError, OSError) as error:
        raise DatabaseAwayError(f"the database can't be used: {getattr(error, 'orig', error)}") from error


def _in_sqlite(file: Path, work: Callable[[Connection], Worked]) -> Worked:
    file.resolve().parent.mkdir(parents=True, exist_ok=True)
    make_private(file)
    waits = {"timeout": OTHERS_MIGRATE_WITHIN_S}
    url = URL.create("sqlite", database=str(file))
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=waits)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # else the driver commits before each CREATE TABLE
        connection.execute("PRAGMA foreign_keys=OFF")

    @event.listens_for(engine, "begin")
    def open_transaction(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    with engine.begin() as connection:
        return work(connection)


async def _in_postgres(url: str, work: Callable[[Connection], Worked]) -> Worked:
    engine = create_async_engine(async_url(url), poolclass=NullPool, hide_parameters=True)
    async with engine.begin() as connection:
        return await connection.run_sync(work)
