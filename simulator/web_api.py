"""/api/<method>: tokens, scopes, faults, and the record of every call; beside it response URLs and file uploads."""

import asyncio
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from simulator.arguments import Arguments, read_arguments
from simulator.changes import NeverHappened
from simulator.desk import Answer, Desk
from simulator.errors import SlackError
from simulator.faults import Fault, lateness
from simulator.interactivity import ResponseUrls
from simulator.methods import chat, conversations, files, people, views
from simulator.responding import parsed_response, respond

METHODS = {**chat.METHODS, **conversations.METHODS, **views.METHODS, **people.METHODS, **files.METHODS}

_ALWAYS_ACCEPTED = frozenset({"team_id", "pretty"})


@dataclass(frozen=True, slots=True)
class ApiCall:
    """`outcome`: "ok", Slack's error, or what the network did ("HTTP 503 after accepting", "dropped", …)."""

    method: str
    args: Mapping[str, Any]
    at: datetime
    outcome: str


class WebApi:
    def __init__(self, desk: Desk, response_urls: ResponseUrls, *, bot_token: str, app_token: str) -> None:
        self._desk = desk
        self._response_urls = response_urls
        self._bot_token = bot_token
        self._app_token = app_token
        self.calls: list[ApiCall] = []
        self._listeners: list[asyncio.Event] = []

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/{method}", self._call),
            web.post("/api/{method}", self._call),
            web.post("/respond/{key}", self._respond),
            web.post("/upload/{file_id}", self._upload),
            web.get("/files/{file_id}", self._download),
        ]

    async def called(self, method: str, *, outcome: str | None = None, times: int = 1, within: float = 5.0) -> ApiCall:
        """The `times`-th call of that method (with that outcome), waited for up to `within` real seconds.

        Raises NeverHappened.
        """
        made = asyncio.Event()
        self._listeners.append(made)
        try:
            async with asyncio.timeout(within):
                while True:
                    found = [c for c in self.calls if c.method == method and outcome in (None, c.outcome)]
                    if len(found) >= times:
                        return found[times - 1]
                    made.clear()
                    await made.wait()
        except TimeoutError:
            others = [f"{call.method}: {call.outcome}" for call in self.calls[-5:]]
            raise NeverHappened(f"after {within} s: {method} was not called {times} times; last: {others}") from None
        finally:
            self._listeners.remove(made)

    async def _call(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        at = self._desk.workspace.now()
        args: dict[str, Any] = {}
        fault: Fault | None = None
        try:
            args = await read_arguments(request)
            token = self._token(request, args)
            fault = self._desk.faults.next_for(name, args)
            if fault is not None and not fault.accepted:
                if fault.kind == "delay":
                    await lateness(fault)
                else:
                    self._record(name, args, at, _trouble(fault))
                    return self._fail(request, fault)
            answer: Answer = {"ok": True} | self._run(name, args, token)
            outcome = "ok"
        except SlackError as refused:
            answer, outcome = refused.as_answer(), refused.code
        if fault is not None and fault.accepted:
            self._record(name, args, at, f"{outcome}, then {_trouble(fault)}")
            if fault.kind != "delay":
                return self._fail(request, fault)
            await lateness(fault)
        else:
            self._record(name, args, at, outcome)
        return self._json(answer)

    def _run(self, name: str, args: Mapping[str, Any], token: str | None) -> Answer:
        method = METHODS.get(name)
        if method is None:
            self._desk.surprise(f"unknown method {name}")
            raise SlackError("unknown_method", req_method=name)
        if name != "api.test":
            self._check_token(token, wants_app_token=method.app_token)
        for scope in method.scopes:
            self._desk.need_scope(scope)
        if unread := set(args) - method.accepts - _ALWAYS_ACCEPTED:
            self._desk.surprise(f"{name} was given arguments that it doesn't read: {', '.join(sorted(unread))}")
        return method.run(self._desk, Arguments(args))

    def _token(self, request: web.Request, args: dict[str, Any]) -> str | None:
        in_args = args.pop("token", None)
        header = request.headers.get("Authorization", "")
        if header.startswith("Bearer "):
            return header.removeprefix("Bearer ").strip()
        return str(in_args) if in_args else None

    def _check_token(self, token: str | None, *, wants_app_token: bool) -> None:
        if not token:
            raise SlackError("not_authed")
        is_bot = hmac.compare_digest(token, self._bot_token)
        is_app = hmac.compare_digest(token, self._app_token)
        if not is_bot and not is_app:
            raise SlackError("invalid_auth")
        if is_app != wants_app_token:
            raise SlackError("not_allowed_token_type")

    def _record(self, name: str, args: Mapping[str, Any], at: datetime, outcome: str) -> None:
        self.calls.append(ApiCall(name, args, at, outcome))
        for listener in self._listeners:
            listener.set()

    def _json(self, answer: Answer, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
        scopes = {"X-OAuth-Scopes": ",".join(sorted(self._desk.manifest.scopes))}
        return web.json_response(answer, status=status, headers=scopes | dict(headers or {}))

    def _fail(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.kind == "error":
            return self._json(dict(fault.answer), fault.status, fault.headers)
        if fault.kind == "http_status":
            return web.Response(status=fault.status, text="upstream trouble")
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        key, at = request.match_info["key"], self._desk.workspace.now()
        body: Mapping[str, Any] = {}
        fault: Fault | None = None
        try:
            body = parsed_response(await request.text())
            fault = self._desk.faults.next_for("response_url", body)
            if fault is not None and not fault.accepted:
                if fault.kind == "delay":
                    await lateness(fault)
                else:
                    self._record("response_url", body, at, _trouble(fault))
                    return self._fail(request, fault)
            respond(self._desk, self._response_urls.use(key), body)
        except SlackError as refused:
            self._record("response_url", body, at, refused.code)
            self._desk.surprise(f"a response_url was refused: {refused}")
            gone = refused.code in {"used_url", "expired_url", "invalid_url"}
            return self._json(refused.as_answer(), 404 if gone else 400)
        self._record("response_url", body, at, "ok" if fault is None else f"ok, but {_trouble(fault)}")
        if fault is not None and fault.accepted and fault.kind != "delay":
            return self._fail(request, fault)
        return web.Response(text="ok")

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        stored = self._desk.workspace.files.get(request.match_info["file_id"])
        if stored is None or stored.complete:
            return web.Response(status=404, text="no such upload")
        if request.content_type == "multipart/form-data":
            fields = await request.post()
            part = next((value for value in fields.values() if isinstance(value, web.FileField)), None)
            content = part.file.read() if part else b""
        else:
            content = await request.read()
        if len(content) != stored.length:
            return web.Response(status=400, text=f"expected {stored.length} bytes, got {len(content)}")
        stored.content = content
        return web.Response(text=f"OK - {len(content)}")

    async def _download(self, request: web.Request) -> web.StreamResponse:
        stored = self._desk.workspace.files.get(request.match_info["file_id"])
        if stored is None or stored.content is None:
            return web.Response(status=404)
        return web.Response(body=stored.content, content_type=files.described(self._desk, stored)["mimetype"])


def _trouble(fault: Fault) -> str:
    match fault.kind:
        case "error":
            return str(fault.answer.get("error"))
        case "http_status":
            return f"HTTP {fault.status}"
        case "drop":
            return "dropped"
        case "delay":
            return f"{fault.seconds} s late" if fault.until is None else "held for a while"
