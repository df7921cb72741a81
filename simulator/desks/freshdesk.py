"""Freshdesk as its API answers: bare lists, numbers for words, pages that end at the three hundredth."""

import base64
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from simulator.desks.serving import HelpDesk
from simulator.desks.zendesk import stamp

Row = dict[str, Any]

KEY = "freshdesk-key"
LAST_PAGE = 300
SHOWN_BY_ITSELF = timedelta(days=30)
"""What a list holds that is asked for without `updated_since`: tickets created within this."""


class Freshdesk(HelpDesk):
    date: datetime

    def __init__(self, date: datetime) -> None:
        login = base64.b64encode(f"{KEY}:X".encode()).decode()
        super().__init__(
            f"Basic {login}", refusal={"code": "invalid_credentials", "message": "You have to be logged in."}
        )
        self.date = date
        self.me: Row = {"id": 1, "ticket_scope": 1, "contact": {"name": "Support", "email": "support@acme.example"}}
        self.agents: list[Row] = []
        self.groups: list[Row] = []
        self.companies: list[Row] = []
        self.contacts: dict[int, Row] = {}
        self.statuses: dict[str, list[str]] = {"2": ["Open", "Being processed"], "3": ["Pending", "Awaiting reply"]}
        self.tickets: dict[int, Row] = {}
        self.conversations: dict[int, list[Row]] = {}
        self.ratings: list[Row] = []
        self.longest_page = 100
        self.at("GET", "/api/v2/agents/me", self._me)
        self.at("GET", "/api/v2/agents", self._listed(lambda: self.agents))
        self.at("GET", "/api/v2/groups", self._listed(lambda: self.groups))
        self.at("GET", "/api/v2/companies", self._listed(lambda: self.companies))
        self.at("GET", "/api/v2/companies/{id}", self._company)
        self.at("GET", "/api/v2/ticket_fields", self._fields)
        self.at("GET", "/api/v2/tickets", self._tickets)
        self.at("GET", "/api/v2/tickets/{id}", self._one)
        self.at("GET", "/api/v2/tickets/{id}/conversations", self._conversation)
        self.at("POST", "/api/v2/tickets/{id}/notes", self._note)
        self.at("GET", "/api/v2/surveys/satisfaction_ratings", self._ratings)

    def add(self, id_: int, created_at: datetime, **told: Any) -> Row:
        """A ticket; `told` replaces what it says by itself."""
        row: Row = {
            "id": id_,
            "created_at": stamp(created_at),
            "updated_at": stamp(created_at),
            "subject": f"Ticket {id_}",
            "description_text": "Please help",
            "status": 2,
            "priority": 1,
            "source": 1,
            "requester_id": None,
            "company_id": None,
            "responder_id": None,
            "group_id": None,
            "tags": [],
            "spam": False,
            "deleted": False,
            "due_by": None,
            "fr_due_by": None,
            "is_escalated": False,
            "fr_escalated": False,
            "stats": {"first_responded_at": None, "resolved_at": None, "closed_at": None, "reopened_at": None},
            **told,
        }
        self.tickets[id_] = row
        return row

    async def _me(self, _request: web.Request) -> web.Response:
        return web.json_response(self.me)

    def _listed(self, rows: Callable[[], Sequence[Row]]) -> Callable[[web.Request], Any]:
        async def listed(request: web.Request) -> web.Response:
            return self._page(request, rows())

        return listed

    async def _company(self, request: web.Request) -> web.Response:
        return web.json_response(_with_id(self.companies, request))

    async def _fields(self, request: web.Request) -> web.Response:
        assert request.query["type"] == "default_status"
        return web.json_response([{"name": "status", "type": "default_status", "choices": self.statuses}])

    async def _tickets(self, request: web.Request) -> web.Response:
        rows = [row for row in self.tickets.values() if _is_shown(row, request.query.get("filter"))]
        if "updated_since" in request.query:
            since = datetime.fromisoformat(request.query["updated_since"])
            rows = [row for row in rows if datetime.fromisoformat(row["updated_at"]) > since]
        else:
            rows = [row for row in rows if datetime.fromisoformat(row["created_at"]) > self.date - SHOWN_BY_ITSELF]
        by = request.query.get("order_by", "created_at")
        rows.sort(key=lambda row: (row[by], row["id"]), reverse=request.query.get("order_type", "desc") == "desc")
        wanted = request.query.get("include", "").split(",")
        return self._page(request, [self._told(row, wanted) for row in rows])

    async def _one(self, request: web.Request) -> web.Response:
        row = self.tickets.get(int(request.match_info["id"]))
        if row is None:
            raise web.HTTPNotFound
        return web.json_response(self._told(row, request.query.get("include", "").split(",")))

    async def _conversation(self, request: web.Request) -> web.Response:
        return self._page(request, self.conversations.get(int(request.match_info["id"]), []))

    async def _note(self, request: web.Request) -> web.Response:
        id_ = int(request.match_info["id"])
        if id_ not in self.tickets:
            raise web.HTTPNotFound
        note = await request.json()
        text = note["body"].replace("<br>", "\n").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        row = {**note, "body_text": text, "incoming": False, "user_id": 1, "created_at": stamp(self.date)}
        self.conversations.setdefault(id_, []).append(row)
        return web.json_response(row, status=201)

    async def _ratings(self, request: web.Request) -> web.Response:
        since = datetime.fromisoformat(request.query["created_since"])
        rows = [row for row in self.ratings if datetime.fromisoformat(row["created_at"]) >= since]
        return self._page(request, rows)

    def _told(self, row: Row, wanted: Sequence[str]) -> Row:
        told = {name: value for name, value in row.items() if name != "stats" or "stats" in wanted}
        contact = self.contacts.get(row["requester_id"])
        return {**told, "requester": contact} if "requester" in wanted and contact is not None else told

    def _page(self, request: web.Request, rows: Sequence[Row]) -> web.Response:
        page, size = int(request.query.get("page", 1)), int(request.query.get("per_page", 30))
        if page > LAST_PAGE or size > 100:
            return web.json_response({"description": "Validation failed", "errors": [{"field": "page"}]}, status=400)
        size = min(size, self.longest_page)
        return web.json_response(rows[(page - 1) * size : page * size])


def _is_shown(row: Row, only: str | None) -> bool:
    if only in {"deleted", "spam"}:
        return bool(row[only])
    return not row["deleted"] and not row["spam"]


def _with_id(rows: Sequence[Row], request: web.Request) -> Row:
    for row in rows:
        if row["id"] == int(request.match_info["id"]):
            return row
    raise web.HTTPNotFound
