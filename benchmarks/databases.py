"""Databases for benchmarks, each migrated, empty, and gone afterwards; and what is asked of one.

BACKSTOP_TEST_POSTGRES names a PostgreSQL server to make databases on (default: the local one, user postgres).
"""

import asyncio
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from storage import migrating

SERVER = os.environ.get("BACKSTOP_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")


@contextmanager
def sqlite() -> Iterator[str]:
    """The URL of a new SQLite file."""
    with tempfile.TemporaryDirectory(prefix="backstop-benchmark-") as folder:
        url = f"sqlite:///{Path(folder) / 'backstop.sqlite3'}"
        migrating.upgrade(url)
        yield url


@contextmanager
def postgres() -> Iterator[str | None]:
    """The URL of a new PostgreSQL database; None when no server answers."""
    name = f"backstop_benchmark_{secrets.token_hex(6)}"
    try:
        asyncio.run(_tell_server(f'CREATE DATABASE "{name}"'))
    except OSError:
        yield None
        return
    try:
        url = make_url(SERVER).set(database=name).render_as_string(hide_password=False)
        migrating.upgrade(url)
        yield url
    finally:
        asyncio.run(_tell_server(f'DROP DATABASE "{name}" WITH (FORCE)'))


@contextmanager
def asked_of(*engines: AsyncEngine) -> Iterator[list[tuple[str, Any]]]:
    """The statements that the engines are given in here, with their parameters; without BEGIN, which only the driver of
    SQLite tells."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            asked.append((statement, parameters))

    listened_to = {engine.sync_engine for engine in engines}
    for one in listened_to:
        event.listen(one, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        for one in listened_to:
            event.remove(one, "before_cursor_execute", note)


async def _tell_server(statement: str) -> None:
    connection = await asyncpg.connect(SERVER, timeout=5)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
