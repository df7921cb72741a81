"""The page: a local Slack in the browser, served by the simulator itself on loopback.

`GET /` is the page, `/page/ws` brings what the acting person sees, `POST /page/<verb>` does something as that person.
A page of another site must not drive it: every request must name a loopback host (against DNS rebinding), and whatever
changes something must come from this page's own origin, as JSON.
"""

import asyncio
import contextlib
import ipaddress
import mimetypes
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol
from zoneinfo import ZoneInfo

from aiohttp import WSCloseCode, WSMsgType, web
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from yarl import URL

from simulator.acting import Actor
from simulator.changes import Change
from simulator.errors import FormErrors, Impossible, NotAcknowledged
from simulator.looking import Look, ReadMarks, Screen

if TYPE_CHECKING:
    from simulator.server import Simulator

_HERE = Path(__file__).parent / "page"
_TOGETHER_S = 0.02
"""Changes that come within this time are sent as one state."""
_CLOCK_EVERY_S = 5.0
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
        "img-src 'self' data: https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class MovableClock(Protocol):
    """A clock that the page may move. `now` is aware UTC."""

    def now(self) -> datetime: ...

    def advance(self, by: timedelta) -> None:
        """Moves it forward."""


def add_page(app: web.Application, sim: "Simulator", *, clock: MovableClock | None = None) -> None:
    """Adds the page's routes. Without a `clock` the page shows the time and can't move it. Call it after seeding."""
    page = _Page(sim, clock)
    app.router.add_get("/", page.index)
    app.router.add_get("/page/ws", page.watch)
    app.router.add_get("/page/files/{id}", page.file)
    app.router.add_get("/page/{name}", page.static)
    app.router.add_post("/page/{verb}", page.act)
    app.on_shutdown.append(page.close)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    who: str = Field(alias="as")


class Say(_Body):
    channel: str
    text: str
    thread: str | None = None


class Press(_Body):
    """In a message (`channel`, `ts`) or in a view (`view`, with what stands in its form)."""

    channel: str | None = None
    ts: str | None = None
    view: str | None = None
    block: str
    action: str
    chosen: dict[str, Any] | None = None
    values: dict[str, dict[str, dict[str, Any]]] = {}


class Form(_Body):
    view: str
    values: dict[str, dict[str, dict[str, Any]]] = {}


class Suggest(_Body):
    where: str
    block: str
    action: str
    typed: str


class Shortcut(_Body):
    callback: str
    channel: str | None = None
    ts: str | None = None


class Join(_Body):
    channel: str


class MoveClock(_Body):
    move: Literal["15m", "1h", "next-morning"]


