"""`backstop demo` as a newcomer starts it: one address, a week behind it, a clean end."""

import asyncio
import os
import re
import signal
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.manifest import read_manifest
from simulator.company import found_company
from simulator.demo import WEEK, Travelling, opening_hour, prepare
from simulator.living import Living
from simulator.server import Simulator
from simulator.story import live_a_week
from tests.office import PATIENCE_S, StillClock

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\S*")
READY_WITHIN_S = 300
ENDS_WITHIN_S = 10
WEEKS = (date(2026, 10, 26), date(2026, 3, 31), date(2026, 1, 7), date(2026, 12, 31), date(2026, 5, 8))
"""One that ends on each weekday; in them Dublin's clocks go back, and forward, are New Year, Christmas and May Day."""
LIVED = WEEKS if os.environ.get("BACKSTOP_TEST_EVERYTHING") else [day for day in WEEKS if day.weekday() in {0, 3}]
"""Each is twenty seconds of a core: without being asked for more, one that goes over a weekend and one that doesn't."""


@pytest.mark.timeout(420)
async def test_the_demo_prints_one_address_serves_it_and_leaves_when_it_is_told() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "BACKSTOP_"))}
    demo = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "demo",
        "--port",
        "0",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment | {"COLUMNS": "200"},
    )
    assert demo.stdout is not None
    said = ""
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            while (found := ADDRESS.search(said)) is None:
                line = await demo.stdout.readline()
                assert line, f"the demo ended: {said}"
                said += line.decode()
        async with aiohttp.ClientSession() as http, http.get(found[0]) as page:
            assert page.status == 200
        demo.send_signal(signal.SIGINT)
        async with asyncio.timeout(ENDS_WITHIN_S):
            said += (await demo.stdout.read()).decode()
            assert await demo.wait() == 0, said
    finally:
        if demo.returncode is None:
            demo.kill()
            await demo.wait()
    assert "error" not in said.lower(), said
    assert "claim as Ben" in said, "the rota's second week is Ben's"


def test_a_demo_begun_on_a_sunday_opens_on_monday_morning_in_dublin() -> None:
    sunday = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
    assert opening_hour(sunday) == datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def test_a_demo_begun_in_office_hours_opens_at_once() -> None:
    tuesday = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
    assert opening_hour(tuesday) == tuesday


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("day", LIVED, ids=lambda day: f"{day:%A-%d-%B}")
async def test_the_week_is_lived_whatever_day_it_is(day: date, tmp_path: Path) -> None:
    """Weekends fall elsewhere in it, and so do holidays and the days on which clocks change."""
    shown_from = opening_hour(datetime.combine(day, time(8), UTC))
    clock = StillClock(shown_from - WEEK)
    sim = Simulator(found_company(clock.now), now=clock.now, manifest=read_manifest(), patience_s=PATIENCE_S)
    await sim.start()
    bot = await prepare(sim, clock, tmp_path, shown_from)
    try:
        await bot.start(by_itself=False)
        await live_a_week(sim, Living(bot, clock), shown_from)
    finally:
        await bot.stop()
        await sim.stop()
    assert shown_from <= clock.at < shown_from + timedelta(minutes=5)
    assert sim.surprises == []


async def test_whoever_moves_the_clock_before_the_week_is_lived_moves_nothing() -> None:
    clock = Travelling(timedelta())
    clock.ask(timedelta(hours=1))
    assert clock.destination is None
