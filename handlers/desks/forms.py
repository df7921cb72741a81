"""The forms of help desks as typed values; a field's name is its block's id."""

from pydantic import Field

from handlers.forms import Form, Memory

ALL = "all"
"""The choice that takes every group."""


class Connection(Form):
    groups: list[str] = Field(default=[])
    notes: list[str] = Field(default=[])


class DeskMemory(Memory):
    """What the forms remember beside the team: which help desk, or which source."""

    desk: str | None = None
    source: int | None = None
