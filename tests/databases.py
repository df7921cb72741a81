"""Databases for tests, each empty and of its own."""

import asyncio
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

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


@contextmanager
def asked_of(engine: AsyncEngine) -> Iterator[list[tuple[str, Any]]]:
    """The statements that the engine is given in here, with their parameters."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        asked.append((statement, parameters))

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)


async def _tell_server(statement: str) -> None:
    connection = await asyncpg.connect(SERVER, timeout=5)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
