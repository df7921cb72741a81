"""What people typed about teams, hours and duty → typed values; what doesn't fit is said at its field."""

from datetime import datetime, time
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from handlers.blocks import one_line
from handlers.forms import Form
from handlers.local_time import parse_zone
from handlers.refusals import FormRefusal
from handlers.shifts import Hours

YES = "yes"
EVERY_DAY = "daily"
NEW_DEPARTMENT = "new:"
KNOWN_DEPARTMENT = "id:"

NO_DAYS = "Choose at least one working day."
SAME_TIMES = "Start and end are the same. For around the clock, choose 00:00 and 23:59."
WHO_MANAGES = "Name at least one manager: they hear first, and change the team."
ENDS_FIRST = "That is before it starts. Choose a later time."
OVER = "That has passed already. Choose a time that is still to come."
TOO_LONG_A_TURN = "That is more than 60 days. For a lasting change, edit the rota."
LONGEST_OVERRIDE_DAYS = 60


class TeamForm(Form):
    """A team as its form asks for it. What stands behind More is None while More is closed: as it was, or default."""

    channel: str = ""
    managers: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    everyone: tuple[str, ...] = ()

    name: str | None = Field(default=None, max_length=80)
    escalation_channel: str | None = None
    department: str | None = Field(default=None, max_length=100)
    heads: tuple[str, ...] | None = None
    zone: str | None = None
    start: time | None = None
    end: time | None = None
    days: tuple[int, ...] | None = None
    country: str | None = Field(default=None, max_length=8)
    fixed: tuple[str, ...] | None = None

    @field_validator("channel")
    @classmethod
    def _is_given(cls, channel: str) -> str:
        if not channel:
            raise ValueError("Choose the channel in which this team works.")
        return channel

    @field_validator("managers")
    @classmethod
    def _has_managers(cls, managers: tuple[str, ...]) -> tuple[str, ...]:
        if not managers:
            raise ValueError(WHO_MANAGES)
        return tuple(dict.fromkeys(managers))

    @field_validator("members")
    @classmethod
    def _once_each(cls, members: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(members))

    @field_validator("name")
    @classmethod
    def _on_one_line(cls, name: str | None) -> str | None:
        return one_line(name, 80) if name else None

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, zone: str | None) -> str | None:
        return parse_zone(zone).key if zone else None

    @field_validator("days")
    @classmethod
    def _has_days(cls, days: tuple[int, ...] | None) -> tuple[int, ...] | None:
        if days == ():
            raise ValueError(NO_DAYS)
        return tuple(sorted(set(days))) if days else None

    @model_validator(mode="after")
    def _make_hours(self) -> Self:
        if self.start is not None and self.start == self.end:
            raise FormRefusal({"end": SAME_TIMES})
        _refuse_unknown_country(self.country)
        return self

    @property
    def follows_channel(self) -> bool:
        return YES in self.everyone


class DeclineForm(Form):
    reason: str = Field(min_length=1, max_length=1000)


class HoursForm(Form):
    """One's own hours; the zone is Slack's."""

    days: tuple[int, ...] = ()
    start: time
    end: time
    country: str | None = Field(default=None, max_length=8)
    primary: int | None = None

    @field_validator("days")
    @classmethod
    def _has_days(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted(set(days)))

    @model_validator(mode="after")
    def _make_hours(self) -> Self:
        if not self.days:
            raise FormRefusal({"days": NO_DAYS})
        if self.start == self.end:
            raise FormRefusal({"end": SAME_TIMES})
        _refuse_unknown_country(self.country)
        return self


class AwayForm(Form):
    until: datetime | None = None

    def refuse_past(self, now: datetime) -> None:
        if self.until is not None and self.until <= now:
            raise FormRefusal({"until": OVER})


class RotaForm(Form):
    """Who takes turns, in order; when a turn ends; whether somebody is on duty at night too."""

    people: tuple[str, ...] = ()
    handover: Literal["daily", "0", "1", "2", "3", "4", "5", "6"]
    at: time
    nights: tuple[str, ...] = ()

    @field_validator("people")
    @classmethod
    def _once_each(cls, people: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(people))

    @property
    def weekday(self) -> int | None:
        """Monday = 0; None: every day."""
        return None if self.handover == EVERY_DAY else int(self.handover)


class OverrideForm(Form):
    person: str
    since: datetime
    until: datetime

    def refuse_impossible(self, now: datetime) -> None:
        """Raises FormRefusal for a time that is over, ends before it starts, or lasts too long."""
        if self.until <= now:
            raise FormRefusal({"until": OVER})
        if self.until <= self.since:
            raise FormRefusal({"until": ENDS_FIRST})
        if (self.until - self.since).days >= LONGEST_OVERRIDE_DAYS:
            raise FormRefusal({"until": TOO_LONG_A_TURN})


def _refuse_unknown_country(country: str | None) -> None:
    try:
        Hours(zone="UTC", days=frozenset(), start=time(9), end=time(17), country=country)
    except ValueError as wrong:
        raise FormRefusal({"country": str(wrong)}) from wrong
