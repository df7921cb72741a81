"""What somebody's own answers tell them: the early warning that they asked for."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import Enum

from handlers.checkins.rules.results import HEAVY

HEAVY_OF, HEAVY_TIMES = 4, 3
ABOVE_OF, ABOVE_TIMES = 3, 2
ABOVE_BY = 1.5
LEAST_USUAL = 4
"""Earlier answers that a usual load is made of."""
QUIET_FOR = timedelta(days=14)
"""Nobody hears the same twice within two weeks."""


class Watched(Enum):
    """What was noticed."""

    HEAVY = "heavy"
    """Heavy or worse in 3 of the last 4."""
    ABOVE = "above"
    """1.5 above their own median in 2 of the last 3."""


def noticed(loads: Sequence[int]) -> Watched | None:
    """From somebody's own loads (1 … 5), the latest last. Their usual is the median of what came before the last
    three, where there is enough of it."""
    recent = loads[-HEAVY_OF:]
    if len(recent) == HEAVY_OF and sum(load >= HEAVY for load in recent) >= HEAVY_TIMES:
        return Watched.HEAVY
    before, last = loads[:-ABOVE_OF], loads[-ABOVE_OF:]
    if len(before) >= LEAST_USUAL:
        usual = _median(before)
        if sum(load - usual >= ABOVE_BY for load in last) >= ABOVE_TIMES:
            return Watched.ABOVE
    return None


FEW_ESCALATIONS = 1


def is_usual_queue(person_id: int, held: Mapping[int, int], *, owned: int) -> bool:
    """Whether what somebody has to do is nothing out of the ordinary: no more open tickets than half of the team has;
    where no help desk tells (`held` is empty), at most one open escalation."""
    if person_id in held:
        return held[person_id] <= _median(held.values()) and owned <= FEW_ESCALATIONS
    return owned <= FEW_ESCALATIONS


def _median(of: Iterable[int]) -> float:
    import statistics  # for those who are asked how much they have to do: a start does without it

    return statistics.median(of)


def may_tell(told_on: date | None, today: date) -> bool:
    return told_on is None or today - told_on >= QUIET_FOR
