"""HubSpot Service Hub: tickets and survey answers by their last change, pipelines and owners, conversations, notes.

The search shows 10,000 rows of one question, and is some seconds behind what was changed: a pull asks anew from the
last change it saw, and the next one from a little before. Shapes: https://developers.hubspot.com/docs/api-reference/crm-tickets-v3.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import aiohttp

from bot.helpdesks import Checked, DeskRefusedError, Push
from bot.helpdesks.calling import Caller, Headers, NotAcceptedError, NotThereError, Quota, Window
from bot.helpdesks.hubspot_rows import PROPERTIES, RATING_PROPERTIES, Account, Stage, rating_of
from bot.helpdesks.reading import (
    Cursor,
    Place,
    Row,
    as_html,
    instant,
    needed_words,
    number,
    part,
    parts,
    plain,
    read_cursor,
    read_each,
    words,
)
from bot.helpdesks.signatures import is_recent, same
from storage.pulled import Context, Page, PulledAgent, PulledTicket, Said

API = "https://api.hubapi.com"
PER_PAGE = 200
PAGES = 10_000 // PER_PAGE
AT_ONCE = 100
"""Objects in one batch."""
MILLISECOND = timedelta(milliseconds=1)
BEHIND = timedelta(minutes=1)
"""How far the search may be behind what was changed."""
SEARCHES_A_SECOND = 5
NOTE_TO_TICKET = 228
"""HubSpot's number for the association of a note with its ticket."""
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
        self._api = Caller(
            http, desk="HubSpot", base_url=base_url, headers={"Authorization": f"Bearer {token}"}, quota=quota_of
        )
        self._searches = Window(SEARCHES_A_SECOND, 1)
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
        answer = await self._search("tickets", at.tickets, PROPERTIES)
        rows = parts(answer, "results")
        tickets, merged = await self._read_tickets(rows)
        place, full = _following(at.tickets, rows)
        update: dict[str, object] = {"tickets": place, "part": Part.TICKETS if full else Part.RATINGS}
        deleted = list(merged)
        if not full:
            thrown_away, update["bin_after"] = await self._bin(at.bin_after)
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
            return parts(await self._search("feedback_submissions", place, RATING_PROPERTIES), "results")
        except (DeskRefusedError, NotThereError, NotAcceptedError):
            return None

    async def _search(self, objects: str, place: Place, properties: Sequence[str]) -> Any:
        changed = "hs_lastmodifieddate"
        body: dict[str, Any] = {
            "filterGroups": [
                {"filters": [{"propertyName": changed, "operator": "GTE", "value": str(_milliseconds(place.since))}]}
            ],
            "sorts": [{"propertyName": changed, "direction": "ASCENDING"}],
            "properties": list(properties),
            "limit": PER_PAGE,
        }
        if place.page > 1:
            body["after"] = str((place.page - 1) * PER_PAGE)
        return await self._api.search(f"/crm/v3/objects/{objects}/search", body, window=self._searches)

    async def _bin(self, after: str | None) -> tuple[list[str], str | None]:
        asked: dict[str, str | int] = {"archived": "true", "limit": AT_ONCE}
        if after is not None:
            asked["after"] = after
        try:
            answer = await self._api.get("/crm/v3/objects/tickets", asked)
        except NotAcceptedError:
            return [], None  # that page is no more: from the beginning, next time
        ids = [id_ for row in parts(answer, "results") if (id_ := words(row.get("id"))) is not None]
        following = words(part(part(answer, "paging"), "next").get("after"))
        return ids, None if following == after else following

    async def ticket(self, external_id: str) -> PulledTicket | None:
        if not external_id.isdigit():
            return None
        try:
            asked = {"properties": ",".join(PROPERTIES)}
            row = await self._api.get(f"/crm/v3/objects/tickets/{external_id}", asked)
        except NotThereError:
            return None
        tickets, _ = await self._read_tickets([row])
        return tickets[0] if tickets else None

    async def context(self, external_id: str) -> Context | None:
        ticket = await self.ticket(external_id)
        if ticket is None:
            return None
        said = await self._threads(external_id) or await self._mails(external_id)
        facts = [("Customer", ticket.customer_name), ("Tier", ticket.customer_tier), ("Channel", ticket.channel)]
        return Context(
            conversation=sorted(said, key=lambda turn: turn.at)[-10:],
            facts=[(title, value) for title, value in facts if value is not None],
        )

    async def _threads(self, external_id: str) -> list[Said]:
        """What was said in the inbox; nothing where the private app may not read conversations."""
        said: list[Said] = []
        try:
            threads = await self._api.get(
                "/conversations/v3/conversations/threads", {"associatedTicketId": external_id, "limit": 5}
            )
            for thread in parts(threads, "results"):
                path = f"/conversations/v3/conversations/threads/{needed_words(thread, 'id')}/messages"
                messages = await self._api.get(path, {"limit": 20, "sort": "-createdAt"})
                said += [turn for row in parts(messages, "results") if (turn := _turn(row)) is not None]
        except (DeskRefusedError, NotThereError, NotAcceptedError):
            return []
        return said

    async def _mails(self, external_id: str) -> list[Said]:
        rows = await self._engagements(
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
        link = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": NOTE_TO_TICKET}
        note = {
            "properties": {"hs_timestamp": str(_milliseconds(self._clock())), "hs_note_body": as_html(text)},
            "associations": [{"to": {"id": external_id}, "types": [link]}],
        }
        await self._api.change("POST", "/crm/v3/objects/notes", note)

    async def has_note(self, external_id: str, marker: str) -> bool:
        notes = await self._engagements(external_id, "notes", ("hs_note_body",))
        return any(marker in plain(part(note, "properties").get("hs_note_body")) for note in notes)

    async def _engagements(self, external_id: str, objects: str, properties: Sequence[str]) -> list[Row]:
        """The latest of them (their ids rise)."""
        answer = await self._api.get(f"/crm/v4/objects/tickets/{external_id}/associations/{objects}", {"limit": 500})
        ids = [id_ for row in parts(answer, "results") if (id_ := words(row.get("toObjectId"))) is not None]
        latest = sorted(ids, key=lambda id_: (len(id_), id_))[-AT_ONCE:]
        return await self._batch(objects, latest, properties)

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
        companies = await self._customers("companies", ids, ("name", "hs_customer_tier"))
        contacts = await self._customers("contacts", ids, ("email", "firstname", "lastname"))
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

    async def _customers(self, objects: str, ticket_ids: Sequence[str], properties: Sequence[str]) -> dict[str, Row]:
        """The (first) company or contact of each ticket. Nothing where the private app may not read them."""
        whose: dict[str, str] = {}
        try:
            for start in range(0, len(ticket_ids), AT_ONCE):
                some = [{"id": id_} for id_ in ticket_ids[start : start + AT_ONCE]]
                answer = await self._api.search(f"/crm/v4/associations/tickets/{objects}/batch/read", {"inputs": some})
                for row in parts(answer, "results"):
                    ticket_id = words(part(row, "from").get("id"))
                    linked = [id_ for one in parts(row, "to") if (id_ := words(one.get("toObjectId"))) is not None]
                    if ticket_id is not None and linked:
                        whose[ticket_id] = linked[0]
            found = await self._batch(objects, sorted(set(whose.values())), properties)
        except (DeskRefusedError, NotThereError):
            return {}
        by_id = {words(row.get("id")): row for row in found}
        return {ticket_id: by_id[id_] for ticket_id, id_ in whose.items() if id_ in by_id}

    async def _batch(self, objects: str, ids: Sequence[str], properties: Sequence[str]) -> list[Row]:
        found: list[Row] = []
        for start in range(0, len(ids), AT_ONCE):
            inputs = [{"id": id_} for id_ in ids[start : start + AT_ONCE]]
            body = {"inputs": inputs, "properties": list(properties)}
            found += parts(await self._api.search(f"/crm/v3/objects/{objects}/batch/read", body), "results")
        return found

    async def _learn(self) -> Account:
        """Pipelines, owners, and who we are: asked once, and again when a ticket names one that isn't known."""
        if self._account is not None:
            return self._account
        details = await self._api.get("/account-info/v3/details")
        pipelines = await self._api.get("/crm/v3/pipelines/tickets")
        agents: dict[str, PulledAgent] = {}
        can_read_agents = True
        for archived in ("false", "true"):
            after: str | None = None
            while can_read_agents:
                asked: dict[str, str | int] = {"limit": AT_ONCE, "archived": archived}
                if after is not None:
                    asked["after"] = after
                try:
                    answer = await self._api.get("/crm/v3/owners", asked)
                except DeskRefusedError:
                    can_read_agents = False
                    break
                for row in parts(answer, "results"):
                    agent = _agent(row, active=archived == "false")
                    agents.setdefault(agent.external_id, agent)
                following = words(part(part(answer, "paging"), "next").get("after"))
                if following is None or following == after:
                    break
                after = following
        self._account = Account(
            portal=words(part({"me": details}, "me").get("portalId")) or "?",
            ui=words(part({"me": details}, "me").get("uiDomain")) or "app.hubspot.com",
            pipelines={
                needed_words(row, "id"): words(row.get("label")) or needed_words(row, "id")
                for row in parts(pipelines, "results")
            },
            stages={
                needed_words(stage, "id"): Stage.read(stage)
                for row in parts(pipelines, "results")
                for stage in parts(row, "stages")
            },
            agents=agents,
            can_read_agents=can_read_agents,
            late=await self._late_marks(),
        )
        return self._account

    async def _late_marks(self) -> frozenset[str]:
        """The values of the SLA properties that mean "too late": they are numbers whose labels alone tell."""
        try:
            answer = await self._api.get("/crm/v3/properties/tickets/hs_time_to_close_sla_status")
        except (DeskRefusedError, NotThereError):
            return frozenset()
        return frozenset(
            value
            for option in parts(answer, "options")
            if re.search(r"overdue|late", words(option.get("label")) or "", re.IGNORECASE)
            and (value := words(option.get("value"))) is not None
        )


def quota_of(headers: Headers) -> Quota | None:
    """Counted in intervals of ten seconds; searches tell nothing, and are counted here (SEARCHES_A_SECOND)."""
    limit, remaining = headers.get("X-HubSpot-RateLimit-Max"), headers.get("X-HubSpot-RateLimit-Remaining")
    if limit is None or remaining is None:
        return None
    interval_ms = number(headers.get("X-HubSpot-RateLimit-Interval-Milliseconds")) or 10_000.0
    return Quota(int(limit), int(remaining), interval_ms / 1000)


def _milliseconds(at: datetime) -> int:
    return (at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // MILLISECOND


def _following(place: Place, rows: Sequence[Row]) -> tuple[Place, bool]:
    full = len(rows) >= PER_PAGE
    seen = [at for row in rows if (at := instant(part(row, "properties").get("hs_lastmodifieddate"))) is not None]
    return place.after(seen, full=full, tick=MILLISECOND, pages=PAGES, overlap=BEHIND), full


def _agent(row: Row, *, active: bool) -> PulledAgent:
    name = " ".join(one for key in ("firstName", "lastName") if (one := words(row.get(key))) is not None)
    email = words(row.get("email"))
    return PulledAgent(
        external_id=needed_words(row, "id"), name=name or email or needed_words(row, "id"), email=email, active=active
    )


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
