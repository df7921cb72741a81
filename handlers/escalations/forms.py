"""The forms of escalations as typed values; a field's name is its block's id."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from handlers.forms import Form, Memory
from storage.escalations import Need, Outcome, RootCause, Severity


class Metadata(Memory):
    """What these forms remember beside their key: the escalation, and the message that is quoted."""

    id: int | None = None
    quote: str | None = None
    quote_link: str | None = None
    quote_private: bool = False
    quote_from: str | None = None
    """The channel that was quoted from."""
    severity: str | None = None
    """Whose terms a policy's form changes."""
    about: str | None = None
    """What the help desk tells of the ticket, in one line."""
    customer: str | None = None
    """Whose ticket it is, by the help desk: the field behind *More fields* begins with it."""
    vip: bool = False
    cut: bool = False
    """What was typed after the command didn't fit into the form."""


class Raise(Form):
    ticket: str | None = Field(default=None, max_length=500)
    severity: Severity
    what: str = Field(min_length=1, max_length=3000)
    need: Need
    customer: str | None = Field(default=None, max_length=200)
    vip: list[str] = Field(default=[])
    began: str | None = Field(default=None, max_length=200)
    tried: str | None = Field(default=None, max_length=2000)
    impact: str | None = Field(default=None, max_length=2000)
    promise: datetime | None = None
    restricted: list[str] = Field(default=[])
    viewers: list[str] = Field(default=[])

    @property
    def is_restricted(self) -> bool:
        return "restricted" in self.restricted


class Offer(Form):
    choice: str


class Update(Form):
    news: str = Field(min_length=1, max_length=3000)
    told: list[str] = Field(default=[])
    promise: datetime | None = None


class Reason(Form):
    """Return and reopen: why."""

    reason: str = Field(min_length=1, max_length=3000)


class Answer(Form):
    answer: str = Field(min_length=1, max_length=3000)


class Hold(Reason):
    until: datetime


class Reassign(Form):
    to: str


class ChangeSeverity(Reason):
    severity: Severity


class Join(Form):
    ticket: str = Field(min_length=1, max_length=500)
    customer: str | None = Field(default=None, max_length=200)
    note: str | None = Field(default=None, max_length=1000)


class Restrict(Form):
    restricted: list[str] = Field(default=[])
    viewers: list[str] = Field(default=[])


class Resolve(Form):
    outcome: Outcome
    root_cause: RootCause
    done: str = Field(min_length=1, max_length=3000)
    told: str
    prevent: str | None = Field(default=None, max_length=1000)
    prevent_owner: str | None = None
    prevent_due: date | None = None
    duplicate_of: str | None = Field(default=None, max_length=20)


class CloseFollowUp(Form):
    note: str = Field(min_length=1, max_length=1000)


class Policy(Form):
    """Lengths as they were written: 15 min, 4 h, 3 d."""

    used: list[str] = Field(default=[])
    acknowledge: str = Field(max_length=40)
    resolve: str = Field(max_length=40)
    update: str | None = Field(default=None, max_length=40)
    counts: Literal["working", "always"]
    repeat: str | None = Field(default=None, max_length=40)
