"""The only composition root: makes the parts and hands each what it uses. Importing anything else does nothing."""

import asyncio
import contextlib
import importlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import aiohttp
import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot import garbage
from bot.alarms import RENDERER, Alarms, render_stuck
from bot.clock import Clock, shared_clock
from bot.commands import UMBRELLA
from bot.connecting import connect
from bot.delivery import HTTP_TIMEOUT_S, Delivery
from bot.desks import Desks, open_desks
from bot.directory import Directory
from bot.health import Health
from bot.hearing import Sockets
from bot.helpdesks import Desk
from bot.listening import HEARD_BY, Listening
from bot.logs import where
from bot.measures import Measures
from bot.pushed import Pushed
from bot.restoring import catch_up
from bot.settings import Settings
from bot.skew import Skew
from bot.spelling import Spelling
from bot.ticking import Ticking
from bot.web import HTTP_MODE_PORT, Web
from handlers import FEATURES, charts
from handlers.house import House
from handlers.keeping import Keeping
from storage.store import Store, open_store
from storage.workspaces import remember

log = structlog.get_logger(__name__)

LISTENERS_END_WITHIN_S = 3.0


def furnish(desks: Mapping[str, Desk] = MappingProxyType({}), keeping: Keeping | None = None) -> House:
    """Every feature's tables, filled; with these help desks, and what is old kept so long."""
    house = House(keeping=keeping or Keeping())
    house.helpdesks = Desks(desks, house.pulled)
    with garbage.not_looked_for():
        for feature in FEATURES:
            importlib.import_module(f"handlers.{feature}").register(house)
    house.renders(RENDERER, render_stuck)
    house.job(charts.DRAW, charts.draw_and_show)
    return house


@dataclass
class Backstop:
    """The whole bot, made and not yet started. `start` connects; `stop` drains: no new beats, what is in flight is
    finished, the socket is closed, then the sessions."""

    settings: Settings
    clock: Clock
    store: Store
    house: House
    bolt: AsyncApp
    delivery: Delivery
    ticking: Ticking
    directory: Directory
    http: aiohttp.ClientSession
    socket: Sockets | None
    listening: Listening
    skew: Skew
    web: Web | None
    _sending: asyncio.Task[None] | None = None

    async def start(self, *, by_itself: bool = True) -> None:
        """Connects. `by_itself=False` neither ticks nor delivers until it is told to (`turn`): for tests of time."""
        async with self.store.write() as session:
            for opening in self.house.openings:
                await opening(session, self.directory.workspace_id, self.clock.now())
        await catch_up(self.store, self.clock, self.ticking)
        if self.web is not None:
            await self.web.start()
        if self.socket is not None:
            # asked for here, because connecting by itself retries a refused token for ever
            self.socket.client.wss_uri = await self.socket.client.issue_new_wss_url()
            await self.socket.connect_async()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped
        if by_itself:
            self.run_by_itself()

    def run_by_itself(self) -> None:
        """Ticks and delivers from now on."""
        garbage.looked_for_seldom()
        self._sending = asyncio.create_task(self.delivery.run(), name="delivery")
        self.ticking.start()

    async def turn(self) -> None:
        """One heartbeat and everything that it makes due to be sent."""
        await self.ticking.beat()
        await self.ticking.finish_jobs()
        while await self.delivery.run_once():
            pass

    async def stop(self) -> None:
        await self.listening.drain(at_most_s=LISTENERS_END_WITHIN_S)
        if self.web is not None:
            await self.web.stop()
        await self.ticking.stop()
        self.delivery.stop()
        if self._sending is not None:
            await self._sending
        if self.socket is not None:
            await self.socket.close_async()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped
        await self.http.close()
        await self.store.close()


async def build(settings: Settings, clock: Clock, *, desks: Mapping[str, Desk] | None = None) -> Backstop:
    """Makes the bot; `desks` in place of the help desks that the settings name. Replicas go by their database's clock
    instead of `clock` (see bot.clock). Raises SlackApiError when the token is refused, DatabaseAwayError when there is
    no database."""
    http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=HTTP_TIMEOUT_S))
    store = open_store(settings.database_url.get_secret_value())
    try:
        clock = await shared_clock(store, clock)
        desks = open_desks(settings, http=http, now=clock.now) if desks is None else desks
        return await _assemble(settings, clock, http, store, desks)
    except BaseException:
        await http.close()
        await store.close()
        raise


