"""Copies of a SQLite file: complete, read back, and never half written under their name."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.backups import BackupFailedError, copy_sqlite

ROWS = 2000


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "backstop.sqlite3"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE words (number INTEGER PRIMARY KEY, word TEXT)")
        connection.executemany("INSERT INTO words (word) VALUES (?)", [(f"word {n}",) for n in range(ROWS)])
        connection.execute("CREATE INDEX by_word ON words (word)")
    return file


def test_a_copy_has_every_row_also_of_what_is_being_written(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.sqlite3"
    with closing(sqlite3.connect(source, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM words")
        copy_sqlite(source, target)
        writer.execute("ROLLBACK")
    with closing(sqlite3.connect(target)) as copied:
        assert copied.execute("SELECT count(*) FROM words").fetchone() == (ROWS,)
    assert target.stat().st_mode & 0o077 == 0, "others may not read it"


def test_what_does_not_read_back_is_no_backup_and_leaves_nothing(source: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(source)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET rootpage = 2 WHERE name = 'by_word'")
        connection.commit()
    target = tmp_path / "copy.sqlite3"
    with pytest.raises(BackupFailedError, match="does not read back"):
        copy_sqlite(source, target)
    assert [path.name for path in tmp_path.iterdir()] == [source.name]


@pytest.mark.parametrize("which", ["no source", "no folder"])
def test_what_can_not_be_copied_is_told_as_such(source: Path, tmp_path: Path, which: str) -> None:
    missing, target = tmp_path / "none.sqlite3", tmp_path / "copy.sqlite3"
    ends = (missing, target) if which == "no source" else (source, tmp_path / "none" / "copy.sqlite3")
    with pytest.raises(BackupFailedError, match="can't be copied"):
        copy_sqlite(*ends)
    assert not target.exists()
    assert not list(tmp_path.glob("*.unfinished"))
