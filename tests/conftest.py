"""Databases as new for each test, and the office: the bot at work among named people.

BACKSTOP_TEST_POSTGRES names a PostgreSQL server to make databases on (default: the local one, user postgres). Without
one its tests are skipped; with BACKSTOP_REQUIRE_ALL (as in CI) nothing may be skipped.
"""

import asyncio
import gc
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zlib import crc32

import asyncpg
import pytest
from hypothesis import Phase, is_hypothesis_test, settings
from sqlalchemy.engine import make_url

from storage import migrating
from storage.store import Store, open_store
from tests import compiling
from tests.listened import Listened
from tests.office import Office, StillClock, open_office
from tests.overhearing import Overhearing

POSTGRES = os.environ.get("BACKSTOP_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
OF_FEATURES = tuple(Path(__file__).parent / folder for folder in ("handlers", "hostile"))
DATABASES = ("sqlite", "postgres")
DATABASE = f"backstop_test_{os.getpid()}"
TUESDAY_NINE_IN_MANILA = datetime(2026, 6, 2, 1, 0, tzinfo=UTC)
TUESDAY_TEN_IN_DUBLIN = datetime(2026, 6, 2, 9, 0, tzinfo=UTC)

EXAMPLES = 100 if os.environ.get("BACKSTOP_TEST_EVERYTHING") else 40
"""Of a property where it says nothing else. They are others each time: what one run of the suite leaves out, the next
few try."""
settings.register_profile(  # how busy the machine is, is nobody's property
    "unhurried", settings(), deadline=None, max_examples=EXAMPLES
)
settings.register_profile(  # a mutant is noticed by the first example that fails, and each time by the same
    "mutants", settings(), deadline=None, derandomize=True, max_examples=50, phases=(Phase.explicit, Phase.generate)
)
settings.load_profile("unhurried")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Where everything is required, a skipped test is a failed one."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]  # pluggy's Result, which pytest doesn't type
    if report.skipped and os.environ.get("BACKSTOP_REQUIRE_ALL"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be: {report.longrepr}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest first: at the end of a parallel run nobody waits for the last of them.

    What features do is tried on one database each, half of it on either, always the same: where the databases differ
    is in storage and bot, whose tests run on both. With BACKSTOP_TEST_EVERYTHING all of it runs on both.
    """
    if not os.environ.get("BACKSTOP_TEST_EVERYTHING"):
        kept = [item for item in items if not _is_tried_on_the_other(item)]
        config.hook.pytest_deselected(items=[item for item in items if _is_tried_on_the_other(item)])
        items[:] = kept
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    """The slow ones, the others, and last what tries many examples: who stops at the first failure finds it sooner."""
    if item.get_closest_marker("slow") or item.get_closest_marker("browser"):
        return 0
    return 2 if is_hypothesis_test(getattr(item, "obj", None)) else 1


def _is_tried_on_the_other(item: pytest.Item) -> bool:
    """Whether the same test of a feature runs on the other database, and not on this one."""
    if not isinstance(item, pytest.Function) or not any(map(item.path.is_relative_to, OF_FEATURES)):
        return False
    on = item.callspec.params.get("database_url") if hasattr(item, "callspec") else None
    if on not in DATABASES or any("database_url" in str(mark.args[0]) for mark in item.iter_markers("parametrize")):
        return False  # on none, or on the one that it names
    return on != DATABASES[crc32(f"{item.path.name}::{item.originalname}".encode()) % 2]


def pytest_collection_finish() -> None:
    """What is imported by now stays: looking through it again and again for garbage takes a seventh of the run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def statements_compiled_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        compiling.share(patch)
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    file = tmp_path_factory.mktemp("template") / "template.sqlite3"
    migrating.upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_database() -> Iterator[str]:
    """The URL of a migrated PostgreSQL database; who uses it empties it. Skips where there is no server."""
    try:
        asyncio.run(_admin(f'CREATE DATABASE "{DATABASE}"'))
    except OSError:
        pytest.skip("no PostgreSQL server (set BACKSTOP_TEST_POSTGRES)")
    url = make_url(POSTGRES).set(database=DATABASE).render_as_string(hide_password=False)
    migrating.upgrade(url)
    yield url
    asyncio.run(_admin(f'DROP DATABASE "{DATABASE}" WITH (FORCE)'))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated, empty database of each kind, gone after the test."""
    if request.param == "sqlite":
        file = tmp_path / "backstop.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    url = request.getfixturevalue("postgres_database")
    yield url
    asyncio.run(_empty(url))


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    opened = open_store(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> StillClock:
    """Tuesday 2 June 2026, 10:00 in Dublin, 17:00 in Manila."""
    return StillClock(TUESDAY_TEN_IN_DUBLIN)


@pytest.fixture(scope="session")
def watched() -> Iterator[Listened]:
    listened = Listened()
    with listened.watching():
        yield listened


@pytest.fixture(autouse=True)
def listened(watched: Listened) -> Iterator[Listened]:
    """Whatever the test is: each event that it had heard was one transaction."""
    watched.begin()
    yield watched
    assert watched.out_of_order() == []


@pytest.fixture(scope="session")
def overhearing() -> Overhearing:
    return Overhearing()


@pytest.fixture
async def make_office(
    database_url: str, clock: StillClock, overhearing: Overhearing
) -> AsyncIterator[Callable[..., object]]:
    """Makes an office with other settings; it is opened by the test and closed here."""
    made: list[Office] = []
    overhearing.begin()

    async def make(**settings: Any) -> Office:
        office = await open_office(clock, database_url, **settings)
        made.append(office)
        return office

    yield make
    for office in made:
        if "bot" in vars(office):
            await office.closes()
        await office.sim.stop()
        assert overhearing.leaked(office) == []


@pytest.fixture
async def office(database_url: str, clock: StillClock, overhearing: Overhearing) -> AsyncIterator[Office]:
    """The bot connected over Socket Mode, with the teams Care and Platform. What the simulator didn’t know fails, and
    whatever stands in the log that people typed."""
    overhearing.begin()
    office = await open_office(clock, database_url)
    await office.opens()
    yield office
    await office.closes()
    await office.sim.stop()
    assert office.sim.surprises == []
    assert overhearing.leaked(office) == []


async def _admin(statement: str) -> None:
    connection = await asyncpg.connect(POSTGRES)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _empty(url: str) -> None:
    """As it was made: no rows, ids from 1 on. (Dropping it for every test makes the server write out everything that
    it has in memory, each time.)"""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        names = await connection.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        )
        # in one statement, so that foreign keys are asked only once all rows are gone
        deleting = ", ".join(f'd{n} AS (DELETE FROM "{row["tablename"]}")' for n, row in enumerate(names))
        await connection.execute(f"WITH {deleting} SELECT")
        await connection.execute(
            "SELECT setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences"
            " WHERE schemaname = 'public' AND last_value IS NOT NULL"
        )
    finally:
        await connection.close()
