"""How many statements the ways that everybody waits for ask of the database.

One case is lived by an agent and whoever is on duty, over the simulator's wire, step by step: the form opens, the case
is raised, its three messages are sent, it is claimed, its card and what else shows it follow. The second case is
counted (the first one warms what is remembered), without BEGIN and COMMIT. There is no floor and no time here: a busy
machine changes nothing of it, and every statement is work that nobody else can do meanwhile (SQLite) or a way to a
server and back (PostgreSQL). Home's statements are counted by tests/handlers/home/test_cost.py.
"""

from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks import databases
from benchmarks.company import agent_of, channel_of, found_company, found_teams, on_duty_at
from benchmarks.databases import asked_of
from benchmarks.figures import Figures, Target, run
from bot.app import Backstop, build
from bot.manifest import read_manifest
from bot.settings import read_settings
from simulator.server import Simulator

CLAIM = "what everybody waits for asks the database a few dozen times at most"
TARGETS = {
    "form": Target(2),
    "raising": Target(17),
    "three_messages": Target(32),
    "claiming": Target(18),
    "card_follows": Target(37),
}
"""What they are: an ascent is to be meant. In the third and the last are the seven with which delivery then finds that
nothing more is due."""
WORDS = ("the login loops after a reset", "an export stops half way through")
NOON = datetime(2026, 6, 2, 12, tzinfo=UTC)


class _StillClock:
    """Moved by hand only, so that nothing becomes due in the middle of a step."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        return self.at


def measure(*, quick: bool) -> Figures:  # noqa: ARG001  # there is nothing to make smaller
    figures: Figures = dict.fromkeys(TARGETS)
    for name, database in (("sqlite", databases.sqlite), ("postgresql", databases.postgres)):
        with database() as url:
            figures[name] = None if url is None else run(_measure(url))
    told = [figures[name] for name in ("sqlite", "postgresql") if figures[name] is not None]
    return figures | {key: max(one[key] for one in told) for key in TARGETS}


async def _measure(url: str) -> Figures:
    clock = _StillClock()
    simulator = Simulator(found_company(1, clock.now), now=clock.now, manifest=read_manifest())
    settings = {
        "SLACK_BOT_TOKEN": simulator.bot_token,
        "SLACK_APP_TOKEN": simulator.app_token,
        "BACKSTOP_DATABASE_URL": url,
    }
    async with AsyncExitStack() as running:
        await simulator.start()
        running.push_async_callback(simulator.stop)
        bot = await build(read_settings(**settings, SLACK_API_URL=simulator.api_url), clock)
        running.push_async_callback(bot.stop)
        async with bot.store.write() as session:
            await found_teams(session, simulator.workspace, clock.now())
        await bot.start(by_itself=False)
        await bot.turn()
        figures: Figures = {}
        for words in WORDS:
            figures = await _case(bot, simulator, words)
            clock.at += timedelta(minutes=1)
        return figures


async def _case(bot: Backstop, simulator: Simulator, words: str) -> Figures:
    agent, duty = simulator.acts_as(agent_of(0)), simulator.acts_as(on_duty_at(0))
    channel = f"#{channel_of(0)}"
    with asked_of(bot.store.write_engine, bot.store.read_engine) as form:
        await agent.types(f"/escalate {words}", channel=channel)
        await bot.listening.drain(at_most_s=5)
    modal = await agent.modal()
    modal.fill("severity", "S1")
    modal.fill("need", "decision")
    with asked_of(bot.store.write_engine, bot.store.read_engine) as raising:
        await modal.submit()
        await bot.listening.drain(at_most_s=5)
    messages = await _sent(bot)
    card = await duty.finds(channel, words)
    with asked_of(bot.store.write_engine, bot.store.read_engine) as claiming:
        await duty.clicks(card, "Claim")
        await bot.listening.drain(at_most_s=5)
    follows = await _sent(bot)
    counted = {
        "form": form,
        "raising": raising,
        "three_messages": messages,
        "claiming": claiming,
        "card_follows": follows,
    }
    return {name: len(statements) for name, statements in counted.items()}


async def _sent(bot: Backstop) -> list[tuple[str, Any]]:
    """What is wanted is sent; the statements for it, until delivery finds nothing more."""
    await bot.ticking.beat()
    with asked_of(bot.store.write_engine, bot.store.read_engine) as statements:
        while await bot.delivery.run_once():
            pass
    return statements
