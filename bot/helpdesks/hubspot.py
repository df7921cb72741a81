"""HubSpot Service Hub: tickets and survey answers by their last change, pipelines and owners, conversations, notes.

The search shows 10,000 rows of one question, and is some seconds behind what was changed: a pull asks anew from the
last change it saw, and the next one from a little before. Shapes: https://developers.hubspot.com/docs/api-reference/crm-tickets-v3.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import aiohttp

from bot.helpdesks import Checked, DeskRefusedError, Push
from bot.helpdesks.calling import NotAcceptedError, NotThereError
from bot.helpdesks.hubspot_asking import API, MILLISECOND, PER_PAGE, Asking
from bot.helpdesks.hubspot_rows import PROPERTIES, RATING_PROPERTIES, Account, rating_of
from bot.helpdesks.reading import (
    Cursor,
    Place,
    Row,
    as_html,
    instant,
    part,
    parts,
    plain,
    read_cursor,
    read_each,
    words,
)
from bot.helpdesks.signatures import is_recent, same
from storage.pulled import Context, Page, PulledAgent, PulledTicket, Said

PAGES = 10_000 // PER_PAGE
BEHIND = timedelta(minutes=1)
"""How far the search may be behind what was changed."""
OWNERS_MISSING = "It can’t read owners, so nobody is matched: give the private app the scope crm.objects.owners.read."
ANSWERS_MISSING = (
    "It can’t read survey answers: give the private app the scope crm.objects.feedback_submissions.read "
    "(plans without surveys have none)."
)
SIGNED_DECODED = {
    "%3A": ":",
    "%2F": "/",
    "%3F": "?",
    "%40": "@",
    "%21": "!",
    "%24": "$",
    "%27": "'",
    "%28": "(",
    "%29": ")",
    "%2A": "*",
    "%2C": ",",
    "%3B": ";",
}
"""What HubSpot writes decoded in the address that it signs."""


class Part(StrEnum):
    TICKETS = "tickets"
    RATINGS = "ratings"


class _Cursor(Cursor):
    part: Part = Part.TICKETS
    tickets: Place
    ratings: Place
    bin_after: str | None = None
    """Deleted tickets can't be asked for by date: one page of the recycling bin is turned at each pull."""


