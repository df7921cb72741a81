"""The queue's own part of digests and weekly reports."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.house import InReport, Report


@dataclass(frozen=True)
class Queue:
    """What is told of the queue, and how fresh it is."""

    told: InReport
    is_connected: bool
    """The team has a help desk, or tickets from a file."""
    as_of: datetime | None
    """When every source of the team was last read well; None: one of them isn't fresh, or there is none."""


async def queue_in_report(session: AsyncSession, report: Report) -> Queue:
    del session, report
    return Queue(InReport(), is_connected=False, as_of=None)
