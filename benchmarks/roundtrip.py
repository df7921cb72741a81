"""From the command to the card: what keeping everything in a database costs the person who waits.

50 people at once, each at a desk with its own team and channel, type `/escalate …`, get the form, choose severity and
need, and submit; the clock stops when the card stands in their channel. All of it goes over Socket Mode and HTTP.
Ours: Backstop as it runs, on SQLite: the case with its clocks, history, timers and three messages is committed before
the form closes, and delivery claims, renders, posts and settles. The floor: a bare Bolt app that opens the same form
and posts the same card and the same two direct messages at once, with no database. Each bot is a process of its own,
each has a simulator; both simulators and the people are in this process, and their work is in both times alike.

What is left out: Slack's pace. Delivery posts once a second per channel (hence the desks) and, beyond a burst, four
times a second per workspace; that budget is made whole between the rounds. The floor keeps no pace at all.
"""

import asyncio
import json
import secrets
import statistics
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete

from benchmarks import databases
from benchmarks.bots import bot
from benchmarks.company import agent_of, channel_of, found_company, found_teams, on_duty_at
from benchmarks.figures import Figures, Target, percentile, ratio, run, spread
from bot.manifest import read_manifest
from simulator.acting import Actor
from simulator.changes import Change, NeverHappened
from simulator.errors import FormErrors, Impossible, NotAcknowledged
from simulator.server import Simulator
from storage.pacing import Gate
from storage.store import Store, open_store

CLAIM = "with fifty people at once, the card stands within twice the time of a bot that keeps nothing"
TARGETS = {"p50_ratio": Target(2), "failed": Target(0)}
WITHIN_S = 30.0
POSTS = 3
"""The card, the reporter's receipt, the page to who is on duty."""


@dataclass
class Side:
    """One bot's workspace, and what its people saw."""

    simulator: Simulator
    desks: int
    took_ms: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    raised: int = 0

    async def round(self) -> None:
        """Everybody at once."""
        await asyncio.gather(*(self.attempt(desk) for desk in range(self.desks)))

    async def posted(self) -> None:
        """All that was wanted so far has been posted."""
        await self.simulator.called("chat.postMessage", outcome="ok", times=POSTS * self.raised, within=WITHIN_S)

    async def attempt(self, desk: int) -> None:
        try:
            self.took_ms.append(await self._raise(desk) * 1000)
            self.raised += 1
        except (FormErrors, Impossible, NotAcknowledged, NeverHappened, TimeoutError) as failure:
            self.failures.append(repr(failure))

    async def _raise(self, desk: int) -> float:
        """Seconds from the command to the card."""
        actor: Actor = self.simulator.acts_as(agent_of(desk))
        channel = self.simulator.workspace.channel(channel_of(desk)).id
        stands = asyncio.Event()

        def look(change: Change) -> None:
            if change.what == "message" and change.channel_id == channel:
                stands.set()

        unsubscribe = self.simulator.workspace.subscribe(look)
        words = " ".join(secrets.token_hex(4) for _ in range(5))  # like no other, so that none is offered to be joined
        began = time.perf_counter()
        try:
            await actor.types(f"/escalate {words}", channel=f"#{channel_of(desk)}")
            modal = await actor.modal(within=WITHIN_S)
            modal.fill("severity", "S1")
            modal.fill("need", "decision")
            await modal.submit()
            async with asyncio.timeout(WITHIN_S):
                await stands.wait()
            return time.perf_counter() - began
        finally:
            unsubscribe()


def measure(*, quick: bool) -> Figures:
    desks, rounds = (2, 1) if quick else (50, 8)
    with databases.sqlite() as url:
        return run(_measure(url, desks, rounds))


async def _measure(url: str, desks: int, rounds: int) -> Figures:
    store = open_store(url)
    ours, floor = [Side(_simulator(desks), desks) for _ in range(2)]
    async with AsyncExitStack() as running:
        running.push_async_callback(store.close)
        for side in (ours, floor):
            await side.simulator.start()
            running.push_async_callback(side.simulator.stop)
        async with store.write() as session:
            await found_teams(session, ours.simulator.workspace, datetime.now(UTC))
        await running.enter_async_context(bot("backstop", _settings(ours) | {"BACKSTOP_DATABASE_URL": url}))
        await _one(ours)
        await running.enter_async_context(bot("bare", _settings(floor) | _by_heart(ours, floor)))
        await _one(floor)
        for turn in range(rounds + 1):
            if turn == 1:  # the first round was to warm up
                ours.took_ms, floor.took_ms = [], []
            for side in (ours, floor):
                await _make_budget_whole(store)
                await side.round()
                await _make_budget_whole(store)
                await side.posted()
    return _figures(ours, floor)


def _simulator(desks: int) -> Simulator:
    workspace = found_company(desks, lambda: datetime.now(UTC))
    return Simulator(workspace, now=workspace.now, manifest=read_manifest())


def _settings(side: Side) -> dict[str, Any]:
    return {
        "SLACK_BOT_TOKEN": side.simulator.bot_token,
        "SLACK_APP_TOKEN": side.simulator.app_token,
        "SLACK_API_URL": side.simulator.api_url,
    }


async def _one(side: Side) -> None:
    """A single case, alone. Raises RuntimeError if it fails: then nothing can be measured."""
    await side.attempt(0)
    if side.failures:
        raise RuntimeError(side.failures[0])
    await side.posted()


def _by_heart(ours: Side, floor: Side) -> dict[str, Any]:
    """What the bare app needs to show the same: the form, the posts in their order, and where each goes."""
    calls = [call for call in ours.simulator.calls if call.outcome == "ok"]
    (form,) = [_json(call.args["view"]) for call in calls if call.method == "views.open"]
    posts = [dict(call.args) for call in calls if call.method == "chat.postMessage"]
    posts.sort(key=lambda post: not str(post["channel"]).startswith("C"))  # the card first
    people = {member.name: member.id for member in floor.simulator.workspace.people.values()}
    return {
        "form": {name: form[name] for name in form if name not in {"id", "hash"}},
        "posts": [{name: _json(value) for name, value in post.items() if name != "channel"} for post in posts],
        "desks": {
            people[agent_of(desk)]: [
                floor.simulator.workspace.channel(channel_of(desk)).id,
                people[agent_of(desk)],
                people[on_duty_at(desk)],
            ]
            for desk in range(floor.desks)
        },
    }


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) and value[:1] in "[{" else value


async def _make_budget_whole(store: Store) -> None:
    async with store.write() as session:
        await session.execute(delete(Gate))


def _figures(ours: Side, floor: Side) -> Figures:
    ours_ms, floor_ms = sorted(ours.took_ms), sorted(floor.took_ms)
    surprises = [*ours.simulator.surprises, *floor.simulator.surprises]
    failures = [*ours.failures, *floor.failures, *surprises]
    return {
        "p50_ratio": ratio(statistics.median(ours_ms), statistics.median(floor_ms)) if ours_ms and floor_ms else None,
        "p99_ratio": ratio(percentile(ours_ms, 99), percentile(floor_ms, 99)) if ours_ms and floor_ms else None,
        "failed": len(failures),
        "failures": failures[:3],
        "in_flight": ours.desks,
        "card_ms": {"ours": spread(ours_ms or [0.0]), "floor": spread(floor_ms or [0.0])},
    }
