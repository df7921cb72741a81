"""Freshdesk: tickets by their last change, those that were deleted or marked as spam, satisfaction ratings.

A pull reads one page a call. Shapes: https://developers.freshdesk.com/api/.
"""

import base64
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import aiohttp

from bot.helpdesks import Checked, DeskRefusedError, Push
from bot.helpdesks.calling import Caller, Headers, NotAcceptedError, NotThereError, Quota
from bot.helpdesks.freshdesk_rows import Account, agent_of
from bot.helpdesks.reading import (
    Cursor,
    Place,
    Row,
    as_html,
    count,
    instant,
    iso,
    needed_instant,
    part,
    parts,
    plain,
    read_cursor,
    read_each,
    several,
    words,
)
from bot.helpdesks.signatures import brings_secret
from storage.pulled import (
    Context,
    Page,
    PulledAgent,
    PulledTicket,
    Said,
)

PER_PAGE = 100
PAGES = 300
"""Page 301 is an error, however many tickets there are."""
SECOND = timedelta(seconds=1)
RATINGS_OVERLAP = timedelta(hours=1)
COMPANY_PAGES = 50
CONVERSATION_PAGES = 10

EVERYTHING = 1
"""The ticket scope of an agent who sees every ticket."""


class Stage(StrEnum):
    TICKETS = "tickets"
    DELETED = "deleted"
    SPAM = "spam"
    RATINGS = "ratings"


class _Cursor(Cursor):
    stage: Stage = Stage.TICKETS
    tickets: Place
    deleted: Place
    spam: Place
    ratings: Place
    rated: datetime | None = None
    """The latest rating that this pull has seen so far."""


