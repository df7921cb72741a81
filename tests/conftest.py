"""Databases made anew for each test, and the office: the bot at work among named people.

BACKSTOP_TEST_POSTGRES names a PostgreSQL server to make databases on (default: the local one, user postgres). Without
one its tests are skipped; with BACKSTOP_REQUIRE_ALL (as in CI) nothing may be skipped.
"""

import asyncio
import gc
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from storage import migrating
from storage.store import Store, open_store
from tests.office import Office, StillClock, open_office

POSTGRES = os.environ.get("BACKSTOP_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
TEMPLATE = f"backstop_test_{os.getpid()}"
TUESDAY_NINE_IN_MANILA = datetime(2026, 6, 2, 1, 0, tzinfo=UTC)
TUESDAY_TEN_IN_DUBLIN = datetime(2026, 6, 2, 9, 0, tzinfo=UTC)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Where everything is required, a skipped test is a failed one."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]  # pluggy's Result, which pytest doesn't type
    if report.skipped and os.environ.get("BACKSTOP_REQUIRE_ALL"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be: {report.longrepr}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: at the end of a parallel run nobody waits for the last of them."""
    items.sort(key=lambda item: not (item.get_closest_marker("slow") or item.get_closest_marker("browser")))


def pytest_collection_finish() -> None:
    """What is imported by now stays: looking through it again and again for garbage takes a seventh of the run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    file = tmp_path_factory.mktemp("template") / "template.sqlite3"
    migrating.upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """The name of a migrated, empty PostgreSQL database to copy; skips where there is no server."""
    try:
        asyncio.run(_admin(f'CREATE DATABASE "{TEMPLATE}"'))
    except OSError:
        pytest.skip("no PostgreSQL server (set BACKSTOP_TEST_POSTGRES)")
    migrating.upgrade(_postgres_url(TEMPLATE))
    yield TEMPLATE
    asyncio.run(_admin(f'DROP DATABASE "{TEMPLATE}" WITH (FORCE)'))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated, empty database of each kind, gone after the test."""
    if request.param == "sqlite":
        file = tmp_path / "backstop.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    template = request.getfixturevalue("postgres_template")
    name = f"backstop_test_{uuid.uuid4().hex}"
    asyncio.run(_admin(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    yield _postgres_url(name)
    asyncio.run(_admin(f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    opened = open_store(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> StillClock:
    """Tuesday 2 June 2026, 10:00 in Dublin, 17:00 in Manila."""
    return StillClock(TUESDAY_TEN_IN_DUBLIN)


@pytest.fixture
async def make_office(database_url: str, clock: StillClock) -> AsyncIterator[Callable[..., object]]:
    """Makes an office with other settings; it is opened by the test and closed here."""
    made: list[Office] = []

    async def make(**settings: Any) -> Office:
        office = await open_office(clock, database_url, **settings)
        made.append(office)
        return office

    yield make
    for office in made:
        if "bot" in vars(office):
            await office.closes()
        await office.sim.stop()


@pytest.fixture
async def office(database_url: str, clock: StillClock) -> AsyncIterator[Office]:
    """The bot connected over Socket Mode, with the teams Care and Platform. What the simulator didn’t know fails."""
    office = await open_office(clock, database_url)
    await office.opens()
    yield office
    await office.closes()
    await office.sim.stop()
    assert office.sim.surprises == []


async def _admin(statement: str) -> None:
    connection = await asyncpg.connect(POSTGRES)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _postgres_url(name: str) -> str:
    return make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
