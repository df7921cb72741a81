"""The child program of the crash tests: the whole bot, killed where it is told to die. Not a test.

It stops at *places*: before and after each COMMIT, and before and after each call of Slack's Web API. A place that is
not spared is told to the parent, and there the process gets SIGKILL: nothing is rolled back, closed or answered.
"""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import Backstop, build
from bot.settings import read_settings
from storage.store import DatabaseAwayError, Store
from tests.office import StillClock

DEPTH = 6
"""How many of our functions name a place."""


@dataclass
class Fate:
    """`spared`: places at which it lives on; None: all of them, but it dies at the `dies_at`-th that it comes to.
    `only`: it dies nowhere but after what is committed, and around what is asked of Slack, at these places of the
    features' code (places.working, places.asking), and is spared there however often it comes."""

    spared: frozenset[str] | None
    dies_at: int | None = None
    only: frozenset[str] | None = None


class Life:
    def __init__(self, fate: Fate, parent: Connection) -> None:
        self._fate = fate
        self._parent = parent
        self._places: Counter[str] = Counter()
        self.came_to: set[str] = set()
        """Every place, without the act and how often."""
        self._passed = 0
        self.act = "start"

    def comes_to(self, place: str) -> None:
        self._passed += 1
        self.came_to.add(place)
        ordinal = self._places[self.act + place]
        self._places[self.act + place] += 1
        only = self._fate.only
        named = f"{self.act} | {place} | {ordinal}" if only is None else place
        if only is not None and (place.startswith("before commit") or not only.intersection(place.split())):
            return
        spared = self._fate.spared
        if self._passed == self._fate.dies_at if spared is None else named not in spared:
            self._parent.send(("died", named))
            os.kill(os.getpid(), signal.SIGKILL)


def live(parent: Connection, settings: Mapping[str, Any], clock: StillClock, fate: Fate) -> None:
    say_nothing()
    asyncio.run(_live(parent, settings, clock, Life(fate, parent)))


def say_nothing() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)


async def _live(parent: Connection, settings: Mapping[str, Any], clock: StillClock, life: Life) -> None:
    bot = await build(read_settings(**settings), clock)
    _watch_commits(bot.store, life)
    _watch_calls(life)
    await bot.start(by_itself=False)
    parent.send(("up", None))
    while (told := await asyncio.to_thread(parent.recv)) is not None:
        life.act, at = told
        if at is not None:
            clock.at = at
        await bot.listening.drain(at_most_s=5)
        with contextlib.suppress(DatabaseAwayError):  # as its loops do: the next turn goes on
            await bot.turn()
        parent.send(("rested", life.came_to))
    await _leave(bot)


async def _leave(bot: Backstop) -> None:
    await bot.stop()


def _watch_commits(store: Store, life: Life) -> None:
    dialect = store.write_engine.sync_engine.dialect
    commit: Callable[[Any], None] = dialect.do_commit
    write = store.write
    opened_at: ContextVar[str] = ContextVar("opened_at", default="")

    @asynccontextmanager
    async def named() -> AsyncIterator[AsyncSession]:
        opened_at.set(_place())  # SQLAlchemy commits in a task of its own, which has our context and not our frames
        async with write() as session:
            yield session

    def watched(connection: Any) -> None:
        life.comes_to(f"before commit {opened_at.get()}")
        commit(connection)
        life.comes_to(f"after commit {opened_at.get()}")

    store.write = named  # type: ignore[method-assign]  # each commit gets its name
    dialect.do_commit = watched  # type: ignore[method-assign, assignment]


def _watch_calls(life: Life) -> None:
    """Of every client: Bolt makes listeners one for each event."""
    call: Callable[..., Awaitable[Any]] = AsyncWebClient.api_call

    async def watched(client: AsyncWebClient, api_method: str, **arguments: Any) -> Any:
        sent = {**(arguments.get("params") or {}), **(arguments.get("json") or {})}
        about = sent.get("metadata") or _place(only_features=True)
        life.comes_to(f"before {api_method} {about}")
        answer = await call(client, api_method, **arguments)
        life.comes_to(f"after {api_method} {about}")
        return answer

    AsyncWebClient.api_call = watched  # type: ignore[method-assign, assignment]  # the call is what is watched


def _place(*, only_features: bool = False) -> str:
    """Which of our functions opens a transaction, and for which message; a feature's with its line."""
    frame: FrameType | None = sys._getframe()
    names: list[str] = []
    while frame is not None and len(names) < DEPTH:
        match str(frame.f_globals.get("__name__", "")).split("."):
            case ["bot", _, *_] if not only_features:
                names.append(frame.f_code.co_qualname)
            case ["handlers", feature, *_]:
                name = f"{feature}.{frame.f_code.co_qualname}".replace(".<locals>", "")
                names.append(f"{name}:{frame.f_lineno}")
        frame = frame.f_back
    task = asyncio.current_task()
    sends = task.get_name() if task is not None and task.get_name().startswith("send ") else ""
    return f"{sends} {' < '.join(names)}".strip()
