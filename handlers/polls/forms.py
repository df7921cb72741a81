"""The forms of polls as typed values; a field's name is its block's id."""

from datetime import datetime

from pydantic import Field

from handlers.forms import Form, Memory
from storage.polls import Kind, Mode, Results, Template


class Draft(Memory):
    """What the form of a new poll remembers beside its key."""

    template: Template
    session: int | None = None
    """The training session that a quiz follows."""


class Editing(Memory):
    """What the window of a draft, and the forms on top of it, remember."""

    poll: int
    question: int | None = None


class Answering(Memory):
    poll: int


class NewPoll(Form):
    question: str | None = Field(default=None, max_length=300)
    options: str | None = Field(default=None, max_length=3000)
    teams: list[str] = Field(default=[])
    closes: datetime
    title: str | None = Field(default=None, max_length=150)
    channel: str | None = None
    people: list[str] = Field(default=[])
    mode: Mode | None = None
    results: Results | None = None
    every_weeks: int = Field(default=0, ge=0, le=52)
    pass_mark: int | None = None


class EditQuestion(Form):
    text: str = Field(min_length=1, max_length=300)
    kind: Kind
    options: str | None = Field(default=None, max_length=3000)
    most: int | None = None


class Closing(Form):
    closes: datetime
