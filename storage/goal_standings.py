"""Where goals stand: what counting reads of them, and what it writes back."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.goals import Goal, Kind, State, Whose


class ToCount(NamedTuple):
    """What counting needs of a goal: of whom, of what, and of which days it is. Ten thousand of these are read in a
    third of the time of whole goals."""

    id: int
    metric: str
    whose: Whose
    whose_id: int
    zone: str
    first_day: date
    last_day: date
    kind: Kind
    counted_at: datetime | None


async def to_count(session: AsyncSession, workspace_id: str) -> list[ToCount]:
    """All goals that run, in the order of their ids: one that waits for an answer isn't counted, so that nobody reads
    of somebody what they haven't agreed to."""
    columns = (getattr(Goal, name) for name in ToCount._fields)
    query = select(*columns).where(Goal.workspace_id == workspace_id, Goal.state == State.OPEN)
    return [ToCount(*row) for row in await session.execute(query.order_by(Goal.id))]


_GOALS = cast("Table", Goal.__table__)
"""The ORM would take each row apart."""
_KEEP_STANDING = update(_GOALS).where(_GOALS.c.id == bindparam("goal_id"), _GOALS.c.state != State.CLOSED)


async def keep(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes where goals stand now: rows of goal_id, level, sample, recent, recent_sample, counted_at. One that was
    closed meanwhile stays as it ended."""
    if rows:
        await session.execute(_KEEP_STANDING, rows)
