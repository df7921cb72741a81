"""Hands what Slack sends to Bolt, in Socket Mode and in HTTP mode alike. What is no payload of Slack's stops here."""

import asyncio
from time import time
from typing import Any

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_bolt.adapter.socket_mode.internals import build_headers
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.logs import kind_and_place
from bot.refused import NO_CLEAR_ANSWER
from bot.shapes import misshapen

log = structlog.get_logger(__name__)

PING_EVERY_S = 10.0
"""How soon a connection that broke without a word is missed, and how long is waited between two tries."""
OPENS_WITHIN_PINGS = 1.5
"""One try, or one and the next, which a ping's interval later finds the address used up."""

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


class Client(SocketModeClient):
    """An address of Slack's opens once, and soon after it was given. The SDK's own client goes on trying one that
    didn't, for ever; here another one is asked for."""

    async def connect(self) -> None:
        while not self.closed:
            try:
                async with asyncio.timeout(OPENS_WITHIN_PINGS * self.ping_interval):
                    await super().connect()  # type: ignore[no-untyped-call]  # the SDK leaves it untyped
            except TimeoutError:
                log.warning("Slack's socket doesn't open: another address is asked for")
                await self._gets_an_address()
            else:
                return

    async def _gets_an_address(self) -> None:
        """Waits as long as Slack asks for, and a ping's interval where it says nothing of use."""
        while not self.closed:
            try:
                self.wss_uri = await self.issue_new_wss_url()
            except (SlackApiError, *NO_CLEAR_ANSWER) as error:
                log.warning("Slack gives no address for its socket", error=kind_and_place(error))
                await asyncio.sleep(self.ping_interval)
            else:
                return


class Sockets(AsyncSocketModeHandler):
    client: Client

    def __init__(self, bolt: AsyncApp, app_token: str, web_client: AsyncWebClient) -> None:
        self.app, self.app_token = bolt, app_token  # Bolt's own constructor would make the SDK's client
        self.client = Client(app_token, logger=bolt.logger, web_client=web_client, ping_interval=PING_EVERY_S)
        self.client.socket_mode_request_listeners.append(self.handle)  # type: ignore[arg-type]  # Bolt's own is typed so

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]  # Bolt's own is typed so
        began = time()
        answer = await hear(self.app, mode="socket_mode", body=req.payload, headers=build_headers(req))
        await send_async_response(client, req, answer, began)
