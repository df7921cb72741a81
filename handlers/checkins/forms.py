"""What people typed about check-ins → typed values; what doesn't fit is said at its field."""

from typing import Literal

from pydantic import Field, field_validator, model_validator

from handlers.checkins.rules.windows import DEFAULT_LEAD_MIN, DEFAULT_NUDGE_MIN
from handlers.forms import Form
from handlers.refusals import FormRefusal
from storage.checkin_answers import STEPS
from storage.checkins import Visibility

NO_DAYS = "Choose at least one day, or switch check-ins off."
LATER_THAN_ASKED = "That is before they are asked. Choose a shorter time."
DAY_MIN = 24 * 60


class AnswerForm(Form):
    load: int = Field(ge=1, le=STEPS)
    feeling: int | None = Field(default=None, ge=1, le=STEPS)
    blocker: str | None = Field(default=None, max_length=1000)


class SettingsForm(Form):
    """What stands behind More is None while More is closed: as it was, or default."""

    use: Literal["on", "off"]
    days: tuple[int, ...] = ()
    lead: int = Field(default=DEFAULT_LEAD_MIN, ge=1, le=DAY_MIN)
    visibility: Visibility
    nudge: int | None = Field(default=None, ge=0, le=DAY_MIN)
    window: int | Literal["whole"] | None = None

    @field_validator("days")
    @classmethod
    def _are_days(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        if not days or not set(days) <= set(range(7)):
            raise ValueError(NO_DAYS)
        return tuple(sorted(set(days)))

    @model_validator(mode="after")
    def _nudges_after_asking(self) -> "SettingsForm":
        if self.nudge is not None and self.nudge >= min(self.lead, self.window_min or self.lead):
            raise FormRefusal({"nudge": LATER_THAN_ASKED})
        return self

    @property
    def window_min(self) -> int | None:
        """None: until the shift ends, or as it was."""
        return self.window if isinstance(self.window, int) else None

    @property
    def nudge_min(self) -> int:
        """Without More: the usual one, if it fits into so short a time."""
        return self.nudge if self.nudge is not None else min(DEFAULT_NUDGE_MIN, self.lead // 2)


class DoneForm(Form):
    done: str = Field(min_length=1, max_length=600)


class ShareForm(Form):
    words: str | None = Field(default=None, max_length=1000)
