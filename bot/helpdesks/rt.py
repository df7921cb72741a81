"""Request Tracker 5 by REST2: tickets by their last change, and what their history tells (replies, reopenings, merges).

What RT does of its own kind, seen with 5.0.3:
- instants in a query are read in the zone of the user who asks. A trailing `Z` makes it forget the time of day, any
  zone written behind it matches nothing, and seconds since 1970 match everything: so naive times in that user's zone.
- an unset date reads 1970-01-01; a page has at most 100 rows, whatever is asked for.
- what the user may not see isn't there: a missing right is no error, but "total": 0. Searches never show deleted
  tickets, and merged ones only where the query speaks of EffectiveId: only the history says what has gone.
Shapes: https://docs.bestpractical.com/rt/5.0.3/RT/REST2.html.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import aiohttp

from bot.helpdesks import Checked, Push
from bot.helpdesks.reading import (
    Cursor,
    Place,
    Row,
    count,
    instant,
    needed_instant,
    needed_words,
    part,
    parts,
    plain,
    read_cursor,
    read_each,
    words,
)
from bot.helpdesks.rt_asking import (
    LATEST_FIRST,
    OLDEST_CHANGE_FIRST,
    OLDEST_FIRST,
    PAGES,
    PER_PAGE,
    Asking,
    any_of,
    written,
)
from bot.helpdesks.rt_rows import NOBODY, History, ticket_of
from bot.helpdesks.signatures import brings_secret
from storage.pulled import Context, Gone, Page, PulledAgent, PulledTicket, Said

SECOND = timedelta(seconds=1)
OVERLAP = timedelta(minutes=1)
"""RT dates a change before it is committed."""
ASKED_AT_ONCE = 50
"""Tickets in one question for their history."""
AGENT_PAGES = 20


class Stage(StrEnum):
    TICKETS = "tickets"
    GONE = "gone"


class _Cursor(Cursor):
    stage: Stage = Stage.TICKETS
    tickets: Place
    gone: Place | None = None
    """None until the first page: what went before was never shown to us."""


class RequestTracker:
    kind = "rt"

    def __init__(
        self, http: aiohttp.ClientSession, *, base_url: str, token: str, push_secret: str | None = None
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self.name = f"Request Tracker ({self._base_url.split('://', 1)[-1]})"
        self._rt = Asking(http, base_url=base_url, token=token)
        self._push_secret = push_secret

    async def check(self) -> Checked:
        version = await self._rt.version()
        me = await self._rt.me()
        queues = await self._rt.queues()
        newest = parts(await self._rt.tickets("id > 0", LATEST_FIRST, per_page=1), "items")
        missing = []
        if not queues:
            missing.append("It sees no queue: grant it SeeQueue on the queues whose tickets count.")
        if not newest:
            missing.append("It sees no ticket: grant it ShowTicket on those queues.")
        elif not await self._rt.may_comment(needed_words(newest[0], "id")):
            missing.append("It can’t leave notes: grant it CommentOnTicket and ShowTicketComments on those queues.")
        if await self._rt.zone() is None:
            missing.append(
                "Its time zone isn’t set, so that each pull reads half a day more: set it in its preferences."
            )
        name = words(me.get("Name")) or "this token"
        return Checked(account=f"{name} at {self._base_url} (RT {version})", missing=missing, groups=sorted(queues))

    async def agents(self) -> Sequence[PulledAgent]:
        """Who owns tickets, the latest first: lists of users are for RT's administrators, and hold customers too."""
        found: dict[str, PulledAgent] = {}
        for page in range(1, AGENT_PAGES + 1):
            answer = await self._rt.tickets(f"Owner != '{NOBODY}'", LATEST_FIRST, page=page)
            for row in parts(answer, "items"):
                owner = part(row, "Owner")
                name = words(owner.get("Name")) or words(owner.get("id"))
                if name is not None and name != NOBODY:
                    agent = PulledAgent(
                        external_id=name,
                        name=words(owner.get("RealName")) or name,
                        email=words(owner.get("EmailAddress")),
                    )
                    found.setdefault(name, agent)
            if len(parts(answer, "items")) < PER_PAGE:
                break
        return list(found.values())

    async def pull(self, cursor: str | None, since: datetime) -> Page:
        at = _Cursor(tickets=Place(since=since)) if cursor is None else read_cursor(_Cursor, cursor)
        if at.stage is Stage.TICKETS or at.gone is None:
            return await self._changed(at)
        return await self._disappeared(at, at.gone)

    async def _changed(self, at: _Cursor) -> Page:
        place = at.tickets
        zone = await self._rt.zone()
        began = self._rt.date or place.since
        query = f"Type = 'ticket' AND LastUpdated >= '{written(place.since, zone)}'"
        answer = await self._rt.tickets(query, OLDEST_CHANGE_FIRST, page=place.page)
        rows = parts(answer, "items")
        seen = [changed for row in rows if (changed := instant(row.get("LastUpdated"))) is not None]
        full = len(rows) >= PER_PAGE
        if full and zone is None:
            # each question begins half a day early: asking anew would turn the same pages again
            following = place.model_copy(update={"page": place.page + 1})
        else:
            following = place.after(seen, full=full, tick=SECOND, pages=PAGES, overlap=OVERLAP)
        fresh = [row for row in rows if (instant(row.get("LastUpdated")) or place.since) >= place.since]
        update: dict[str, object] = {"tickets": following, "stage": Stage.TICKETS if full else Stage.GONE}
        if at.gone is None:
            update["gone"] = Place(since=began - OVERLAP)
        total = count(answer.get("total")) if isinstance(answer, Mapping) else None
        return Page(
            tickets=await self._read_tickets(fresh),
            cursor=at.model_copy(update=update).written(),
            more=True,
            total=total if place.page == 1 else None,
        )

    async def _disappeared(self, at: _Cursor, place: Place) -> Page:
        zone = await self._rt.zone()
        query = (
            "((Type = 'Status' AND NewValue = 'deleted') OR (Type = 'AddLink' AND Field = 'MergedInto'))"
            f" AND Created >= '{written(place.since, zone)}'"
        )
        rows = await self._rt.transactions(query, page=place.page)
        deleted: set[str] = set()
        merged: dict[str, str] = {}
        for row in rows:
            id_ = words(row.get("ObjectId"))
            into = (words(row.get("NewValue")) or "").rsplit("/", 1)[-1]
            if id_ is None or (instant(row.get("Created")) or place.since) < place.since:
                continue
            if row.get("Type") == "AddLink":
                # both ends of a merge have one, and say the same
                if into.isdigit() and into != id_:
                    merged[id_] = into
            elif await self._rt.is_deleted(id_):
                deleted.add(id_)
        tickets = await self._merged(merged)
        deleted |= merged.keys() - {ticket.external_id for ticket in tickets}
        full = len(rows) >= PER_PAGE
        seen = [created for row in rows if (created := instant(row.get("Created"))) is not None]
        if full and zone is None:
            following = place.model_copy(update={"page": place.page + 1})
        else:
            following = place.after(seen, full=full, tick=SECOND, pages=PAGES)
        done = at.model_copy(update={"gone": following, "stage": Stage.GONE if full else Stage.TICKETS})
        return Page(tickets=tickets, deleted=sorted(deleted), cursor=done.written(), more=full)

    async def _merged(self, into: Mapping[str, str]) -> list[PulledTicket]:
        found: list[PulledTicket] = []
        ids = list(into)
        for start in range(0, len(ids), ASKED_AT_ONCE):
            some = ids[start : start + ASKED_AT_ONCE]
            query = f"({any_of('EffectiveId', {into[id_] for id_ in some})}) AND ({any_of('id', some)})"
            rows = parts(await self._rt.tickets(query, OLDEST_FIRST), "items")
            found += read_each(
                rows,
                lambda row: ticket_of(row, History(), gone=Gone.MERGED, merged_into=into.get(needed_words(row, "id"))),
                desk="Request Tracker",
                what="merged tickets",
            )
        return found

    async def ticket(self, external_id: str) -> PulledTicket | None:
        """For one that was merged, the one that took it in."""
        if not external_id.isdigit():
            return None
        rows = parts(await self._rt.tickets(f"id = {external_id}", OLDEST_FIRST), "items")
        if not rows:
            row = await self._rt.ticket(external_id)
            into = words(row.get("id")) if row is not None else None
            if into is None or into == external_id:
                return None  # deleted: it can be opened, but not found
            rows = parts(await self._rt.tickets(f"id = {into}", OLDEST_FIRST), "items")
        tickets = await self._read_tickets(rows)
        return tickets[0] if tickets else None

    async def context(self, external_id: str) -> Context | None:
        ticket = await self.ticket(external_id)
        if ticket is None:
            return None
        kinds = {
            words(row.get("id")): row
            for row in await self._rt.transactions(
                f"(Type = 'Create' OR Type = 'Correspond' OR Type = 'Comment') AND TicketId = {external_id}",
                order=LATEST_FIRST,
            )
        }
        said = []
        for row in reversed(await self._rt.attachments(external_id, most=30)):
            turn = kinds.get(words(row.get("TransactionId")))
            text = plain(row.get("Content"), is_html=row.get("ContentType") == "text/html")
            if turn is None or not text or row.get("ContentType") not in {"text/plain", "text/html"}:
                continue
            creator = words(part(turn, "Creator").get("id")) or "somebody"
            said.append(
                Said(
                    at=needed_instant(turn, "Created"),
                    by=creator,
                    text=text,
                    from_agent=await self._rt.answers_customers(creator),
                    public=turn.get("Type") != "Comment",
                )
            )
        facts = [("Customer", ticket.customer_name), ("Queue", ticket.group)]
        return Context(
            conversation=sorted(said, key=lambda turn: turn.at)[-10:],
            facts=[(title, value) for title, value in facts if value is not None],
        )

    async def note(self, external_id: str, text: str) -> None:
        await self._rt.comment(external_id, text)

    async def has_note(self, external_id: str, marker: str) -> bool:
        return any(marker in str(row.get("Content")) for row in await self._rt.attachments(external_id, most=PER_PAGE))

    def is_genuine(self, push: Push, *, now: datetime) -> bool:  # noqa: ARG002  # a header has no age
        return brings_secret(push, self._push_secret)

    def url_of(self, external_id: str) -> str | None:
        return f"{self._base_url}/Ticket/Display.html?id={external_id}"

    async def _read_tickets(self, rows: Sequence[Row]) -> list[PulledTicket]:
        histories = await self._histories([id_ for row in rows if (id_ := words(row.get("id"))) is not None])
        nothing = History()
        return read_each(
            list(rows),
            lambda row: ticket_of(row, histories.get(needed_words(row, "id"), nothing)),
            desk="Request Tracker",
            what="tickets",
        )

    async def _histories(self, ids: Sequence[str]) -> dict[str, History]:
        """What agents replied and when, and which tickets came back, by ticket."""
        found = {id_: History() for id_ in ids}
        for start in range(0, len(ids), ASKED_AT_ONCE):
            some = ids[start : start + ASKED_AT_ONCE]
            query = f"(Type = 'Correspond' OR Type = 'Status') AND ({any_of('TicketId', some)})"
            page = 1
            while True:
                rows = await self._rt.transactions(query, page=page)
                for row in rows:
                    history = found.get(words(row.get("ObjectId")) or "")
                    creator = words(part(row, "Creator").get("id"))
                    if history is not None:
                        by_agent = creator is not None and await self._rt.answers_customers(creator)
                        history.hear(row, creator, by_agent=by_agent)
                if len(rows) < PER_PAGE:
                    break
                page += 1
        return found
