"""Random kills for as long as asked (`make torture SECONDS=600`), with what came of them. Not a test: it has no end of
its own. Each round is told by its seed, and the same seed begins the same round again.

With `OBLIGATIONS=10000`, instead, a Monday on which that many things are owed at once (tests.bot.busy_monday), lived by
one process on SQLite, then by 1, 2 and 4 on PostgreSQL (`REPLICAS=4`: those alone).

It needs PostgreSQL (BACKSTOP_TEST_POSTGRES) for replicas; one bot is killed on SQLite and on PostgreSQL in turn.
"""

import argparse
import asyncio
import itertools
import math
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import typer

from storage import migrating
from tests.bot import obligations
from tests.bot.bad_day import BadDay, random_deaths
from tests.bot.busy_monday import OBLIGATIONS, OUTAGES
from tests.bot.replicas import assemble
from tests.bot.scripted_day import begin_day
from tests.bot.shown import Verdict
from tests.databases import postgres, sqlite_in
from tests.office import StillClock

TUESDAY_TEN_IN_DUBLIN = datetime(2026, 6, 2, 9, tzinfo=UTC)
DEATHS = 50
CASES = 8
ROUNDS = 27
ENDS_WITHIN_S = 4 * 3600

Ending = tuple[Verdict, Counter[str]]
Work = Callable[[str, int], Awaitable[Ending]]


async def one_bot(url: str, seed: int) -> Ending:
    """One escalation's life, under a bot that dies again and again while Slack has a bad day."""
    chance = random.Random(seed)
    day = await begin_day(StillClock(TUESDAY_TEN_IN_DUBLIN), url, random_deaths(chance, DEATHS))
    day.sim.faults.choose = BadDay(chance)
    try:
        await day.is_lived()
        return await day.verdict(), Counter(died=len(day.deaths))
    finally:
        await day.ends()


async def replicas(url: str, seed: int) -> Ending:
    """Two to five that die, freeze and lose their database."""
    chance = random.Random(seed)
    many = chance.randint(2, 5)
    fleet = await assemble(TUESDAY_TEN_IN_DUBLIN, url, replicas=many, cases=CASES, chance=chance)
    try:
        await fleet.lives(ROUNDS)
        return await fleet.verdict(), fleet.happened
    finally:
        await fleet.ends()


def on_sqlite(work: Work, seed: int) -> Ending:
    with tempfile.TemporaryDirectory() as folder:
        return _lived(work, sqlite_in(Path(folder)), seed)


def on_postgres(work: Work, seed: int) -> Ending:
    with postgres() as url:
        return _lived(work, url, seed)


def _lived(work: Work, url: str, seed: int) -> Ending:
    async def within_time() -> Ending:
        async with asyncio.timeout(ENDS_WITHIN_S):
            return await work(url, seed)

    migrating.upgrade(url)
    try:
        return asyncio.run(within_time())
    except (AssertionError, TimeoutError) as never:
        return Verdict(wrong=[f"it does not come to an end: {never!r}"]), Counter()


async def busy_monday(url: str, seed: int, *, replicas: int, many: int) -> Ending:
    """So many obligations, by processes that die, and twice for ten minutes without their database."""
    desks = math.ceil(many / OBLIGATIONS)
    chance = random.Random(seed)
    fleet = await obligations.assemble(url, replicas=replicas, desks=desks, life=(300, 3000), chance=chance)
    began = time.monotonic()
    try:
        await fleet.meets_monday(OUTAGES if url.startswith("postgresql") else {})
        verdict, met = await fleet.verdict(), await fleet.met()
    finally:
        await fleet.ends()
    slowest = max(fleet.resumed, default=timedelta())
    if slowest > obligations.RESUMED_WITHIN:
        verdict.wrong.append(f"what was in flight at a death came after {slowest}")
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(met.items()))
    typer.echo(f"{sum(met.values())} met in {time.monotonic() - began:.0f} s ({told})")
    typer.echo(f"  {len(fleet.resumed)} were in flight at a death, and came within {slowest} of it")
    return verdict, fleet.happened


ROUND = (
    ("replicas", on_postgres, replicas),
    ("one bot, SQLite", on_sqlite, one_bot),
    ("replicas", on_postgres, replicas),
    ("one bot, PostgreSQL", on_postgres, one_bot),
)


BUSY = (
    ("SQLite, 1 process", on_sqlite, 1),
    *((f"PostgreSQL, {many} replicas", on_postgres, many) for many in (1, 2, 4)),
)


def rounds_of(given: argparse.Namespace) -> Iterator[tuple[str, Callable[..., Ending], Work]]:
    """What is lived: without an end, or each busy Monday once."""
    if not given.obligations:
        yield from itertools.cycle(ROUND)
    for what, on, replicas in BUSY:
        if given.replicas in (None, replicas) and not (given.replicas and on is on_sqlite):
            yield what, on, partial(busy_monday, replicas=replicas, many=given.obligations)


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=300, help="no round begins after so many")
    asked.add_argument("--seed", type=int, default=None, help="of the first round (default: any)")
    asked.add_argument("--obligations", type=int, default=0, help="a Monday on which so many things are owed, instead")
    asked.add_argument("--replicas", type=int, default=None, help="of that Monday: only so many, on PostgreSQL")
    given = asked.parse_args()
    began = time.monotonic()
    first = random.randrange(1_000_000) if given.seed is None else given.seed
    total: Counter[str] = Counter()
    for seed, (what, on, work) in zip(itertools.count(first), rounds_of(given), strict=False):
        if not given.obligations and total["rounds"] and time.monotonic() - began > given.seconds:
            break
        started = time.monotonic()
        verdict, happened = on(work, seed)
        total.update(happened)
        total.update(rounds=1, lost=len(verdict.lost), doubled=len(verdict.doubled), wrong=len(verdict.wrong))
        told = ", ".join(f"{count} {kind}" for kind, count in sorted(happened.items()))
        typer.echo(f"seed {seed} ({what}): {told}; {time.monotonic() - started:.0f} s")
        if verdict != Verdict():
            typer.echo(f"  {verdict}")
    told = ", ".join(f"{total[kind]} {kind}" for kind in ("rounds", "died", "frozen", "cut off", "away"))
    typer.echo(f"{told}: {total['lost']} lost, {total['doubled']} doubled, {total['wrong']} otherwise wrong")
    return 1 if total["lost"] + total["doubled"] + total["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
