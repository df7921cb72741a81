"""What the simulated help desks have in common: a port, a list of who asked what, and answers that go wrong."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Fault = Callable[[web.Request, web.StreamResponse], Awaitable[web.StreamResponse]]
"""Gets the true answer, and makes of it what goes out."""

MAINTENANCE = "<!doctype html><html><head><title>Be right back</title></head><body>We are upgrading.</body></html>"


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    """Of JSON or of a form; None without one."""


class HelpDesk:
    """A vendor's API. `let_in` is the Authorization header that opens it."""

    def __init__(self, let_in: str, *, refusal: Any = None) -> None:
        self._let_in = let_in
        self._refusal = {"error": "unauthorized"} if refusal is None else refusal
        self._faults: list[tuple[str, Fault]] = []
        self.asked: list[Asked] = []
        self.date: datetime | None = None
        """Its clock; None: this machine's."""
        self.headers: dict[str, str] = {}
        """Sent with every answer: the budget, for example."""
        self.closed: set[str] = set()
        """Beginnings of paths that these credentials may not read."""
        self._app = web.Application(middlewares=[self._answer], client_max_size=2**22)
        self._runner = web.AppRunner(self._app, access_log=None)
        self.base_url = ""

    def at(self, method: str, path: str, handler: Handler) -> None:
        self._app.router.add_route(method, path, handler)

    async def start(self) -> None:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        await self._runner.cleanup()

    def next(self, *faults: Fault, path: str = "") -> None:
        """The next answers (to paths that begin so) go wrong, one each."""
        self._faults += [(path, fault) for fault in faults]

    def paths(self) -> list[str]:
        return [one.path for one in self.asked]

    def forget(self) -> None:
        self.asked.clear()

    @web.middleware
    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.asked.append(Asked(request.method, request.path, dict(request.query), await _body(request)))
        answer = await self._true_answer(request, handler)
        answer.headers.update(self.headers)
        if self.date is not None:
            answer.headers["Date"] = format_datetime(self.date, usegmt=True)
        for index, (path, fault) in enumerate(self._faults):
            if request.path.startswith(path):
                del self._faults[index]
                return await fault(request, answer)
        return answer

    async def _true_answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.headers.get("Authorization") != self._let_in and not await self.lets_in_anybody(request):
            return web.json_response(self._refusal, status=401)
        if any(request.path.startswith(path) for path in self.closed):
            return web.json_response({"message": "Forbidden"}, status=403)
        try:
            return await handler(request)
        except web.HTTPNotFound:
            return web.json_response({"message": "Not Found"}, status=404)

    async def lets_in_anybody(self, request: web.Request) -> bool:  # noqa: ARG002  # a desk may decide by the address
        return False


async def _body(request: web.Request) -> Any:
    if request.content_type == "application/json":
        return json.loads(await request.read() or b"null")
    if request.content_type == "application/x-www-form-urlencoded":
        return await request.post()
    return None


def too_many(retry_after: str | None) -> Fault:
    async def fault(_request: web.Request, _answer: web.StreamResponse) -> web.StreamResponse:
        headers = {} if retry_after is None else {"Retry-After": retry_after}
        return web.Response(status=429, text="Number of allowed API requests exceeded", headers=headers)

    return fault


def error(status: int) -> Fault:
    async def fault(_request: web.Request, _answer: web.StreamResponse) -> web.StreamResponse:
        return web.json_response({"error": "InternalError"}, status=status)

    return fault


def web_page(status: int = 200) -> Fault:
    """A proxy's page where data should be."""

    async def fault(_request: web.Request, _answer: web.StreamResponse) -> web.StreamResponse:
        return web.Response(status=status, text=MAINTENANCE, content_type="text/html")

    return fault


async def half_of_it(_request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
    """JSON that ends in the middle, in an answer that is whole."""
    assert isinstance(answer, web.Response)
    text = answer.text or ""
    return web.Response(text=text[: len(text) // 2], content_type="application/json")


async def breaks_off(request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
    """The line goes down before all that was promised has come."""
    assert isinstance(answer, web.Response)
    text = (answer.text or "").encode()
    cut = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(text) + 100)})
    await cut.prepare(request)
    await cut.write(text)
    assert request.transport is not None
    request.transport.close()
    return cut


async def hangs_up(request: web.Request, _answer: web.StreamResponse) -> web.StreamResponse:
    """It was done, and nobody hears of it."""
    assert request.transport is not None
    request.transport.close()
    return web.Response()


def changed(alter: Callable[[Any], Any]) -> Fault:
    """The same answer, with other fields in it."""

    async def fault(_request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
        assert isinstance(answer, web.Response)
        return web.json_response(alter(json.loads(answer.text or "null")), headers=None)

    return fault
