"""The only reader of the time of day. Everything else is told what time it is."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

from storage.store import DatabaseAwayError, Store

ELAPSED = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Goes on while this process is stopped; on Linux while the machine sleeps, too."""
LOOKS_FOR_AT_MOST_S = 1.0


class Clock(Protocol):
    def now(self) -> datetime:
        """This instant, aware, UTC."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class DatabaseClock:
    """The time of the database that several processes share, whatever each one's machine believes: leases and due
    instants mean the same to all of them. Looked at now and then, and carried on from there by what has elapsed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._said: datetime | None = None
        self._said_at = 0.0

    def now(self) -> datetime:
        assert self._said is not None, "`look` comes first"
        return self._said + timedelta(seconds=_elapsed() - self._said_at)

    async def look(self) -> None:
        """Asks the database. One that is away, or an answer that was long on its way, changes nothing once the time is
        known. Raises DatabaseAwayError until then."""
        began = _elapsed()
        try:
            said = await self._store.now()
        except DatabaseAwayError:
            if self._said is None:
                raise
            return
        ended = _elapsed()
        if self._said is None or ended - began <= LOOKS_FOR_AT_MOST_S:
            self._said, self._said_at = said, (began + ended) / 2


async def shared_clock(store: Store, clock: Clock) -> Clock:
    """What replicas go by: PostgreSQL's clock in place of the machine's. A clock that is moved by hand stays, and with
    SQLite there is one process. Raises DatabaseAwayError."""
    if store.dialect != "postgresql" or not isinstance(clock, SystemClock):
        return clock
    shared = DatabaseClock(store)
    await shared.look()
    return shared


def _elapsed() -> float:
    return time.clock_gettime(ELAPSED)


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
