"""A folder whose CSV files are imported as they come: a help desk like the others, for those that only export."""

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

import structlog

from bot.helpdesks import Checked, CursorLostError, DeskAwayError, DeskRefusedError, Push
from bot.helpdesks.csv_files.columns import BadMappingError, mapping
from bot.helpdesks.csv_files.importing import ReadPage, Rejects, pages
from bot.helpdesks.csv_files.rows import reading_of
from bot.helpdesks.csv_files.tables import UnreadableFileError, open_table
from storage.pulled import Context, Page, PulledAgent, PulledTicket

log = structlog.get_logger(__name__)

SETTLED_AFTER = timedelta(seconds=10)
"""A file that was changed more recently may still be written."""
REJECTS = ".rejects.csv"
TAKES_NO_NOTES = "CSV files take no notes."


@dataclass
class Place:
    """Where reading goes on: what was read whole, and how much of the file at hand."""

    read: dict[str, str]
    """Name → time and size as they were."""
    reading: tuple[str, str] | None
    rows: int

    @classmethod
    def of(cls, cursor: str | None) -> Self:
        """Raises CursorLostError for a cursor that an older version made."""
        try:
            kept = json.loads(cursor or '{"read": {}, "reading": null, "rows": 0}')
            return cls(dict(kept["read"]), tuple(kept["reading"]) if kept["reading"] else None, int(kept["rows"]))
        except (ValueError, KeyError, TypeError) as error:
            raise CursorLostError("The list of files that were read can’t be read.") from error

    def kept(self) -> str:
        return json.dumps(vars(self), ensure_ascii=False)


class Folder:
    kind = "folder"
    name = "CSV folder"

    def __init__(self, folder: Path, *, zone: ZoneInfo, now: Callable[[], datetime]) -> None:
        """`zone`: of times that don't say theirs."""
        self._folder = folder
        self._zone = zone
        self._now = now
        self._opened: tuple[tuple[tuple[str, str] | None, int], Iterator[ReadPage]] | None = None

    async def check(self) -> Checked:
        try:
            count = sum(1 for _ in self._files())
        except OSError as error:
            raise DeskAwayError(f"The folder of CSV files can’t be read: {error.strerror}.") from error
        return Checked(account=f"{count} files in {self._folder}")

    async def agents(self) -> Sequence[PulledAgent]:
        return ()

    async def pull(self, cursor: str | None, since: datetime) -> Page:  # noqa: ARG002  # a file is read whole, whatever it tells of
        """Up to 500 rows of a file that is new or was changed, the longest unchanged first."""
        place = Place.of(cursor)
        try:
            return await asyncio.to_thread(self._next_page, place)
        except OSError as error:
            raise DeskAwayError(f"The folder of CSV files can’t be read: {error.strerror}.") from error

    def _next_page(self, place: Place) -> Page:
        there = {file.name: (file.stat().st_mtime, file.stat().st_size, file) for file in self._files()}
        place.read = {name: seen for name, seen in place.read.items() if name in there}
        for changed, size, file in sorted(there.values(), key=lambda one: (one[0], one[2].name)):
            seen = f"{changed}:{size}"
            if place.read.get(file.name) == seen:
                continue
            if place.reading != (file.name, seen):
                place.reading, place.rows = (file.name, seen), 0
            if (page := self._page_of(file, place)) is not None:
                place.rows += page.rows
                return Page(tickets=page.tickets, ratings=page.ratings, cursor=place.kept(), more=True)
            place.read[file.name], place.reading, place.rows = seen, None, 0
        return Page(cursor=place.kept(), more=False)

    def _page_of(self, file: Path, place: Place) -> ReadPage | None:
        """The file's next rows; None: that was all, or it can't be read (then it stays, named in the log)."""
        try:
            if self._opened is None or self._opened[0] != (place.reading, place.rows):
                table = open_table(file)
                reading = reading_of(table, mapping(table.header, ()), zone=self._zone, now=self._now())
                following = pages(table, reading, Rejects(table, file.with_suffix(REJECTS)), skip=place.rows)
            else:
                following = self._opened[1]
            page = next(following, None)
        except (UnreadableFileError, BadMappingError) as error:
            log.warning("a CSV file can't be read", file=file.name, error=str(error))
            page = None
        # its next page is read on from here, unless the process begins anew or the page couldn't be kept
        self._opened = ((place.reading, place.rows + page.rows), following) if page is not None else None
        return page

    def _files(self) -> Iterator[Path]:
        settled = self._now() - SETTLED_AFTER
        for file in self._folder.iterdir():
            if file.suffix.lower() != ".csv" or file.name.endswith(REJECTS):
                continue
            if datetime.fromtimestamp(file.stat().st_mtime, UTC) <= settled:
                yield file

    async def ticket(self, external_id: str) -> PulledTicket | None:  # noqa: ARG002  # what is known stands in the tables
        return None

    async def context(self, external_id: str) -> Context | None:  # noqa: ARG002  # files hold no conversations
        return None

    async def note(self, external_id: str, text: str) -> None:  # noqa: ARG002  # nowhere to write it
        raise DeskRefusedError(TAKES_NO_NOTES)

    async def has_note(self, external_id: str, marker: str) -> bool:  # noqa: ARG002  # likewise
        return False

    def is_genuine(self, push: Push, *, now: datetime) -> bool:  # noqa: ARG002  # nobody calls for a folder
        return False

    def url_of(self, external_id: str) -> str | None:  # noqa: ARG002  # files name their links themselves
        return None
