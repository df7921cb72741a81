"""What ten million old tickets cost tomorrow morning's digest.

The managers' copy of a digest of one day, from the first query to the finished blocks: every feature's section, the
queue as it stands, in and out beside the usual of eight weeks, medians, ratings, spikes. In each store the team has the
same last eight weeks (60 tickets a day) and the same backlog; the rest lies in the two years before. The floor is the
smallest store, asked in turn with the others, and `growth_ratio` is the worst ratio of medians on both databases.

BACKSTOP_BENCH_TICKETS names the sizes (default 10000,1000000; add 10000000 where there are some 15 GB for it).
"""

import os
import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import String, cast, func, insert, literal, select, text, true

from benchmarks import crowd, databases
from benchmarks.figures import Figures, Target, ratio, run, spread
from bot.app import furnish
from handlers.house import Report
from handlers.queue import composing
from storage import queue_figures, sources, ticket_pages
from storage.base import insertion
from storage.pulled import PulledRating, PulledTicket, RatingKind, Status
from storage.sources import EVERYTHING_ELSE, Source
from storage.store import Store, open_store
from storage.teams import Team
from storage.ticket_days import ALL, TicketDay
from storage.tickets import Ticket, TicketTag

CLAIM = "a digest costs the same with ten thousand tickets behind it and with a million"
TARGETS = {"growth_ratio": Target(1.5)}
NOW = datetime(2026, 6, 19, 8, tzinfo=UTC)
SIZES = "10000,1000000"
DAYS, A_DAY, BACKLOG = 56, 60, 80
OLDER = timedelta(days=730)
AT_ONCE = 500_000
"""Old tickets that are written in one transaction."""
TAGS = ("billing", "login", "refund", "export", "how-to", "shipping")


def measure(*, quick: bool) -> Figures:
    sizes = (
        [4000, 5000] if quick else [int(size) for size in os.environ.get("BACKSTOP_BENCH_TICKETS", SIZES).split(",")]
    )
    figures: Figures = {"growth_ratio": None, "sizes": sizes}
    for name, database in (("sqlite", databases.sqlite), ("postgresql", databases.postgres)):
        with ExitStack() as opened:
            urls = [opened.enter_context(database()) for _ in sizes]
            told = None if None in urls else run(_measure([str(url) for url in urls], sizes, 3 if quick else 25))
        figures[name] = told
    ratios = [figures[name]["growth_ratio"] for name in ("sqlite", "postgresql") if figures[name] is not None]
    return figures | {"growth_ratio": max(ratios)}


async def _measure(urls: Sequence[str], sizes: Sequence[int], turns: int) -> Figures:
    stores = [open_store(url) for url in urls]
    teams = [await _fill(store, size) for store, size in zip(stores, sizes, strict=True)]
    sections = furnish().report_sections
    took_ms: list[list[float]] = [[] for _ in stores]
    for turn in range(turns + 2):
        for store, team, samples in zip(stores, teams, took_ms, strict=True):
            report = Report(team, since=NOW - timedelta(days=1), until=NOW, channel=team.channel)
            began = time.perf_counter()
            async with store.read() as session:
                copy = await composing.compose(session, sections, report, copy=composing.MANAGERS)
            if turn >= 2:  # the first two warm up
                samples.append((time.perf_counter() - began) * 1000)
            assert "Queue now" in str(copy["blocks"]), "the digest tells nothing of the queue"
    for store in stores:
        await store.close()
    medians = [statistics.median(samples) for samples in took_ms]
    ratios = [ratio(median, medians[0]) for median in medians[1:]]
    shown = {f"with_{size}_ms": spread(samples) for size, samples in zip(sizes, took_ms, strict=True)}
    return {"growth_ratio": max(ratios), **shown}


async def _fill(store: Store, size: int) -> Team:
    template = await crowd.raise_template(store, NOW - timedelta(hours=3))
    team = template.team
    async with store.write() as session:
        source = await sources.connect(
            session, workspace_id=team.workspace_id, kind="zendesk", name="d", since=NOW - OLDER, by_id=None, now=NOW
        )
        source.last_good_at = source.filled_at = NOW
        await sources.link(session, source.id, team.id, [EVERYTHING_ELSE])
    recent = _recent()
    for start in range(0, len(recent), 500):
        async with store.write() as session:
            some = recent[start : start + 500]
            await ticket_pages.keep(session, source, some, [_rating(one) for one in some[::4] if one.solved_at])
    await _roll_up(store, team)
    await _add_older(store, source, size - len(recent))
    if store.dialect == "postgresql":
        async with store.write_engine.connect() as connection:
            by_itself = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await by_itself.execute(text("VACUUM ANALYZE"))  # autovacuum would, within minutes
    async with store.read() as session:
        assert await queue_figures.created(session, [team.id], NOW - timedelta(days=1), NOW)
        counted = (await session.execute(select(func.count()).select_from(Ticket))).scalar_one()
        assert counted == size, f"{counted} tickets"
    return team