class _Page:
    def __init__(self, sim: "Simulator", clock: MovableClock | None) -> None:
        self._sim = sim
        self._clock = clock
        self._marks = ReadMarks(sim)
        self._sockets: set[web.WebSocketResponse] = set()
        self._verbs: dict[str, tuple[type[_Body], Callable[[Any, Actor], Awaitable[dict[str, Any] | None]]]] = {
            "say": (Say, self._say),
            "press": (Press, self._press),
            "submit": (Form, self._submit),
            "dismiss": (Form, self._dismiss),
            "typed": (Form, self._typed),
            "suggest": (Suggest, self._suggest),
            "shortcut": (Shortcut, self._shortcut),
            "join": (Join, self._join),
            "clock": (MoveClock, self._move_clock),
        }

    # -- what the browser loads -----------------------------------------------------------------------------------

    async def index(self, request: web.Request) -> web.StreamResponse:
        _refuse_foreign_host(request)
        return web.FileResponse(_HERE / "index.html", headers=_HEADERS)

    async def static(self, request: web.Request) -> web.StreamResponse:
        _refuse_foreign_host(request)
        known = {path.name: path for path in _HERE.iterdir() if path.is_file()}
        if (path := known.get(request.match_info["name"])) is None:
            raise web.HTTPNotFound
        return web.FileResponse(path, headers=_HEADERS)

    async def file(self, request: web.Request) -> web.StreamResponse:
        """An upload, for its picture in a message."""
        _refuse_foreign_host(request)
        stored = self._sim.workspace.files.get(request.match_info["id"])
        if stored is None or stored.content is None:
            raise web.HTTPNotFound
        kind = mimetypes.guess_type(stored.name)[0] or "application/octet-stream"
        # Anything but a picture is only ever downloaded: an uploaded HTML page must not run in this origin.
        shown = "inline" if kind in {"image/png", "image/jpeg", "image/gif", "image/webp"} else "attachment"
        headers = _HEADERS | {"Content-Disposition": shown}
        return web.Response(body=stored.content, content_type=kind, headers=headers)

    # -- what the person sees -------------------------------------------------------------------------------------

    async def watch(self, request: web.Request) -> web.StreamResponse:
        """A WebSocket: the page says where it looks (`Look`), and is sent the whole state there at each change."""
        _refuse_foreign_host(request)
        _refuse_foreign_origin(request)
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        self._sockets.add(socket)
        window = _Window(self._sim, self._marks, socket, movable=self._clock is not None)
        unsubscribe = self._sim.workspace.subscribe(window.notice)
        sending = asyncio.create_task(window.keep_sending())
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await window.look(Look.model_validate_json(message.data))
        except ValidationError as wrong:
            await socket.close(code=WSCloseCode.UNSUPPORTED_DATA, message=str(wrong).encode()[:120])
        finally:
            unsubscribe()
            self._sockets.discard(socket)
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await sending
        return socket

    async def close(self, _app: web.Application) -> None:
        for socket in tuple(self._sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY)

    # -- what the person does -------------------------------------------------------------------------------------

    async def act(self, request: web.Request) -> web.Response:
        _refuse_foreign_host(request)
        _refuse_foreign_origin(request)
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType
        if (verb := self._verbs.get(request.match_info["verb"])) is None:
            raise web.HTTPNotFound
        shape, run = verb
        try:
            body = shape.model_validate_json(await request.read())
            actor = self._sim.acts_as(body.who)
        except (ValidationError, KeyError) as wrong:
            return web.json_response({"ok": False, "kind": "bad_request", "message": str(wrong)}, status=400)
        try:
            answer = await run(body, actor)
        except FormErrors as wrong:
            fields = wrong.errors
            return web.json_response({"ok": False, "kind": "form_errors", "message": str(wrong), "fields": fields})
        except NotAcknowledged as late:
            return web.json_response({"ok": False, "kind": "not_acknowledged", "message": str(late)})
        except Impossible as reason:
            return web.json_response({"ok": False, "kind": "impossible", "message": str(reason)})
        return web.json_response({"ok": True} | (answer or {}))

    async def _say(self, body: Say, actor: Actor) -> None:
        await actor.types(body.text, channel=body.channel, thread=body.thread)

    async def _press(self, body: Press, actor: Actor) -> None:
        if body.view is not None:
            self._fill(actor, body.view, body.values)
            await actor.press_in_view(body.view, body.block, body.action, body.chosen)
        elif body.channel and body.ts:
            await actor.press_in_message(body.channel, body.ts, body.block, body.action, body.chosen)
        else:
            raise Impossible("what was pressed is neither in a message nor in a view")

    async def _submit(self, body: Form, actor: Actor) -> None:
        self._fill(actor, body.view, body.values)
        await actor.submit(body.view)

    async def _dismiss(self, body: Form, actor: Actor) -> None:
        await actor.dismiss(body.view)

    async def _typed(self, body: Form, actor: Actor) -> None:
        self._fill(actor, body.view, body.values)

    async def _suggest(self, body: Suggest, actor: Actor) -> dict[str, Any]:
        return {"options": await actor.suggest(body.where, body.block, body.action, body.typed)}

    async def _shortcut(self, body: Shortcut, actor: Actor) -> None:
        if body.channel and body.ts:
            await actor.shortcut_on(body.callback, body.channel, body.ts)
        else:
            await actor.shortcut(body.callback)

    async def _join(self, body: Join, actor: Actor) -> None:
        workspace = self._sim.workspace
        if body.channel not in workspace.channels or not workspace.can_see(actor.id, body.channel):
            raise Impossible("that channel isn't there to join")
        workspace.join(body.channel, actor.id)

    async def _move_clock(self, body: MoveClock, actor: Actor) -> None:
        if self._clock is None:
            raise Impossible("the clock of this workspace can't be moved")
        now = self._clock.now()
        match body.move:
            case "15m":
                to = now + timedelta(minutes=15)
            case "1h":
                to = now + timedelta(hours=1)
            case "next-morning":
                there = now.astimezone(ZoneInfo(self._sim.workspace.person(actor.id).tz))
                to = (there + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
        # Subtracting instants: in one zone, Python would subtract wall clocks across a change of summer time.
        self._clock.advance(timedelta(seconds=to.timestamp() - now.timestamp()))
        self._sim.workspace.announce(Change("clock"))

    def _fill(self, actor: Actor, view_id: str, values: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
        """Puts what stands in the browser's form into the view, leaving out fields that an update took away."""
        shown = self._sim.workspace.open_view(view_id)
        if shown is None or shown.user_id != actor.id:
            raise Impossible("this form was closed")
        for block in shown.view["blocks"]:
            if block["type"] != "input":
                continue
            element = block["element"]
            state = values.get(block["block_id"], {}).get(element["action_id"])
            if state is None or state.get("type") != element["type"]:
                continue
            if state != shown.typed.get(block["block_id"], {}).get(element["action_id"]):
                chosen = {key: value for key, value in state.items() if key != "type"}
                actor.choose(view_id, block["block_id"], element["action_id"], chosen)


class _Window:
    """One WebSocket: remembers where it looks, and sends the state again when something there may have changed."""

    def __init__(self, sim: "Simulator", marks: ReadMarks, socket: web.WebSocketResponse, *, movable: bool) -> None:
        self._sim = sim
        self._marks = marks
        self._socket = socket
        self._movable = movable
        self._screen: Screen | None = None
        self._stirred = asyncio.Event()

    def notice(self, change: Change) -> None:
        if (self._screen and change.user_id in {None, self._screen.me.id}) or change.what == "people":
            self._stirred.set()

    async def look(self, look: Look) -> None:
        before = self._screen
        screen = self._screen = Screen(self._sim, self._marks, look)
        moved = before is None or (before.me, before.channel, before.tab) != (screen.me, screen.channel, screen.tab)
        await self._send(fresh=moved)
        if moved and screen.channel and screen.channel.is_im:
            if screen.tab == "home":
                await self._sim.acts_as(screen.me.id).open_home_tab()
            else:
                self._sim.workspace.home_opened(screen.me, "messages")

    async def keep_sending(self) -> None:
        while not self._socket.closed:
            try:
                async with asyncio.timeout(_CLOCK_EVERY_S):
                    await self._stirred.wait()
            except TimeoutError:
                now = self._sim.now().timestamp()
                await self._socket.send_json({"type": "clock", "now": now, "movable": self._movable})
                continue
            await asyncio.sleep(_TOGETHER_S)
            self._stirred.clear()
            await self._send(fresh=False)

    async def _send(self, *, fresh: bool) -> None:
        if self._screen is not None and not self._socket.closed:
            await self._socket.send_json(self._screen.state(movable=self._movable, fresh=fresh))


def _refuse_foreign_host(request: web.Request) -> None:
    """A name that an attacker points at 127.0.0.1 is not ours: only loopback's own names are."""
    host = URL(f"//{request.host}").host or ""
    if host != "localhost":
        try:
            if ipaddress.ip_address(host).is_loopback:
                return
        except ValueError:
            pass
        raise web.HTTPForbidden(text="This page answers to loopback addresses only.")


def _refuse_foreign_origin(request: web.Request) -> None:
    if request.headers.get("Origin") != f"{request.scheme}://{request.host}":
        raise web.HTTPForbidden(text="Only the page itself may do this.")
