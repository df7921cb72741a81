"""Copies of a SQLite database that is in use: complete, checked, and never half written under their final name."""

import contextlib
import sqlite3
from pathlib import Path

from storage.sqlite_driver import make_private


class BackupFailedError(Exception):
    """The copy could not be made, or does not read back; the database itself is untouched."""


def copy_sqlite(source: Path, target: Path) -> None:
    """Copies the database file, also while others write to it. Raises BackupFailedError."""
    unfinished = target.with_name(target.name + ".unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        make_private(unfinished)
        with (
            contextlib.closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as original,
            contextlib.closing(sqlite3.connect(unfinished)) as copy,
        ):
            original.backup(copy)
            verdict = copy.execute("PRAGMA quick_check").fetchone()[0]
        if verdict != "ok":
            raise BackupFailedError(f"the copy of {source} does not read back: {verdict}")
        unfinished.replace(target)
    except (sqlite3.Error, OSError) as error:
        raise BackupFailedError(f"{source} can't be copied to {target}: {error}") from error
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
