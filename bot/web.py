"""The web server: /healthz, /metrics, what help desks push, and Slack's own requests in HTTP mode."""

import asyncio
import re

from aiohttp import web
from aiohttp.typedefs import Handler
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier

from bot.health import Health
from bot.hearing import hear
from bot.pushed import Pushed
from bot.settings import EVENTS

BODY_AT_MOST = 1024 * 1024
"""Bytes. Slack's largest payload is a view of 250 kB, which arrives escaped in a form field."""
BODY_WITHIN_S = 5.0
"""Real seconds. Slack gives up after three; who sends on and on holds a connection and means nothing good."""
SIGNATURE_LIVES_S = 600.0
"""Real seconds: a timestamp is taken for five minutes to either side."""
STOP_WITHIN_S = 2.0
HTTP_MODE_PORT = 3000
"""Where Slack's requests are awaited unless BACKSTOP_PORT says otherwise."""
TIMESTAMP = re.compile(r"[0-9]{1,12}")
SIGNATURE = "X-Slack-Signature"
FAILED = 500


@web.middleware
async def _whole_in_time(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Handlers find the body read; it is read once."""
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            await request.read()
    except TimeoutError:
        return web.Response(status=408, text="too slow", headers={"Connection": "close"})
    return await handler(request)


class Web:
    """`signing_secret` opens POST /slack/events; None in Socket Mode, where Slack never calls."""

    def __init__(
        self, *, host: str, port: int, health: Health, bolt: AsyncApp, pushed: Pushed, signing_secret: str | None
    ) -> None:
        self._health = health
        self._bolt = bolt
        self._pushed = pushed
        self._verifier = SignatureVerifier(signing_secret) if signing_secret is not None else None
        self._host = host
        self._asked_port = port
        self._runner: web.AppRunner | None = None
        self._taken: dict[str, float] = {}
        """Signatures that were good, oldest first, and until when a copy of them would be."""

    async def start(self) -> None:
        """Raises OSError when the address can't be had."""
        served = web.Application(client_max_size=BODY_AT_MOST, middlewares=[_whole_in_time])
        served.router.add_get("/healthz", self._say_health)
        served.router.add_get("/metrics", self._show_metrics)
        served.router.add_post("/push/{kind}", self._pushed.hear)
        if self._verifier is not None:
            served.router.add_post(EVENTS, self._hear_slack)
        # Neither Slack nor a help desk compresses: unpacking would let half a megabyte of anybody's hold up the loop
        # for a second, before anything is known of who sent it
        self._runner = web.AppRunner(served, access_log=None, shutdown_timeout=STOP_WITHIN_S, auto_decompress=False)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._asked_port).start()

    @property
    def port(self) -> int:
        """The port that is served; the system's choice where 0 was asked for."""
        assert self._runner is not None, "not started"
        port: int = self._runner.addresses[0][1]
        return port

    async def stop(self) -> None:
        """No new requests; those that are being answered get STOP_WITHIN_S."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _say_health(self, _request: web.Request) -> web.Response:
        checks = await self._health.checks()
        passes = all(check.passes for check in checks)
        said = {check.name: {"ok": check.passes, "says": check.says} for check in checks}
        told = {"ok": passes, "checks": said, "sources": await self._health.sources()}
        return web.json_response(told, status=200 if passes else 503)

    async def _show_metrics(self, _request: web.Request) -> web.Response:
        exposition = await self._health.exposition()
        return web.Response(body=exposition, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    async def _hear_slack(self, request: web.Request) -> web.Response:
        body = await request.read()
        if not self._is_from_slack(body, request) or not self._is_new(signature := request.headers[SIGNATURE]):
            return web.Response(status=401, text="not signed by Slack")
        # Slack signed it, so it is text
        answer = await to_aiohttp_response(
            await hear(
                self._bolt,
                body=body.decode("utf-8"),
                query=request.query_string,
                headers=dict(request.headers),
            )
        )
        if answer.status >= FAILED:  # Slack sends it again, perhaps in the same second
            del self._taken[signature]
        return answer

    def _is_new(self, signature: str) -> bool:
        """Slack signs each time anew: the same signature again is a copy that somebody sends. Each process knows its
        own; what a copy does elsewhere is made harmless by the form's key and by the state that it finds."""
        now = asyncio.get_running_loop().time()
        while self._taken and self._taken[oldest := next(iter(self._taken))] < now:
            del self._taken[oldest]
        if signature in self._taken:
            return False
        self._taken[signature] = now + SIGNATURE_LIVES_S
        return True

    def _is_from_slack(self, body: bytes, request: web.Request) -> bool:
        # The verifier raises on a timestamp that is no number, a signature or a body that is no text; and Bolt, which
        # checks once more, would write the body of what it refuses into the log.
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get(SIGNATURE, "")
        if self._verifier is None or not TIMESTAMP.fullmatch(timestamp) or not signature.isascii():
            return False
        try:
            return self._verifier.is_valid(body, timestamp, signature)
        except UnicodeDecodeError:
            return False