class HubSpot:
    """`clock` says when a note is written: HubSpot wants to be told."""

    kind = "hubspot"
    name = "HubSpot"

    def __init__(
        self,
        http: aiohttp.ClientSession,
        *,
        token: str,
        clock: Callable[[], datetime],
        push_secret: str | None = None,
        base_url: str = API,
    ) -> None:
        self._asking = Asking(http, base_url=base_url, token=token)
        self._clock = clock
        self._push_secret = push_secret
        self._account: Account | None = None
        self._unknown: set[str] = set()
        """Owners and stages that tickets name and HubSpot doesn't list."""

    async def check(self) -> Checked:
        account = await self._learn()
        missing = []
        if not account.can_read_agents:
            missing.append(OWNERS_MISSING)
        if await self._ratings_page(Place(since=self._clock())) is None:
            missing.append(ANSWERS_MISSING)
        return Checked(account=f"account {account.portal}", missing=missing, groups=sorted(account.pipelines.values()))

    async def agents(self) -> Sequence[PulledAgent]:
        account = await self._learn()
        if not account.can_read_agents:
            raise DeskRefusedError(OWNERS_MISSING)
        return list(account.agents.values())

    async def pull(self, cursor: str | None, since: datetime) -> Page:
        begin = Place(since=since)
        at = _Cursor(tickets=begin, ratings=begin) if cursor is None else read_cursor(_Cursor, cursor)
        if at.part is Part.TICKETS:
            return await self._tickets(at)
        return await self._ratings(at)

    async def _tickets(self, at: _Cursor) -> Page:
        answer = await self._asking.search("tickets", at.tickets, PROPERTIES)
        rows = parts(answer, "results")
        tickets, merged = await self._read_tickets(rows)
        place, full = _following(at.tickets, rows)
        update: dict[str, object] = {"tickets": place, "part": Part.TICKETS if full else Part.RATINGS}
        deleted = list(merged)
        if not full:
            thrown_away, update["bin_after"] = await self._asking.bin(at.bin_after)
            deleted += thrown_away
        total = answer.get("total") if isinstance(answer, Mapping) else None
        return Page(
            tickets=tickets,
            deleted=deleted,
            cursor=at.model_copy(update=update).written(),
            more=True,
            total=total if isinstance(total, int) else None,
        )

    async def _ratings(self, at: _Cursor) -> Page:
        rows = await self._ratings_page(at.ratings) or []
        answered = read_each(rows, rating_of, desk="HubSpot", what="survey answers")
        place, full = _following(at.ratings, rows)
        done = at.model_copy(update={"ratings": place, "part": Part.RATINGS if full else Part.TICKETS})
        return Page(ratings=[one for one in answered if one is not None], cursor=done.written(), more=full)

    async def _ratings_page(self, place: Place) -> list[Row] | None:
        """None: surveys are off, or the private app lacks the scope."""
        try:
            return parts(await self._asking.search("feedback_submissions", place, RATING_PROPERTIES), "results")
        except (DeskRefusedError, NotThereError, NotAcceptedError):
            return None

    async def ticket(self, external_id: str) -> PulledTicket | None:
        if not external_id.isdigit():
            return None
        row = await self._asking.ticket(external_id, PROPERTIES)
        if row is None:
            return None
        tickets, _ = await self._read_tickets([row])
        return tickets[0] if tickets else None

    async def context(self, external_id: str) -> Context | None:
        ticket = await self.ticket(external_id)
        if ticket is None:
            return None
        told = await self._asking.messages(external_id)
        said = [turn for row in told if (turn := _turn(row)) is not None] or await self._mails(external_id)
        facts = [("Customer", ticket.customer_name), ("Tier", ticket.customer_tier), ("Channel", ticket.channel)]
        return Context(
            conversation=sorted(said, key=lambda turn: turn.at)[-10:],
            facts=[(title, value) for title, value in facts if value is not None],
        )

    async def _mails(self, external_id: str) -> list[Said]:
        rows = await self._asking.engagements(
            external_id, "emails", ("hs_timestamp", "hs_email_direction", "hs_email_text", "hs_email_from_firstname")
        )
        said = []
        for row in rows:
            mail = part(row, "properties")
            at = instant(mail.get("hs_timestamp"))
            if at is not None:
                from_agent = mail.get("hs_email_direction") != "INCOMING_EMAIL"
                by = words(mail.get("hs_email_from_firstname")) or ("an agent" if from_agent else "the customer")
                text = plain(mail.get("hs_email_text"), is_html=False)
                said.append(Said(at=at, by=by, text=text, from_agent=from_agent))
        return said

    async def note(self, external_id: str, text: str) -> None:
        await self._asking.note(external_id, as_html(text), self._clock())

    async def has_note(self, external_id: str, marker: str) -> bool:
        notes = await self._asking.engagements(external_id, "notes", ("hs_note_body",))
        return any(marker in plain(part(note, "properties").get("hs_note_body")) for note in notes)

    def is_genuine(self, push: Push, *, now: datetime) -> bool:
        """HubSpot signs base64(HMAC-SHA256(app secret, method + address + body + timestamp)), version 3."""
        signed = push.headers.get("x-hubspot-request-timestamp", "")
        at = instant(int(signed)) if signed.isascii() and signed.isdigit() and len(signed) < 15 else None
        if self._push_secret is None or at is None or not is_recent(at, now):
            return False
        url = re.sub(r"%[0-9A-Fa-f]{2}", lambda found: SIGNED_DECODED.get(found[0].upper(), found[0]), push.url)
        text = push.method.encode() + url.encode() + push.body + signed.encode()
        digest = hmac.new(self._push_secret.encode(), text, hashlib.sha256).digest()
        return same(base64.b64encode(digest).decode(), push.headers.get("x-hubspot-signature-v3", ""))

    def url_of(self, external_id: str) -> str | None:
        """None until the account's number is known."""
        return self._account.url_of(external_id) if self._account is not None else None

    async def _read_tickets(self, rows: Sequence[Row]) -> tuple[list[PulledTicket], list[str]]:
        """The tickets, and the ids of those that they took in."""
        account = await self._learn()
        owners = {id_ for row in rows if (id_ := words(part(row, "properties").get("hubspot_owner_id"))) is not None}
        stages = {id_ for row in rows if (id_ := words(part(row, "properties").get("hs_pipeline_stage"))) is not None}
        unheard_of = (owners - account.agents.keys()) | (stages - account.stages.keys())
        if unheard_of - self._unknown:
            self._account = None
            account = await self._learn()
            self._unknown |= unheard_of
        ids = [id_ for row in rows if (id_ := words(row.get("id"))) is not None]
        companies = await self._asking.customers("companies", ids, ("name", "hs_customer_tier"))
        contacts = await self._asking.customers("contacts", ids, ("email", "firstname", "lastname"))
        tickets = read_each(
            list(rows),
            lambda row: account.ticket(row, companies.get(str(row["id"])), contacts.get(str(row["id"]))),
            desk="HubSpot",
            what="tickets",
        )
        merged = [
            id_
            for row in rows
            for id_ in (words(part(row, "properties").get("hs_merged_object_ids")) or "").split(";")
            if id_
        ]
        return tickets, merged

    async def _learn(self) -> Account:
        """Asked once, and again when a ticket names an owner or a stage that isn't known."""
        if self._account is None:
            self._account = await self._asking.account()
        return self._account


def _following(place: Place, rows: Sequence[Row]) -> tuple[Place, bool]:
    full = len(rows) >= PER_PAGE
    seen = [at for row in rows if (at := instant(part(row, "properties").get("hs_lastmodifieddate"))) is not None]
    return place.after(seen, full=full, tick=MILLISECOND, pages=PAGES, overlap=BEHIND), full


def _turn(row: Row) -> Said | None:
    """A message of a thread; None for its system entries."""
    at = instant(row.get("createdAt"))
    if at is None or row.get("type") not in {"MESSAGE", "COMMENT"}:
        return None
    from_agent = row.get("direction") != "INCOMING"
    senders = parts(row, "senders")
    by = words(senders[0].get("name")) if senders else None
    return Said(
        at=at,
        by=by or ("an agent" if from_agent else "the customer"),
        text=plain(row.get("text"), is_html=False),
        from_agent=from_agent,
        public=row.get("type") == "MESSAGE",
    )
