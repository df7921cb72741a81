"""How fresh a team's tickets are: what is said of them, and whether anything may be called clear."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.sources import Source

FILE = "csv"
STALE_AFTER = timedelta(hours=2)
FILE_STALE_AFTER = timedelta(hours=30)
"""A file comes once a day at best."""


@dataclass(frozen=True)
class Stale:
    """A source that isn't fresh."""

    name: str
    kind: str
    last_good_at: datetime | None
    is_failing: bool
    why: str


@dataclass(frozen=True)
class Freshness:
    is_connected: bool
    as_of: datetime | None
    """When every source had last been read well; None: one isn't fresh, or there is none."""
    stale: tuple[Stale, ...] = ()
    filling: bool = False
    """A source is still being read for the first time: what it counts isn't whole."""


def judge(sources: Sequence[Source], now: datetime) -> Freshness:
    stale = tuple(_stale(one) for one in sources if not is_fresh(one, now) and not _is_filling(one))
    filling = any(_is_filling(one) for one in sources)
    read = [one.last_good_at for one in sources if one.last_good_at is not None]
    whole = bool(sources) and not stale and not filling and len(read) == len(sources)
    return Freshness(bool(sources), min(read) if whole else None, stale, filling)


def is_fresh(source: Source, now: datetime) -> bool:
    """Read well lately, by its kind."""
    if source.last_good_at is None:
        return False
    limit = FILE_STALE_AFTER if source.kind == FILE else STALE_AFTER
    return now - source.last_good_at <= limit


def _is_filling(source: Source) -> bool:
    return source.filled_at is None and not source.is_failing and source.last_good_at is None


def _stale(source: Source) -> Stale:
    return Stale(source.name, source.kind, source.last_good_at, source.is_failing, source.last_error or "")
