"""Hands what Slack sends to Bolt, in Socket Mode and in HTTP mode alike. What is no payload of Slack's stops here."""

from time import time
from typing import Any

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_bolt.adapter.socket_mode.internals import build_headers
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.shapes import misshapen

log = structlog.get_logger(__name__)

UNREADABLE = (ValueError, RecursionError, AttributeError, KeyError, TypeError)
"""What Bolt's reading raises: of JSON that is torn or too deep; and of a payload where something else stands than what
says who sent it and where from, which it takes for granted."""


async def hear(bolt: AsyncApp, **request: Any) -> BoltResponse:
    """Bolt's answer to a request (AsyncBoltRequest's arguments). What is no payload of Slack's is answered 400, or 200
    where Slack would repeat it; a bug of ours 500, and Slack repeats an event."""
    try:
        heard = AsyncBoltRequest(**request)
    except UNREADABLE as error:
        log.warning("not a payload of Slack's", error=type(error).__name__)
        return BoltResponse(status=400, body="")
    try:
        return await _pass_on(bolt, heard)
    except Exception:  # the Slack libraries would log its message, which may hold what somebody typed
        log.exception("hearing failed")
        return BoltResponse(status=500, body="")


async def _pass_on(bolt: AsyncApp, heard: AsyncBoltRequest) -> BoltResponse:
    if (wrong := misshapen(heard.body)) is not None:
        log.warning("not a payload of Slack's", at=wrong)
        return BoltResponse(status=200 if "event" in heard.body else 400, body="")  # Slack would repeat an event
    return await bolt.async_dispatch(heard)


class Sockets(AsyncSocketModeHandler):
    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]  # Bolt's own is typed so
        began = time()
        answer = await hear(self.app, mode="socket_mode", body=req.payload, headers=build_headers(req))
        await send_async_response(client, req, answer, began)
