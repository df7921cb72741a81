"""How long somebody who took a row in hand may keep it before others take it over."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import InstrumentedAttribute

LEASE = timedelta(seconds=120)
BEHIND = timedelta(seconds=10)
"""How far behind the holder's clock that of whoever looks may be: read before it waited for its turn to write, or on
another machine."""


def is_over(lease_until: InstrumentedAttribute[datetime | None], now: datetime) -> ColumnElement[bool]:
    """The lease ran out; one that ends much later than any made now would was made before the clock was set back."""
    return or_(lease_until <= now, lease_until > now + LEASE + BEHIND)


def is_held(lease_until: datetime | None, now: datetime) -> bool:
    """The same of a row in hand, the other way round."""
    return lease_until is not None and now < lease_until <= now + LEASE + BEHIND
