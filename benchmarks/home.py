"""What a year of data costs a manager who opens Home.

The page of somebody who manages a team of 50, from the first query to the finished view: with a year of escalations and
goals behind it, and with a week of them. The same is open in both. `growth_ratio` compares the two; `p50_ratio` holds
the page with the year against its floor: one bare query of each table that it reads, in the same store.
"""

import asyncio
import re
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select, text

from benchmarks import crowd, databases
from benchmarks.company import on_duty_at
from benchmarks.figures import Figures, Target, ratio, run, spread
from bot.app import furnish
from handlers.home.drawing import parts_of
from handlers.home.views.home import home
from handlers.house import Section
from storage.goals import Better, Ending, Goal, Kind, Period, State, Unit, Whose
from storage.memberships import Membership
from storage.people import Person, keep
from storage.store import Store, open_store
from storage.teams import Team

CLAIM = "Home costs the same with a year of data, and not much more than looking into each table once"
TARGETS = {"growth_ratio": Target(1.5), "p50_ratio": Target(3)}
NOW = datetime(2026, 6, 17, 10, tzinfo=UTC)
MEMBERS, OPEN, A_DAY = 50, 12, 20
TABLE = re.compile(r"\b(?:FROM|JOIN) ([a-z_]+)")


def measure(*, quick: bool) -> Figures:
    week, year, turns = (2, 4, 3) if quick else (7, 365, 60)
    figures: Figures = {"growth_ratio": None, "p50_ratio": None}
    for name, database in (("sqlite", databases.sqlite), ("postgresql", databases.postgres)):
        with ExitStack() as opened:
            urls = [opened.enter_context(database()) for _ in range(2)]
            told = None if None in urls else run(_measure([str(url) for url in urls], (week, year), turns))
        figures[name] = told
    for key in TARGETS:
        figures[key] = max(figures[name][key] for name in ("sqlite", "postgresql") if figures[name] is not None)
    return figures


async def _measure(urls: list[str], days: tuple[int, int], turns: int) -> Figures:
    stores = [open_store(url) for url in urls]
    managers = [await _fill(store, span) for store, span in zip(stores, days, strict=True)]
    sections = furnish().sections
    for store, manager in zip(stores, managers, strict=True):
        async with store.read() as session:
            view = home(manager.name, await parts_of(session, sections, manager, NOW))
        assert "Waits for you" in str(view), "the page shows nothing"
    tables = await _tables(stores[1], sections, managers[1])
    looks = [_page(store, sections, manager) for store, manager in zip(stores, managers, strict=True)]
    looks.append(_bare(stores[1], tables))
    took_ms: list[list[float]] = [[] for _ in looks]
    for turn in range(turns + 3):
        for look, samples in zip(looks, took_ms, strict=True):
            began = time.perf_counter()
            await look()
            if turn >= 3:  # the first warm up
                samples.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(0)
    for store in stores:
        await store.close()
    small, large, floor = (statistics.median(samples) for samples in took_ms)
    names = ("week_ms", "year_ms", "floor_ms")
    shown = {name: spread(samples) for name, samples in zip(names, took_ms, strict=True)}
    return {"growth_ratio": ratio(large, small), "p50_ratio": ratio(large, floor), "tables": len(tables), **shown}


def _page(store: Store, sections: list[Section], manager: Person) -> Callable[[], Awaitable[None]]:
    async def look() -> None:
        async with store.read() as session:
            home(manager.name, await parts_of(session, sections, manager, NOW))

    return look


def _bare(store: Store, tables: list[str]) -> Callable[[], Awaitable[None]]:
    queries = [text(f"SELECT * FROM {table} LIMIT 20") for table in tables]  # the tables' own names

    async def look() -> None:
        async with store.read() as session:
            for query in queries:
                (await session.execute(query)).all()

    return look


async def _tables(store: Store, sections: list[Section], manager: Person) -> list[str]:
    """The tables that the page reads."""
    with databases.asked_of(store.read_engine) as asked:
        await _page(store, sections, manager)()
    seen = {table for statement, _ in asked for table in TABLE.findall(statement)}
    return sorted(seen - {"anon_1"})


async def _fill(store: Store, days: int) -> Person:
    """The manager."""
    template = await crowd.raise_template(store, NOW - timedelta(hours=3))
    team = template.team
    async with store.write() as session:
        for number in range(MEMBERS - 2):
            told = {"id": f"U9{number:03}", "name": f"Agent {number}", "tz": "UTC"}
            person = await keep(session, team.workspace_id, told, now=NOW)
            session.add(Membership(team_id=team.id, person_id=person.id, since=NOW))
        session.add_all(_goal(team, number, days) for number in range(days))
    span = timedelta(days=days)
    await crowd.copy_resolved(store, template, days * A_DAY, newest=NOW - timedelta(days=1), span=span)
    await crowd.copy_open(store, template, OPEN, newest=NOW - timedelta(hours=1), overdue=OPEN // 2)
    if store.dialect == "postgresql":
        async with store.write_engine.connect() as connection:
            by_itself = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await by_itself.execute(text("VACUUM ANALYZE"))  # autovacuum would, within minutes
    async with store.read() as session:
        return (await session.execute(select(Person).where(Person.name == on_duty_at(0)))).scalar_one()


def _goal(team: Team, number: int, days: int) -> Goal:
    """The first four run; the others ended, one a day."""
    runs = number < 4
    return Goal(
        workspace_id=team.workspace_id,
        number=number + 1,
        form_key=f"goal-{number}",
        whose=Whose.TEAM,
        whose_id=team.id,
        team_id=team.id,
        metric=f"hand:{number}",
        title=f"Goal {number}",
        unit=Unit.COUNT,
        better=Better.UP,
        kind=Kind.REACH,
        target=40,
        period=Period.MONTH,
        first_day=date(2026, 6, 1),
        last_day=date(2026, 6, 30),
        zone="UTC",
        weekdays=[0, 1, 2, 3, 4],
        state=State.OPEN if runs else State.CLOSED,
        ending=None if runs else Ending.MET,
        closed_at=None if runs else NOW - timedelta(days=days - number),
        created_at=NOW - timedelta(days=days),
        changed_at=NOW,
        level=10,
        told="",
    )
