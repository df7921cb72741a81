"""Telling whoever watches the workspace that something in it changed."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

T = TypeVar("T")

What = Literal[
    "message",
    "message_changed",
    "message_deleted",
    "ephemeral",
    "modals",
    "home",
    "people",
    "channels",
    "files",
    "clock",
]


@dataclass(frozen=True, slots=True)
class Change:
    """`user_id` is set where only that person sees the change (ephemeral, modals, home)."""

    what: What
    channel_id: str | None = None
    ts: str | None = None
    user_id: str | None = None


class NeverHappened(AssertionError):  # noqa: N818 - reads as what it says
    """The condition waited for did not come true in time."""


class Changes:
    def __init__(self) -> None:
        self._callbacks: dict[object, Callable[[Change], None]] = {}

    def subscribe(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        """Calls `callback` at each change until the returned function is called."""
        key = object()
        self._callbacks[key] = callback

        def unsubscribe() -> None:
            self._callbacks.pop(key, None)

        return unsubscribe

    def announce(self, change: Change) -> None:
        for callback in tuple(self._callbacks.values()):
            callback(change)

    async def wait_until(
        self,
        condition: Callable[[], T | None],
        within: float = 3.0,
        *,
        concerning: Callable[[Change], bool] | None = None,
        missing: Callable[[], str] | str = "the condition did not come true",
    ) -> T:
        """The first truthy value of `condition`, asked now and after each change (that `concerning` accepts).

        `within` is in real seconds. Raises NeverHappened.
        """
        if found := condition():
            return found
        stirred = asyncio.Event()

        def stir(change: Change) -> None:
            if concerning is None or concerning(change):
                stirred.set()

        unsubscribe = self.subscribe(stir)
        try:
            async with asyncio.timeout(within):
                while True:
                    await stirred.wait()
                    stirred.clear()
                    if found := condition():
                        return found
        except TimeoutError:
            if found := condition():
                return found
            raise NeverHappened(f"after {within} s: {missing if isinstance(missing, str) else missing()}") from None
        finally:
            unsubscribe()
