"""Zone rules as a country may publish them tomorrow: a file that this process reads in place of the machine's."""

import struct
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot import firing
from handlers import working_time

Publishes = Callable[[str, timedelta, datetime, timedelta], None]
HOUR = timedelta(hours=1)


@contextmanager
def other_rules(folder: Path) -> Iterator[Publishes]:
    """`publishes(zone, before, instant, after)`: the zone's clocks stand `before` ahead of UTC until that instant, and
    `after` from then on. Whoever computes with zones from then on reads it, as after a restart."""
    machine = zoneinfo.TZPATH

    def publishes(zone: str, before: timedelta, instant: datetime, after: timedelta) -> None:
        file = folder / zone
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_compiled(before, instant, after))
        zoneinfo.reset_tzpath([str(folder), *machine])
        _forget()

    try:
        yield publishes
    finally:
        zoneinfo.reset_tzpath(machine)
        _forget()


def _forget() -> None:
    """What a process that is restarted has forgotten."""
    ZoneInfo.clear_cache()
    firing.rules_of.cache_clear()
    working_time._work_out.cache_clear()
    working_time._worked_by_hours.cache_clear()


def _compiled(before: timedelta, instant: datetime, after: timedelta) -> bytes:
    """One change of clocks, as a file of RFC 9636 (version 2; its first part, for old readers, is empty)."""
    offsets = [round(offset.total_seconds()) for offset in (before, after)]
    header = struct.Struct(">4sc15x6l")
    types = b"".join(struct.pack(">lbb", offset, 0, 0) for offset in offsets)
    body = struct.pack(">qB", round(instant.timestamp()), 1) + types + b"NEW\0"
    rule = f"\nNEW{-offsets[1] // 3600}\n".encode()
    return header.pack(b"TZif", b"2", 0, 0, 0, 0, 0, 0) + header.pack(b"TZif", b"2", 0, 0, 0, 1, 2, 4) + body + rule
