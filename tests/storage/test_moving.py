"""From SQLite to PostgreSQL: every row, once, with its number; or nothing at all."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from bot.__main__ import cli
from storage import migrating
from storage.moving import CannotMoveError, move
from storage.people import Person
from storage.store import DatabaseAwayError, open_store
from storage.teams import Team
from tests.databases import postgres, sqlite_in
from tests.storage.test_migrations import counted, people
from tests.storage.test_search import LOGIN, Desk

pytestmark = pytest.mark.postgres
AT = datetime(2026, 6, 2, 8, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def source(tmp_path: Path) -> str:
    """A file with a team of one, who escalated twice."""
    url = sqlite_in(tmp_path)
    migrating.upgrade(url)
    asyncio.run(people(url))
    asyncio.run(escalated(url))
    return url


@pytest.fixture
def target() -> Iterator[str]:
    with postgres() as url:
        yield url


async def escalated(url: str) -> None:
    store = open_store(url)
    async with store.read() as session:
        person = (await session.execute(select(Person))).scalar_one()
        team = (await session.execute(select(Team))).scalar_one()
    desk = Desk(store, person.id, team.id)
    await desk.has(LOGIN, ticket="48213", raised_at=AT)
    await desk.has("Refund above the limit; “quotes” and 日本語")
    await store.close()


async def found(url: str, words: str) -> list[int]:
    store = open_store(url)
    numbers = await Desk(store, 1, 1).finds(words)
    await store.close()
    return numbers


async def raised_after(url: str) -> int:
    """The id of a person who comes after the move."""
    store = open_store(url)
    async with store.write() as session:
        ben = Person(workspace_id="T1", slack_id="U2", name="Ben", zone="Europe/Dublin", seen_at=AT)
        session.add(ben)
        await session.flush()
    await store.close()
    return ben.id


def change(url: str, statement: str) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file, file:
        file.execute("PRAGMA foreign_keys=OFF")
        file.execute(statement)


def empty(url: str) -> bool:
    return asyncio.run(counted(url)) == (0, 0, 0)


def test_everything_is_there_and_goes_on(source: str, target: str) -> None:
    told: list[tuple[str, int, int]] = []
    counts = move(source, target, told=lambda *one: told.append(one))
    assert (counts["people"], counts["teams"], counts["escalations"]) == (1, 1, 2)
    assert ("escalations", 2, 2) in told
    assert asyncio.run(counted(target)) == asyncio.run(counted(source)) == (1, 1, 1)
    assert migrating.pending(target) == ()
    assert migrating.differences(target) == [], "the keys that were taken away stand again"
    assert asyncio.run(found(target, "login loops")) == [1]
    assert asyncio.run(raised_after(target)) == 2, "numbers go on where they ended"


def test_a_target_with_rows_is_refused(source: str, target: str) -> None:
    migrating.upgrade(target)
    asyncio.run(people(target))
    with pytest.raises(CannotMoveError, match="not empty: memberships has rows"):
        move(source, target)
    assert asyncio.run(counted(target)) == (1, 1, 1)


def test_a_row_that_points_at_nothing_stops_the_move(source: str, target: str) -> None:
    change(source, "UPDATE memberships SET person_id = 99")
    with pytest.raises(CannotMoveError, match="memberships has a row that points at nothing"):
        move(source, target)
    assert empty(target)
    assert migrating.differences(target) == []


def test_a_row_that_postgres_does_not_take_stops_the_move_unquoted(source: str, target: str) -> None:
    change(source, f"UPDATE people SET name = '{'canary' * 60}'")
    with pytest.raises(CannotMoveError, match="people has a row") as refused:
        move(source, target)
    assert "canary" not in str(refused.value)
    assert empty(target)
    change(source, "UPDATE people SET name = 'Mei'")
    assert move(source, target)["people"] == 1, "what was refused once may be tried again"


def test_only_from_an_up_to_date_file_to_postgres(source: str, target: str, tmp_path: Path) -> None:
    with pytest.raises(CannotMoveError, match="no other way"):
        move(target, source)
    with pytest.raises(CannotMoveError, match="run `backstop migrate` first"):
        move(f"sqlite:///{tmp_path / 'new.sqlite3'}", target)
    with pytest.raises(DatabaseAwayError):
        move(source, "postgresql://postgres@127.0.0.1:1/none")
    assert asyncio.run(counted(source)) == (1, 1, 1)


def test_the_command_says_what_it_did(source: str, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKSTOP_DATABASE_URL", source)
    done = CliRunner().invoke(cli, ["migrate", "--to", target])
    assert done.exit_code == 0, done.output
    assert "counted on both sides" in done.stdout
    again = CliRunner().invoke(cli, ["migrate", "--to", target])
    assert again.exit_code == 1
    assert "Nothing was moved: the PostgreSQL database is not empty" in again.stderr
    nowhere = CliRunner().invoke(cli, ["migrate", "--to", "mysql://x/y"])
    assert nowhere.exit_code == 1
