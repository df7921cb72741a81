"""Ten thousand prompts on their way to ten thousand people, through a Slack that keeps its limits and has a bad day.

10,000 direct messages of which nobody asked for one, and 50 channels with four posts each, are wanted at once and go
through delivery: claimed, rendered, sent over HTTP, settled, reconciled. The other end is the simulator, which refuses
what is faster than one post a second in a channel or four a second in the workspace (429), and of all other calls
spoils one in fifty: a 429 with Retry-After, a 500 after taking the message, a line cut before or after.

Time is run forward: one clock is given to delivery and to Slack and is moved by this file, by 0.1 s for the calls of
one turn, and by delivery's own second when a turn found nothing to do. Nobody sleeps; the 42 minutes that Slack's pace
needs take as long as the work in them. `utilisation` is the posts that Slack took ÷ four a second from the first to the
last of them (the burst at the beginning is twenty). `lost`: messages that Slack does not have; `doubled`: those it has
more than once.
"""

import random
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks import databases
from benchmarks.figures import Figures, Target, figure, run
from bot.delivery import Delivery
from bot.manifest import read_manifest
from handlers.house import Block, House, Rendered
from simulator.faults import Fault
from simulator.server import Simulator
from simulator.workspace import Workspace
from storage import people
from storage.messages import Attention, Message, MessageState, NewMessage, Priority, want_all
from storage.pacing import CHANNEL_PACE, POSTS
from storage.people import Person
from storage.store import Store, open_store

CLAIM = "ten thousand prompts leave at Slack's pace, and none is lost or doubled on a bad day"
TARGETS = {"utilisation": Target(0.95, at_least=True), "lost": Target(0), "doubled": Target(0)}
NOW = datetime(2026, 6, 17, 10, tzinfo=UTC)
"""A Wednesday, in everybody's hours until long after the end."""
A_CALL = timedelta(seconds=0.1)
IDLE = timedelta(seconds=1)
"""How long delivery waits when a turn found nothing to do."""
POSTS_A_CHANNEL = 4
SPOILED = 0.02
AT_MOST = timedelta(hours=4)
SEED = 1
MANY = 1000
"""Rows of one INSERT."""


