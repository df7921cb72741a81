"""How a migration on PostgreSQL gives way to the bots that are at work on the tables that it changes.

Who waits for a whole table holds up everybody who comes after. So a migration waits for each but shortly; if it waits
in vain, or is the one whom PostgreSQL chose in a deadlock, all of it is undone, everybody else goes on, and it is made
again.
"""

import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from storage.store import DatabaseBusyError

Told = Callable[[str], None]
"""Hears why another try is made, in one line."""

STATEMENT_TOLD = 100
"""In characters: which table it was stands at its beginning."""


@dataclass(frozen=True)
class Patience:
    lock_s: float = 2.0
    """So long for one table. More than PostgreSQL's deadlock_timeout (1 s unless somebody set it), after which it also
    sends its autovacuum out of the way; less than Slack waits for an answer (3 s)."""
    tries: int = 20
    pause_s: float = 3.0


USUAL = Patience()


def make_with_patience(connection: Connection, work: Callable[[], None], patience: Patience, told: Told) -> None:
    """Runs `work` in a savepoint of the connection's transaction until it gets through: what was locked before stays
    so, also between two tries. Raises DatabaseBusyError after the last of them."""
    connection.execute(text(f"SET LOCAL lock_timeout = {patience.lock_s * 1000:.0f}"))
    for number in range(1, patience.tries + 1):
        try:
            with connection.begin_nested():
                work()
        except DBAPIError as error:
            why = _why(error, patience)
            if why is None:
                raise
            if number == patience.tries:
                raise DatabaseBusyError(
                    f"{why}, in the last of {number} tries. Run it again when the bots have less to do, and no backup "
                    "or other long transaction is under way"
                ) from error
            told(
                f"{why}: all of it was undone, and is tried again in {patience.pause_s:g} s "
                f"({number} of {patience.tries})"
            )
            time.sleep(patience.pause_s)
        else:
            return


def _why(error: DBAPIError, patience: Patience) -> str | None:
    """None for whatever another try won't mend."""
    cause: Any = error.orig
    statement = textwrap.shorten(error.statement or "", STATEMENT_TOLD, placeholder=" …")
    match getattr(cause, "sqlstate", None):
        case "40P01":  # deadlock_detected
            return f"“{statement}” met a deadlock with a bot at work"
        case "55P03":  # lock_not_available
            return f"“{statement}” waited {patience.lock_s:g} s in vain for a table that others hold"
    return None
