"""The weekly report's files: a day a row, a tag a row, and nothing that a spreadsheet would run."""

import csv
from datetime import date

from handlers.queue.rules.files import DAY_COLUMNS, TAG_COLUMNS, by_day, by_tag
from storage.ticket_days import ALL, TicketDay

COUNTS = {name: number for number, name in enumerate(DAY_COLUMNS[3:], start=3)}
MONDAY, TUESDAY = date(2026, 6, 1), date(2026, 6, 2)
DAYS = [
    TicketDay(local_date=MONDAY, tag=ALL, created=1, solved=2, **COUNTS),
    TicketDay(local_date=MONDAY, tag="billing", created=3, solved=4, **COUNTS),
    TicketDay(local_date=TUESDAY, tag="=cmd()", created=5, solved=6, **COUNTS),
    TicketDay(local_date=TUESDAY, tag=ALL, created=7, solved=8, **COUNTS),
]


def rows(written: str) -> list[list[str]]:
    return list(csv.reader(written.splitlines()))


def test_a_row_a_day_of_everything_that_it_counted() -> None:
    counts = [str(number) for number in COUNTS.values()]
    assert rows(by_day(DAYS)) == [
        [*DAY_COLUMNS],
        ["2026-06-01", "1", "2", *counts],
        ["2026-06-02", "7", "8", *counts],
    ]


def test_a_row_a_day_and_tag_with_formulas_defused() -> None:
    assert rows(by_tag(DAYS)) == [
        [*TAG_COLUMNS],
        ["2026-06-01", "billing", "3", "4"],
        ["2026-06-02", "'=cmd()", "5", "6"],
    ]
