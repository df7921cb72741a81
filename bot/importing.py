"""`backstop import`: says how it reads a file before it does, shows how far it is, and what became of each row."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table as Shown
from rich.text import Text
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import garbage
from bot.helpdesks.csv_files.columns import BadMappingError, mapping
from bot.helpdesks.csv_files.importing import Imported, Rejects, import_table
from bot.helpdesks.csv_files.rows import Reading, reading_of
from bot.helpdesks.csv_files.tables import Table, UnreadableFileError, open_table
from bot.helpdesks.csv_files.values import Order, folded
from storage import sources
from storage.pulled import Status
from storage.sources import EVERYTHING_ELSE, Source
from storage.store import DatabaseAwayError, open_store
from storage.teams import Team, TeamState

KEPT_SINCE = timedelta(days=400)
"""Tickets are kept for 13 months."""
DELIMITER_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
ENCODING_NAMES = {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252"}
LOOKED_AT = 200
"""Rows among which an example of each column is looked for."""
NO_TEAM = "There is no team yet: create one with /backstop team create, then import."


class CannotImportError(Exception):
    """Nothing, or not everything, was imported; the message says why and what to do."""


@dataclass(frozen=True)
class Wish:
    """What was typed after `backstop import`."""

    file: Path
    team: str | None = None
    maps: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    zone: str = "UTC"
    dates: Order | None = None
    source: str | None = None
    dry_run: bool = False


def run(wish: Wish, url: str, *, now: datetime, console: Console) -> None:
    """Imports the file. Raises CannotImportError."""
    garbage.looked_for_seldom()
    try:
        zone = ZoneInfo(wish.zone)
    except (KeyError, ValueError, OSError):
        raise CannotImportError(f"--zone {wish.zone}: say a zone as Europe/Dublin or UTC") from None
    try:
        table = open_table(wish.file)
        columns = mapping(table.header, wish.maps)
        reading = reading_of(table, columns, zone=zone, now=now, order=wish.dates, statuses=_statuses(wish.statuses))
        _show(console, table, columns, reading, wish)
        if wish.dry_run:
            return
        asyncio.run(_import(wish, url, table, reading, console))
    except (UnreadableFileError, BadMappingError) as error:
        raise CannotImportError(str(error)) from error
    except OSError as error:
        raise CannotImportError(f"The rejected rows can’t be written beside the file: {error.strerror}") from error


async def _import(wish: Wish, url: str, table: Table, reading: Reading, console: Console) -> None:
    store = open_store(url)
    try:
        source, team = await store.transact(lambda session: _source(session, wish, now=reading.now))
        total = await asyncio.to_thread(lambda: sum(1 for _ in table.rows()))
        rejects = Rejects(table, wish.file.with_name(f"{wish.file.stem}.rejects.csv"))
        with _progress(console) as progress:
            task = progress.add_task(wish.file.name, total=total)
            imported = await import_table(
                store, source, table, reading, rejects, on_rows=lambda rows: progress.advance(task, rows)
            )
    except DatabaseAwayError as error:
        raise CannotImportError(f"{error}. What was imported so far stays; run the same command again.") from error
    finally:
        await store.close()
    _tell(console, imported, rejects, team)


async def _source(session: AsyncSession, wish: Wish, *, now: datetime) -> tuple[Source, Team | None]:
    """Where the tickets belong: a named team's, the only team's, or by the file's groups. Raises CannotImportError."""
    active = (await session.execute(select(Team).where(Team.state == TeamState.ACTIVE).order_by(Team.name))).scalars()
    known = list(active.all())
    if not known:
        raise CannotImportError(NO_TEAM)
    team = _team(known, wish.team)
    if team is None and len(known) == 1:
        team = known[0]
    name = wish.source or (f"CSV files of {team.name}" if team else "CSV files")
    source = await sources.connect(
        session,
        workspace_id=known[0].workspace_id,
        kind="csv",
        name=name[:120],
        since=now - KEPT_SINCE,
        by_id=None,
        now=now,
    )
    links = await sources.links(session, source.id)
    if team is not None:
        standing = {link.group_name for link in links if link.team_id == team.id}
        await sources.link(session, source.id, team.id, [*standing, EVERYTHING_ELSE])
    elif not links:
        for each in known:
            await sources.link(session, source.id, each.id, [each.name])
    return source, team


def _team(known: list[Team], said: str | None) -> Team | None:
    if said is None:
        return None
    for team in known:
        if team.name.casefold() == said.removeprefix("#").casefold():
            return team
    raise CannotImportError(f"--team {said}: there are {', '.join(team.name for team in known)}")


def _statuses(said: tuple[str, ...]) -> dict[str, Status]:
    chosen = {}
    for line in said:
        theirs, _, ours = (part.strip() for part in line.rpartition("="))
        if not theirs or ours.lower() not in set(Status):
            raise CannotImportError(f"--status {line}: say WORD=STATUS, with one of {', '.join(Status)}")
        chosen[folded(theirs)] = Status(ours.lower())
    return chosen


def _show(console: Console, table: Table, columns: dict[str, str], reading: Reading, wish: Wish) -> None:
    shown = Shown(title=f"How I read {wish.file.name}", title_justify="left")
    for head in ("tells", "column", "for example"):
        shown.add_column(head)
    looked_at = [cells for _line, cells in islice(table.rows(), LOOKED_AT)]
    for name, column in columns.items():
        place = reading.columns[name]
        example = next((cells[place] for cells in looked_at if place < len(cells) and cells[place].strip()), "")
        # Text, because what stands in files may look like rich's markup
        shown.add_row(name, Text(column), Text(example[:40]))
    console.print(shown)
    unused = [name for name in table.header if name not in columns.values()]
    if unused:
        console.print(Text(f"Left out: {', '.join(unused)}. Use one with --map FIELD=COLUMN."))
    if reading.order_is_open:
        console.print(
            f"03/04 is read as {'3 April' if reading.order is Order.DAY_FIRST else 'March 4'}, and no date in "
            "it shows which: --dates mdy or --dates dmy says it."
        )
    delimiter = DELIMITER_NAMES.get(table.delimiter, table.delimiter)
    written = ENCODING_NAMES.get(table.encoding, table.encoding.upper())
    console.print(
        f"Times that don’t say their zone are {wish.zone}’s. Written as {written}, columns divided by {delimiter}.",
        highlight=False,
    )


def _progress(console: Console) -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TextColumn("rows"), TimeRemainingColumn(), console=console)


def _tell(console: Console, imported: Imported, rejects: Rejects, team: Team | None) -> None:
    read = imported.rows - rejects.count
    whose = f" for {team.name}" if team else ", each in the team that its group is named like"
    console.print(
        f"{read:,} of {_many(imported.rows, 'row')} read{whose}: {_many(imported.new, 'new ticket')}, "
        f"{imported.changed:,} changed, {imported.as_before:,} as before; {_many(imported.ratings, 'rating')}.",
        highlight=False,
    )
    if imported.latest is not None:
        console.print(f"The latest change in it: {imported.latest:%Y-%m-%d %H:%M} UTC.", highlight=False)
    if rejects.count:
        console.print(
            f"{_many(rejects.count, 'row')} rejected; each stands with its reason in {rejects.path}.", highlight=False
        )
        for reason in rejects.first_reasons:
            console.print(Text(f"  {reason}"))


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
