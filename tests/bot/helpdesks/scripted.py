"""A help desk of these tests: it answers what the script says, page after page, and remembers what it was asked."""

from collections.abc import Sequence
from datetime import datetime

from bot.helpdesks import Checked, DeskError, Push
from storage.pulled import Context, Page, PulledAgent, PulledTicket


class ScriptedDesk:
    kind = "scripted"
    name = "Scripted (acme)"

    def __init__(self, *script: Page | DeskError) -> None:
        self.script = list(script)
        self.asked: list[tuple[str | None, datetime]] = []
        self.people: list[PulledAgent] = []
        self.groups: Sequence[str] = ("Billing", "Shipping")
        self.missing: Sequence[str] = ()
        self.refusal: DeskError | None = None
        self.known: dict[str, PulledTicket] = {}
        self.contexts: dict[str, Context] = {}
        self.notes: list[tuple[str, str]] = []
        self.note_failure: DeskError | None = None
        """Raised after the note was made: the answer is what got lost."""

    async def check(self) -> Checked:
        if self.refusal is not None:
            raise self.refusal
        return Checked(account="bot@acme.example", missing=self.missing, groups=self.groups)

    async def agents(self) -> Sequence[PulledAgent]:
        return self.people

    async def pull(self, cursor: str | None, since: datetime) -> Page:
        self.asked.append((cursor, since))
        if not self.script:
            return Page(cursor=cursor or "start", more=False)
        answer = self.script.pop(0)
        if isinstance(answer, DeskError):
            raise answer
        return answer

    async def ticket(self, external_id: str) -> PulledTicket | None:
        if self.refusal is not None:
            raise self.refusal
        return self.known.get(external_id)

    async def context(self, external_id: str) -> Context | None:
        if self.refusal is not None:
            raise self.refusal
        return self.contexts.get(external_id)

    async def note(self, external_id: str, text: str) -> None:
        self.notes.append((external_id, text))
        if self.note_failure is not None:
            failure, self.note_failure = self.note_failure, None
            raise failure

    async def has_note(self, external_id: str, marker: str) -> bool:
        return any(about == external_id and marker in text for about, text in self.notes)

    def is_genuine(self, push: Push, *, now: datetime) -> bool:
        return push.headers.get("x-signature") == "genuine"

    def url_of(self, external_id: str) -> str | None:
        return f"https://acme.example/tickets/{external_id}"
