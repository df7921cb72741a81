"""A watched folder: files are read as they come, once, however many pages they take; a bad one holds up nobody."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.helpdesks import CursorLostError, DeskAwayError, DeskRefusedError
from bot.helpdesks.csv_files.folder import Folder
from bot.helpdesks.csv_files.importing import PAGE

NOW = datetime(2026, 6, 2, 9, tzinfo=UTC)
SINCE = NOW - timedelta(weeks=8)


def put(folder: Path, name: str, *numbers: int, at: datetime = NOW - timedelta(minutes=1), content: str = "") -> None:
    rows = "".join(f"{number},open,2026-06-01 10:00\n" for number in numbers)
    (folder / name).write_text(content or f"id,status,created\n{rows}", encoding="utf-8")
    os.utime(folder / name, (at.timestamp(), at.timestamp()))


def desk(folder: Path) -> Folder:
    return Folder(folder, zone=ZoneInfo("UTC"), now=lambda: NOW)


async def read(folder: Folder, cursor: str | None = None) -> tuple[list[str], str]:
    """Everything that is new, and the cursor after it."""
    found: list[str] = []
    while True:
        page = await folder.pull(cursor, SINCE)
        found += [ticket.external_id for ticket in page.tickets]
        if not page.more:
            return found, page.cursor
        assert page.cursor != cursor
        cursor = page.cursor


async def test_files_are_read_once_and_again_when_they_change(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", 1, 2)
    put(tmp_path, "b.csv", 3)
    found, cursor = await read(desk(tmp_path))
    assert found == ["1", "2", "3"]
    put(tmp_path, "c.csv", 4, at=NOW - timedelta(days=3))
    found, cursor = await read(desk(tmp_path), cursor)
    assert found == ["4"], "also one whose time is older than what was read"
    put(tmp_path, "a.csv", 1, 2, 5)
    assert (await read(desk(tmp_path), cursor))[0] == ["1", "2", "5"]


async def test_a_file_of_several_pages_is_read_on_after_a_restart(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", *range(PAGE * 2 + 7))
    first = await desk(tmp_path).pull(None, SINCE)
    assert (len(first.tickets), first.more) == (PAGE, True)
    again = desk(tmp_path)
    assert len((await read(again, first.cursor))[0]) == PAGE + 7
    assert len((await read(again, first.cursor))[0]) == PAGE + 7, "the same cursor brings the same"


async def test_what_may_still_be_written_is_left_alone_and_rejects_are_no_tickets(tmp_path: Path) -> None:
    put(tmp_path, "now.csv", 1, at=NOW - timedelta(seconds=3))
    put(tmp_path, "later.csv", 2, at=NOW + timedelta(hours=1))
    put(tmp_path, "odd.csv", content="id,status,created\n3,odd,2026-06-01\n4,open,2026-06-01\n")
    watched = desk(tmp_path)
    found, cursor = await read(watched)
    assert found == ["4"]
    assert "not known" in (tmp_path / "odd.rejects.csv").read_text(encoding="utf-8-sig")
    os.utime(tmp_path / "odd.rejects.csv", (NOW.timestamp() - 60,) * 2)
    assert (await read(watched, cursor))[0] == []


async def test_a_file_that_cannot_be_read_holds_up_nobody(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", content="no table at all")
    put(tmp_path, "b.csv", 1)
    assert (await read(desk(tmp_path)))[0] == ["1"]


async def test_a_folder_that_is_gone_a_strange_cursor_and_notes_are_said(tmp_path: Path) -> None:
    watched, gone = desk(tmp_path), desk(tmp_path / "gone")
    assert (await watched.check()).account.startswith("0 files")
    with pytest.raises(CursorLostError):
        await watched.pull("not ours", SINCE)
    with pytest.raises(DeskRefusedError, match="take no notes"):
        await watched.note("1", "text")
    with pytest.raises(DeskAwayError):
        await gone.pull(None, SINCE)
