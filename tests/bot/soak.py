"""Mixed traffic for as long as asked (`make soak SECONDS=1800 RATE=50`): does the bot stay as small and as fast as it
was? Not a test: it needs a quiet machine and half an hour.

The bot is a process of its own, on SQLite, over Socket Mode; the simulator and the people are in this one. The bot's
memory and its open descriptors are read from /proc (Linux). Latencies are until Slack has the acknowledgement. It is
compared what the first tenth of the time showed, once it was warm, and the last. Descriptors are compared while nobody
does anything: at work, connections to Slack are taken in turn, so that as many stay open as were ever used at once (at
most 100), and are closed after 15 s without use.
"""

import argparse
import asyncio
import contextlib
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import typer

from benchmarks.bots import bot
from benchmarks.company import agent_of, channel_of, found_company, found_teams, on_duty_at
from benchmarks.figures import percentile
from bot.manifest import read_manifest
from simulator.acting import Actor
from simulator.changes import NeverHappened
from simulator.errors import FormErrors, Impossible, NotAcknowledged
from simulator.server import Simulator
from storage import migrating
from storage.store import open_store
from tests.databases import sqlite_in
from tests.office import settings_for

DESKS = 40
WARM_AFTER = 0.1
"""Of the whole time: what is imported and compiled on first use is there by then."""
LOOKS_EVERY_S = 1.0
IDLE_S = 20.0
"""Longer than an idle connection to Slack is kept."""
AT_ONCE = 200
"""Events in flight; whoever would be one more waits, and is late."""
GROWS_AT_MOST_MIB = 32.0
GROWS_AT_MOST_DESCRIPTORS = 8
FAILS_AT_MOST = 0.001
KEPT_CALLS = 20_000
"""Of what the simulator remembers: its own growth isn't what is measured, but shares the machine."""


@dataclass
class Seen:
    """What was noted, and when (seconds since the beginning)."""

    latencies: list[tuple[float, str, float]] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    descriptors: list[tuple[float, Counter[str]]] = field(default_factory=list)
    """By kind."""
    idle: list[Counter[str]] = field(default_factory=list)
    """The same while nobody did anything: once it was warm, and at the end."""
    failures: Counter[str] = field(default_factory=Counter)


class Traffic:
    def __init__(self, sim: Simulator, chance: random.Random) -> None:
        self.sim = sim
        self._chance = chance
        self._does: list[tuple[int, str, Callable[[Actor, int], Awaitable[object]]]] = [
            (30, "says something", self._says),
            (20, "opens the form", lambda who, at: who.types("/escalate Login loops", channel=f"#{channel_of(at)}")),
            (12, "opens Home", self._looks_at_home),
            (12, "lists", lambda who, at: who.types("/escalate list", channel=f"#{channel_of(at)}")),
            (10, "asks for help", lambda who, at: who.types("/backstop help", channel=f"#{channel_of(at)}")),
            (8, "looks at goals", lambda who, at: who.types("/goal list", channel=f"#{channel_of(at)}")),
            (6, "looks at the queue", lambda who, at: who.types("/queue", channel=f"#{channel_of(at)}")),
            (2, "raises", self._raises),
        ]

    async def one(self) -> str:
        """Somebody does something; its name. Raises what the simulator says if the bot doesn't answer well."""
        at = self._chance.randrange(DESKS)
        [(_, what, does)] = self._chance.choices(self._does, [weight for weight, _, _ in self._does])
        await does(self.sim.acts_as(self._chance.choice((agent_of, on_duty_at))(at)), at)
        return what

    async def _says(self, who: Actor, at: int) -> None:
        await who.types("a word in the channel", channel=f"#{channel_of(at)}")
        await self.sim.events.settle()

    async def _looks_at_home(self, who: Actor, _at: int) -> None:
        await who.open_home_tab()
        await self.sim.events.settle()

    async def _raises(self, who: Actor, at: int) -> None:
        words = " ".join(f"{self._chance.getrandbits(32):08x}" for _ in range(5))  # like no other: none is offered
        self.sim.workspace.modals.pop(who.id, None)  # what still stands there from before
        await who.types(f"/escalate {words}", channel=f"#{channel_of(at)}")
        form = await who.modal(within=10)
        form.fill("severity", "S3").fill("need", "decision")
        await form.submit()


