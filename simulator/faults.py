"""Slack on a bad day, on request.

Faults are planned per Web API method ("*" for any, "response_url" for answers to those), taken in the order in which
they were planned, and used up; with `times=None` they stand until `heal`. For random trouble set `choose`.

On the way out: `simulator.sockets.drop()`, `.refuses` and `.ask_to_refresh()`, `simulator.events.redeliver(payload)`,
`simulator.interactions.redeliver(kind, payload)`.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

FaultKind = Literal["delay", "error", "http_status", "drop"]


@dataclass(frozen=True)
class Fault:
    """`accepted`: the call takes effect before the trouble starts."""

    kind: FaultKind
    seconds: float = 0.0
    until: asyncio.Event | None = None
    """Answered late: once this is set, however long that takes."""
    status: int = 200
    answer: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    accepted: bool = False


class Pace:
    """A bucket of `burst` calls a channel, refilled at `per_second`."""

    def __init__(self, per_second: float, burst: int, monotonic: Callable[[], float]) -> None:
        self._per_second = per_second
        self._burst = burst
        self._monotonic = monotonic
        self._left: dict[str, tuple[float, float]] = {}

    def wait_for(self, channel_id: str) -> float:
        """Seconds until that channel takes a call; 0 if it takes this one."""
        now = self._monotonic()
        left, since = self._left.get(channel_id, (float(self._burst), now))
        left = min(float(self._burst), left + (now - since) * self._per_second)
        accepted = left >= 1
        self._left[channel_id] = (left - 1 if accepted else left), now
        return 0.0 if accepted else (1 - left) / self._per_second


class Faults:
    """`monotonic` gives real seconds, for `pace`."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._paces: dict[str, Pace] = {}
        self._planned: dict[str, deque[Fault]] = {}
        self._standing: dict[str, Fault] = {}
        self.choose: Callable[[str, Mapping[str, Any]], Fault | None] | None = None
        self.history_lag = timedelta(0)
        self.unshown_files: int = 0

    def plan(self, method: str, fault: Fault, times: int | None = 1) -> None:
        """`times` None: until `heal`."""
        if times is None:
            self._standing[method] = fault
        else:
            self._planned.setdefault(method, deque()).extend([fault] * times)

    def delay(self, method: str, seconds: float, *, times: int | None = 1, accepted: bool = False) -> None:
        """Answers late, by `seconds` of real time; `accepted`: takes effect at once, only the answer is late."""
        self.plan(method, Fault("delay", seconds=seconds, accepted=accepted), times)

    def hold(self, method: str, *, times: int | None = 1) -> asyncio.Event:
        """Takes no notice of the call until the event that it returns is set."""
        let_go = asyncio.Event()
        self.plan(method, Fault("delay", until=let_go), times)
        return let_go

    def fail(self, method: str, error: str = "internal_error", *, times: int | None = 1, **more: Any) -> None:
        """Refuses with {"ok": false, "error": error, **more}."""
        self.plan(method, Fault("error", answer={"ok": False, "error": error, **more}), times)

    def rate_limit(self, method: str, retry_after: int = 1, *, times: int | None = 1) -> None:
        """429 with Retry-After in seconds; not accepted."""
        self.plan(method, _rate_limited(retry_after), times)

    def refuse_http(self, method: str, status: int = 503, *, times: int | None = 1) -> None:
        """A 5xx without effect."""
        self.plan(method, Fault("http_status", status=status), times)

    def break_after(self, method: str, status: int = 500, *, times: int | None = 1) -> None:
        """A 5xx after the call took effect."""
        self.plan(method, Fault("http_status", status=status, accepted=True), times)

    def drop_before(self, method: str, *, times: int | None = 1) -> None:
        """Closes the connection without effect."""
        self.plan(method, Fault("drop"), times)

    def drop_after(self, method: str, *, times: int | None = 1) -> None:
        """Accepts the call, then closes the connection without an answer."""
        self.plan(method, Fault("drop", accepted=True), times)

    def lag_history(self, by: timedelta) -> None:
        """conversations.history and replies don't show messages younger than `by` on the workspace's clock."""
        self.history_lag = by

    def lag_files(self, looks: int) -> None:
        """The next `looks` times that files.info is asked, it answers that the file isn't there yet."""
        self.unshown_files = looks

    def pace(self, method: str, *, per_second: float, burst: int) -> None:
        """429 for what comes faster to one channel after a burst (Slack: 1 chat.postMessage a second)."""
        self._paces[method] = Pace(per_second, burst, self._monotonic)

    def heal(self) -> None:
        """No more trouble."""
        self._planned.clear()
        self._standing.clear()
        self._paces.clear()
        self.choose = None
        self.history_lag = timedelta(0)
        self.unshown_files = 0

    def next_for(self, method: str, args: Mapping[str, Any]) -> Fault | None:
        for key in (method, "*"):
            if planned := self._planned.get(key):
                return planned.popleft()
            if standing := self._standing.get(key):
                return standing
        if pace := self._paces.get(method):
            wait = pace.wait_for(str(args.get("channel")))
            if wait > 0:
                return _rate_limited(math.ceil(wait))
        return self.choose(method, args) if self.choose else None


async def lateness(fault: Fault) -> None:
    """Lasts as long as that fault delays its call."""
    if fault.until is not None:
        await fault.until.wait()
    else:
        await asyncio.sleep(fault.seconds)


def _rate_limited(retry_after: int) -> Fault:
    answer = {"ok": False, "error": "ratelimited"}
    return Fault("error", status=429, answer=answer, headers={"Retry-After": str(retry_after)})
