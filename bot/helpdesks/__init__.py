"""Help desks: one file each, turning its API into tickets and ratings, behind one small interface.

Nothing of Slack is known here, and no desk is ever called inside a transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from storage.pulled import Context, Page, PulledAgent, PulledTicket


class DeskError(Exception):
    """The help desk could not do it; the message is a sentence for people, without secrets or customers' data."""


class DeskAwayError(DeskError):
    """It can't be reached, answers 5xx, or answers what can't be read: try again later."""


class DeskRefusedError(DeskError):
    """It doesn't let us: the credentials are wrong, or a right is missing. The message says which, and the mend."""


class SlowDownError(DeskError):
    """It wants us to wait, for longer than a call should."""

    def __init__(self, sentence: str, *, wait: timedelta) -> None:
        super().__init__(sentence)
        self.wait = wait


class CursorLostError(DeskError):
    """The desk no longer knows this cursor: the pull begins anew from an instant before the last good one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a help desk says of our credentials."""

    account: str
    """Who we are there, and where: "support@acme.example at acme.zendesk.com"."""
    missing: Sequence[str] = ()
    """What we may not do and would: a sentence each, with its mend."""
    groups: Sequence[str] = ()
    """Names of its groups, queues or pipelines, as `PulledTicket.group` has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """An HTTP request that says it comes from the help desk."""

    method: str
    url: str
    headers: Mapping[str, str]
    """Names in small letters."""
    body: bytes


class Desk(Protocol):
    """A help desk whose credentials the operator has set. Every coroutine raises DeskError."""

    @property
    def kind(self) -> str:
        """zendesk, freshdesk, hubspot, rt, csv."""
        ...

    @property
    def name(self) -> str:
        """As people know it: "Zendesk (acme)"."""
        ...

    async def check(self) -> Checked:
        """Whether the credentials work, and what they lack."""
        ...

    async def agents(self) -> Sequence[PulledAgent]: ...

    async def pull(self, cursor: str | None, since: datetime) -> Page:
        """The page after `cursor`; without one, what changed at or after `since`. Pages may overlap and repeat."""
        ...

    async def ticket(self, external_id: str) -> PulledTicket | None:
        """One ticket as it is now; None: there is no such ticket."""
        ...

    async def context(self, external_id: str) -> Context | None:
        """The recent conversation and what is known of the customer; None: there is no such ticket."""
        ...

    async def note(self, external_id: str, text: str) -> None:
        """Adds an internal note, which customers never see. Doing it twice makes two: see `has_note`."""
        ...

    async def has_note(self, external_id: str, marker: str) -> bool:
        """Whether a note with these words stands on the ticket already: asked after an attempt whose end is unknown."""
        ...

    def is_genuine(self, push: Push, *, now: datetime) -> bool:
        """Whether the desk signed this request, recently; False where no secret for pushes is set."""
        ...

    def url_of(self, external_id: str) -> str | None:
        """Where people open the ticket."""
        ...
