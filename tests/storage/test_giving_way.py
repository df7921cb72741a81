"""A migration on PostgreSQL while bots are at work: it holds nobody up for long, and is made again until it passes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from queue import SimpleQueue

import asyncpg
import pytest
from alembic import command
from typer.testing import CliRunner

from bot.__main__ import cli
from storage import migrating
from storage.giving_way import Patience
from storage.migrating import MigrationRefusedError, differences, upgrade
from storage.store import DatabaseBusyError
from tests.databases import postgres
from tests.storage.test_migrations import counted, later, people

TRUNCATING = 'op.execute("TRUNCATE memberships")'
CASCADING = 'op.execute("DELETE FROM people")'
MAKING_ANEW = """
    op.execute("CREATE TABLE anew (LIKE memberships INCLUDING ALL)")
    op.drop_table("memberships")
    op.rename_table("anew", "memberships")
"""
DROPPING = 'op.drop_table("memberships")'
GROWING = """
    op.add_column("teams", sa.Column("of_tomorrow", sa.String(16)))
    op.add_column("people", sa.Column("of_tomorrow", sa.String(16)))
"""
GROWS_PEOPLE = "“ALTER TABLE people ADD COLUMN of_tomorrow VARCHAR(16)”"
UNDONE = ": all of it was undone, and is tried again in"
READS_TEAMS = "SELECT count(*) FROM teams"
READS_PEOPLE = "SELECT count(*) FROM people"
SOMEBODY_WAITS = """
    SELECT count(*) FROM pg_locks JOIN pg_database there ON there.oid = database
    WHERE NOT granted AND relation IS NOT NULL AND datname = current_database()
"""
HASTY = Patience(lock_s=0.2, tries=500, pause_s=0.05)

pytestmark = pytest.mark.postgres


@pytest.fixture
def url() -> Iterator[str]:
    """At the newest migration, with a team of one."""
    with postgres() as url:
        upgrade(url)
        asyncio.run(people(url))
        yield url


@asynccontextmanager
async def at_work(url: str, *statements: str) -> AsyncIterator[asyncpg.Connection]:
    """A bot's connection in the middle of a transaction, which is committed at the end."""
    bot = await asyncpg.connect(url)
    try:
        await bot.execute("SET deadlock_timeout = '1min'")  # it isn't the one who finds a deadlock, and gives way
        async with bot.transaction():
            for statement in statements:
                await bot.execute(statement)
            yield bot
    finally:
        await bot.close()


async def until_somebody_waits(bot: asyncpg.Connection) -> None:
    while not await bot.fetchval(SOMEBODY_WAITS):
        pass


def grown(url: str) -> set[str]:
    """Which tables have the new column."""
    return {change[2] for change in differences(url) if change[0] == "remove_column"}


async def test_a_migration_that_meets_a_deadlock_is_made_again(url: str, tmp_path: Path) -> None:
    told: list[str] = []
    patience = Patience(lock_s=30, tries=3, pause_s=0.05)
    async with at_work(url, READS_PEOPLE) as bot:
        migration = asyncio.create_task(
            asyncio.to_thread(upgrade, url, scripts=later(tmp_path, GROWING), patience=patience, told=told.append)
        )
        await until_somebody_waits(bot)
        await bot.execute(READS_TEAMS)  # which the migration holds; it is told of the deadlock, and lets go
    await migration
    assert told == [f"{GROWS_PEOPLE} met a deadlock with a bot at work{UNDONE} 0.05 s (1 of 3)"]
    assert await asyncio.to_thread(grown, url) == {"teams", "people"}