async def _assemble(
    settings: Settings, clock: Clock, http: aiohttp.ClientSession, store: Store, desks: Mapping[str, Desk]
) -> Backstop:
    token = settings.slack_bot_token.get_secret_value()
    house = furnish(desks, settings.keeping)
    standalone = (command.name for command in house.commands.values() if command.standalone)
    spelling = Spelling((*standalone, UMBRELLA), settings.command_prefix)

    def client_of(token: str | None) -> AsyncWebClient:
        # the SDK's own retry re-sends after an ambiguous drop, and would sleep on 429 while a listener waits
        return spelling.client(
            AsyncWebClient(
                token, base_url=settings.slack_api_url, session=http, timeout=HTTP_TIMEOUT_S, retry_handlers=[]
            )
        )

    listeners_client, delivery_client = client_of(token), client_of(token)
    identity = await listeners_client.auth_test()
    async with store.write() as session:
        await remember(
            session,
            str(identity["team_id"]),
            str(identity["url"]),
            str(identity["user_id"]),
            named_admins=settings.admins,
        )
    measures = Measures()
    skew = Skew(client=listeners_client, machine=clock)
    skew.observe(identity.headers)
    alarms = Alarms()
    delivery = Delivery(
        store=store,
        client=delivery_client,
        clock=clock,
        house=house,
        daily_dm_limit=settings.daily_dm_limit,
        measures=measures,
        alarms=alarms,
    )
    directory = Directory(store=store, client=listeners_client, now=clock.now, workspace_id=str(identity["team_id"]))
    listening = Listening(store, clock, directory, settings, delivery.wake, house.helpdesks, measures, spelling)
    # Bolt wants the token from `authorize` alone, and warns of one that the client has as well
    bolt = _bolt(settings, client_of(None), token, identity.data)
    connect(bolt, house, listening, settings.command_prefix)
    ticking = Ticking(
        store=store,
        clock=clock,
        house=house,
        client=listeners_client,
        wake=delivery.wake,
        skew=skew,
        alarms=alarms,
    )
    socket = None
    if settings.slack_app_token is not None:
        socket = Sockets(bolt, settings.slack_app_token.get_secret_value(), listeners_client)
    health = Health(
        store=store,
        clock=clock,
        delivery=delivery,
        ticking=ticking,
        skew=skew,
        measures=measures,
        is_connected=socket.client.is_connected if socket is not None else None,
    )
    pushed = Pushed(store=store, desks=desks, clock=clock, public_url=settings.public_url)
    web = _web(settings, health, bolt, pushed)
    return Backstop(
        settings, clock, store, house, bolt, delivery, ticking, directory, http, socket, listening, skew, web
    )


def _web(settings: Settings, health: Health, bolt: AsyncApp, pushed: Pushed) -> Web | None:
    """In HTTP mode there is always one; in Socket Mode, where a port is set."""
    if settings.slack_app_token is not None:
        if settings.port is None:
            return None
        return Web(host=settings.host, port=settings.port, health=health, bolt=bolt, pushed=pushed, signing_secret=None)
    assert settings.slack_signing_secret is not None, "the settings were checked"
    port = HTTP_MODE_PORT if settings.port is None else settings.port
    secret = settings.slack_signing_secret.get_secret_value()
    return Web(host=settings.host, port=port, health=health, bolt=bolt, pushed=pushed, signing_secret=secret)


def _bolt(settings: Settings, client: AsyncWebClient, token: str, identity: Any) -> AsyncApp:
    async def authorize() -> AuthorizeResult:
        # one workspace, one token: asked once at the start instead of at every event
        return AuthorizeResult(
            enterprise_id=identity.get("enterprise_id"),
            team_id=identity["team_id"],
            bot_id=identity.get("bot_id"),
            bot_user_id=identity.get("user_id"),
            bot_token=token,
        )

    secret = settings.slack_signing_secret
    bolt = AsyncApp(
        client=client,
        authorize=authorize,
        signing_secret=secret.get_secret_value() if secret else "unused in Socket Mode",
        raise_error_for_unhandled_request=True,
        attaching_conversation_kwargs_enabled=False,
        # Listeners return once they have acknowledged (bot.listening). Otherwise Bolt looks every 10 ms whether they
        # have, for each event that waits, and drops an acknowledgement that comes after 3 s.
        process_before_response=True,
        logger=logging.getLogger("slack_bolt.app"),  # else it is named after the running script, beyond bot.logs' reach
    )

    @bolt.error
    async def answer_error(error: Exception, body: dict[str, Any], context: AsyncBoltContext) -> BoltResponse:
        # listeners answer for themselves (bot.listening); here is what reached none, or one that never acknowledged
        if isinstance(error, BoltUnhandledRequestError):
            if (listener := context.get(HEARD_BY)) is not None:
                log.warning("not acknowledged in time", listener=listener)
            else:
                kind = body.get("type") or body.get("command")
                log.warning("nobody listens", kind=kind, event_type=(body.get("event") or {}).get("type"))
            return BoltResponse(status=200 if "event" in body else 404, body="")
        log.error("bolt failed", error=type(error).__name__, where=where(error))
        return BoltResponse(status=200, body="")

    return bolt


async def until_stopped(backstop: Backstop, stop: asyncio.Event) -> None:
    """Runs until `stop` is set, then drains."""
    await backstop.start()
    try:
        await stop.wait()
    finally:
        with contextlib.suppress(asyncio.CancelledError):
            await backstop.stop()
