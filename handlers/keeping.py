"""How long what is old is kept before the night deletes it: what the operator may choose, and how it is said."""

from dataclasses import dataclass
from datetime import timedelta

MONTHS = {396: "13 months", 730: "24 months"}


@dataclass(frozen=True)
class Keeping:
    answers: timedelta = timedelta(days=90)
    """Answers with names and what people wrote, in polls and check-ins."""
    tickets: timedelta = timedelta(days=396)
    """Tickets, ratings, digests and spikes."""
    escalations: timedelta = timedelta(days=730)
    """After they were resolved."""


def in_words(kept: timedelta) -> str:
    """`90 days`, `13 months`."""
    return MONTHS.get(kept.days, f"{kept.days} days")