async def test_a_table_that_others_hold_for_long_is_waited_for_shortly_again_and_again(
    url: str, tmp_path: Path
) -> None:
    told: list[str] = []
    another = await asyncpg.connect(url)
    async with at_work(url, READS_PEOPLE) as bot:
        migration = asyncio.create_task(
            asyncio.to_thread(upgrade, url, scripts=later(tmp_path, GROWING), patience=HASTY, told=told.append)
        )
        while len(told) < 3:
            await until_somebody_waits(bot)
            await another.execute(READS_PEOPLE)  # came after the migration, and needn't wait until that is through
    await another.close()
    await migration
    assert told[0] == f"{GROWS_PEOPLE} waited 0.2 s in vain for a table that others hold{UNDONE} 0.05 s (1 of 500)"
    assert await asyncio.to_thread(grown, url) == {"teams", "people"}


async def test_a_table_that_nobody_lets_go_of_is_told_in_a_sentence_and_nothing_is_changed(
    url: str, tmp_path: Path
) -> None:
    scripts = later(tmp_path, GROWING)
    async with at_work(url, READS_PEOPLE):
        with pytest.raises(
            DatabaseBusyError, match=r"“ALTER TABLE people .*” waited 0\.05 s .*, in the last of 2 tries\. "
        ):
            await asyncio.to_thread(upgrade, url, scripts=scripts, patience=Patience(0.05, 2, 0.01))
        assert await asyncio.to_thread(grown, url) == set()
    await asyncio.to_thread(upgrade, url, scripts=scripts, patience=Patience(tries=1))


async def test_of_those_that_migrate_at_once_one_goes_on_trying_and_the_others_wait(url: str, tmp_path: Path) -> None:
    scripts = later(tmp_path, GROWING)
    tries: SimpleQueue[int] = SimpleQueue()

    def migrate(number: int) -> None:
        upgrade(url, scripts=scripts, patience=HASTY, told=lambda _line: tries.put(number))

    async with at_work(url, READS_PEOPLE):
        migrations = [asyncio.create_task(asyncio.to_thread(migrate, number)) for number in range(3)]
        tried = {await asyncio.to_thread(tries.get) for _ in range(6)}
    await asyncio.gather(*migrations)
    assert len(tried) == 1
    assert await asyncio.to_thread(grown, url) == {"teams", "people"}


async def test_rows_that_bots_delete_meanwhile_are_not_counted_as_lost(url: str, tmp_path: Path) -> None:
    async with at_work(url, "DELETE FROM memberships", READS_PEOPLE) as bot:
        migration = asyncio.create_task(asyncio.to_thread(upgrade, url, scripts=later(tmp_path, GROWING)))
        await until_somebody_waits(bot)
    await migration
    assert await asyncio.to_thread(grown, url) == {"teams", "people"}


async def test_rows_that_a_migration_loses_in_any_way_are_noticed(url: str, tmp_path: Path) -> None:
    for number, losing in enumerate((TRUNCATING, CASCADING, MAKING_ANEW, DROPPING)):
        scripts = later(tmp_path / str(number), losing)
        with pytest.raises(MigrationRefusedError, match="memberships would hold 0 rows instead of 1"):
            await asyncio.to_thread(upgrade, url, scripts=scripts)
    assert await counted(url) == (1, 1, 1)


@pytest.fixture
def at_the_one_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The database that the command line knows, with one migration pending."""
    with postgres() as url:
        migrating.connected(url, lambda made: command.upgrade(migrating._config(made, migrating.SCRIPTS), "head-1"))
        monkeypatch.setenv("BACKSTOP_DATABASE_URL", url)
        yield url


async def test_the_command_tells_of_each_try(at_the_one_before: str) -> None:
    at_every_table = [f'LOCK TABLE "{table}" IN ROW EXCLUSIVE MODE' for table in migrating.models().tables]
    async with at_work(at_the_one_before, *at_every_table) as bot:
        typed = asyncio.create_task(asyncio.to_thread(CliRunner().invoke, cli, ["migrate"]))
        await until_somebody_waits(bot)
        while await bot.fetchval(SOMEBODY_WAITS):
            pass  # it gives up by itself
    done = await typed
    assert done.exit_code == 0
    assert (
        "waited 2 s in vain for a table that others hold: all of it was undone, and is tried again in 3 s"
        in done.stderr
    )
    assert done.stdout.splitlines()[-1] == "The database is up to date."
