"""Files that Backstop makes are for its own user, whatever the machine is used to; what it finds stays as it is."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from stat import S_IMODE

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from bot.__main__ import cli
from storage import migrating
from storage.pacing import Gate
from storage.store import open_store

AT = datetime(2026, 6, 2, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def usual_habit() -> Iterator[None]:
    """Files are for everybody to read, unless their maker says otherwise."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {path.name: S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


async def at_work(url: str) -> dict[str, int]:
    """What stands in the database's folder while somebody writes."""
    store = open_store(url)
    async with store.write() as session:
        session.add(Gate(key="one", open_at=AT))
        await session.flush()
        found = modes(Path(url.removeprefix("sqlite:///")).parent)
    await store.close()
    return found


def test_a_database_and_all_that_is_made_beside_it_are_for_their_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'backstop.sqlite3'}"
    monkeypatch.setenv("BACKSTOP_DATABASE_URL", url)
    typed = CliRunner()
    assert typed.invoke(cli, ["migrate"]).exit_code == 0
    working = asyncio.run(at_work(url))
    assert set(working) == {"backstop.sqlite3", "backstop.sqlite3-wal", "backstop.sqlite3-shm"}
    assert typed.invoke(cli, ["backup", str(tmp_path / "copy.sqlite3")]).exit_code == 0
    made = working | modes(tmp_path)
    assert {name: oct(mode) for name, mode in made.items() if mode != 0o600} == {}


def test_so_is_one_that_is_made_without_migrating_it(tmp_path: Path) -> None:
    async def opens() -> None:
        store = open_store(f"sqlite:///{tmp_path / 'new' / 'backstop.sqlite3'}")
        async with store.read() as session:
            await session.execute(text("SELECT 1"))
        await store.close()

    asyncio.run(opens())
    assert modes(tmp_path / "new") == {"backstop.sqlite3": 0o600}


def test_one_that_is_there_stays_as_its_owner_made_it(sqlite_template: Path, tmp_path: Path) -> None:
    file = tmp_path / "backstop.sqlite3"
    shutil.copy(sqlite_template, file)
    file.chmod(0o640)
    migrating.upgrade(f"sqlite:///{file}")
    assert set(asyncio.run(at_work(f"sqlite:///{file}")).values()) == {0o640}


def test_a_file_elsewhere_that_a_link_names_is_made_alike(tmp_path: Path) -> None:
    (tmp_path / "link.sqlite3").symlink_to(tmp_path / "elsewhere.sqlite3")
    migrating.upgrade(f"sqlite:///{tmp_path / 'link.sqlite3'}")
    assert S_IMODE((tmp_path / "elsewhere.sqlite3").stat().st_mode) == 0o600


def test_home_is_the_same_place_for_migrating_and_for_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    url = "sqlite:///~/backstop.sqlite3"
    migrating.upgrade(url)

    async def looks() -> None:
        store = open_store(url)
        async with store.read() as session:
            await session.execute(text("SELECT * FROM people"))
        await store.close()

    asyncio.run(looks())
    assert set(modes(tmp_path)) == {"backstop.sqlite3"}
