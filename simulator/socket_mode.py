"""Socket Mode: up to 10 WebSocket connections, an envelope to any one of them, acknowledged by its id."""

import asyncio
import json
import secrets
from typing import Any
from uuid import uuid4

from aiohttp import WSMsgType, web

from simulator.errors import NotAcknowledged, SlackError
from simulator.payloads import Kind, Payload

MOST_CONNECTIONS = 10
LIVES_S = 3600


class SocketMode:
    """`deliver` sends a payload to one connection and returns what its acknowledgement carried."""

    def __init__(self, *, app_id: str) -> None:
        self._app_id = app_id
        self._tickets: set[str] = set()
        self._connections: list[web.WebSocketResponse] = []
        self._transports: dict[web.WebSocketResponse, asyncio.Transport] = {}
        self._turn = 0
        self._waiting: dict[str, tuple[asyncio.Future[Payload], web.WebSocketResponse]] = {}
        self._changed = asyncio.Condition()
        self.refuses = False
        """Whether an address that the app was given opens nothing; it is used up all the same."""
        self._refused = 0

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/link/", self._link)]

    def new_ticket(self) -> str:
        """Raises SlackError when 10 connections are open."""
        if len(self._connections) >= MOST_CONNECTIONS:
            raise SlackError("too_many_websockets")
        ticket = secrets.token_hex(16)
        self._tickets.add(ticket)
        return ticket

    @property
    def connections(self) -> int:
        return len(self._connections)

    async def connected(self, count: int = 1, *, within: float = 10.0) -> None:
        """Waits until that many connections are open. Raises TimeoutError."""
        async with asyncio.timeout(within), self._changed:
            await self._changed.wait_for(lambda: len(self._connections) >= count)

    async def disconnected(self, *, within: float = 10.0) -> None:
        """Waits until no connection is open. Raises TimeoutError."""
        async with asyncio.timeout(within), self._changed:
            await self._changed.wait_for(lambda: not self._connections)

    async def refused(self, count: int, *, within: float = 10.0) -> None:
        """Waits until that many connections were refused. Raises TimeoutError."""
        async with asyncio.timeout(within), self._changed:
            await self._changed.wait_for(lambda: self._refused >= count)

    async def deliver(
        self, kind: Kind, payload: Payload, *, within: float, retry: int = 0, retry_reason: str = ""
    ) -> Payload:
        """The acknowledgement's payload ({} if it has none). Raises NotAcknowledged."""
        if not self._connections:
            raise NotAcknowledged("the app is not connected")
        self._turn = (self._turn + 1) % len(self._connections)
        connection = self._connections[self._turn]
        envelope_id = str(uuid4())
        envelope: dict[str, Any] = {
            "envelope_id": envelope_id,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": retry, "retry_reason": retry_reason}
        answer: asyncio.Future[Payload] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = answer, connection
        try:
            async with asyncio.timeout(within):
                await connection.send_str(json.dumps(envelope))
                return await answer
        except TimeoutError:
            raise NotAcknowledged(f"no acknowledgement within {within} s") from None
        except ConnectionError as gone:
            raise NotAcknowledged(f"the app's connection broke: {gone}") from None
        finally:
            del self._waiting[envelope_id]

    async def ask_to_refresh(self, *, within: float = 10.0) -> None:
        """What Slack does every few hours to each connection: a `warning`, time to connect anew, `refresh_requested`,
        and then it closes. Raises TimeoutError if the app opens no other connection in that time.
        """
        old = self._connections[0]
        await self._disconnect(old, "warning")
        async with asyncio.timeout(within), self._changed:
            await self._changed.wait_for(lambda: any(connection is not old for connection in self._connections))
        if not old.closed:
            await self._disconnect(old, "refresh_requested")
            await old.close()

    async def drop(self) -> None:
        """Cuts every connection without a word."""
        for connection in tuple(self._connections):
            self._transports[connection].abort()
        await self.disconnected()

    async def close(self) -> None:
        for connection in tuple(self._connections):
            await connection.close()

    async def _link(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.json_response({"ok": False, "error": "invalid_ticket"}, status=403)
        self._tickets.discard(ticket)
        if self.refuses:
            self._refused += 1
            await self._notify()
            return web.Response(status=503)
        connection = web.WebSocketResponse(timeout=1.0, max_msg_size=0)
        await connection.prepare(request)
        if len(self._connections) >= MOST_CONNECTIONS:
            await self._disconnect(connection, "too_many_websockets")
            await connection.close()
            return connection
        await connection.send_json(
            {
                "type": "hello",
                "num_connections": len(self._connections) + 1,
                "debug_info": {"host": "simulator", "approximate_connection_time": LIVES_S},
                "connection_info": {"app_id": self._app_id},
            }
        )
        self._connections.append(connection)
        if request.transport is not None:
            self._transports[connection] = request.transport
        await self._notify()
        try:
            async for frame in connection:
                if frame.type is WSMsgType.TEXT:
                    self._take(json.loads(frame.data))
        finally:
            self._connections.remove(connection)
            self._transports.pop(connection, None)
            for waiting, through in self._waiting.values():
                if through is connection and not waiting.done():
                    waiting.set_exception(ConnectionResetError("closed before it acknowledged"))
            await self._notify()
        return connection

    def _take(self, answer: dict[str, Any]) -> None:
        waiting = self._waiting.get(answer.get("envelope_id", ""))
        if waiting is not None and not waiting[0].done():
            waiting[0].set_result(answer.get("payload") or {})

    async def _disconnect(self, connection: web.WebSocketResponse, reason: str) -> None:
        await connection.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "simulator"}})

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()
