"""What pulling costs beside fetching: tickets a second, from the help desk's answers into our tables.

A simulated Freshdesk, in a process of its own, answers pages of a hundred tickets. The floor turns the same pages over
the same API and only parses their JSON. Ours is the pull as it runs in service: each page read into our words, compared
with what is stored, written with its tags, and committed with the cursor that follows it; agents met; then the days
that changed are counted. Both are done twice, one after the other, and the faster round counts.

`ratio` is ours ÷ the floor's, the worse database's, with a desk that takes 100 ms for a page, which is less than any
desk's answer takes: while it waits for one page, a pull writes the last one. `at_once_ratio` is the same with a desk
that answers at once. No desk does; it shows what is our own work, and has no target (docs/decisions.md).
"""

import argparse
import asyncio
import bisect
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web
from sqlalchemy import func, select

from benchmarks import databases
from benchmarks.figures import Figures, Target, figure, ratio, run
from bot.helpdesks.freshdesk import Freshdesk
from bot.helpdesks.pulling import Pulling
from bot.logs import keep_logs
from simulator.desks import freshdesk as vendor
from storage import sources
from storage.jobs import claim_job, want_again
from storage.sqlite_driver import unhurried
from storage.store import Store, open_store
from storage.tickets import Ticket

CLAIM = "a pull takes tickets in nearly as fast as the help desk gives them"
TARGETS = {
    "ratio": Target(0.7, at_least=True),
    "lost": Target(0),
}
NOW = datetime(2026, 6, 2, 12, tzinfo=UTC)
FIRST = NOW - timedelta(weeks=8)
WAIT_S = 0.1
PER_PAGE = 100
AGENTS = 40


class Busy(vendor.Freshdesk):
    """Many tickets, in the order in which they changed; each answer after `wait_s`."""

    def __init__(self, tickets: int, wait_s: float) -> None:
        super().__init__(NOW)
        self._wait_s = wait_s
        self.agents = [
            {"id": number, "contact": {"name": f"Agent {number}", "email": f"agent{number}@acme.example"}}
            for number in range(1, AGENTS + 1)
        ]
        self._rows = [
            self._told(self.add(number, FIRST + timedelta(seconds=2 * number), **_lived(number)), ("stats",))
            for number in range(1, tickets + 1)
        ]
        self._changed = [row["updated_at"] for row in self._rows]

    async def _tickets(self, request: web.Request) -> web.Response:
        await asyncio.sleep(self._wait_s)
        if "filter" in request.query:
            return web.json_response([])
        start = bisect.bisect_right(self._changed, request.query["updated_since"])
        start += (int(request.query["page"]) - 1) * PER_PAGE
        return web.json_response(self._rows[start : start + PER_PAGE])


def _lived(number: int) -> dict[str, Any]:
    """What distinguishes a ticket: half of them are solved, and each has two of fifty tags."""
    at = (FIRST + timedelta(seconds=2 * number)).strftime("%Y-%m-%dT%H:%M:%SZ")
    is_solved = number % 2 == 0
    return {
        "status": 4 if is_solved else 2,
        "responder_id": number % AGENTS + 1,
        "tags": [f"tag-{number % 50}", f"tag-{number % 7}"],
        "stats": {"first_responded_at": at, "resolved_at": at if is_solved else None, "reopened_at": None},
    }


def measure(*, quick: bool) -> Figures:
    keep_logs(level="INFO", as_json=False)  # as in service
    tickets, waited_for = (400, 200) if quick else (10_000, 3_000)
    at_once: Figures = {}
    waiting: Figures = {}
    for name, database in (("sqlite", databases.sqlite), ("postgresql", databases.postgres)):
        with database() as url, database() as second, database() as third:
            if url is not None and second is not None and third is not None:
                at_once[name] = run(_measure([url, second], tickets, 0))
                waiting[name] = run(_measure([third], waited_for, WAIT_S))
    return {
        "ratio": min(one["ratio"] for one in waiting.values()),
        "at_once_ratio": min(one["ratio"] for one in at_once.values()),
        "lost": sum(one["lost"] for one in [*at_once.values(), *waiting.values()]),
        "tickets": tickets,
        **waiting,
        **{f"{name}_at_once": one for name, one in at_once.items()},
    }


async def _measure(urls: list[str], tickets: int, wait_s: float) -> Figures:
    """One round a database."""
    floors, ours, lost = [], [], 0
    async with _desk(tickets, wait_s) as base_url:
        for url in urls:
            floors.append(await _bare(base_url, tickets))
            store = open_store(url)
            ours.append(await _pulled(store, base_url))
            async with store.read() as session:
                lost += tickets - (await session.execute(select(func.count()).select_from(Ticket))).scalar_one()
            await store.close()
    return {
        "ratio": ratio(min(floors), min(ours)),
        "tickets_per_s": figure(tickets / min(ours)),
        "floor_tickets_per_s": figure(tickets / min(floors)),
        "lost": lost,
    }


async def _bare(base_url: str, tickets: int) -> float:
    """Seconds in which all pages are turned and parsed."""
    since, seen = FIRST.strftime("%Y-%m-%dT%H:%M:%SZ"), 0
    began = time.perf_counter()
    async with aiohttp.ClientSession(auth=aiohttp.BasicAuth(vendor.KEY, "X")) as http:
        page = 1
        while True:
            asked = {"updated_since": since, "per_page": str(PER_PAGE), "page": str(page)}
            async with http.get(f"{base_url}/api/v2/tickets", params=asked) as answer:
                rows = await answer.json()
            seen += len(rows)
            page += 1
            if len(rows) < PER_PAGE:
                break
    assert seen == tickets
    return time.perf_counter() - began


async def _pulled(store: Store, base_url: str) -> float:
    """Seconds in which a newly connected source is filled."""
    async with store.write() as session:
        source = await sources.connect(
            session, workspace_id="T1", kind="freshdesk", name="Busy", since=FIRST, by_id=None, now=NOW
        )
        details: dict[str, Any] = {"source_id": source.id}
        await want_again(session, workspace_id="T1", kind="desks.pull", key="pull", run_at=NOW, details=details)
    async with store.write() as session:
        job = await claim_job(session, now=NOW)
    assert job is not None
    async with aiohttp.ClientSession() as http:
        desk = Freshdesk(http, base_url=base_url, key=vendor.KEY)
        began = time.perf_counter()
        with unhurried():  # as every job runs
            await Pulling({"freshdesk": desk}).pull(job, store=store, now=lambda: NOW)
        return time.perf_counter() - began


@asynccontextmanager
async def _desk(tickets: int, wait_s: float) -> AsyncIterator[str]:
    """The address of a desk in a process of its own, which ends with its standard input."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "benchmarks.pull", str(tickets), str(wait_s)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        base_url = (await child.stdout.readline()).decode().strip()
        if not base_url:
            raise RuntimeError("the desk did not start")
        yield base_url
    finally:
        child.stdin.close()
        await child.wait()


async def _serve(tickets: int, wait_s: float) -> None:
    desk = Busy(tickets, wait_s)
    await desk.start()
    print(desk.base_url, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await desk.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("tickets", type=int)
    parser.add_argument("wait_s", type=float)
    asked = parser.parse_args()
    asyncio.run(_serve(asked.tickets, asked.wait_s))
