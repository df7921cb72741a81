"""`Simulator`: the local workspace behind one loopback port."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from wsgiref.handlers import format_date_time

from aiohttp import web
from aiohttp.typedefs import Handler

from simulator.acting import Actor
from simulator.desk import Desk
from simulator.event_feed import AppLink, EventFeed
from simulator.faults import Faults
from simulator.http_mode import HttpMode
from simulator.interactions import Interactions
from simulator.interactivity import TRIGGER_LIVES_S, ResponseUrls, Triggers
from simulator.manifest import AppManifest
from simulator.modal_stacks import ModalStacks
from simulator.own_ground import refuse_foreign
from simulator.payloads import Payloads
from simulator.socket_mode import SocketMode
from simulator.web_api import ApiCall, WebApi
from simulator.workspace import Workspace

HOST = "127.0.0.1"


class Simulator:
    """One workspace with one app installed, as its manifest describes it.

    `now` gives aware UTC datetimes: timestamps, `Date` headers, 30-minute response URLs. Deadlines of
    3 s are real time.
    With `request_url` payloads go there as signed HTTP requests instead of through Socket Mode.
    """

    bot_token = "xoxb-simulated-bot"  # noqa: S105 - opens nothing but this
    app_token = "xapp-simulated-app"  # noqa: S105 - likewise
    signing_secret = "simulated-signing-secret"  # noqa: S105 - likewise

    def __init__(
        self,
        workspace: Workspace,
        *,
        now: Callable[[], datetime],
        manifest: Mapping[str, Any],
        request_url: str | None = None,
        patience_s: float = TRIGGER_LIVES_S,
    ) -> None:
        """`patience_s`: real seconds that an acknowledgement may take, and that a trigger lives: Slack's three, or more
        where a busy test machine is not what is under test."""
        self.workspace = workspace
        self.now = now
        self.manifest = manifest
        self.app_manifest = AppManifest.read(manifest)
        workspace.alter(workspace.bot, name=self.app_manifest.bot_name)
        self.surprises: list[str] = [*self.app_manifest.contradictions()]
        self.faults = Faults()
        self.sockets = SocketMode(app_id=workspace.app_id)
        self.base_url = ""
        triggers, response_urls, payloads = Triggers(lives_s=patience_s), ResponseUrls(now), Payloads(workspace)
        desk = Desk(
            workspace=workspace,
            manifest=self.app_manifest,
            stacks=ModalStacks(workspace, triggers, self.surprises.append, home_tab=self.app_manifest.home_tab),
            sockets=self.sockets,
            faults=self.faults,
            base_url=lambda: self.base_url,
            surprise=self.surprises.append,
        )
        self.interactions = Interactions(desk, payloads, triggers, response_urls)
        self.interactions.ack_within = patience_s
        self.events = EventFeed(workspace, payloads, self.app_manifest.bot_events)
        self.api = WebApi(desk, response_urls, bot_token=self.bot_token, app_token=self.app_token)
        self.http = (
            HttpMode(request_url, signing_secret=self.signing_secret, now=now) if request_url is not None else None
        )
        self.web = web.Application(client_max_size=64 * 1024**2, middlewares=[self._own_failures, refuse_foreign])
        """Add routes (the page's) before `start`."""
        self.web.add_routes([*self.api.routes(), *self.sockets.routes()])
        self.web.on_response_prepare.append(self._date)
        self._runner: web.AppRunner | None = None
        self._actors: dict[str, Actor] = {}

    @property
    def api_url(self) -> str:
        return f"{self.base_url}/api/"

    @property
    def calls(self) -> list[ApiCall]:
        """Every Web API call and answer to a response URL so far, oldest first."""
        return self.api.calls

    async def called(self, method: str, *, outcome: str | None = None, times: int = 1, within: float = 5.0) -> ApiCall:
        """The `times`-th call of that method (with that outcome), waited for. Raises NeverHappened."""
        return await self.api.called(method, outcome=outcome, times=times, within=within)

    def refusals(self) -> list[str]:
        """Calls that did not end well, and surprises, in words."""
        return [f"{call.method}: {call.outcome}" for call in self.calls[-50:] if call.outcome != "ok"] + self.surprises

    async def start(self, port: int = 0) -> None:
        """Listens on the loopback interface; port 0 takes a free one. Raises OSError if the port is taken."""
        self._runner = web.AppRunner(self.web, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, port)
        await site.start()
        bound = self._runner.addresses[0][1]
        self.base_url = f"http://{HOST}:{bound}"
        link: AppLink = self.http or self.sockets
        self.interactions.link = self.events.link = link

    async def stop(self) -> None:
        self.interactions.link = None
        await self.events.stop()
        await self.sockets.close()
        if self.http is not None:
            await self.http.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def acts_as(self, name_or_id: str) -> Actor:
        """The same Actor for the same person each time. Raises KeyError."""
        user_id = self.workspace.person(name_or_id).id
        if user_id not in self._actors:
            self._actors[user_id] = Actor(self, user_id)
        return self._actors[user_id]

    @web.middleware
    async def _own_failures(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """A bug in here must not look like Slack having a bad day."""
        try:
            return await handler(request)
        except web.HTTPException:
            raise
        except Exception as failure:
            self.surprises.append(f"the simulator itself failed at {request.path}: {failure!r}")
            raise

    async def _date(self, _request: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = format_date_time(self.now().timestamp())
