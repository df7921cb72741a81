"""What a million old escalations cost whoever looks at today's.

`/escalate list` (open, mine, overdue, resolved, open with a word) and `/escalate stats month`, from the listener to the
finished blocks, in a store of 1,000 escalations and in one of 1,000,000: the same team and the same reporter have them
all, and in both as many are open, overdue, and raised this month; the rest is spread over two years before. So the
floor is the small store, asked in turn with the large one, and `growth_ratio` is the worst ratio of medians among all
lists on both databases.

`common_word` is reported beside it, without a target: a search for a word that every one of a million cases has.
"""

import asyncio
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from benchmarks import crowd, databases
from benchmarks.figures import Figures, Target, ratio, run, spread
from handlers.escalations.listeners import asking
from handlers.house import Block, Me
from storage.store import Store, open_store

CLAIM = "lists and figures cost the same with a thousand escalations and with a million"
TARGETS = {"growth_ratio": Target(1.5)}
NOW = datetime(2026, 6, 20, 12, tzinfo=UTC)
TWO_YEARS = timedelta(days=730)
OPEN, OVERDUE, THIS_MONTH = 100, 30, 200
LISTS: dict[str, tuple[str, str]] = {
    "open": ("open", ""),
    "mine": ("mine", ""),
    "overdue": ("overdue", ""),
    "resolved": ("resolved", ""),
    "rare_word": ("open", "word{}"),
}
COMMON_WORD = ("open", "checkout")


def measure(*, quick: bool) -> Figures:
    small, large, turns = (400, 800, 3) if quick else (1_000, 1_000_000, 40)
    figures: Figures = {"growth_ratio": None, "small": small, "large": large}
    for name, database in (("sqlite", databases.sqlite), ("postgresql", databases.postgres)):
        with ExitStack() as opened:
            urls = [opened.enter_context(database()) for _ in range(2)]
            sizes = (small, large)
            told = None if None in urls else run(_measure([str(url) for url in urls], sizes, turns))
        figures[name] = told
    ratios = [figures[name]["growth_ratio"] for name in ("sqlite", "postgresql") if figures[name] is not None]
    return figures | {"growth_ratio": max(ratios)}


async def _measure(urls: list[str], sizes: tuple[int, int], turns: int) -> Figures:
    stores = [open_store(url) for url in urls]
    askers = [await _fill(store, size) for store, size in zip(stores, sizes, strict=True)]
    figures: Figures = {}
    for name, (which, words) in LISTS.items():
        figures[name] = await _race(
            [_list(store, me, which, words.format(newest)) for store, (me, newest) in zip(stores, askers, strict=True)],
            turns,
        )
    figures["stats"] = await _race([_stats(store, me) for store, (me, _) in zip(stores, askers, strict=True)], turns)
    growth = max(float(one["ratio"]) for one in figures.values())
    figures["common_word"] = await _race(
        [_list(store, me, *COMMON_WORD) for store, (me, _) in zip(stores, askers, strict=True)], max(1, turns // 8)
    )
    for store in stores:
        await store.close()
    return {"growth_ratio": growth} | figures


async def _fill(store: Store, size: int) -> tuple[Me, int]:
    """(who asks, the newest number)."""
    template = await crowd.raise_template(store, NOW - timedelta(hours=3))
    month_began = datetime(NOW.year, NOW.month, 1, tzinfo=UTC)
    older = size - THIS_MONTH - OPEN
    await crowd.copy_resolved(store, template, older, newest=month_began - timedelta(hours=2), span=TWO_YEARS)
    await crowd.copy_resolved(store, template, THIS_MONTH, newest=NOW - timedelta(days=1), span=timedelta(days=14))
    await crowd.copy_open(store, template, OPEN, newest=NOW - timedelta(hours=1), overdue=OVERDUE)
    if store.dialect == "postgresql":
        async with store.write_engine.connect() as connection:
            by_itself = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await by_itself.execute(text("VACUUM ANALYZE"))  # autovacuum would, within minutes
    return Me(template.agent, is_admin=False), size + 1


async def _race(looks: list[Callable[[], Any]], turns: int) -> Figures:
    """Each in turn, so many times; the ratio of the last one's median to the first one's."""
    took_ms: list[list[float]] = [[] for _ in looks]
    for turn in range(turns + 2):
        for look, samples in zip(looks, took_ms, strict=True):
            began = time.perf_counter()
            await look()
            if turn >= 2:  # the first two warm up
                samples.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(0)
    small, large = took_ms
    medians = statistics.median(large), statistics.median(small)
    return {"ratio": ratio(*medians), "small_ms": spread(small), "large_ms": spread(large)}


def _list(store: Store, me: Me, which: str, words: str) -> Callable[[], Any]:
    async def look() -> None:
        reply = _Reader()
        await asking.list_((which, words), reply=reply, store=store, me=me, now=NOW)
        assert len(reply.blocks) > 1, f"{which} {words} found nothing"

    return look


def _stats(store: Store, me: Me) -> Callable[[], Any]:
    async def look() -> None:
        reply = _Reader()
        await asking.stats("month", reply=reply, store=store, me=me, now=NOW)
        assert f"raised {THIS_MONTH + OPEN + 1}" in str(reply.blocks), "the figures are of other cases"

    return look


class _Reader:
    """Whoever asked: keeps what they were shown."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []

    async def __call__(self, text: str, *, blocks: list[Block] | None = None, replace: bool = False) -> None:
        del text, replace
        self.blocks = blocks or []
