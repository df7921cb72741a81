"""What importing costs beside inserting: rows a second, from a CSV file into our tables.

The file is a desk's export as the demo makes it (simulator.tickets). The floor inserts the very same rows, ready-made,
into an empty table of the same make with executemany, 500 to a transaction. Ours is `backstop import` without its
progress bar: each cell read and judged, each row compared with what is stored and written with its tags and ratings,
agents met, and in the end every day counted.

`ratio` is ours ÷ the floor's, the worse database's. `again_ratio` is the same file once more, which changes nothing.
"""  # noqa: N999  # it is called as the command is: python -m benchmarks import

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, insert, select

from benchmarks import databases
from benchmarks.figures import Figures, Target, figure, run
from bot.helpdesks.csv_files.columns import mapping
from bot.helpdesks.csv_files.importing import PAGE, Rejects, import_table
from bot.helpdesks.csv_files.rows import reading_of
from bot.helpdesks.csv_files.tables import open_table
from simulator import tickets as history
from storage import sources
from storage.sources import EVERYTHING_ELSE
from storage.store import Store, open_store
from storage.teams import Team, TeamState
from storage.tickets import Rating, Ticket, TicketTag

CLAIM = "a file is imported at least 0.4 times as fast as its rows could be inserted"
TARGETS = {"ratio": Target(0.4, at_least=True), "lost": Target(0)}
NOW = datetime(2026, 6, 2, 12, tzinfo=UTC)
AGENTS = [f"agent{number}@acme.example" for number in range(40)]
ZONE = ZoneInfo("Europe/Dublin")


def measure(*, quick: bool) -> Figures:
    days = 10 if quick else 200
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tickets.csv"
        made = history.make(start=(NOW - timedelta(days=days)).date(), until=NOW, zone=ZONE, agents=AGENTS)
        rows = history.write_export(made, file, NOW)
        with databases.sqlite() as url:
            of_each = {"sqlite": run(_measure(url, file, rows))}
        with databases.postgres() as other:
            if other is not None:
                of_each["postgresql"] = run(_measure(other, file, rows))
    return {
        "ratio": min(one["ratio"] for one in of_each.values()),
        "again_ratio": min(one["again_ratio"] for one in of_each.values()),
        "lost": sum(one["lost"] for one in of_each.values()),
        "rows": rows,
        **of_each,
    }


async def _measure(url: str, file: Path, rows: int) -> Figures:
    store = open_store(url)
    try:
        async with store.write() as session:
            team = Team(
                workspace_id="T0IMPORT",
                form_key="k",
                name="Care",
                channel="C1",
                escalation_channel="C1",
                zone=ZONE.key,
                days=[0, 1, 2, 3, 4],
                start=NOW.time(),
                end=NOW.time(),
                policy={},
                requested_at=NOW,
                state=TeamState.ACTIVE,
            )
            session.add(team)
            source = await sources.connect(
                session, workspace_id="T0IMPORT", kind="csv", name="CSV", since=NOW, by_id=None, now=NOW
            )
            await session.flush()
            await sources.link(session, source.id, team.id, [EVERYTHING_ELSE])
        first = await _import(store, source, file)
        async with store.read() as session:
            stored = (await session.execute(select(func.count()).select_from(Ticket))).scalar_one()
        again = await _import(store, source, file)
        floor = await _floor(store)
    finally:
        await store.close()
    return {
        "ratio": figure(floor / first),
        "again_ratio": figure(floor / again),
        "lost": rows - stored,
        "rows_a_second": figure(rows / first),
        "floor_rows_a_second": figure(rows / floor),
    }


async def _import(store: Store, source: sources.Source, file: Path) -> float:
    """Seconds."""
    began = time.perf_counter()
    table = open_table(file)
    reading = reading_of(table, mapping(table.header, ()), zone=ZoneInfo("UTC"), now=NOW)
    await import_table(store, source, table, reading, Rejects(table, file.with_suffix(".rejects.csv")))
    return time.perf_counter() - began


async def _floor(store: Store) -> float:
    """Seconds for the same rows, ready-made, into the table when it is empty again."""
    async with store.read() as session:
        made = [dict(row) for row in (await session.execute(select(Ticket.__table__))).mappings()]
    async with store.write() as session:
        for model in (Rating, TicketTag, Ticket):
            await session.execute(delete(model))
    began = time.perf_counter()
    for start in range(0, len(made), PAGE):
        async with store.write() as session:
            await session.execute(insert(Ticket), made[start : start + PAGE])
    return time.perf_counter() - began