class Moved:
    """Everybody's clock: it stands until it is moved."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


@dataclass
class BadDay:
    """What Slack does with each post: refuses what is too fast, spoils one in fifty."""

    clock: Moved
    taken: list[tuple[datetime, str]] = field(default_factory=list)
    """When, and the key of the message."""
    told: Counter[str] = field(default_factory=Counter)
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))
    _whole_at: datetime = NOW
    _last: dict[str, datetime] = field(default_factory=dict)

    def choose(self, method: str, args: Any) -> Fault | None:
        if method != "chat.postMessage":
            return self._spoil()
        now, channel = self.clock.now(), str(args["channel"])
        burst = POSTS.every * (POSTS.shares[Priority.SLA] - 1)
        if self._whole_at - now > burst or now - self._last.get(channel, NOW - CHANNEL_PACE) < CHANNEL_PACE:
            self.told["too fast"] += 1
            return _too_fast(1)
        self._whole_at = max(self._whole_at, now) + POSTS.every
        fault = self._spoil()
        if fault is None or fault.accepted:
            self._last[channel] = now
            self.taken.append((now, args["metadata"]["event_payload"]["key"]))
        return fault

    def _spoil(self) -> Fault | None:
        if self.chance.random() >= SPOILED:
            return None
        what = self.chance.choice(["429", "500 after", "cut before", "cut after"])
        self.told[what] += 1
        match what:
            case "429":
                return _too_fast(self.chance.randint(1, 30))
            case "500 after":
                return Fault("http_status", status=500, accepted=True)
            case _:
                return Fault("drop", accepted=what == "cut after")


def _too_fast(wait_s: int) -> Fault:
    refused = {"ok": False, "error": "ratelimited"}
    return Fault("error", status=429, answer=refused, headers={"Retry-After": str(wait_s)})


def measure(*, quick: bool) -> Figures:
    readers, channels = (40, 2) if quick else (10_000, 50)
    with databases.sqlite() as url:
        return run(_measure(url, readers, channels))


async def _measure(url: str, readers: int, channels: int) -> Figures:
    clock, began = Moved(), time.perf_counter()
    workspace = Workspace(now=clock.now, team_id="T0FANOUT", team_domain="fanout", name="Fanout Inc")
    for number in range(readers):
        workspace.add_person(f"Reader{number:05}", tz="UTC")
    places = [workspace.add_channel(f"place{number:03}", bot_is_member=True).id for number in range(channels)]
    simulator = Simulator(workspace, now=clock.now, manifest=read_manifest())
    day = BadDay(clock)
    simulator.faults.choose = day.choose
    store = open_store(url)
    async with AsyncExitStack() as running:
        running.push_async_callback(store.close)
        await simulator.start()
        running.push_async_callback(simulator.stop)
        http = await running.enter_async_context(aiohttp.ClientSession())
        wanted = await _want(store, workspace, places)
        client = AsyncWebClient(simulator.bot_token, base_url=simulator.api_url, session=http, retry_handlers=[])
        delivery = Delivery(store=store, client=client, clock=clock, house=_house())
        await _until_all_are_out(store, delivery, clock)
    figures = _figures(day, wanted)
    return figures | {"failed": len(simulator.surprises), "real_s": figure(time.perf_counter() - began)}


async def _until_all_are_out(store: Store, delivery: Delivery, clock: Moved) -> None:
    while clock.at - NOW < AT_MOST:
        if await delivery.run_once():
            clock.at += A_CALL
            continue
        clock.at += IDLE
        async with store.read() as session:
            query = select(func.count()).select_from(Message).where(Message.state != MessageState.SENT)
            if not (await session.execute(query)).scalar_one():
                return


def _house() -> House:
    async def render(session: AsyncSession, message: Message, now: datetime) -> Rendered:
        del session, now
        blocks: list[Block] = [{"type": "section", "text": {"type": "mrkdwn", "text": f"How was it? {message.key}"}}]
        return Rendered("How was it?", blocks)

    house = House()
    house.renders("fanout", render)
    return house


async def _want(store: Store, workspace: Workspace, places: list[str]) -> set[str]:
    """Wants every message; returns their keys."""
    users = [member.as_slack(NOW) for member in workspace.people.values() if not member.is_bot]
    async with store.write() as session:
        for place in range(0, len(users), MANY):
            await people.keep_all(session, workspace.team_id, users[place : place + MANY], now=NOW)
        readers = (await session.execute(select(Person.id, Person.slack_id).order_by(Person.id))).all()
        wanted = [
            _message(workspace, f"prompt:{reader.id}", reader.slack_id, reader.id, Attention.UNREQUESTED)
            for reader in readers
        ]
        wanted += [
            _message(workspace, f"post:{place}:{turn}", place, None, Attention.ASKED)
            for turn in range(POSTS_A_CHANNEL)
            for place in places
        ]
        await want_all(session, wanted, now=NOW)
    return {one.key for one in wanted}


def _message(
    workspace: Workspace, key: str, destination: str, person_id: int | None, attention: Attention
) -> NewMessage:
    return NewMessage(
        workspace_id=workspace.team_id,
        key=key,
        renderer="fanout",
        destination=destination,
        priority=Priority.SCHEDULED,
        person_id=person_id,
        attention=attention,
    )


def _figures(day: BadDay, wanted: set[str]) -> Figures:
    there = Counter(key for _, key in day.taken)
    lasted = day.taken[-1][0] - day.taken[0][0] + POSTS.every
    return {
        "utilisation": round(len(day.taken) * POSTS.every / lasted, 4),
        "lost": len(wanted - there.keys()),
        "doubled": sum(there.values()) - len(there),
        "messages": len(wanted),
        "simulated_s": lasted.total_seconds(),
        "faults": dict(sorted(day.told.items())),
    }
