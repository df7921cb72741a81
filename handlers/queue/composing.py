"""What a digest says: every feature's section and the queue's own, read once and kept, so that a later edit of the
message (somebody takes a line) changes nothing else in it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.house import InReport, Report, ReportSection
from handlers.queue import reporting
from handlers.queue.rules import digesting
from handlers.queue.views import digest as views
from handlers.queue.views.charts import in_and_out

CHANNEL, MANAGERS = "channel", "managers"
COPIES = (CHANNEL, MANAGERS)
Copy = dict[str, Any]
"""As JSON: `lines` (what needs somebody: key, text, button), `blocks`, `text`, `chart`."""


async def compose(session: AsyncSession, sections: Sequence[ReportSection], report: Report, *, copy: str) -> Copy:
    """One copy of a digest: the channel's carries no personal figures, the managers' what they may see."""
    asked = replace(report, for_managers=copy == MANAGERS)
    queue = await reporting.queue_in_report(session, asked)
    told = [queue.told, *[await section(session, asked) for section in sections]]
    needs = digesting.foremost([one for part in told for one in part.needs_you])
    shown = [part for part in told if part.blocks]
    quiet = not needs and all(part.is_ordinary for part in shown) and not report.weekly
    chart = None if quiet or (queue.look.is_ordinary and not report.weekly) else in_and_out(queue.look)
    return {
        "lines": [{"key": digesting.line_of(one), "text": one.text, "button": one.button} for one in needs],
        "blocks": views.quiet(queue) if quiet else _in_order(shown, queue),
        "chart": chart.model_dump(mode="json") if chart else None,
        "text": views.summary(asked, needs, quiet=quiet, as_of=queue.as_of),
    }


def _in_order(shown: Sequence[InReport], queue: reporting.Queue) -> list[dict[str, Any]]:
    blocks, left_out = views.as_many_as_fit([part.blocks for part in shown])
    return [*blocks, *views.closing(queue, left_out)]


def picture_of(digest_id: int) -> str:
    """The key of the chart that stands under a digest."""
    return f"queue.digest:{digest_id}"
