"""While replicas are exchanged one after the other, those of the version before work on the new tables: so a migration
only adds, and what it adds may be left out."""

import asyncio
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, func, inspect, select, text

from storage import migrating
from storage.messages import Message
from tests.bot import replicas
from tests.bot.shown import Verdict
from tests.bot.tomorrow import MIGRATION, live_tomorrow
from tests.databases import postgres, sqlite_in
from tests.handlers.escalations.stories import press, raised, resolves
from tests.office import Office, escalation
from tests.storage.test_migrations import later

Columns = dict[str, dict[str, bool]]
"""Table → column → whether a row may be written without it."""

FROM = "0001"
CASES = 4
NINE = datetime(2026, 6, 2, 9, tzinfo=UTC)
HARMLESS = {
    "0013": "a workspace is written at a start, and the version before doesn't start on newer tables",
}
"""Migrations that don't only add, and why no process of the version before stumbles over it."""


def test_each_migration_leaves_the_version_before_at_work(tmp_path: Path) -> None:
    url = sqlite_in(tmp_path)
    before: Columns = {}
    broken = {}
    for script in migrating._history(migrating.SCRIPTS):
        after = migrating.connected(url, lambda connection, to=script.revision: _applied(connection, to))  # type: ignore[misc]  # mypy can't infer a lambda with a default
        wrong = _in_the_way(before, after)
        if wrong and script.revision > FROM:
            broken[script.revision] = wrong
        before = after
    assert {revision: wrong for revision, wrong in broken.items() if revision not in HARMLESS} == {}
    assert HARMLESS.keys() <= broken.keys()


def _applied(connection: Connection, to: str) -> Columns:
    command.upgrade(migrating._config(connection, migrating.SCRIPTS), to)
    found = inspect(connection)
    return {
        table: {
            column["name"]: bool(column["nullable"] or column["default"] is not None)
            for column in found.get_columns(table)
        }
        for table in found.get_table_names()
    }


def _in_the_way(before: Columns, after: Columns) -> list[str]:
    gone = [f"{table} is gone" for table in before.keys() - after.keys()]
    for table in before.keys() & after.keys():
        gone += [f"{table}.{column} is gone" for column in before[table].keys() - after[table].keys()]
        added = after[table].keys() - before[table].keys()
        gone += [f"{table}.{column} must be given" for column in added if not after[table][column]]
    return sorted(gone)


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
async def test_a_bot_that_is_at_work_goes_on_when_the_tables_get_newer_under_it(office: Office) -> None:
    await raised(office, office.ben)
    try:
        async with office.bot.store.write() as session:
            for table in ("escalations", "escalation_events", "messages", "timers", "people"):
                await session.execute(text(f"ALTER TABLE {table} ADD COLUMN of_tomorrow text"))
        await press(office, office.cara, "Claim")
        await office.passes(hours=1)
        await resolves(office, office.cara)
        assert (await escalation(office, 1)).state == "resolved"
        assert office.sim.refusals() == []
    finally:
        async with office.bot.store.write() as session:
            for table in ("escalations", "escalation_events", "messages", "timers", "people"):
                await session.execute(text(f"ALTER TABLE {table} DROP COLUMN IF EXISTS of_tomorrow"))


@pytest.fixture
def url() -> Iterator[str]:
    """A PostgreSQL of this version's tables, whose tables may grow."""
    with postgres() as url:
        migrating.upgrade(url)
        yield url


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(600)
async def test_two_versions_share_what_is_owed_while_one_is_exchanged_for_the_other(url: str, tmp_path: Path) -> None:
    """Processes die meanwhile; the migration is made while they work."""
    fleet = await replicas.assemble(NINE, url, replicas=2, cases=CASES, chance=random.Random(5))
    fleet.freezes = fleet.cuts = 0.0
    try:
        await fleet.works(4)
        scripts = later(tmp_path, MIGRATION)
        await asyncio.gather(fleet.works(4), asyncio.to_thread(migrating.upgrade, url, scripts=scripts))
        there = await _newest_message(fleet)
        fleet.exchanges(0, live_tomorrow)
        await fleet.works(20)
        fleet.exchanges(1, live_tomorrow)
        await fleet.works(4)
        await fleet.lives(0)
        assert await fleet.verdict() == Verdict()
        # which of the two hears what is due is chance, and so is who dies
        assert await _wrote(fleet, since=there)
        assert fleet.happened["died"] >= 1
    finally:
        await fleet.ends()


async def _newest_message(fleet: replicas.Fleet) -> int:
    async with fleet.store.read() as session:
        return (await session.execute(select(func.max(Message.id)))).scalar_one()


async def _wrote(fleet: replicas.Fleet, *, since: int) -> set[str]:
    """Which versions wanted a message after the one with that id."""
    async with fleet.store.read() as session:
        told = await session.execute(
            text("SELECT DISTINCT written_by FROM messages WHERE id > :since"), {"since": since}
        )
        return set(told.scalars())
