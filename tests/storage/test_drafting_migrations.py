"""The next migration, as it is drafted from the models."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from storage import migrating
from storage.migrating import differences, draft, pending, upgrade
from tests.databases import postgres, sqlite_in

MIGRATIONS = Path(migrating.__file__).parent / "migrations"


def with_migrations(folder: Path, *numbers: str) -> str:
    """A folder of migrations with these alone; returns where it is."""
    scripts = folder / "migrations"
    shutil.copytree(MIGRATIONS, scripts, ignore=shutil.ignore_patterns("[0-9]*.py", "__pycache__"))
    for number in numbers:
        [kept] = (MIGRATIONS / "versions").glob(f"{number}_*.py")
        shutil.copy(kept, scripts / "versions")
    return str(scripts)


@pytest.mark.parametrize("on", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_a_draft_of_everything_makes_what_the_models_say(tmp_path: Path, on: str) -> None:
    scripts = with_migrations(tmp_path)
    written = draft("all of it", scratch=tmp_path / "scratch.sqlite3", scripts=scripts)
    assert written is not None
    assert written.parent == Path(scripts) / "versions"
    assert written.name == "0001_all_of_it.py"
    body = written.read_text(encoding="utf-8")
    assert "sa.DateTime(timezone=True)" in body
    assert "storage" not in body, "a migration says what the database holds, whatever becomes of our own types"
    if on == "sqlite":
        url = sqlite_in(tmp_path)
        upgrade(url, scripts=scripts)
        assert differences(url) == []
        return
    with postgres() as url:
        upgrade(url, scripts=scripts)
        assert differences(url) == []


def test_a_draft_follows_the_newest_and_adds_what_it_lacks(tmp_path: Path) -> None:
    scripts = with_migrations(tmp_path, "0001")
    written = draft("the rest", scratch=tmp_path / "scratch.sqlite3", scripts=scripts)
    assert written is not None
    body = written.read_text(encoding="utf-8")
    assert 'revision = "0002"\ndown_revision = "0001"' in body
    assert 'op.create_table("people"' not in body.replace("'", '"')
    url = sqlite_in(tmp_path)
    upgrade(url, scripts=scripts)
    assert differences(url) == []


def test_where_the_models_are_what_the_migrations_make_there_is_nothing_to_draft(tmp_path: Path) -> None:
    before = sorted((MIGRATIONS / "versions").iterdir())
    assert draft("nothing", scratch=tmp_path / "scratch.sqlite3") is None
    assert sorted((MIGRATIONS / "versions").iterdir()) == before
    assert pending(f"sqlite:///{tmp_path / 'scratch.sqlite3'}") == ()


@pytest.mark.parametrize(
    ("words", "told"),
    [([], "python -m storage.migrations"), (["nothing new"], "there is nothing to write")],
    ids=["without a message", "without a change"],
)
def test_the_command_says_why_it_writes_nothing(words: list[str], told: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "storage.migrations", *words], check=False, capture_output=True, text=True
    )
    assert ran.returncode == 1
    assert told in ran.stderr
