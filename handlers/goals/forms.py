"""The forms of goals as typed values; a field's name is its block's id."""

from datetime import date

from pydantic import Field

from handlers.forms import Form, Memory
from storage.goals import Better, Ending, Kind, Period, Unit


class Metadata(Memory):
    """What these forms remember beside their key."""

    goal: int | None = None
    """The goal that is changed or closed, or whose next period is set."""
    is_next: bool = False
    warned: str | None = None
    """The target that was said to lie beyond what was ever reached: set again, it is meant."""
    who: str | None = None
    metric: str | None = None


class GoalForm(Form):
    who: str = Field(min_length=1, max_length=40)
    person: str | None = Field(default=None, max_length=32)
    metric: str = Field(min_length=1, max_length=150)
    counted: str | None = Field(default=None, max_length=120)
    target: str = Field(min_length=1, max_length=40)
    period: Period = Period.MONTH
    starts: date | None = None
    kind: Kind | None = None
    unit: Unit = Unit.COUNT
    better: Better = Better.UP
    note: str | None = Field(default=None, max_length=1000)


class CloseForm(Form):
    ending: Ending
    note: str | None = Field(default=None, max_length=1000)
