"""`backstop demo`: the bot as it really runs, in a workspace of its own on this machine, with a week behind it.

Everything is real but Slack: the bot speaks HTTP and Socket Mode to the simulator, its database is a SQLite file (gone
at the end), and the week was typed and clicked by the people in it. Only here can time be moved.
"""

import asyncio
import contextlib
import signal
import tempfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console

from bot.app import Backstop, build
from bot.clock import Clock, MovableClock, SystemClock
from bot.logs import keep_logs
from bot.manifest import read_manifest
from bot.settings import read_settings
from handlers.local_time import at_local
from handlers.teams.rules.duty import on_duty
from simulator import help_desk
from simulator.changes import Change
from simulator.company import DUBLIN, found_company, found_teams
from simulator.living import Living
from simulator.page import add_page
from simulator.server import Simulator
from simulator.story import HELP_DESK_CONNECTED, live_a_week
from storage import migrating, team_facts
from storage.teams import active_teams

OPENS, CLOSES, SHOWN_FROM = time(9), time(16), time(9, 30)
WEEK = timedelta(days=7)
ADDRESS = "http://127.0.0.1:{}/?as=Mei&channel=care-escalations"


class Travelling(MovableClock):
    """The demo's clock: asked to advance, it lives through the time in between: each step happens when it is due.

    Until `travel` runs it goes nowhere: the week that the demo begins with is lived at its own pace.
    """

    def __init__(self, ahead: timedelta) -> None:
        super().__init__(ahead)
        self._asked = asyncio.Event()
        self.destination: datetime | None = None
        self._asleep = False
        self.is_travelling = False

    def ask(self, by: timedelta, *, asleep: bool = False) -> None:
        """Wants `by` to go by; `asleep`: while the bot is down."""
        if not self.is_travelling:
            return
        self.destination = max(self.destination or self.now(), self.now()) + by
        self._asleep = asleep
        self._asked.set()

    async def travel(self, living: Living, sim: Simulator) -> None:
        """Carries out what is asked, one wish after another, until cancelled."""
        self.is_travelling = True
        while True:
            await self._asked.wait()
            self._asked.clear()
            while (destination := self.destination) is not None and destination > self.now():
                await (living.asleep_until(destination) if self._asleep else living.until(destination))
                sim.workspace.announce(Change("clock"))
            self.destination = None


class Control:
    """What the page moves: the clock, by asking it to travel."""

    def __init__(self, clock: Travelling) -> None:
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now()

    def advance(self, by: timedelta) -> None:
        self._clock.ask(by)

    def sleep(self, by: timedelta) -> None:
        """Time goes by while the bot is down."""
        self._clock.ask(by, asleep=True)


async def run(*, port: int) -> None:
    """Serves the demo on this port (0: any free one) until Ctrl-C or SIGTERM."""
    keep_logs(level="WARNING", as_json=False)
    console = Console()
    stop = asyncio.Event()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signal_number, stop.set)
    with tempfile.TemporaryDirectory(prefix="backstop-demo-", ignore_cleanup_errors=True) as folder:
        await _serve(port, Path(folder), console, stop)
    console.print("Stopped. Nothing of it is left on this machine.")


async def _serve(port: int, folder: Path, console: Console, stop: asyncio.Event) -> None:
    shown_from = opening_hour(SystemClock().now())
    clock = Travelling(shown_from - WEEK - SystemClock().now())
    sim = Simulator(found_company(clock.now), now=clock.now, manifest=read_manifest())
    add_page(sim.web, sim, clock=Control(clock))
    try:
        await sim.start(port)
    except OSError:
        console.print(f"Port {port} is taken on this machine. Choose another: make demo PORT={port + 1}")
        raise SystemExit(1) from None
    try:
        await _run_bot(sim, clock, folder, shown_from, console, stop)
    finally:
        await sim.stop()


async def prepare(sim: Simulator, clock: Clock, folder: Path, shown_from: datetime) -> Backstop:
    """The demo's bot, not started: its teams, and the files of its help desk up to `shown_from`."""
    url = f"sqlite:///{folder / 'demo.sqlite3'}"
    exports = folder / "exports"
    exports.mkdir()
    connected = at_local(shown_from.astimezone(ZoneInfo(DUBLIN)).date(), HELP_DESK_CONNECTED, ZoneInfo(DUBLIN))
    await asyncio.to_thread(help_desk.fill, exports, shown_from, connected=connected)
    await asyncio.to_thread(migrating.upgrade, url)
    settings = read_settings(
        SLACK_BOT_TOKEN=sim.bot_token,
        SLACK_APP_TOKEN=sim.app_token,
        SLACK_API_URL=sim.api_url,
        BACKSTOP_DATABASE_URL=url,
        BACKSTOP_ADMINS="",
        BACKSTOP_COMMAND_PREFIX="",
        BACKSTOP_PORT=None,
        BACKSTOP_CSV_FOLDER=exports,
    )
    bot = await build(settings, clock)
    async with bot.store.write() as session:
        await found_teams(session, sim.workspace, clock.now())
    return bot


async def _run_bot(
    sim: Simulator, clock: Travelling, folder: Path, shown_from: datetime, console: Console, stop: asyncio.Event
) -> None:
    bot = await prepare(sim, clock, folder, shown_from)
    living = Living(bot, clock)
    travelling: asyncio.Task[None] | None = None
    try:
        await bot.start(by_itself=False)
        with console.status("A week goes by in the demo’s workspace…"):
            await live_a_week(sim, living, shown_from)
        bot.run_by_itself()
        travelling = asyncio.create_task(clock.travel(living, sim), name="time travel")
        await _invite(console, sim, clock, bot)
        await stop.wait()
    finally:
        if travelling is not None:
            travelling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await travelling
        await bot.stop()


async def _invite(console: Console, sim: Simulator, clock: Travelling, bot: Backstop) -> None:
    here = clock.now().astimezone(ZoneInfo(DUBLIN))
    async with bot.store.read() as session:
        care = next(team for team in await active_teams(session, sim.workspace.team_id) if team.name == "Care")
        duty = on_duty(await team_facts.of_team(session, care, now=clock.now()), clock.now())
    claimer = duty.people[0].name if duty.people else "Aoife"
    console.print(f"\n  [bold]{ADDRESS.format(sim.base_url.rpartition(':')[2])}[/bold]\n", soft_wrap=True)
    todo = f"Type /escalate as Mei, claim as {claimer}, move the time on."
    console.print(f"There it is {here:%A %H:%M} in Dublin. {todo}", soft_wrap=True)
    console.print("Ctrl-C stops it.")


def opening_hour(now: datetime) -> datetime:
    """When the demo's day is: now, if Dublin is at work; else the next working morning there."""
    local = now.astimezone(ZoneInfo(DUBLIN))
    if local.weekday() < 5 and OPENS <= local.time() < CLOSES:
        return now
    day: date = local.date() if local.time() < OPENS else local.date() + timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return at_local(day, SHOWN_FROM, ZoneInfo(DUBLIN))