class Freshdesk:
    kind = "freshdesk"

    def __init__(self, http: aiohttp.ClientSession, *, base_url: str, key: str, push_secret: str | None = None) -> None:
        self._base_url = base_url.rstrip("/")
        host = self._base_url.split("://", 1)[-1]
        self.name = f"Freshdesk ({host.removesuffix('.freshdesk.com')})"
        login = base64.b64encode(f"{key}:X".encode()).decode()
        self._api = Caller(
            http, desk="Freshdesk", base_url=base_url, headers={"Authorization": f"Basic {login}"}, quota=quota_of
        )
        self._push_secret = push_secret
        self._account = Account()
        self._knows_companies = False
        self._knows_statuses = False

    async def check(self) -> Checked:
        me = await self._api.get("/api/v2/agents/me")
        missing = []
        if count(part({"me": me}, "me").get("ticket_scope")) != EVERYTHING:
            missing.append("It sees only some tickets: give this agent global access in Freshdesk.")
        if not await self._learn_groups():
            missing.append("It can’t read groups: every ticket then belongs to one team. An administrator’s key can.")
        if not await self._learn_agents():
            missing.append("It can’t read agents, so that nobody is matched: use an administrator’s key.")
        email = words(part(me, "contact").get("email"))
        host = self._base_url.split("://", 1)[-1]
        return Checked(account=f"{email} at {host}", missing=missing, groups=sorted(self._account.groups.values()))

    async def agents(self) -> Sequence[PulledAgent]:
        if not await self._learn_agents():
            raise DeskRefusedError("Freshdesk lets only administrators read its agents: use an administrator’s key.")
        return list(self._account.agents.values())

    async def pull(self, cursor: str | None, since: datetime) -> Page:
        begin = Place(since=since)
        at = (
            _Cursor(tickets=begin, deleted=begin, spam=begin, ratings=begin)
            if cursor is None
            else read_cursor(_Cursor, cursor)
        )
        match at.stage:
            case Stage.TICKETS:
                rows = await self._changed(at.tickets, {"include": "stats,requester"})
                tickets = await self._read_tickets(rows)
                place, full = _following(at.tickets, rows)
                stage = Stage.TICKETS if full else Stage.DELETED
                done = at.model_copy(update={"tickets": place, "stage": stage})
                return Page(tickets=tickets, cursor=done.written(), more=True)
            case Stage.DELETED | Stage.SPAM:
                return await self._gone(at, at.stage)
            case Stage.RATINGS:
                return await self._ratings(at)

    async def _changed(self, place: Place, asked: dict[str, str | int]) -> list[Row]:
        """Tickets that changed from that second on (it isn't told whether `updated_since` includes its own)."""
        asked |= {
            "updated_since": iso(place.since - SECOND),
            "order_by": "updated_at",
            "order_type": "asc",
            "per_page": PER_PAGE,
            "page": place.page,
        }
        return rows_of(await self._api.get("/api/v2/tickets", asked))

    async def _gone(self, at: _Cursor, stage: Stage) -> Page:
        place = at.deleted if stage is Stage.DELETED else at.spam
        try:
            rows = await self._changed(place, {"filter": stage.value})
        except (DeskRefusedError, NotAcceptedError):
            rows = []
        place, full = _following(place, rows)
        then = stage if full else Stage.SPAM if stage is Stage.DELETED else Stage.RATINGS
        done = at.model_copy(update={stage.value: place, "stage": then})
        deleted = [id_ for row in rows if (id_ := words(row.get("id"))) is not None]
        return Page(deleted=deleted, cursor=done.written(), more=True)

    async def _ratings(self, at: _Cursor) -> Page:
        """These come in no order that is promised: their pages are turned to the end, from an instant that stands."""
        asked: dict[str, str | int] = {
            "created_since": iso(at.ratings.since - RATINGS_OVERLAP),
            "per_page": PER_PAGE,
            "page": at.ratings.page,
        }
        try:
            rows = rows_of(await self._api.get("/api/v2/surveys/satisfaction_ratings", asked))
        except (DeskRefusedError, NotThereError, NotAcceptedError):
            rows = []  # surveys are off, or not in this plan
        ratings = read_each(rows, self._account.rating, desk="Freshdesk", what="ratings")
        latest = max([at.rated or at.ratings.since, *(rating.at for rating in ratings)])
        if len(rows) >= PER_PAGE and at.ratings.page < PAGES:
            turned = at.ratings.model_copy(update={"page": at.ratings.page + 1})
            done = at.model_copy(update={"ratings": turned, "rated": latest})
            return Page(ratings=ratings, cursor=done.written(), more=True)
        done = at.model_copy(update={"ratings": Place(since=latest), "rated": None, "stage": Stage.TICKETS})
        return Page(ratings=ratings, cursor=done.written(), more=False)

    async def ticket(self, external_id: str) -> PulledTicket | None:
        row = await self._one(external_id, "stats,requester")
        if row is None:
            return None
        [ticket] = await self._read_tickets([row])
        return ticket

    async def context(self, external_id: str) -> Context | None:
        row = await self._one(external_id, "stats,requester")
        if row is None:
            return None
        [ticket] = await self._read_tickets([row])
        customer = words(part(row, "requester").get("name")) or ticket.customer_name or "the customer"
        said = [
            Said(
                at=ticket.created_at,
                by=customer,
                text=plain(row.get("description_text"), is_html=False),
                from_agent=False,
            )
        ]
        for turn in await self._conversation(external_id):
            from_agent = turn.get("incoming") is not True
            agent = self._account.agents.get(words(turn.get("user_id")) or "")
            said.append(
                Said(
                    at=needed_instant(turn, "created_at"),
                    by=(agent.name if agent is not None else "an agent") if from_agent else customer,
                    text=plain(turn.get("body_text"), is_html=False) or plain(turn.get("body")),
                    from_agent=from_agent,
                    public=turn.get("private") is not True,
                )
            )
        facts = [
            ("Customer", ticket.customer_name),
            ("E-mail", words(part(row, "requester").get("email"))),
            ("Tier", ticket.customer_tier),
        ]
        return Context(
            conversation=sorted(said, key=lambda turn: turn.at)[-10:],
            facts=[(title, value) for title, value in facts if value is not None],
        )

    async def note(self, external_id: str, text: str) -> None:
        await self._api.change("POST", f"/api/v2/tickets/{external_id}/notes", {"body": as_html(text), "private": True})

    async def has_note(self, external_id: str, marker: str) -> bool:
        return any(
            turn.get("private") is True and marker in plain(turn.get("body_text"), is_html=False)
            for turn in await self._conversation(external_id)
        )

    def is_genuine(self, push: Push, *, now: datetime) -> bool:  # noqa: ARG002  # a header has no age
        return brings_secret(push, self._push_secret)

    def url_of(self, external_id: str) -> str | None:
        return f"{self._base_url}/a/tickets/{external_id}"

    async def _one(self, external_id: str, include: str) -> Row | None:
        if not external_id.isdigit():
            return None
        try:
            row = await self._api.get(f"/api/v2/tickets/{external_id}", {"include": include})
        except NotThereError:
            return None
        return part({"ticket": row}, "ticket") or None

    async def _conversation(self, external_id: str) -> list[Row]:
        """Oldest first, as far as CONVERSATION_PAGES reach."""
        turns: list[Row] = []
        for page in range(1, CONVERSATION_PAGES + 1):
            path = f"/api/v2/tickets/{external_id}/conversations"
            rows = rows_of(await self._api.get(path, {"per_page": PER_PAGE, "page": page}))
            turns += rows
            if len(rows) < PER_PAGE:
                break
        return turns

    async def _read_tickets(self, rows: Sequence[Row]) -> list[PulledTicket]:
        responders = {id_ for row in rows if (id_ := words(row.get("responder_id"))) is not None}
        if responders - self._account.agents.keys():
            await self._learn_agents()
        groups = {id_ for row in rows if (id_ := words(row.get("group_id"))) is not None}
        if groups - self._account.groups.keys():
            await self._learn_groups()
        if not self._knows_statuses:
            self._account.statuses = await self._learn_statuses()
            self._knows_statuses = True
        await self._learn_companies({id_ for row in rows if (id_ := words(row.get("company_id"))) is not None})
        return read_each(list(rows), self._account.ticket, desk="Freshdesk", what="tickets")

    async def _learn_agents(self) -> bool:
        """False: this key may not read them."""
        rows = await self._pages("/api/v2/agents", pages=PAGES)
        if rows is None:
            return False
        self._account.agents = {
            agent.external_id: agent for agent in read_each(rows, agent_of, desk="Freshdesk", what="agents")
        }
        return True

    async def _learn_groups(self) -> bool:
        rows = await self._pages("/api/v2/groups", pages=PAGES)
        if rows is None:
            return False
        self._account.groups = {
            id_: name for row in rows if (id_ := words(row.get("id"))) and (name := words(row.get("name")))
        }
        return True

    async def _learn_companies(self, wanted: set[str]) -> None:
        """All of them when the first is met, then each that is new; without the right to, none."""
        if not wanted:
            return
        known = self._account.companies
        if not self._knows_companies:
            self._knows_companies = True
            rows = await self._pages("/api/v2/companies", pages=COMPANY_PAGES)
            known |= {id_: row for row in rows or () if (id_ := words(row.get("id")))}
        for id_ in wanted - known.keys():
            try:
                company = await self._api.get(f"/api/v2/companies/{id_}")
            except (DeskRefusedError, NotThereError):
                company = {}
            known[id_] = part({"company": company}, "company")

    async def _learn_statuses(self) -> dict[int, str]:
        """The names of this account's statuses: [as agents see it, as customers do] by number."""
        try:
            fields = rows_of(await self._api.get("/api/v2/ticket_fields", {"type": "default_status"}))
        except (DeskRefusedError, NotThereError, NotAcceptedError):
            return {}
        choices = part(fields[0], "choices") if fields else {}
        return {int(code): names[0] for code, names in choices.items() if str(code).isdigit() and several(names)}

    async def _pages(self, path: str, *, pages: int) -> list[Row] | None:
        """Every row of a list; None where the key lacks the right."""
        found: list[Row] = []
        for page in range(1, pages + 1):
            try:
                rows = rows_of(await self._api.get(path, {"per_page": PER_PAGE, "page": page}))
            except DeskRefusedError:
                return None
            found += rows
            if len(rows) < PER_PAGE:
                break
        return found


def quota_of(headers: Headers) -> Quota | None:
    """Counted by the minute; when it is over is told only in Retry-After, once nothing is left."""
    limit, remaining = headers.get("X-RateLimit-Total"), headers.get("X-RateLimit-Remaining")
    return None if limit is None or remaining is None else Quota(int(limit), int(remaining), 60.0)


def rows_of(answer: Any) -> list[Row]:
    """Freshdesk's lists are bare."""
    return parts({"rows": answer}, "rows")


def _following(place: Place, rows: Sequence[Row]) -> tuple[Place, bool]:
    """The place after a page, and whether there is more."""
    full = len(rows) >= PER_PAGE
    seen = [at for row in rows if (at := instant(row.get("updated_at"))) is not None]
    return place.after(seen, full=full, tick=SECOND, pages=PAGES), full
