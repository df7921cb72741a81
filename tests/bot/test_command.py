"""The `backstop` command, as somebody at a terminal meets it (running and stopping: test_running)."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from bot.__main__ import cli
from storage import migrating
from tests.databases import sqlite_in


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder to work in, its database not yet made, and no token anywhere."""
    monkeypatch.chdir(tmp_path)
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BACKSTOP_DATABASE_URL", sqlite_in(tmp_path))
    return tmp_path


def type_in(*words: str) -> Result:
    return CliRunner().invoke(cli, words)


def test_manifest_prints_what_can_be_pasted_at_slack() -> None:
    printed = type_in("manifest")
    assert printed.exit_code == 0
    assert yaml.safe_load(printed.stdout)["display_information"]["name"] == "Backstop"


def test_manifest_prefixes_every_command() -> None:
    manifest = json.loads(type_in("manifest", "--prefix", "care-", "--json").stdout)
    assert {entry["command"][:6] for entry in manifest["features"]["slash_commands"]} == {"/care-"}


def test_manifest_refuses_a_prefix_that_slack_would_refuse() -> None:
    refused = type_in("manifest", "--prefix", "Care ")
    assert refused.exit_code == 2
    assert refused.stderr == "--prefix may hold a–z, 0–9, - and _ (at most 16)\n"


@pytest.mark.parametrize("command", ["run", "doctor"])
def test_a_missing_token_is_a_sentence_and_no_traceback(folder: Path, command: str) -> None:
    refused = type_in(command)
    assert refused.exit_code != 0
    assert "SLACK_BOT_TOKEN is not set" in " ".join((refused.stdout + refused.stderr).split())
    assert "Traceback" not in refused.output


def test_run_exits_2_for_bad_settings(folder: Path) -> None:
    assert type_in("run").exit_code == 2


def test_migrate_says_what_it_applied_and_the_second_time_nothing(folder: Path) -> None:
    first = type_in("migrate")
    assert first.exit_code == 0
    assert first.stdout.splitlines()[0].startswith("applied 0001 ")
    assert type_in("migrate").stdout == "The database is up to date.\n"


def test_migrate_says_that_a_database_is_away(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKSTOP_DATABASE_URL", "postgresql://postgres@127.0.0.1:1/none")
    refused = type_in("migrate")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Nothing was changed: the database can't be used")
    assert "Traceback" not in refused.output


def test_backup_copies_a_database_that_is_being_written_to(folder: Path) -> None:
    migrating.upgrade(sqlite_in(folder))
    with closing(sqlite3.connect(folder / "backstop.sqlite3")) as writer:
        writer.execute("INSERT INTO counters VALUES ('T1', 'escalations', 41)")
        writer.commit()
        writer.execute("UPDATE counters SET value = 42")
        copied = type_in("backup", "copy.sqlite3")
    assert copied.exit_code == 0
    with closing(sqlite3.connect(folder / "copy.sqlite3")) as copy:
        assert copy.execute("SELECT value FROM counters").fetchall() == [(41,)]


def test_backup_says_that_there_is_nothing_to_copy(folder: Path) -> None:
    refused = type_in("backup", "copy.sqlite3")
    assert refused.exit_code == 1
    assert "can't be copied" in refused.stderr
    assert list(folder.iterdir()) == []


def test_backup_points_elsewhere_for_postgresql(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKSTOP_DATABASE_URL", "postgresql://postgres@127.0.0.1:1/none")
    assert "pg_dump" in type_in("backup", "copy.sqlite3").stderr
