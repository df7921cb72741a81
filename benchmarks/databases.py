"""Databases for benchmarks, each migrated, empty, and gone afterwards.

BACKSTOP_TEST_POSTGRES names a PostgreSQL server to make databases on (default: the local one, user postgres).
"""

import asyncio
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
from sqlalchemy.engine import make_url

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


async def _tell_server(statement: str) -> None:
    connection = await asyncpg.connect(SERVER, timeout=5)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
