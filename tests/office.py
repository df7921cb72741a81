"""The bot at work in the simulator, on a clock that stands still until a test moves it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from bot.app import Backstop, build
from bot.manifest import read_manifest
from bot.settings import read_settings
from simulator.acting import Actor
from simulator.company import found_company, found_teams
from simulator.server import Simulator
from storage.messages import Message, MessageState
from storage.schedule import Timer
from storage.teams import Team


class StillClock:
    """Stands still until it is moved (forward; back, to try a clock that is stepped)."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


class Office:
    """The simulator, the bot in it, and the company's people. `settles` lets everything that is due happen."""

    def __init__(self, sim: Simulator, clock: StillClock, settings: Mapping[str, Any]) -> None:
        self.sim = sim
        self.clock = clock
        self._settings = settings
        self.bot: Backstop
        self.teams: dict[str, Team] = {}

    async def opens(self, *, with_teams: bool = True) -> None:
        self.bot = await build(read_settings(**self._settings), self.clock)
        if with_teams:
            async with self.bot.store.write() as session:
                self.teams = await found_teams(session, self.sim.workspace, self.now)
        await self.bot.start(by_itself=False)
        await self.settles()

    async def closes(self) -> None:
        await self.bot.stop()

    async def restarts(self) -> None:
        """The same database, a new process's worth of bot."""
        await self.closes()
        self.bot = await build(read_settings(**self._settings), self.clock)
        await self.bot.start(by_itself=False)

    @property
    def now(self) -> datetime:
        return self.clock.at

    def __getattr__(self, name: str) -> Actor:
        """A person, by first name in small letters: `office.mei`."""
        if name.startswith("_"):
            raise AttributeError(name)
        return self.sim.acts_as(name.capitalize())

    async def settles(self) -> None:
        """Listeners finish, what is due now happens, and everything wanted is in Slack."""
        await self.bot.listening.drain(at_most_s=5)
        await self.bot.turn()
        # a channel takes one post a second: the clock moves on for those that wait, and no further
        for _ in range(200):
            if not await self._waiting():
                return
            self.clock.at += timedelta(seconds=1)
            await self.bot.turn()
        raise AssertionError("delivery did not come to rest")

    async def _waiting(self) -> bool:
        soon = self.clock.at + timedelta(seconds=5)
        waits = (Message.state == MessageState.READY) & (Message.due_at <= soon)
        async with self.bot.store.read() as session:
            waiting = select(func.count()).select_from(Message).where(waits, Message.attempt == 0)
            return bool((await session.execute(waiting)).scalar_one())

    async def passes(self, **span: float) -> None:
        """Time goes by as it does for a bot that is up: each step when it is due."""
        until = self.clock.at + timedelta(**span)
        while (due := await self._next_due()) is not None and due <= until:
            self.clock.at = max(self.clock.at, due)
            await self.settles()
        self.clock.at = max(self.clock.at, until)
        await self.settles()

    async def sleeps(self, **span: float) -> None:
        """Time goes by while the bot is down: everything due in it is late."""
        self.clock.at += timedelta(**span)
        await self.settles()

    async def _next_due(self) -> datetime | None:
        async with self.bot.store.read() as session:
            timers = select(func.min(Timer.retry_at)).where(Timer.parked_at.is_(None), Timer.retry_at > self.now)
            waiting = select(func.min(Message.due_at)).where(
                Message.state.in_((MessageState.READY, MessageState.UNKNOWN)), Message.due_at > self.now
            )
            found = [(await session.execute(query)).scalar_one() for query in (timers, waiting)]
        return min((due for due in found if due is not None), default=None)


async def open_office(sim_clock: StillClock, database_url: str, **settings: Any) -> Office:
    """A started simulator with the company in it, and settings for a bot on that database; not opened yet."""
    sim = Simulator(found_company(sim_clock.now), now=sim_clock.now, manifest=read_manifest())
    await sim.start()
    given = {
        "SLACK_BOT_TOKEN": sim.bot_token,
        "SLACK_APP_TOKEN": sim.app_token,
        "SLACK_API_URL": sim.api_url,
        "BACKSTOP_DATABASE_URL": database_url,
        **settings,
    }
    return Office(sim, sim_clock, given)
