"""Databases for tests, each empty and of its own."""

import asyncio
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.engine import make_url

SERVER = os.environ.get("BACKSTOP_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")


def sqlite_in(folder: Path) -> str:
    """The URL of a SQLite file that isn't there yet."""
    return f"sqlite:///{folder / 'backstop.sqlite3'}"


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of a database that is dropped afterwards. Skips the test when no server answers."""
    name = f"backstop_test_{secrets.token_hex(6)}"
    try:
        asyncio.run(_tell_server(f'CREATE DATABASE "{name}"'))
    except OSError:
        pytest.skip(f"no PostgreSQL at {make_url(SERVER).render_as_string(hide_password=True)}")
    try:
        yield make_url(SERVER).set(database=name).render_as_string(hide_password=False)
    finally:
        asyncio.run(_tell_server(f'DROP DATABASE "{name}" WITH (FORCE)'))


async def _tell_server(statement: str) -> None:
    connection = await asyncpg.connect(SERVER, timeout=5)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
