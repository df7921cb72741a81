"""The only reader of the time of day. Everything else is told what time it is."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """This instant, aware, UTC."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class MovableClock:
    """The system's time, moved forward by hand: the demo's clock, and no other's."""

    def __init__(self, ahead: timedelta = timedelta()) -> None:
        self._ahead = ahead

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def advance(self, by: timedelta) -> None:
        """Moves time forward. Raises ValueError for a step back: what has happened stays happened."""
        if by < timedelta():
            raise ValueError("time only moves forward")
        self._ahead += by
