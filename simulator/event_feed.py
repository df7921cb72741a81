"""Events to the app: those that its manifest subscribes to and that the bot may see, retried when unacknowledged."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from simulator.conversations import Channel
from simulator.errors import NotAcknowledged
from simulator.payloads import Kind, Payload, Payloads
from simulator.workspace import Event, Workspace

ACK_WITHIN_S = 3.0
RETRY_AFTER_S = (0.0, 60.0, 300.0)
_KEPT = 10_000

_MESSAGE_EVENTS = {"im": "message.im", "group": "message.groups", "channel": "message.channels"}
_NEEDS_MEMBERSHIP = {"message", "app_mention", "member_joined_channel", "member_left_channel"}


class AppLink(Protocol):
    """How payloads reach the app: SocketMode or HttpMode."""

    async def deliver(
        self, kind: Kind, payload: Payload, *, within: float, retry: int = 0, retry_reason: str = ""
    ) -> Payload: ...


class EventFeed:
    def __init__(self, workspace: Workspace, payloads: Payloads, subscribed: frozenset[str]) -> None:
        self._workspace = workspace
        self._payloads = payloads
        self._subscribed = subscribed
        self._tasks: set[asyncio.Task[None]] = set()
        self.link: AppLink | None = None
        self.retry_after: Sequence[float] = RETRY_AFTER_S
        self.sent: deque[Payload] = deque(maxlen=_KEPT)
        """The last payloads, newest at the end: material for `redeliver`."""
        self.given_up: list[Payload] = []
        workspace.on_event(self._happened)

    async def redeliver(self, payload: Payload) -> None:
        """Sends the same event (same event_id) once more, as Slack may. Raises NotAcknowledged."""
        if self.link is None:
            raise NotAcknowledged("the simulator is not started")
        await self.link.deliver("events_api", payload, within=ACK_WITHIN_S, retry=1, retry_reason="timeout")

    async def settle(self) -> None:
        """Waits until every event so far is acknowledged or given up."""
        while self._tasks:
            await asyncio.wait(tuple(self._tasks))

    async def stop(self) -> None:
        self.link = None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _happened(self, event: Event, channel: Channel | None) -> None:
        if self.link is None or not self._wanted(event, channel):
            return
        payload = self._payloads.event(event)
        self.sent.append(payload)
        task = asyncio.get_running_loop().create_task(self._send(self.link, payload))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, link: AppLink, payload: Payload) -> None:
        for attempt, pause in enumerate((0.0, *self.retry_after)):
            if pause:
                await asyncio.sleep(pause)
            try:
                await link.deliver(
                    "events_api", payload, within=ACK_WITHIN_S, retry=attempt, retry_reason="timeout" if attempt else ""
                )
            except NotAcknowledged:
                continue
            return
        self.given_up.append(payload)

    def _wanted(self, event: Event, channel: Channel | None) -> bool:
        kind = event["type"]
        if channel is None:
            return kind in self._subscribed
        name = _MESSAGE_EVENTS[channel.kind] if kind == "message" else kind
        if name not in self._subscribed:
            return False
        if self._workspace.bot.id in channel.members:
            return True
        return not channel.is_private and kind not in _NEEDS_MEMBERSHIP
