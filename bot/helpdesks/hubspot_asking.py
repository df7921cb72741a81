"""What HubSpot is asked (see bot.helpdesks.hubspot for its ways)."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from bot.helpdesks import DeskRefusedError
from bot.helpdesks.calling import Caller, Headers, NotAcceptedError, NotThereError, Quota, Window
from bot.helpdesks.hubspot_rows import Account, Stage
from bot.helpdesks.reading import Place, Row, needed_words, number, part, parts, words
from storage.pulled import PulledAgent

API = "https://api.hubapi.com"
PER_PAGE = 200
AT_ONCE = 100
"""Objects in one batch."""
MILLISECOND = timedelta(milliseconds=1)
SEARCHES_A_SECOND = 5
NOTE_TO_TICKET = 228
"""HubSpot's number for the association of a note with its ticket."""


class Asking:
    """Questions of one private app, which the token names: what it lacks the scope for is refused."""

    def __init__(self, http: aiohttp.ClientSession, *, base_url: str, token: str) -> None:
        self._api = Caller(
            http, desk="HubSpot", base_url=base_url, headers={"Authorization": f"Bearer {token}"}, quota=quota_of
        )
        self._searches = Window(SEARCHES_A_SECOND, 1)

    async def search(self, objects: str, place: Place, properties: Sequence[str]) -> Any:
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

    async def bin(self, after: str | None) -> tuple[list[str], str | None]:
        """One page of the recycling bin: (ids of deleted tickets, after which the next page begins, if any)."""
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

    async def ticket(self, external_id: str, properties: Sequence[str]) -> Row | None:
        try:
            row: Row = await self._api.get(
                f"/crm/v3/objects/tickets/{external_id}", {"properties": ",".join(properties)}
            )
        except NotThereError:
            return None
        return row

    async def messages(self, external_id: str) -> list[Row]:
        """Of the inbox; nothing where the private app may not read conversations."""
        said: list[Row] = []
        try:
            threads = await self._api.get(
                "/conversations/v3/conversations/threads", {"associatedTicketId": external_id, "limit": 5}
            )
            for thread in parts(threads, "results"):
                path = f"/conversations/v3/conversations/threads/{needed_words(thread, 'id')}/messages"
                said += parts(await self._api.get(path, {"limit": 20, "sort": "-createdAt"}), "results")
        except (DeskRefusedError, NotThereError, NotAcceptedError):
            return []
        return said

    async def note(self, external_id: str, html: str, at: datetime) -> None:
        link = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": NOTE_TO_TICKET}
        note = {
            "properties": {"hs_timestamp": str(_milliseconds(at)), "hs_note_body": html},
            "associations": [{"to": {"id": external_id}, "types": [link]}],
        }
        await self._api.change("POST", "/crm/v3/objects/notes", note)

    async def engagements(self, external_id: str, objects: str, properties: Sequence[str]) -> list[Row]:
        """The latest of them (their ids rise)."""
        answer = await self._api.get(f"/crm/v4/objects/tickets/{external_id}/associations/{objects}", {"limit": 500})
        ids = [id_ for row in parts(answer, "results") if (id_ := words(row.get("toObjectId"))) is not None]
        latest = sorted(ids, key=lambda id_: (len(id_), id_))[-AT_ONCE:]
        return await self.batch(objects, latest, properties)

    async def customers(self, objects: str, ticket_ids: Sequence[str], properties: Sequence[str]) -> dict[str, Row]:
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
            found = await self.batch(objects, sorted(set(whose.values())), properties)
        except (DeskRefusedError, NotThereError):
            return {}
        by_id = {words(row.get("id")): row for row in found}
        return {ticket_id: by_id[id_] for ticket_id, id_ in whose.items() if id_ in by_id}

    async def batch(self, objects: str, ids: Sequence[str], properties: Sequence[str]) -> list[Row]:
        found: list[Row] = []
        for start in range(0, len(ids), AT_ONCE):
            inputs = [{"id": id_} for id_ in ids[start : start + AT_ONCE]]
            body = {"inputs": inputs, "properties": list(properties)}
            found += parts(await self._api.search(f"/crm/v3/objects/{objects}/batch/read", body), "results")
        return found

    async def account(self) -> Account:
        """Pipelines, owners, and who we are."""
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
        return Account(
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


def _agent(row: Row, *, active: bool) -> PulledAgent:
    name = " ".join(one for key in ("firstName", "lastName") if (one := words(row.get(key))) is not None)
    email = words(row.get("email"))
    return PulledAgent(
        external_id=needed_words(row, "id"), name=name or email or needed_words(row, "id"), email=email, active=active
    )
