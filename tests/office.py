"""The bot at work in the simulator, on a clock that stands still until a test moves it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.app import Backstop, build
from bot.helpdesks import Desk
from bot.manifest import read_manifest
from bot.settings import read_settings
from simulator.acting import Actor
from simulator.company import found_company, found_teams
from simulator.living import Living
from simulator.page import add_page
from simulator.server import Simulator
from storage import escalations
from storage.escalations import Escalation
from storage.people import Person
from storage.teams import Team, active_teams
from tests.founding import FirstDays

PATIENCE_S = 20.0
"""How fast the bot acknowledges is the benchmarks' matter: a busy test machine must not end a story."""

GIVEN_TO_EACH = {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_API_URL", "SLACK_SIGNING_SECRET", "BACKSTOP_DATABASE_URL"}
"""Settings that leave no trace in the database."""
_lived: dict[tuple[Any, ...], FirstDays] = {}


class StillClock:
    """Stands still until it is moved (forward; back, to try a clock that is stepped)."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, by: timedelta) -> None:
        self.at += by


class Office:
    """The simulator, the bot in it, and the company's people. `settles` lets everything that is due happen."""

    def __init__(self, sim: Simulator, clock: StillClock, settings: Mapping[str, Any]) -> None:
        self.sim = sim
        self.clock = clock
        self.settings = settings
        self.bot: Backstop
        self.teams: dict[str, Team] = {}
        self.desks: dict[str, Desk] = {}
        """The help desks whose credentials are set."""

    async def opens(self, *, with_teams: bool = True) -> None:
        await self._builds()
        if with_teams:
            await self._founds()
            return
        await self.bot.start(by_itself=False)
        await self.settles()

    async def _founds(self) -> None:
        """As `found_teams` and the bot's first beats would leave it; they do, the first time in each process."""
        own = {name: value for name, value in self.settings.items() if name not in GIVEN_TO_EACH}
        kind = (self.bot.store.dialect, self.now, repr(sorted(own.items())), *sorted(self.desks))
        lived = _lived.get(kind)
        async with self.bot.store.write() as session:
            if lived is not None:
                await lived.are_lived(session)
                self.teams = {team.name: team for team in await active_teams(session, self.sim.workspace.team_id)}
            else:
                self.teams = await found_teams(session, self.sim.workspace, self.now)
        await self.bot.start(by_itself=False)
        await self.settles()
        if lived is None:
            _lived[kind] = await FirstDays.remembered(self.bot.store, self.now)
        else:
            self.clock.at = max(self.now, lived.until)

    async def closes(self) -> None:
        await self.bot.stop()

    async def restarts(self) -> None:
        """The same database, a new process's worth of bot."""
        await self.closes()
        await self._builds()
        await self.bot.start(by_itself=False)

    async def _builds(self) -> None:
        self.bot = await build(read_settings(**self.settings), self.clock, desks=self.desks or None)

    @property
    def now(self) -> datetime:
        return self.clock.at

    def __getattr__(self, name: str) -> Actor:
        """A person, by first name in small letters: `office.mei`."""
        if name.startswith("_"):
            raise AttributeError(name)
        return self.sim.acts_as(name.capitalize())

    async def settles(self) -> None:
        """Events arrive, listeners finish, what is due now happens, and everything wanted is in Slack."""
        await self.sim.events.settle()
        await self._living().settle()

    async def passes(self, **span: float) -> None:
        """Time goes by as it does for a bot that is up: each step when it is due."""
        await self._living().until(self.now + timedelta(**span))

    async def sleeps(self, **span: float) -> None:
        """Time goes by while the bot is down: everything due in it is late."""
        await self._living().asleep_until(self.now + timedelta(**span))

    def _living(self) -> Living:
        return Living(self.bot, self.clock)


async def open_office(sim_clock: StillClock, database_url: str, *, with_page: bool = False, **settings: Any) -> Office:
    """A started simulator with the company in it, and settings for a bot on that database; not opened yet."""
    manifest = read_manifest(str(settings.get("BACKSTOP_COMMAND_PREFIX", "")))
    sim = Simulator(found_company(sim_clock.now), now=sim_clock.now, manifest=manifest, patience_s=PATIENCE_S)
    if with_page:
        add_page(sim.web, sim)
    await sim.start()
    return Office(sim, sim_clock, settings_for(sim, database_url) | settings)


def settings_for(sim: Simulator, database_url: str) -> dict[str, Any]:
    """What a bot needs to run against this simulator, by the settings' names."""
    return {
        "SLACK_BOT_TOKEN": sim.bot_token,
        "SLACK_APP_TOKEN": sim.app_token,
        "SLACK_API_URL": sim.api_url,
        "BACKSTOP_DATABASE_URL": database_url,
    }


async def escalation(office: Office, number: int) -> Escalation:
    """An escalation as the database has it, with its clocks."""
    async with office.bot.store.read() as session:
        found = await escalations.by_number(session, office.sim.workspace.team_id, number)
    assert found is not None
    return found


async def owner_of(office: Office, number: int) -> str | None:
    """The name of whoever owns it."""
    found = await escalation(office, number)
    async with office.bot.store.read() as session:
        owner = await session.get(Person, found.owner_id) if found.owner_id else None
    return owner.name if owner else None
