"""One CSV file into the tables: page by page, what can't be read into a file of rejects with each row's reason."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from stat import S_IMODE

from sqlalchemy.ext.asyncio import AsyncSession

from bot.helpdesks.counting import count_marked_days
from bot.helpdesks.csv_files.rows import Reading
from bot.helpdesks.csv_files.tables import Table
from bot.helpdesks.csv_files.values import UnreadableValueError
from storage import sources, ticket_pages
from storage.pulled import PulledRating, PulledTicket, agents_named
from storage.sources import Source
from storage.store import Store

PAGE = 500
"""Rows to a transaction."""
REASON = "why it was rejected"


@dataclass
class Rejects:
    """The rows that couldn't be read, in a file beside the table, in its own columns; made with the first of them."""

    table: Table
    path: Path
    count: int = 0
    first_reasons: list[str] = field(default_factory=list)
    _rows: list[list[str]] = field(default_factory=list)

    def add(self, line: int, cells: list[str], reason: str) -> None:
        if self.count == 0:
            self.path.unlink(missing_ok=True)
            self._rows.append(["line", REASON, *self.table.header])
        self.count += 1
        if len(self.first_reasons) < 3:
            self.first_reasons.append(f"line {line}: {reason}")
        self._rows.append([str(line), reason, *cells])

    def write(self) -> None:
        """Appends what was added since. Raises OSError."""
        if self._rows:
            begins = not self.path.exists()
            if begins:  # for whoever may read the table, and nobody else
                self.path.touch(mode=S_IMODE(self.table.path.stat().st_mode))
            with self.path.open("a", encoding="utf-8-sig" if begins else "utf-8", newline="") as file:
                csv.writer(file).writerows(self._rows)
            self._rows.clear()


@dataclass
class Imported:
    """What became of a file."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    as_before: int = 0
    """Rows that tell nothing new: repeated, or imported before."""
    ratings: int = 0
    latest: datetime | None = None
    """The latest change that the file tells of."""


@dataclass(frozen=True)
class ReadPage:
    tickets: list[PulledTicket]
    ratings: list[PulledRating]
    rows: int
    """How many of the file's rows it took, the rejected ones included."""


def pages(table: Table, reading: Reading, rejects: Rejects, *, skip: int = 0) -> Iterator[ReadPage]:
    """The table's rows, some at a time, without the first `skip`. Raises UnreadableFileError, and OSError when the
    rejects can't be written."""
    following = islice(table.rows(), skip, None)
    while rows := list(islice(following, PAGE)):
        page = ReadPage([], [], len(rows))
        for line, cells in rows:
            try:
                ticket, ratings = reading.read(cells)
            except UnreadableValueError as error:
                rejects.add(line, cells, str(error))
            else:
                page.tickets.append(ticket)
                page.ratings.extend(ratings)
        rejects.write()
        yield page


async def import_table(
    store: Store,
    source: Source,
    table: Table,
    reading: Reading,
    rejects: Rejects,
    *,
    on_rows: Callable[[int], None] = lambda _rows: None,
) -> Imported:
    """Writes the table's tickets into the source; the same file again changes nothing. `on_rows` hears how many rows
    were dealt with. Raises UnreadableFileError, OSError and DatabaseAwayError; what was written before stays."""
    imported = Imported()
    for page in pages(table, reading, rejects):

        async def keep(session: AsyncSession, page: ReadPage = page) -> ticket_pages.Kept:
            await sources.meet_agents(session, source, agents_named(page.tickets))
            return await ticket_pages.keep(session, source, page.tickets, page.ratings)

        kept = await store.transact(keep)
        imported.rows += page.rows
        imported.new += kept.new
        imported.changed += kept.changed
        imported.as_before += kept.as_before + kept.repeated
        imported.ratings += len({rating.external_id for rating in page.ratings})
        told = [ticket.updated_at for ticket in page.tickets]
        imported.latest = max([*told, imported.latest] if imported.latest else told, default=None)
        on_rows(page.rows)
    await count_marked_days(store, source.workspace_id)

    async def finish(session: AsyncSession) -> None:
        fresh = await sources.locked(session, source.id)
        if fresh is not None:
            sources.recover(fresh, as_of=reading.now)

    await store.transact(finish)
    return imported
