"""`backstop demo` as a newcomer starts it: one address, a week behind it, a clean end."""

import asyncio
import os
import re
import signal
import sys
from datetime import UTC, datetime, timedelta

import aiohttp

from simulator.demo import Travelling, opening_hour

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\S*")
READY_WITHIN_S = 90
ENDS_WITHIN_S = 10


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


async def test_whoever_moves_the_clock_before_the_week_is_lived_moves_nothing() -> None:
    clock = Travelling(timedelta())
    clock.ask(timedelta(hours=1))
    assert clock.destination is None
