"""The queue's own part of digests and weekly reports."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.house import InReport, Report
from handlers.queue import looking
from handlers.queue.rules.look import Look
from handlers.queue.views import report as views
from storage import digests


@dataclass(frozen=True)
class Queue:
    """What is told of the queue, and how fresh it is."""

    told: InReport
    is_connected: bool
    """The team has a help desk, or tickets from a file."""
    as_of: datetime | None
    """When every source of the team was last read well; None: one of them isn't fresh, or there is none."""
    look: Look


async def queue_in_report(session: AsyncSession, report: Report) -> Queue:
    look = await looking.look(session, report.team, report.since, report.until)
    needs = [] if report.weekly else views.needs(look)
    happened = views.happened(look, weekly=report.weekly, customers=await _customers(session, report))
    told = InReport(needs, [*views.now(look), *happened], is_ordinary=look.is_ordinary)
    return Queue(told, look.freshness.is_connected, look.freshness.as_of, look)


async def _customers(session: AsyncSession, report: Report) -> int | None:
    """How many customers are active, which a week is compared with; None: nobody said, or it isn't about a week."""
    return (await digests.settings_of(session, report.team.id)).active_customers if report.weekly else None
