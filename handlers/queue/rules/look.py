"""What a look at a team's queue holds: how it stands, and what a stretch of time brought."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from handlers.queue.rules.figures import Share, Spread
from handlers.queue.rules.freshness import Freshness
from handlers.queue.rules.usual import Usual
from storage.queue_figures import Standing
from storage.spikes import SpikeDay
from storage.teams import Team
from storage.ticket_days import Snapshot

MUCH = 1.5
"""More than this many times the usual is no ordinary day."""


@dataclass(frozen=True)
class Flow:
    """How many came, or were solved, in the stretch; and how many usually do."""

    count: int
    usual: Usual


@dataclass(frozen=True)
class Period:
    """What happened in a stretch of time."""

    came: Flow
    solved: Flow
    first_response: Spread
    """In the team's working hours."""
    first_response_calendar: Spread
    resolution: Spread
    """By the calendar."""
    one_touch: Share
    reopened: Share
    csat: Share
    bad_ratings: int
    nps: Share


@dataclass(frozen=True)
class Look:
    team: Team
    since: datetime
    until: datetime
    freshness: Freshness
    standing: Standing | None = None
    """None where a source isn't fresh: rather nothing than stale numbers."""
    before: Snapshot | None = None
    """The backlog when the day before ended."""
    period: Period | None = None
    overnight: int | None = None
    """How many came since the team's last day ended; None where that is the whole stretch, or none of it."""
    spikes: Sequence[SpikeDay] = ()
    holidays: Sequence[str] = ()
    """The team's public holidays on what would be its working days: why a stretch may be unlike the usual one."""
    days: Sequence[tuple[date, int, int]] = field(default=())
    """(local date, came, solved) of the days before today, for a chart."""

    @property
    def is_ordinary(self) -> bool:
        """Nothing stands out: a day on which “all clear” may be said, if the data is fresh."""
        one, came = self.standing, self.period.came if self.period else None
        if one is None or came is None or self.spikes:
            return False
        if one.breached or one.at_risk or one.urgent_unassigned:
            return False
        return came.usual.mean is not None and came.count <= MUCH * max(came.usual.mean, 1)
