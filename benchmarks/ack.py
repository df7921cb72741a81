"""What the whole app adds to opening a form.

Ours: `/escalate words` through bot.app.build's app (its fifty-odd listeners, who is asking, their team, the form),
while the heartbeat and delivery run. The floor: an AsyncApp with one listener that acknowledges and opens the very
same form, over the same kind of shared HTTP session; it asks nobody anything. Both are dispatched in this process as
Socket Mode would dispatch them, against one simulator in another process.

The times are until `async_dispatch` returns, which is when Slack would have its acknowledgement (Bolt looks for it
every 10 ms: both pay that), one command at a time, in turn, the listener being done before the next. What the work
after the acknowledgement costs shows in the throughput: forms opened per second, in rounds of 100 at once, in turn,
each round until its last `views.open` is answered. Ratios are of the medians, and of the 99th percentiles.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.kwargs_injection.async_args import AsyncArgs
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from benchmarks import databases
from benchmarks.company import found_company, found_teams
from benchmarks.figures import Figures, Target, percentile, ratio, run, spread
from benchmarks.slack import Slack, slack
from bot.app import Backstop, build
from bot.clock import SystemClock
from bot.settings import read_settings

CLAIM = "the whole app acknowledges a command, and opens its form, about as fast as a bare Bolt app"
TARGETS = {"p50_ratio": Target(1.15), "p99_ratio": Target(2), "throughput_ratio": Target(0.5, at_least=True)}
DESKS = 20
WORDS = "login loop after the password reset"


@dataclass
class Contender:
    """A Bolt app, and how to wait until its listeners are done."""

    bolt: AsyncApp
    finished: Callable[[], Awaitable[None]]
    acknowledged_ms: list[float] = field(default_factory=list)
    forms_per_s: list[float] = field(default_factory=list)
    refused: int = 0

    async def dispatch(self, payload: dict[str, Any]) -> None:
        answer = await self.bolt.async_dispatch(AsyncBoltRequest(body=payload, mode="socket_mode"))
        self.refused += answer.status != 200

    async def once(self, payload: dict[str, Any]) -> None:
        began = time.perf_counter()
        await self.dispatch(payload)
        self.acknowledged_ms.append((time.perf_counter() - began) * 1000)
        await self.finished()

    async def at_once(self, payloads: list[dict[str, Any]]) -> None:
        began = time.perf_counter()
        await asyncio.gather(*(self.dispatch(payload) for payload in payloads))
        await self.finished()
        self.forms_per_s.append(len(payloads) / (time.perf_counter() - began))


def measure(*, quick: bool) -> Figures:
    with databases.sqlite() as url:
        return run(_measure(url, singles=5 if quick else 500, rounds=1 if quick else 15, at_once=5 if quick else 100))


async def _measure(url: str, *, singles: int, rounds: int, at_once: int) -> Figures:
    async with slack(desks=DESKS) as there, aiohttp.ClientSession() as session:
        backstop = await _whole_app(there, url)
        try:
            ours = Contender(backstop.bolt, lambda: backstop.listening.drain(at_most_s=10))
            (payload,) = await there.commands(1, WORDS)
            await ours.once(payload)
            _, form = await there.opened()
            assert form is not None, "the whole app opened no form"
            floor = bare_app(there, session, _openable(form))
            contenders = (ours, floor)
            await _race(there, contenders, singles=max(2, singles // 10), rounds=1, at_once=at_once)
            for contender in contenders:  # that was to warm up
                contender.acknowledged_ms, contender.forms_per_s = [], []
            before, _ = await there.opened()
            await _race(there, contenders, singles=singles, rounds=rounds, at_once=at_once)
            after, _ = await there.opened()
        finally:
            await backstop.stop()
    wanted = len(contenders) * (singles + rounds * at_once)
    return _figures(ours, floor) | {"failed": wanted - (after - before), "refused": ours.refused + floor.refused}


async def _race(there: Slack, contenders: tuple[Contender, ...], *, singles: int, rounds: int, at_once: int) -> None:
    for _ in range(singles):
        for contender in contenders:
            (payload,) = await there.commands(1, WORDS)
            await contender.once(payload)
    for _ in range(rounds):
        for contender in contenders:
            await contender.at_once(await there.commands(at_once, WORDS))


async def _whole_app(there: Slack, url: str) -> Backstop:
    backstop = await build(read_settings(**there.settings, BACKSTOP_DATABASE_URL=url), SystemClock())
    async with backstop.store.write() as session:
        await found_teams(session, found_company(DESKS, backstop.clock.now), backstop.clock.now())
    await backstop.start()
    return backstop


def bare_app(there: Slack, session: aiohttp.ClientSession, form: dict[str, Any]) -> Contender:
    """One listener: acknowledge, open this form."""
    token = there.settings["SLACK_BOT_TOKEN"]
    client = AsyncWebClient(token, base_url=there.settings["SLACK_API_URL"], session=session, retry_handlers=[])
    bolt = AsyncApp(client=client, signing_secret="unused in Socket Mode")
    at_work: set[asyncio.Task[Any]] = set()

    async def escalate(args: AsyncArgs) -> None:
        task = asyncio.current_task()
        assert task is not None
        at_work.add(task)
        task.add_done_callback(at_work.discard)
        await args.ack()
        await args.client.views_open(trigger_id=args.body["trigger_id"], view=form)

    bolt.command("/escalate")(escalate)

    async def finished() -> None:
        if at_work:
            await asyncio.wait(set(at_work), timeout=10)

    return Contender(bolt, finished)


def _openable(view: dict[str, Any]) -> dict[str, Any]:
    wanted = ("type", "callback_id", "title", "submit", "close", "blocks", "private_metadata", "notify_on_close")
    return {name: view[name] for name in wanted if name in view}


def _figures(ours: Contender, floor: Contender) -> Figures:
    ours_ms, floor_ms = sorted(ours.acknowledged_ms), sorted(floor.acknowledged_ms)
    throughput = statistics.median(ours.forms_per_s), statistics.median(floor.forms_per_s)
    return {
        "p50_ratio": ratio(statistics.median(ours_ms), statistics.median(floor_ms)),
        "p99_ratio": ratio(percentile(ours_ms, 99), percentile(floor_ms, 99)),
        "throughput_ratio": ratio(*throughput),
        "acknowledged_ms": {"ours": spread(ours_ms), "floor": spread(floor_ms)},
        "forms_per_s": {"ours": spread(ours.forms_per_s), "floor": spread(floor.forms_per_s)},
    }
