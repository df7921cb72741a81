"""The forms of training as typed values; a field's name is its block's id."""

from datetime import date, datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from handlers.blocks import one_line
from handlers.forms import GREATEST_ID, Form, Memory
from handlers.refusals import FormRefusal

PAST = "That has passed already. Choose a time that is still to come."
PAST_DAY = "That day is over. Choose today or a later day."
TOO_FAR = "That is more than two years away. Choose an earlier one."
FARTHEST_DAYS = 731
NO_PLACES = "Give a whole number from 1 to 1000, or leave it empty for no limit."
NOT_A_LINK = "That isn’t a link. Paste one that begins with https:// or http://."
LENGTHS = (15, 30, 45, 60, 90, 120, 180, 240)
"""Minutes that a session may last."""
MOST_PLACES = 1000

Chosen = Annotated[int, Field(gt=0, le=GREATEST_ID)]
"""The row that a menu's choice names."""


class Metadata(Memory):
    """What these forms remember beside their key: what they change, or come from."""

    id: Chosen | None = None
    item: Chosen | None = None
    day: int | None = None
    origin: str | None = Field(default=None, max_length=200)
    """Where a topic came from, in words."""


def a_link(typed: str | None) -> str | None:
    """A web address as it was typed; ValueError for anything else (Slack takes only such behind a button)."""
    if typed is None:
        return None
    try:
        parts = urlsplit(typed)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and not set(typed) & set(" \n\t<>|")
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(NOT_A_LINK)
    return typed


def refuse_far(field: str, day: date, today: date) -> None:
    """Raises FormRefusal at the field for a day that is over, or too far away to be meant."""
    if day < today:
        raise FormRefusal({field: PAST_DAY})
    if (day - today).days > FARTHEST_DAYS:
        raise FormRefusal({field: TOO_FAR})


class ItemForm(Form):
    topic: str = Field(min_length=1, max_length=200)
    team: Chosen | None = None
    owner: str
    due_on: date | None = None

    @field_validator("topic")
    @classmethod
    def _on_one_line(cls, topic: str) -> str:
        return one_line(topic, 200)


class SessionForm(Form):
    team: Chosen | None = None
    title: str = Field(min_length=1, max_length=150)
    starts_at: datetime
    capacity: str | None = None
    host: str | None = None
    minutes: int = 60
    link: str | None = Field(default=None, max_length=500)
    about: str | None = Field(default=None, max_length=1500)

    _is_a_link = field_validator("link")(a_link)

    @field_validator("title")
    @classmethod
    def _on_one_line(cls, title: str) -> str:
        return one_line(title, 150)

    @field_validator("capacity")
    @classmethod
    def _is_a_number(cls, capacity: str | None) -> str | None:
        if capacity is not None:
            whole = capacity.isascii() and capacity.isdecimal() and len(capacity) <= 4
            if not whole or not 0 < int(capacity) <= MOST_PLACES:
                raise ValueError(NO_PLACES)
        return capacity

    @field_validator("minutes")
    @classmethod
    def _is_a_length(cls, minutes: int) -> int:
        return minutes if minutes in LENGTHS else 60

    @property
    def places(self) -> int | None:
        return int(self.capacity) if self.capacity else None

    def refuse_past(self, now: datetime) -> None:
        if self.starts_at <= now:
            raise FormRefusal({"starts_at": PAST})
        if (self.starts_at - now).days > FARTHEST_DAYS:
            raise FormRefusal({"starts_at": TOO_FAR})


class AttendanceForm(Form):
    present: list[str] = Field(default=[])


class RequiredForm(Form):
    title: str = Field(min_length=1, max_length=150)
    teams: list[Chosen] = Field(min_length=1)
    due_on: date
    link: str | None = Field(default=None, max_length=500)
    session: Chosen | None = None
    people: list[str] = Field(default=[])
    yearly: list[Literal["yearly"]] = Field(default=[])

    _is_a_link = field_validator("link")(a_link)

    @field_validator("title")
    @classmethod
    def _on_one_line(cls, title: str) -> str:
        return one_line(title, 150)


class StepForm(Form):
    """One day of an onboarding plan; without text there is nothing on that day."""

    text: str | None = Field(default=None, max_length=2000)
    link: str | None = Field(default=None, max_length=500)
    poll: Chosen | None = None
    buddy: list[str] = Field(default=[])

    _is_a_link = field_validator("link")(a_link)


class PeopleForm(Form):
    people: list[str] = Field(default=[])


class BuddyForm(Form):
    buddy: str | None = None
