"""The help desks as features may use them: which are there, what can be asked of them (never inside a transaction)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from slack_sdk.web.async_client import AsyncWebClient

from storage.jobs import Job
from storage.pulled import Context, PulledAgent, PulledTicket
from storage.store import Store


class DeskTroubleError(Exception):
    """The help desk couldn't do it; the message is a sentence for people."""


class NoteRefusedError(DeskTroubleError):
    """It never will: trying again is no use."""


@dataclass(frozen=True)
class DeskCheck:
    """What a help desk says of the operator's credentials."""

    account: str
    missing: Sequence[str] = ()
    """What Backstop may not do there and would: a sentence each."""
    groups: Sequence[str] = ()
    """Its groups, queues or pipelines, by name."""


class HelpDesks(Protocol):
    """Those whose credentials the operator has set, by kind ("zendesk"). Every coroutine raises DeskTroubleError."""

    def available(self) -> Sequence[tuple[str, str]]:
        """(kind, name) of each, as people know it: ("zendesk", "Zendesk (acme)")."""
        ...

    async def check(self, kind: str) -> DeskCheck: ...

    async def agents(self, kind: str) -> Sequence[PulledAgent]: ...

    async def ticket(self, kind: str, external_id: str) -> PulledTicket | None: ...

    async def context(self, kind: str, external_id: str) -> Context | None: ...

    async def note(self, kind: str, external_id: str, text: str, *, marker: str, again: bool) -> None:
        """An internal note. `again`: an earlier attempt may have made it; then one that has the marker is enough."""
        ...

    def url_of(self, kind: str, external_id: str) -> str | None:
        """Where people open the ticket."""
        ...

    async def pull(self, job: Job, *, store: Store, client: AsyncWebClient, now: Callable[[], datetime]) -> None:
        """The job that brings a source (`details["source_id"]`) up to date, page by page."""
        ...


NOT_SET = "The credentials of {} are not set any more: whoever operates Backstop sets them in its environment."
