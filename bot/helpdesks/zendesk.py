"""Zendesk Support: incremental exports of tickets and of SLA breaches, both kinds of satisfaction surveys, comments.

A pull reads, one page a call: changed tickets; ratings of the older survey and answers to its successor (at most every
RATINGS_EVERY, because a rating's time is when it was *offered*, so that late answers take a long look back); SLA
breaches. Shapes: https://developer.zendesk.com/api-reference/ticketing/.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import aiohttp

from bot.helpdesks import Checked, CursorLostError, DeskRefusedError, Push
from bot.helpdesks.calling import Caller, Headers, NotAcceptedError, NotThereError, Quota, Window
from bot.helpdesks.reading import (
    Cursor,
    count,
    instant,
    needed_instant,
    part,
    parts,
    plain,
    read_cursor,
    read_each,
    words,
)
from bot.helpdesks.signatures import is_recent, same
from bot.helpdesks.zendesk_rows import Beside, agent_of, answer_of, rating_of
from storage.pulled import (
    Context,
    Page,
    PulledAgent,
    PulledTicket,
    Said,
)

PER_PAGE = 1000
EXPORTS_A_MINUTE = 10
"""Of all incremental exports together, and of the whole account; with Zendesk's High Volume add-on thirty."""
NOT_TOO_RECENT = timedelta(minutes=2)
"""Zendesk refuses an export that begins within the last minute."""
RATINGS_EVERY = timedelta(minutes=30)
ANSWERED_WITHIN = timedelta(days=7)
"""How far ratings are looked back: an answer that comes later than this after its survey is missed."""
SHOWN_AT_ONCE = 100
SIDELOADS = "users,groups,organizations,metric_sets,slas"


class Stage(StrEnum):
    TICKETS = "tickets"
    RATINGS = "ratings"
    SURVEYS = "surveys"
    BREACHES = "breaches"


class _Cursor(Cursor):
    since: datetime
    """Where the first pull began: nothing before is asked for."""
    stage: Stage = Stage.TICKETS
    tickets: str | None = None
    """Zendesk's own cursor, which also is where the next pull goes on."""
    after: str | None = None
    """Within the other stages: the cursor of the next page."""
    rated: datetime | None = None
    """Zendesk's clock when ratings were last asked for to their end."""
    breaches: int
    """Seconds since 1970: where the export of metric events goes on."""


