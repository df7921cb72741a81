"""A bot in a process of its own, over Socket Mode: `async with bot("backstop", …)` or `bot("bare", …)`.

The bare one knows by heart what Backstop showed: it opens that form, and after the submission posts that card and
those direct messages. It keeps nothing, asks nobody, and waits for no pace.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.kwargs_injection.async_args import AsyncArgs
from slack_sdk.web.async_client import AsyncWebClient

from bot.app import build
from bot.clock import SystemClock
from bot.settings import read_settings

CONNECTED = "connected"


@asynccontextmanager
async def bot(kind: str, settings: Mapping[str, Any]) -> AsyncIterator[int]:
    """Starts the child, waits until it is connected, gives its process id, and ends it."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "benchmarks.bots", kind),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**24,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        child.stdin.write(json.dumps(dict(settings)).encode() + b"\n")
        await child.stdin.drain()
        while (line := await child.stdout.readline()).decode().strip() != CONNECTED:
            if not line:
                raise RuntimeError(f"{kind} did not start")
        reading = asyncio.create_task(child.stdout.read())  # what it logs must not fill the pipe
        yield child.pid
        child.stdin.close()
        await reading
    finally:
        if child.returncode is None:
            child.stdin.close()
        await child.wait()


async def _backstop(settings: dict[str, Any]) -> None:
    backstop = await build(read_settings(**settings), SystemClock())
    await backstop.start()
    await _until_told()
    await backstop.stop()


async def _bare(settings: dict[str, Any]) -> None:
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(
            settings["SLACK_BOT_TOKEN"], base_url=settings["SLACK_API_URL"], session=session, retry_handlers=[]
        )
        bolt = AsyncApp(client=client, signing_secret="unused in Socket Mode")
        form, posts, desks = settings["form"], settings["posts"], settings["desks"]

        async def escalate(args: AsyncArgs) -> None:
            await args.ack()
            await args.client.views_open(trigger_id=args.body["trigger_id"], view=form)

        async def submit(args: AsyncArgs) -> None:
            await args.ack(response_action="clear")
            for place, post in zip(desks[args.body["user"]["id"]], posts, strict=True):
                await args.client.chat_postMessage(channel=place, **post)

        bolt.command("/escalate")(escalate)
        bolt.view(form["callback_id"])(submit)
        socket = AsyncSocketModeHandler(bolt, settings["SLACK_APP_TOKEN"], web_client=client, ping_interval=10)
        await socket.connect_async()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped
        await _until_told()
        await socket.close_async()  # type: ignore[no-untyped-call]  # likewise


async def _until_told() -> None:
    """Until whoever started this closes its input."""
    print(CONNECTED, flush=True)
    await asyncio.to_thread(sys.stdin.read)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=("backstop", "bare"))
    kind = parser.parse_args().kind
    settings: dict[str, Any] = json.loads(sys.stdin.readline())
    asyncio.run(_backstop(settings) if kind == "backstop" else _bare(settings))


if __name__ == "__main__":
    main()
