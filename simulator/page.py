"""The page: a local Slack in the browser, served by the simulator itself on loopback.

`GET /` is the page, `/page/ws` brings what the acting person sees, `POST /page/<verb>` does something as that person.
A page of another site must not drive it: `simulator.own_ground` refuses foreign hosts and origins everywhere, and
whatever changes something here must come from this page's own origin, as JSON.
"""

import asyncio
import contextlib
import mimetypes
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import WSCloseCode, WSMsgType, web
from pydantic import ValidationError

from simulator.doing import VERBS, ClockWithOutages, Doing, MovableClock
from simulator.errors import FormErrors, Impossible, NotAcknowledged
from simulator.looking import Look, ReadMarks, Window
from simulator.own_ground import refuse_foreign_origin

if TYPE_CHECKING:
    from simulator.server import Simulator

__all__ = ["ClockWithOutages", "MovableClock", "add_page"]

_HERE = Path(__file__).parent / "page"
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' data: https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def add_page(app: web.Application, sim: "Simulator", *, clock: MovableClock | None = None) -> None:
    """Adds the page's routes. Without a `clock` the page shows the time and can't move it.

    Call it before `sim.start`. Whatever stands in the workspace when the first browser comes counts as read.
    """
    page = _Page(sim, clock)
    app.router.add_get("/", page.index)
    app.router.add_get("/page/ws", page.watch)
    app.router.add_get("/page/files/{id}", page.file)
    app.router.add_get("/page/{name}", page.static)
    app.router.add_post("/page/{verb}", page.act)
    app.on_shutdown.append(page.close)


class _Page:
    def __init__(self, sim: "Simulator", clock: MovableClock | None) -> None:
        self._sim = sim
        self._marks: ReadMarks | None = None
        self._sockets: set[web.WebSocketResponse] = set()
        self._doing = Doing(sim, clock)

    # -- what the browser loads -----------------------------------------------------------------------------------

    async def index(self, _request: web.Request) -> web.StreamResponse:
        return web.FileResponse(_HERE / "index.html", headers=_HEADERS)

    async def static(self, request: web.Request) -> web.StreamResponse:
        known = {path.name: path for path in _HERE.iterdir() if path.is_file()}
        if (path := known.get(request.match_info["name"])) is None:
            raise web.HTTPNotFound
        return web.FileResponse(path, headers=_HEADERS)

    async def file(self, request: web.Request) -> web.StreamResponse:
        """An upload, for its picture in a message."""
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
        refuse_foreign_origin(request)
        socket = web.WebSocketResponse(heartbeat=30, timeout=1.0)
        await socket.prepare(request)
        self._sockets.add(socket)
        # What was seeded before anybody looked is no news to anybody.
        self._marks = self._marks or ReadMarks(self._sim)
        window = Window(self._sim, self._marks, socket, clock_moves=self._doing.clock_moves)
        unsubscribe = self._sim.workspace.subscribe(window.notice)
        sending = asyncio.create_task(window.keep_sending())
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await window.look(Look.model_validate_json(message.data))
        except ConnectionError:
            pass  # the browser went away while something was being sent to it
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
        refuse_foreign_origin(request)
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType
        verb = request.match_info["verb"]
        if verb not in VERBS:
            raise web.HTTPNotFound
        try:
            body = VERBS[verb].model_validate_json(await request.read())
            actor = self._sim.acts_as(body.who)
        except (ValidationError, KeyError) as wrong:
            return web.json_response({"ok": False, "kind": "bad_request", "message": str(wrong)}, status=400)
        try:
            answer = await self._doing.do(body, actor)
        except FormErrors as wrong:
            fields = wrong.errors
            return web.json_response({"ok": False, "kind": "form_errors", "message": str(wrong), "fields": fields})
        except NotAcknowledged as late:
            return web.json_response({"ok": False, "kind": "not_acknowledged", "message": str(late)})
        except Impossible as reason:
            return web.json_response({"ok": False, "kind": "impossible", "message": str(reason)})
        return web.json_response({"ok": True} | (answer or {}))
