"""HubSpot as its API answers: a search that shows ten thousand rows, properties that are text, associations apart."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from simulator.desks.serving import HelpDesk
from simulator.desks.zendesk import stamp

Row = dict[str, Any]

TOKEN = "pat-eu1-hubspot"  # noqa: S105  # opens this simulator, and nothing else
MOST_FOUND = 10_000
MOST_AT_ONCE = 100
STAGES = [
    {"id": "1", "label": "New", "metadata": {"ticketState": "OPEN"}},
    {"id": "2", "label": "Waiting on contact", "metadata": {"ticketState": "OPEN"}},
    {"id": "3", "label": "Waiting on us", "metadata": {"ticketState": "OPEN"}},
    {"id": "4", "label": "Closed", "metadata": {"ticketState": "CLOSED"}},
    {"id": "5", "label": "On hold", "metadata": {"ticketState": "OPEN"}},
]
SLA_OPTIONS = [
    {"label": "Due soon", "value": "0"},
    {"label": "Overdue", "value": "1"},
    {"label": "Completed late", "value": "2"},
    {"label": "Completed on time", "value": "4"},
]


class HubSpot(HelpDesk):
    def __init__(self) -> None:
        super().__init__(f"Bearer {TOKEN}", refusal={"status": "error", "category": "INVALID_AUTHENTICATION"})
        self.pipelines: list[Row] = [{"id": "0", "label": "Support", "stages": STAGES}]
        self.owners: list[Row] = []
        self.objects: dict[str, dict[str, Row]] = {
            "tickets": {},
            "feedback_submissions": {},
            "companies": {},
            "contacts": {},
            "notes": {},
            "emails": {},
        }
        self.linked: dict[tuple[str, str], list[str]] = {}
        """(kind, ticket's id) → ids."""
        self.archived: list[str] = []
        self.threads: dict[str, list[Row]] = {}
        """By ticket: its messages."""
        self.longest_page = 200
        self.at("GET", "/account-info/v3/details", self._details)
        self.at("GET", "/crm/v3/pipelines/tickets", self._pipelines)
        self.at("GET", "/crm/v3/properties/tickets/hs_time_to_close_sla_status", self._sla_property)
        self.at("GET", "/crm/v3/owners", self._owners)
        self.at("POST", "/crm/v3/objects/{kind}/search", self._search)
        self.at("POST", "/crm/v3/objects/{kind}/batch/read", self._batch)
        self.at("POST", "/crm/v4/associations/tickets/{kind}/batch/read", self._links)
        self.at("GET", "/crm/v4/objects/tickets/{id}/associations/{kind}", self._links_of_one)
        self.at("GET", "/crm/v3/objects/tickets", self._bin)
        self.at("GET", "/crm/v3/objects/tickets/{id}", self._one)
        self.at("POST", "/crm/v3/objects/notes", self._note)
        self.at("GET", "/conversations/v3/conversations/threads", self._threads)
        self.at("GET", "/conversations/v3/conversations/threads/{id}/messages", self._messages)

    def add(self, kind: str, id_: str, at: datetime, **properties: str | None) -> Row:
        """An object that was made, and last changed, at that instant."""
        told = {"createdate": fine(at), "hs_lastmodifieddate": fine(at), **properties}
        row: Row = {"id": id_, "properties": told, "createdAt": fine(at), "updatedAt": fine(at), "archived": False}
        self.objects[kind][id_] = row
        return row

    async def _details(self, _request: web.Request) -> web.Response:
        return web.json_response({"portalId": 4711, "uiDomain": "app-eu1.hubspot.com", "timeZone": "Europe/Dublin"})

    async def _pipelines(self, _request: web.Request) -> web.Response:
        return web.json_response({"results": self.pipelines})

    async def _sla_property(self, _request: web.Request) -> web.Response:
        return web.json_response({"name": "hs_time_to_close_sla_status", "options": SLA_OPTIONS})

    async def _owners(self, request: web.Request) -> web.Response:
        wanted = request.query["archived"] == "true"
        return self._paged(request, [owner for owner in self.owners if owner["archived"] is wanted])

    async def _search(self, request: web.Request) -> web.Response:
        asked = await request.json()
        [[wanted]] = [group["filters"] for group in asked["filterGroups"]]
        assert wanted["operator"] == "GTE"
        rows = [
            row
            for row in self.objects[request.match_info["kind"]].values()
            if milliseconds(row["properties"][wanted["propertyName"]]) >= int(wanted["value"])
        ]
        [order] = asked["sorts"]
        rows.sort(key=lambda row: (row["properties"][order["propertyName"]], int(row["id"])))
        start, size = int(asked.get("after", 0)), min(asked["limit"], self.longest_page)
        if start + size > MOST_FOUND:
            return web.json_response({"status": "error", "message": "after is too large"}, status=400)
        following = {"next": {"after": str(start + size)}} if start + size < len(rows) else None
        found = [_told(row, asked["properties"]) for row in rows[start : start + size]]
        return web.json_response(
            {"total": len(rows), "results": found, **({"paging": following} if following is not None else {})}
        )

    async def _batch(self, request: web.Request) -> web.Response:
        asked = await request.json()
        if len(asked["inputs"]) > MOST_AT_ONCE:
            return web.json_response({"status": "error", "category": "VALIDATION_ERROR"}, status=400)
        known = self.objects[request.match_info["kind"]]
        rows = [known[one["id"]] for one in asked["inputs"] if one["id"] in known]
        return web.json_response({"results": [_told(row, asked["properties"]) for row in rows]})

    async def _links(self, request: web.Request) -> web.Response:
        kind = request.match_info["kind"]
        results = [
            {"from": {"id": one["id"]}, "to": [{"toObjectId": int(id_)} for id_ in self.linked[kind, one["id"]]]}
            for one in (await request.json())["inputs"]
            if (kind, one["id"]) in self.linked
        ]
        return web.json_response({"results": results}, status=207)

    async def _links_of_one(self, request: web.Request) -> web.Response:
        ids = self.linked.get((request.match_info["kind"], request.match_info["id"]), [])
        return web.json_response({"results": [{"toObjectId": int(id_)} for id_ in ids]})

    async def _bin(self, request: web.Request) -> web.Response:
        assert request.query["archived"] == "true"
        return self._paged(request, [{"id": id_, "archived": True} for id_ in self.archived])

    async def _one(self, request: web.Request) -> web.Response:
        row = self.objects["tickets"].get(request.match_info["id"])
        if row is None:
            raise web.HTTPNotFound
        return web.json_response(_told(row, request.query["properties"].split(",")))

    async def _note(self, request: web.Request) -> web.Response:
        asked = await request.json()
        assert asked["properties"]["hs_timestamp"].isdigit()
        id_ = str(9000 + len(self.objects["notes"]))
        self.objects["notes"][id_] = {"id": id_, "properties": asked["properties"]}
        for association in asked["associations"]:
            assert association["types"][0]["associationTypeId"] == 228
            self.linked.setdefault(("notes", association["to"]["id"]), []).append(id_)
        return web.json_response({"id": id_}, status=201)

    async def _threads(self, request: web.Request) -> web.Response:
        ticket_id = request.query["associatedTicketId"]
        return web.json_response({"results": [{"id": ticket_id}] if ticket_id in self.threads else []})

    async def _messages(self, request: web.Request) -> web.Response:
        return web.json_response({"results": self.threads[request.match_info["id"]][::-1]})

    def _paged(self, request: web.Request, rows: Sequence[Row]) -> web.Response:
        start, size = int(request.query.get("after", 0)), min(int(request.query["limit"]), self.longest_page)
        following = {"next": {"after": str(start + size)}} if start + size < len(rows) else None
        paging = {"paging": following} if following is not None else {}
        return web.json_response({"results": rows[start : start + size], **paging})


def fine(at: datetime) -> str:
    """With the milliseconds."""
    return stamp(at)[:-1] + f".{at.microsecond // 1000:03}Z"


def milliseconds(written: str) -> int:
    at = datetime.fromisoformat(written)
    return (at - datetime.fromtimestamp(0, at.tzinfo)) // timedelta(milliseconds=1)


def _told(row: Row, wanted: Sequence[str]) -> Row:
    """Properties that are asked for and unset are null."""
    known: Mapping[str, Any] = row["properties"]
    return {**row, "properties": {name: known.get(name) for name in wanted}}
