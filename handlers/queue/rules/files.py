"""The weekly report's files: counts by day and by tag, nothing about one person."""

import csv
import io
from collections.abc import Iterable, Sequence

from handlers.spreadsheet import defused
from storage.ticket_days import ALL, TicketDay

DAY_COLUMNS = (
    "date",
    "came",
    "solved",
    "reopened",
    "one_touch",
    "one_touch_known",
    "csat_good",
    "csat_bad",
    "nps_promoters",
    "nps_passives",
    "nps_detractors",
)
TAG_COLUMNS = ("date", "tag", "came", "solved")


def by_day(days: Iterable[TicketDay]) -> str:
    """One row a local date of the team, everything that it counted."""
    rows = [
        (
            one.local_date.isoformat(),
            one.created,
            one.solved,
            one.reopened,
            one.one_touch,
            one.one_touch_known,
            one.csat_good,
            one.csat_bad,
            one.nps_promoters,
            one.nps_passives,
            one.nps_detractors,
        )
        for one in days
        if one.tag == ALL
    ]
    return _written(DAY_COLUMNS, rows)


def by_tag(days: Iterable[TicketDay]) -> str:
    """One row a local date and tag."""
    rows = [(one.local_date.isoformat(), one.tag, one.created, one.solved) for one in days if one.tag != ALL]
    return _written(TAG_COLUMNS, rows)


def _written(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(columns)
    writer.writerows([defused(str(cell)) for cell in row] for row in rows)
    return written.getvalue()
