"""The simulator in a process of its own, so that its work isn't counted as the bot's: `async with slack(desks=1)`.

A benchmark that dispatches in process asks it for commands as Slack would send them (with triggers that are really
good for one form), and afterwards what became of them.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp import web

from benchmarks.company import agent_of, channel_of, found_company
from bot.manifest import read_manifest
from simulator.payloads import Payload
from simulator.server import Simulator


class Slack:
    """The simulator in its child process, from outside."""

    def __init__(self, base_url: str, http: aiohttp.ClientSession) -> None:
        self._http = http
        self.base_url = base_url

    @property
    def settings(self) -> dict[str, Any]:
        """A bot's settings by name, all but its database."""
        return {
            "SLACK_BOT_TOKEN": Simulator.bot_token,
            "SLACK_APP_TOKEN": Simulator.app_token,
            "SLACK_API_URL": f"{self.base_url}/api/",
        }

    async def commands(self, many: int, text: str) -> list[dict[str, Any]]:
        """So many people's `/escalate text`, each to be dispatched within 3 s."""
        asked = {"many": many, "text": text}
        async with self._http.post(f"{self.base_url}/benchmark/commands", json=asked) as answer:
            payloads: list[dict[str, Any]] = await answer.json()
            return payloads

    async def opened(self) -> tuple[int, dict[str, Any] | None]:
        """How many forms were opened so far, and the last of them."""
        async with self._http.get(f"{self.base_url}/benchmark/opened") as answer:
            told = await answer.json()
            return int(told["many"]), told["view"]


@asynccontextmanager
async def slack(*, desks: int) -> AsyncIterator[Slack]:
    """Starts the child and ends it."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "benchmarks.slack", "--desks", str(desks)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        base_url = (await child.stdout.readline()).decode().strip()
        if not base_url:
            raise RuntimeError("the simulator did not start")
        async with aiohttp.ClientSession() as http:
            yield Slack(base_url, http)
    finally:
        child.stdin.close()
        await child.wait()


class _Nowhere:
    """Payloads go to nobody: the benchmark dispatches them itself."""

    async def deliver(self, *_payload: object, **_how: object) -> Payload:
        return {}


async def _serve(desks: int) -> None:
    workspace = found_company(desks, lambda: datetime.now(UTC))
    simulator = Simulator(workspace, now=workspace.now, manifest=read_manifest())

    async def commands(request: web.Request) -> web.Response:
        asked: Mapping[str, Any] = await request.json()
        command = simulator.app_manifest.commands["/escalate"]
        payloads = []
        for turn in range(asked["many"]):
            member = workspace.person(agent_of(turn % desks))
            await simulator.interactions.command(
                member, workspace.channel(channel_of(turn % desks)), command, asked["text"]
            )
            payloads.append(simulator.interactions.sent[-1][1])
        return web.json_response(payloads)

    async def opened(_request: web.Request) -> web.Response:
        forms = [call for call in simulator.calls if call.method == "views.open" and call.outcome == "ok"]
        view = forms[-1].args["view"] if forms else None
        return web.json_response({"many": len(forms), "view": json.loads(view) if isinstance(view, str) else view})

    simulator.web.add_routes([web.post("/benchmark/commands", commands), web.get("/benchmark/opened", opened)])
    await simulator.start()
    simulator.interactions.link = _Nowhere()
    print(simulator.base_url, flush=True)
    await asyncio.to_thread(sys.stdin.read)  # until whoever started this closes it
    await simulator.stop()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--desks", type=int, required=True)
    asyncio.run(_serve(parser.parse_args().desks))


if __name__ == "__main__":
    main()
