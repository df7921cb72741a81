"""Migrations: they make what the models say, lose nothing, and leave everything as it was when they can't."""

import asyncio
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storage import migrating
from storage.memberships import Membership
from storage.migrating import MigrationRefusedError, NewerDatabaseError, differences, pending, upgrade
from storage.people import Person
from storage.store import DatabaseAwayError, open_store
from storage.teams import Team
from tests.databases import postgres, sqlite_in

AT = datetime(2026, 6, 2, 8, tzinfo=UTC)
KEEPING = """
    with op.batch_alter_table("people") as people:
        people.alter_column("name", type_=sa.String(300), existing_type=sa.String(255))
"""
LOSING = 'op.execute("DELETE FROM memberships")'
BREAKING = 'op.execute("DELETE FROM people")'
FAILING = 'op.execute("ALTER TABLE people ADD COLUMN half integer"); raise RuntimeError("half way")'


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield sqlite_in(tmp_path)
        return
    with postgres() as url:
        yield url


@pytest.fixture
def peopled(url: str) -> str:
    """At the newest migration, with a team of one."""
    upgrade(url)
    asyncio.run(people(url))
    return url


async def people(url: str) -> None:
    store = open_store(url)
    async with store.write() as session:
        mei = Person(workspace_id="T1", slack_id="U1", name="Mei", zone="Asia/Manila", seen_at=AT)
        team = Team(
            workspace_id="T1",
            form_key="k",
            name="Care",
            channel="C1",
            escalation_channel="C1",
            zone="Asia/Manila",
            days=[0, 1, 2, 3, 4],
            start=AT.time(),
            end=AT.time(),
            policy={},
            requested_at=AT,
        )
        session.add_all([mei, team])
        await session.flush()
        mei.primary_team_id = team.id
        session.add(Membership(team_id=team.id, person_id=mei.id, since=AT))
    await store.close()


async def counted(url: str) -> tuple[int, int, int]:
    """How many people, teams and memberships there are."""
    store = open_store(url)
    async with store.read() as session:
        counts = [
            (await session.execute(select(func.count()).select_from(kind))).scalar_one()
            for kind in (Person, Team, Membership)
        ]
    await store.close()
    return (counts[0], counts[1], counts[2])


def later(folder: Path, body: str, *, removes: str = "") -> str:
    """A copy of the migrations with one more that does `body`; returns where it is."""
    scripts = folder / "migrations"
    shutil.copytree(Path(migrating.__file__).parent / "migrations", scripts)
    newest = max(path.name[:4] for path in (scripts / "versions").glob("[0-9]*.py"))
    (scripts / "versions" / "9999_later.py").write_text(
        f'"""later"""\nimport sqlalchemy as sa\nfrom alembic import op\nrevision, down_revision = "9999", "{newest}"\n'
        f"removes_rows_from = frozenset({removes.split()!r})\n\ndef upgrade():\n    {body.strip()}\n",
        encoding="utf-8",
    )
    return str(scripts)


def test_the_migrations_make_what_the_models_say(url: str) -> None:
    upgrade(url)
    assert differences(url) == []


def test_a_new_database_lacks_every_migration_and_an_upgraded_one_none(url: str) -> None:
    assert pending(url)[0].startswith("0001 ")
    upgrade(url)
    assert pending(url) == ()


def test_asking_what_is_pending_makes_no_file(tmp_path: Path) -> None:
    assert pending(sqlite_in(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_upgrading_twice_changes_nothing(peopled: str) -> None:
    upgrade(peopled)
    assert asyncio.run(counted(peopled)) == (1, 1, 1)


def test_a_table_made_anew_keeps_its_rows_and_those_that_cascade_from_it(peopled: str, tmp_path: Path) -> None:
    upgrade(peopled, scripts=later(tmp_path, KEEPING))
    assert asyncio.run(counted(peopled)) == (1, 1, 1)


def test_a_migration_that_loses_rows_is_undone(peopled: str, tmp_path: Path) -> None:
    with pytest.raises(MigrationRefusedError, match="memberships would hold 0 rows instead of 1"):
        upgrade(peopled, scripts=later(tmp_path, LOSING))
    assert asyncio.run(counted(peopled)) == (1, 1, 1)
    assert pending(peopled) == ()


def test_a_migration_may_remove_the_rows_that_it_names(peopled: str, tmp_path: Path) -> None:
    upgrade(peopled, scripts=later(tmp_path, LOSING, removes="memberships"))
    assert asyncio.run(counted(peopled)) == (1, 1, 0)


def test_a_migration_that_leaves_keys_pointing_at_nothing_is_undone(tmp_path: Path) -> None:
    url = sqlite_in(tmp_path)
    upgrade(url)
    asyncio.run(people(url))
    with pytest.raises(MigrationRefusedError, match="point at nothing"):
        upgrade(url, scripts=later(tmp_path, BREAKING, removes="people"))
    assert asyncio.run(counted(url)) == (1, 1, 1)


def test_a_migration_that_fails_half_way_leaves_nothing_behind(peopled: str, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="half way"):
        upgrade(peopled, scripts=later(tmp_path, FAILING))
    assert differences(peopled) == []
    assert asyncio.run(counted(peopled)) == (1, 1, 1)


def test_sqlite_is_copied_before_it_is_migrated(tmp_path: Path) -> None:
    url = sqlite_in(tmp_path)
    upgrade(url)
    assert [path.name for path in tmp_path.glob("*before*")] == [], "an empty database needs no copy"
    asyncio.run(people(url))
    upgrade(url, scripts=later(tmp_path, LOSING, removes="memberships"))
    [copy] = tmp_path.glob("*before-9999")
    assert copy.stat().st_mode & 0o077 == 0, "others may not read it"
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT count(*) FROM memberships").fetchone() == (1,)


def test_a_database_of_a_newer_version_is_refused_with_a_sentence(peopled: str, tmp_path: Path) -> None:
    upgrade(peopled, scripts=later(tmp_path, "pass"))
    for refused in (pending, upgrade):
        with pytest.raises(NewerDatabaseError, match="9999"):
            refused(peopled)


def test_replicas_that_start_together_migrate_once(url: str) -> None:
    failures: list[BaseException] = []

    def start() -> None:
        try:
            upgrade(url)
        except BaseException as error:  # whatever a thread raises must reach the test
            failures.append(error)

    replicas = [threading.Thread(target=start) for _ in range(4)]
    for replica in replicas:
        replica.start()
    for replica in replicas:
        replica.join()
    assert failures == []
    assert pending(url) == ()


@pytest.mark.parametrize("away", ["postgresql://postgres@127.0.0.1:1/none", "sqlite:////proc/none/backstop.sqlite3"])
def test_a_database_that_is_away_is_told_as_such(away: str) -> None:
    with pytest.raises(DatabaseAwayError):
        upgrade(away)