def _recent() -> list[PulledTicket]:
    """Eight weeks, the same everywhere; the last BACKLOG of them still open."""
    pulled = []
    for number in range(DAYS * A_DAY):
        created = NOW - timedelta(minutes=1 + number * 24 * 60 / A_DAY)
        is_open = number < BACKLOG
        pulled.append(
            PulledTicket(
                external_id=str(number),
                created_at=created,
                updated_at=created + timedelta(hours=5),
                status=Status.OPEN if is_open else Status.SOLVED,
                subject="Something went wrong",
                customer_key=f"c{number % 400}",
                tags=(TAGS[number % len(TAGS)],),
                first_agent_reply_at=None if is_open else created + timedelta(minutes=20 + number % 60),
                solved_at=None if is_open else created + timedelta(hours=1 + number % 30),
                replies=1 + number % 3,
                reopened=0,
            )
        )
    return pulled


def _rating(ticket: PulledTicket) -> PulledRating:
    assert ticket.solved_at is not None
    return PulledRating(
        external_id=f"r{ticket.external_id}",
        ticket_external_id=ticket.external_id,
        kind=RatingKind.CSAT,
        value=1.0,
        at=ticket.solved_at,
    )


async def _roll_up(store: Store, team: Team) -> None:
    """The days as a recount would leave them; two years of them, for all and for each tag."""
    last: date = NOW.date()
    rows: list[dict[str, Any]] = []
    for back in range(OLDER.days):
        for tag in (ALL, *TAGS):
            many = A_DAY if tag == ALL else A_DAY // len(TAGS)
            rows.append(
                {
                    "team_id": team.id,
                    "local_date": last - timedelta(days=back),
                    "tag": tag,
                    "zone": team.zone,
                    "by_hour": [many // 24 + (hour < many % 24) for hour in range(24)],
                    "created": many,
                    "solved": many,
                }
            )
    async with store.write() as session:
        zeros = dict.fromkeys(("reopened", "reopened_known", "one_touch", "one_touch_known", "csat_good"), 0)
        zeros |= dict.fromkeys(("csat_bad", "nps_promoters", "nps_passives", "nps_detractors", "ces_count"), 0)
        await session.execute(insertion(session, TicketDay), [row | zeros | {"ces_sum": 0.0} for row in rows])


async def _add_older(store: Store, source: Source, many: int) -> None:
    """So many solved tickets more, with their tags, evenly over the years before the eight weeks. What is only there to
    be looked things up in is made afterwards, in one go: written row by row it would take an hour."""
    indexes = [index for model in (Ticket, TicketTag) for index in model.__table__.indexes]  # type: ignore[attr-defined]  # Tables
    async with store.write_engine.begin() as connection:
        for index in indexes:
            await connection.run_sync(index.drop)
    for start in range(0, many, AT_ONCE):
        await _copy_older(store, source, range(start, min(many, start + AT_ONCE)), apart=OLDER / many)
    for index in indexes:
        async with store.write_engine.begin() as connection:
            await connection.run_sync(index.create)


async def _copy_older(store: Store, source: Source, numbers: range, *, apart: timedelta) -> None:
    async with store.write() as session:
        recent = select(Ticket).where(Ticket.source_id == source.id, Ticket.external_id == str(DAYS * A_DAY - 1))
        last = (await session.execute(recent)).scalar_one()
        counting = select(literal(numbers.start + 1).label("turn")).cte("counting", recursive=True)
        counting = counting.union_all(select(counting.c.turn + 1).where(counting.c.turn < numbers.stop))
        created = crowd.before(session, last.created_at, counting.c.turn, apart)
        later = crowd.before(session, last.created_at + timedelta(hours=2), counting.c.turn, apart)
        external_id = "old-" + cast(counting.c.turn + 10**9, String)
        instead: dict[str, Any] = {"external_id": external_id, "created_at": created, "updated_at": later}
        instead |= {"first_agent_reply_at": later, "solved_at": later}
        columns = [column for column in Ticket.__table__.columns if column.name != "id"]
        taken: list[Any] = [instead.get(column.name, column) for column in columns]
        copies = select(*taken).select_from(Ticket).join(counting, true()).where(Ticket.id == last.id)
        above = (await session.execute(select(func.max(Ticket.id)))).scalar_one()
        await session.execute(insert(Ticket).from_select([column.name for column in columns], copies))
        old = select(Ticket.id, literal("old"), Ticket.team_id, Ticket.created_at).where(Ticket.id > above)
        await session.execute(insert(TicketTag).from_select(["ticket_id", "tag", "team_id", "created_at"], old))