async def soak(seconds: float, rate: float, seed: int) -> Seen:
    seen = Seen()
    with tempfile.TemporaryDirectory() as folder:
        url = sqlite_in(Path(folder))
        await asyncio.to_thread(migrating.upgrade, url)
        workspace = found_company(DESKS, lambda: datetime.now(UTC))
        sim = Simulator(workspace, now=workspace.now, manifest=read_manifest(), patience_s=10)
        await sim.start()
        store = open_store(url)
        async with store.write() as session:
            await found_teams(session, workspace, datetime.now(UTC))
        await store.close()
        try:
            async with bot("backstop", settings_for(sim, url)) as process:
                traffic = Traffic(sim, random.Random(seed))
                await _drive(traffic, seen, process, 0, seconds * WARM_AFTER, rate)
                seen.idle.append(await _idle(process))
                await _drive(traffic, seen, process, seconds * WARM_AFTER, seconds, rate)
                seen.idle.append(await _idle(process))
        finally:
            await sim.stop()
        seen.failures.update(f"surprise: {one}"[:120] for one in sim.surprises)
    return seen


async def _idle(process: int) -> Counter[str]:
    """What is open once nobody has done anything for a while."""
    await asyncio.sleep(IDLE_S)
    return _open_descriptors(process)


async def _drive(traffic: Traffic, seen: Seen, process: int, since: float, until: float, rate: float) -> None:
    """The traffic from one second of the whole time to another."""
    began, room, at_work = time.monotonic() - since, asyncio.Semaphore(AT_ONCE), set[asyncio.Task[None]]()

    async def act() -> None:
        started = time.monotonic()
        try:
            what = await traffic.one()
            seen.latencies.append((started - began, what, time.monotonic() - started))
        except (FormErrors, Impossible, NotAcknowledged, NeverHappened) as failed:
            seen.failures[f"{type(failed).__name__}: {failed}"[:120]] += 1
        finally:
            room.release()

    looked = 0.0
    for number in range(int(since * rate), int(until * rate)):
        await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
        if time.monotonic() - began > until * 1.5:
            seen.failures["the machine is too slow for this rate"] += 1
            break
        await room.acquire()
        task = asyncio.create_task(act())
        at_work.add(task)
        task.add_done_callback(at_work.discard)
        if time.monotonic() - looked >= LOOKS_EVERY_S:
            looked = time.monotonic()
            seen.memory.append((looked - began, _resident_mib(process)))
            seen.descriptors.append((looked - began, _open_descriptors(process)))
            del traffic.sim.calls[:-KEPT_CALLS]
    await asyncio.gather(*at_work)


def _open_descriptors(process: int) -> Counter[str]:
    found: Counter[str] = Counter()
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # it was closed just now
            found[_kind(str(descriptor.readlink()))] += 1
    return found


def _kind(target: str) -> str:
    if target.startswith("socket:"):
        return "connections"
    return "of the database" if "sqlite" in target else "others"


def _resident_mib(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def report(seen: Seen, seconds: float) -> list[str]:
    """Prints the figures; what is wrong with them."""
    warm, last = seconds * WARM_AFTER, seconds * (1 - WARM_AFTER)
    early = [took for at, _, took in seen.latencies if warm <= at < 2 * warm]
    late = [took for at, _, took in seen.latencies if at >= last]
    for name, took in (("start", early), ("end", late)):
        told = sorted(one * 1000 for one in took) or [float("nan")]
        median, tail = percentile(told, 50), percentile(told, 99)
        typer.echo(f"{name}: {len(took)} events, p50 {median:.0f} ms, p99 {tail:.0f} ms, slowest {told[-1]:.0f} ms")
    memory = [value for at, value in seen.memory if at >= warm]
    typer.echo(f"memory, MiB: {memory[0]:.0f} when warm, {memory[-1]:.0f} at the end, {max(memory):.0f} at most")
    by_tenths = [
        max((value for at, value in seen.memory if n * warm <= at < (n + 1) * warm), default=float("nan"))
        for n in range(10)
    ]
    typer.echo(f"  at most in each tenth of the time: {', '.join(f'{value:.0f}' for value in by_tenths)}")
    before, after = seen.idle
    told_of = ", ".join(f"{kind} {before[kind]} and {after[kind]}" for kind in sorted(before | after))
    most = max((found for _, found in seen.descriptors), key=Counter.total)
    typer.echo(f"descriptors while idle, when warm and at the end: {told_of}; at most {dict(most)} at work")
    failed = sum(seen.failures.values())
    typer.echo(f"{len(seen.latencies)} answered, {failed} failed")
    for what, count in seen.failures.most_common(10):
        typer.echo(f"  {count} x {what}")
    wrong = []
    if memory[-1] - memory[0] > GROWS_AT_MOST_MIB:
        wrong.append("memory grew")
    if after.total() - before.total() > GROWS_AT_MOST_DESCRIPTORS:
        wrong.append("descriptors grew")
    if failed > FAILS_AT_MOST * len(seen.latencies):
        wrong.append("too much failed")
    return wrong


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=1800)
    asked.add_argument("--rate", type=float, default=50, help="events a second")
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    seen = asyncio.run(soak(given.seconds, given.rate, given.seed))
    wrong = report(seen, given.seconds)
    typer.echo("; ".join(wrong) or "flat")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
