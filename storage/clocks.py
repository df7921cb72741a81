"""The clocks of an escalation: what each measures, how long it may take, and how it went."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, OneOf


class Kind(StrEnum):
    """What a clock measures. The first three are promises that the card shows; the others drive one step each."""

    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    PROMISE = "promise"
    """The next update promised to the customer."""
    SILENCE = "silence"
    """Claimed, then nobody said anything."""
    ANSWER = "answer"
    """Returned: the reporter owes an answer."""
    HOLD = "hold"
    """On hold until a date."""
    CONFIRM = "confirm"
    """Resolved: confirmed by itself when this runs out."""


class ClockState(StrEnum):
    RUNNING = "running"
    MET = "met"
    BREACHED = "breached"
    PAUSED = "paused"
    CANCELLED = "cancelled"


class Clock(Base):
    __tablename__ = "escalation_clocks"

    escalation_id: Mapped[int] = mapped_column(ForeignKey("escalations.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[Kind] = mapped_column(OneOf(Kind, 16), primary_key=True)
    state: Mapped[ClockState] = mapped_column(OneOf(ClockState, 16))
    generation: Mapped[int] = mapped_column(default=1)
    """Rises when the clock starts, stops, pauses or moves: older timers and pages are void."""
    started_at: Mapped[datetime]
    warn_at: Mapped[datetime | None]
    """75 % of the way from start to deadline, in the clock's own time; None: no warning."""
    deadline: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    pauses: Mapped[list[Any]] = mapped_column(default=list)
    """[from, until] of each pause that is over, as ISO 8601 instants."""
    paused_s: Mapped[int] = mapped_column(default=0)
    """How many seconds of the clock's own time the pauses took."""
    met_at: Mapped[datetime | None]
    taken_s: Mapped[int | None]
    """From start to `met_at` in seconds of the clock's own time, pauses left out: what the figures count."""
    breached_at: Mapped[datetime | None]
    quiet_at: Mapped[datetime | None]
    """Since when nobody is paged for the breach any more: somebody is on it, or the case moved on."""
    pages: Mapped[int] = mapped_column(default=0)
    """How often somebody was paged for this breach."""
    given: Mapped[bool] = mapped_column(default=False)
    """The deadline was chosen by a person, not computed from the policy."""
