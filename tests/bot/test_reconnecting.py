"""Socket Mode goes away and comes back: what was typed meanwhile is heard once, and /healthz tells of it."""

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from bot import hearing
from bot.app import build
from bot.settings import read_settings
from simulator.errors import NotAcknowledged
from tests.office import Office

MakeOffice = Callable[..., Awaitable[Office]]
BACK_WITHIN_S = 60
WORDS = "escalate 4711 customer is furious"


@pytest.fixture
async def office(make_office: MakeOffice, monkeypatch: pytest.MonkeyPatch) -> Office:
    """It misses a connection sooner than it does at work; events are sent again sooner, and oftener, than by Slack."""
    monkeypatch.setattr(hearing, "PING_EVERY_S", 0.5)
    office = await make_office(BACKSTOP_PORT=0)
    await office.opens()
    office.sim.events.retry_after = (0.1,) * 10 * BACK_WITHIN_S
    return office


async def healthy(port: int) -> bool:
    """What /healthz says of the socket; it is well otherwise."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/healthz") as answer,
    ):
        said: bool = (await answer.json())["checks"]["slack"]["ok"]
        assert answer.status == (200 if said else 503)
        return said


async def is_well_again(office: Office) -> None:
    assert office.bot.web is not None
    async with asyncio.timeout(BACK_WITHIN_S):
        await office.sim.sockets.connected(within=BACK_WITHIN_S)
        while not await healthy(office.bot.web.port):
            await office.sim.sockets.connected(within=BACK_WITHIN_S)


async def is_away(office: Office) -> None:
    """The connection is cut, and no other is taken; Ben says something and is let down by a command."""
    assert office.bot.web is not None
    office.sim.sockets.refuses = True
    await office.sim.sockets.drop()
    with pytest.raises(NotAcknowledged):
        await office.ben.types("/escalate 4711", channel="#care")
    await office.ben.types(WORDS, channel="@bot")
    assert not await healthy(office.bot.web.port)


async def was_heard_once(office: Office) -> None:
    await office.settles()
    answered = [shown for shown in office.ben.sees("@bot") if shown.buttons() and "4711" in str(shown.message)]
    assert len(answered) == 1, [shown.text for shown in office.ben.sees("@bot")]
    await office.ben.types("/escalate 4711", channel="#care")
    assert (await office.ben.modal()).is_open


async def test_addresses_that_do_not_open_are_asked_for_anew(office: Office) -> None:
    await is_away(office)
    await office.sim.sockets.refused(2, within=BACK_WITHIN_S)
    office.sim.sockets.refuses = False
    await is_well_again(office)
    await was_heard_once(office)


@pytest.mark.parametrize("trouble", ["it fails", "it says 429", "it drops the line", "it is slow"])
async def test_slack_has_no_address_to_give_for_a_while(office: Office, trouble: str) -> None:
    opening, faults = "apps.connections.open", office.sim.faults
    match trouble:
        case "it fails":
            faults.fail(opening, times=3)
        case "it says 429":
            faults.rate_limit(opening, 1, times=2)
        case "it drops the line":
            faults.drop_before(opening, times=3)
        case _:
            faults.delay(opening, 1, times=1)
    await is_away(office)
    await office.sim.sockets.refused(1, within=BACK_WITHIN_S)  # and then another address is asked for
    faults.fail(opening, times=2)
    office.sim.sockets.refuses = False
    await is_well_again(office)
    await was_heard_once(office)


async def test_a_refresh_interrupts_nothing(office: Office) -> None:
    await office.sim.sockets.ask_to_refresh(within=BACK_WITHIN_S)
    await is_well_again(office)
    await office.ben.types(WORDS, channel="@bot")
    await was_heard_once(office)


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
async def test_replicas_come_back_each_and_hear_once(office: Office) -> None:
    other = await build(read_settings(**office.settings), office.clock)
    try:
        await other.start(by_itself=False)
        await office.sim.sockets.connected(2)
        await is_away(office)
        await office.sim.sockets.refused(2, within=BACK_WITHIN_S)
        office.sim.sockets.refuses = False
        await office.sim.sockets.connected(2, within=BACK_WITHIN_S)
        await is_well_again(office)
        await other.listening.drain(at_most_s=BACK_WITHIN_S)
        await was_heard_once(office)
    finally:
        await other.stop()
