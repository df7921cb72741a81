"""How pushed requests are told from forged ones."""

import hmac
from datetime import datetime, timedelta

from bot.helpdesks import Push

FRESH = timedelta(minutes=5)
"""A request that was signed longer ago, or further ahead, may be a replayed one."""
SECRET_HEADER = "x-backstop-secret"  # noqa: S105  # the header's name, not what it brings
"""For desks that sign nothing, but whose rules can send a header."""


def is_recent(at: datetime, now: datetime) -> bool:
    return abs(now - at) <= FRESH


def same(ours: str, theirs: str) -> bool:
    """Compared in constant time; what isn't ASCII is no signature."""
    return theirs.isascii() and hmac.compare_digest(ours, theirs)


def brings_secret(push: Push, secret: str | None) -> bool:
    return bool(secret) and same(str(secret), push.headers.get(SECRET_HEADER, ""))