class Zendesk:
    kind = "zendesk"

    def __init__(
        self,
        http: aiohttp.ClientSession,
        *,
        base_url: str,
        email: str,
        token: str,
        push_secret: str | None = None,
        exports_a_minute: int = EXPORTS_A_MINUTE,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        host = self._base_url.split("://", 1)[-1]
        self.name = f"Zendesk ({host.removesuffix('.zendesk.com')})"
        login = base64.b64encode(f"{email}/token:{token}".encode()).decode()
        self._api = Caller(
            http, desk="Zendesk", base_url=base_url, headers={"Authorization": f"Basic {login}"}, quota=quota_of
        )
        self._exports = Window(exports_a_minute, 60)
        self._push_secret = push_secret

    async def check(self) -> Checked:
        me = part(await self._api.get("/api/v2/users/me.json"), "user")
        # wrong credentials are no error here: Zendesk answers with an anonymous user
        if words(me.get("id")) is None:
            raise DeskRefusedError("Zendesk doesn’t know this e-mail address and API token.")
        missing = []
        if me.get("role") != "admin":
            missing.append("Exports of tickets are for admins only: make this user an admin in Zendesk.")
        if not await self._has("/api/v2/satisfaction_ratings.json") and not await self._has(
            "/api/v2/guide/survey_responses"
        ):
            missing.append("No satisfaction ratings can be read: CSAT is off, or not in this Zendesk plan.")
        groups = parts(await self._api.get("/api/v2/groups.json", {"page[size]": 100}), "groups")
        host = self._base_url.split("://", 1)[-1]
        return Checked(
            account=f"{words(me.get('email')) or words(me.get('name'))} at {host}",
            missing=missing,
            groups=[name for group in groups if (name := words(group.get("name"))) is not None],
        )

    async def agents(self) -> Sequence[PulledAgent]:
        found: list[PulledAgent] = []
        after: str | None = None
        while True:
            asked: list[tuple[str, str | int]] = [("role[]", "agent"), ("role[]", "admin"), ("page[size]", 100)]
            if after is not None:
                asked.append(("page[after]", after))
            answer = await self._api.get("/api/v2/users.json", asked)
            found += read_each(part_list(answer, "users"), agent_of, desk="Zendesk", what="agents")
            after = _next(answer, after)
            if after is None:
                return found

    async def pull(self, cursor: str | None, since: datetime) -> Page:
        at = _Cursor(since=since, breaches=int(since.timestamp())) if cursor is None else read_cursor(_Cursor, cursor)
        match at.stage:
            case Stage.TICKETS:
                return await self._tickets(at)
            case Stage.RATINGS:
                return await self._ratings(at)
            case Stage.SURVEYS:
                return await self._surveys(at)
            case Stage.BREACHES:
                return await self._breaches(at)

    async def _tickets(self, at: _Cursor) -> Page:
        asked: dict[str, str | int] = {"per_page": PER_PAGE, "include": SIDELOADS}
        if at.tickets is None:
            asked["start_time"] = int((at.since - NOT_TOO_RECENT).timestamp())
        else:
            asked["cursor"] = at.tickets
        try:
            answer = await self._api.get("/api/v2/incremental/tickets/cursor.json", asked, window=self._exports)
        except NotAcceptedError as error:
            raise CursorLostError("Zendesk no longer knows where the last pull ended: it begins anew.") from error
        tickets = self._read_tickets(answer)
        following = words(answer.get("after_cursor")) or at.tickets
        # a cursor that repeats would go round for ever
        if answer.get("end_of_stream") is False and following != at.tickets:
            return Page(tickets=tickets, cursor=at.model_copy(update={"tickets": following}).written(), more=True)
        asks_ratings = at.rated is None or self._api.date is None or self._api.date >= at.rated + RATINGS_EVERY
        stage = Stage.RATINGS if asks_ratings else Stage.BREACHES
        done = at.model_copy(update={"tickets": following, "stage": stage})
        return Page(tickets=tickets, cursor=done.written(), more=True)

    async def _ratings(self, at: _Cursor) -> Page:
        asked: dict[str, str | int] = {
            "score": "received",
            "start_time": int(_looked_back(at).timestamp()),
            "page[size]": 100,
        }
        answer = await self._optional("/api/v2/satisfaction_ratings.json", asked, at.after)
        ratings = read_each(part_list(answer, "satisfaction_ratings"), rating_of, desk="Zendesk", what="ratings")
        after = _next(answer, at.after)
        stage = Stage.RATINGS if after is not None else Stage.SURVEYS
        return Page(ratings=ratings, cursor=at.model_copy(update={"stage": stage, "after": after}).written(), more=True)

    async def _surveys(self, at: _Cursor) -> Page:
        asked: dict[str, str | int] = {
            "filter[created_at_start]": int(_looked_back(at).timestamp() * 1000),
            "page[size]": 100,
        }
        answer = await self._optional("/api/v2/guide/survey_responses", asked, at.after)
        answered = read_each(part_list(answer, "survey_responses"), answer_of, desk="Zendesk", what="survey answers")
        after = _next(answer, at.after)
        update: dict[str, object] = {"after": after}
        if after is None:
            update |= {"stage": Stage.BREACHES, "rated": self._api.date}
        ratings = [rating for rating in answered if rating is not None]
        return Page(ratings=ratings, cursor=at.model_copy(update=update).written(), more=True)

    async def _breaches(self, at: _Cursor) -> Page:
        """The events name tickets only, and a ticket is told whole: those that were breached are read once more."""
        try:
            answer = await self._api.get(
                "/api/v2/incremental/ticket_metric_events.json", {"start_time": at.breaches}, window=self._exports
            )
        except (DeskRefusedError, NotThereError, NotAcceptedError):
            answer = {}  # no SLAs in this plan
        events = [event for event in parts(answer, "ticket_metric_events") if event.get("type") == "breach"]
        breached = {id_ for event in events if not event.get("deleted") and (id_ := words(event.get("ticket_id")))}
        tickets = await self._shown(sorted(breached), breached=True)
        ended = count(answer.get("end_time")) or at.breaches
        more = bool(answer.get("next_page")) and answer.get("end_of_stream") is False and ended > at.breaches
        stage = Stage.BREACHES if more else Stage.TICKETS
        done = at.model_copy(update={"breaches": ended, "stage": stage})
        return Page(tickets=tickets, cursor=done.written(), more=more)

    async def _shown(self, ids: Sequence[str], *, breached: bool) -> list[PulledTicket]:
        found: list[PulledTicket] = []
        for start in range(0, len(ids), SHOWN_AT_ONCE):
            some = ",".join(ids[start : start + SHOWN_AT_ONCE])
            answer = await self._api.get("/api/v2/tickets/show_many.json", {"ids": some, "include": SIDELOADS})
            found += self._read_tickets(answer, breached=breached)
        return found

    async def ticket(self, external_id: str) -> PulledTicket | None:
        if not external_id.isdigit():
            return None
        try:
            answer = await self._api.get(f"/api/v2/tickets/{external_id}.json", {"include": SIDELOADS})
        except NotThereError:
            return None
        [ticket] = self._read_tickets({**answer, "tickets": [part(answer, "ticket")]})
        return ticket

    async def context(self, external_id: str) -> Context | None:
        ticket = await self.ticket(external_id)
        if ticket is None:
            return None
        answer = await self._comments(external_id, most=10)
        authors = {words(user.get("id")): user for user in parts(answer, "users")}
        said = []
        for comment in reversed(parts(answer, "comments")):
            author = authors.get(words(comment.get("author_id")), {})
            body = comment.get("plain_body")
            said.append(
                Said(
                    at=needed_instant(comment, "created_at"),
                    by=words(author.get("name")) or "somebody",
                    text=plain(body if body is not None else comment.get("body"), is_html=body is not None),
                    from_agent=author.get("role") not in {None, "end-user"},
                    public=comment.get("public") is not False,
                )
            )
        facts = [("Customer", ticket.customer_name), ("Tier", ticket.customer_tier), ("Channel", ticket.channel)]
        return Context(
            conversation=sorted(said, key=lambda turn: turn.at),
            facts=[(title, value) for title, value in facts if value is not None],
        )

    async def note(self, external_id: str, text: str) -> None:
        comment = {"ticket": {"comment": {"body": text, "public": False}}}
        await self._api.change("PUT", f"/api/v2/tickets/{external_id}.json", comment)

    async def has_note(self, external_id: str, marker: str) -> bool:
        answer = await self._comments(external_id, most=100)
        return any(
            comment.get("public") is False and marker in str(comment.get("body"))
            for comment in parts(answer, "comments")
        )

    async def _comments(self, external_id: str, *, most: int) -> Any:
        asked: dict[str, str | int] = {"sort": "-created_at", "page[size]": most, "include": "users"}
        return await self._api.get(f"/api/v2/tickets/{external_id}/comments.json", asked)

    def is_genuine(self, push: Push, *, now: datetime) -> bool:
        """Zendesk signs base64(HMAC-SHA256(secret, timestamp + body))."""
        signed = push.headers.get("x-zendesk-webhook-signature-timestamp", "")
        at = instant(signed)
        if self._push_secret is None or at is None or not is_recent(at, now):
            return False
        digest = hmac.new(self._push_secret.encode(), signed.encode() + push.body, hashlib.sha256).digest()
        return same(base64.b64encode(digest).decode(), push.headers.get("x-zendesk-webhook-signature", ""))

    def url_of(self, external_id: str) -> str | None:
        return f"{self._base_url}/agent/tickets/{external_id}"

    async def _has(self, path: str) -> bool:
        try:
            await self._api.get(path, {"page[size]": 1})
        except (DeskRefusedError, NotThereError, NotAcceptedError):
            return False
        return True

    async def _optional(self, path: str, asked: dict[str, str | int], after: str | None) -> Any:
        """What not every account has; without it, nothing."""
        if after is not None:
            asked["page[after]"] = after
        try:
            return await self._api.get(path, asked)
        except (DeskRefusedError, NotThereError, NotAcceptedError):
            return {}

    def _read_tickets(self, answer: Any, *, breached: bool = False) -> list[PulledTicket]:
        beside = Beside(answer, self._api.date)
        return read_each(
            part_list(answer, "tickets"),
            lambda row: beside.ticket(row, breached=breached),
            desk="Zendesk",
            what="tickets",
        )


def quota_of(headers: Headers) -> Quota | None:
    """X-Rate-Limit counts the minute; the newer ratelimit-reset says when it is over."""
    limit, remaining = headers.get("X-Rate-Limit"), headers.get("X-Rate-Limit-Remaining")
    if limit is None or remaining is None:
        return None
    return Quota(int(limit), int(remaining), float(headers.get("ratelimit-reset", 60)))


def part_list(answer: Any, name: str) -> Any:
    """The list under that name; an answer without it is an empty one."""
    return answer.get(name, []) if isinstance(answer, Mapping) else []


def _next(answer: Any, before: str | None) -> str | None:
    """The cursor of the next page; None at the end, or where it repeats."""
    meta = part(answer, "meta")
    after = words(meta.get("after_cursor"))
    return after if meta.get("has_more") is True and after != before else None


def _looked_back(at: _Cursor) -> datetime:
    return at.since if at.rated is None else max(at.since, at.rated - ANSWERED_WITHIN)
