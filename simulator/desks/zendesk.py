"""Zendesk as its API answers: exports that go on from a cursor, sideloads, two kinds of surveys."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from simulator.desks.serving import HelpDesk

Row = dict[str, Any]

EMAIL, TOKEN = "support@acme.example", "zendesk-token"
ANONYMOUS = {"id": None, "name": "Anonymous user", "email": "invalid@example.com", "role": "end-user"}


class Zendesk(HelpDesk):
    date: datetime

    def __init__(self, date: datetime) -> None:
        login = base64.b64encode(f"{EMAIL}/token:{TOKEN}".encode()).decode()
        super().__init__(f"Basic {login}", refusal={"error": "Couldn't authenticate you"})
        self.date = date
        self.me: Row = {"id": 1, "name": "Support", "email": EMAIL, "role": "admin"}
        self.users: list[Row] = []
        self.groups: list[Row] = []
        self.organizations: list[Row] = []
        self.metric_sets: dict[int, Row] = {}
        self.tickets: dict[int, Row] = {}
        self.ratings: list[Row] = []
        self.survey_responses: list[Row] = []
        self.metric_events: list[Row] = []
        self.comments: dict[int, list[Row]] = {}
        self.longest_page = 1000
        self.at("GET", "/api/v2/users/me.json", self._me)
        self.at("GET", "/api/v2/users.json", self._agents)
        self.at("GET", "/api/v2/groups.json", self._groups)
        self.at("GET", "/api/v2/incremental/tickets/cursor.json", self._export)
        self.at("GET", "/api/v2/incremental/ticket_metric_events.json", self._events)
        self.at("GET", "/api/v2/tickets/show_many.json", self._several)
        self.at("GET", "/api/v2/tickets/{id}.json", self._one)
        self.at("PUT", "/api/v2/tickets/{id}.json", self._change)
        self.at("GET", "/api/v2/tickets/{id}/comments.json", self._comments)
        self.at("GET", "/api/v2/satisfaction_ratings.json", self._ratings)
        self.at("GET", "/api/v2/guide/survey_responses", self._answers)

    def add(self, id_: int, created_at: datetime, **told: Any) -> Row:
        """A ticket; `told` replaces what it says by itself. `exported_at` (not shown) is when the export has it."""
        row: Row = {
            "id": id_,
            "created_at": stamp(created_at),
            "updated_at": stamp(created_at),
            "exported_at": created_at,
            "subject": f"Ticket {id_}",
            "status": "new",
            "priority": None,
            "requester_id": None,
            "organization_id": None,
            "assignee_id": None,
            "group_id": None,
            "tags": [],
            "via": {"channel": "email"},
            "satisfaction_rating": {"score": "unoffered"},
            **told,
        }
        self.tickets[id_] = row
        return row

    async def lets_in_anybody(self, request: web.Request) -> bool:
        # wrong credentials make an anonymous user of one, who may ask who he is
        return request.path == "/api/v2/users/me.json"

    async def _me(self, request: web.Request) -> web.Response:
        is_known = request.headers.get("Authorization") == self._let_in
        return web.json_response({"user": self.me if is_known else ANONYMOUS})

    async def _agents(self, request: web.Request) -> web.Response:
        roles = set(request.query.getall("role[]"))
        return self._paged(request, "users", [user for user in self.users if user.get("role") in roles])

    async def _groups(self, request: web.Request) -> web.Response:
        return self._paged(request, "groups", self.groups)

    async def _export(self, request: web.Request) -> web.Response:
        if "cursor" in request.query:
            after = _read_cursor(request.query["cursor"])
            if after is None:
                return web.json_response({"error": "InvalidCursor"}, status=400)
        else:
            start = int(request.query["start_time"])
            if self.date.timestamp() - start < 60:
                return web.json_response({"error": "StartTimeTooRecent"}, status=422)
            after = (start, -1)
        size = min(int(request.query.get("per_page", 1000)), self.longest_page)
        waiting = sorted(
            (place, row) for row in self.tickets.values() if (place := (_exported(row), row["id"])) > after
        )
        page = waiting[:size]
        return self._told(
            "tickets",
            [row for _, row in page],
            request,
            after_cursor=_cursor(page[-1][0]) if page else None,
            end_of_stream=len(waiting) <= size,
        )

    async def _events(self, request: web.Request) -> web.Response:
        start = int(request.query["start_time"])
        events = [event for event in self.metric_events if _epoch(event["time"]) >= start]
        end = max((_epoch(event["time"]) for event in events), default=start)
        return self._json(
            {"ticket_metric_events": events, "count": len(events), "end_time": end, "end_of_stream": True}
        )

    async def _several(self, request: web.Request) -> web.Response:
        ids = [int(id_) for id_ in request.query["ids"].split(",")]
        return self._told("tickets", [self.tickets[id_] for id_ in ids if id_ in self.tickets], request)

    async def _one(self, request: web.Request) -> web.Response:
        row = self.tickets.get(int(request.match_info["id"]))
        if row is None:
            raise web.HTTPNotFound
        return self._told("ticket", [row], request)

    async def _change(self, request: web.Request) -> web.Response:
        id_ = int(request.match_info["id"])
        if id_ not in self.tickets:
            raise web.HTTPNotFound
        comment = (await request.json())["ticket"]["comment"]
        self.comments.setdefault(id_, []).append(
            {**comment, "plain_body": comment["body"], "author_id": self.me["id"], "created_at": stamp(self.date)}
        )
        return self._json({"ticket": _shown(self.tickets[id_])})

    async def _comments(self, request: web.Request) -> web.Response:
        rows = sorted(self.comments.get(int(request.match_info["id"]), []), key=lambda row: row["created_at"])
        size = int(request.query["page[size]"])
        return self._json({"comments": rows[::-1][:size], "users": [*self.users, self.me]})

    async def _ratings(self, request: web.Request) -> web.Response:
        start = int(request.query.get("start_time", 0))
        rows = [row for row in self.ratings if _epoch(row["created_at"]) >= start]
        if request.query.get("score") == "received":
            rows = [row for row in rows if row["score"] in {"good", "bad"}]
        return self._paged(request, "satisfaction_ratings", rows)

    async def _answers(self, request: web.Request) -> web.Response:
        start_ms = int(request.query.get("filter[created_at_start]", 0))
        rows = [row for row in self.survey_responses if _epoch(row["offered_at"]) * 1000 >= start_ms]
        return self._paged(request, "survey_responses", rows)

    def _paged(self, request: web.Request, name: str, rows: Sequence[Row]) -> web.Response:
        size = min(int(request.query.get("page[size]", 100)), self.longest_page)
        start = int(request.query.get("page[after]", 0))
        has_more = start + size < len(rows)
        meta = {"has_more": has_more, "after_cursor": str(start + size) if has_more else None}
        return self._json({name: rows[start : start + size], "meta": meta})

    def _told(self, name: str, rows: Sequence[Row], request: web.Request, **rest: Any) -> web.Response:
        """With what the asker wants beside."""
        wanted = request.query.get("include", "").split(",")
        shown = [_shown(row) for row in rows]
        answer: Row = {name: shown[0] if name == "ticket" else shown, **rest}
        for sideload in ("users", "groups", "organizations"):
            if sideload in wanted:
                answer[sideload] = getattr(self, sideload)
        if "metric_sets" in wanted:
            for row in shown:
                if row["id"] in self.metric_sets:
                    row["metric_set"] = self.metric_sets[row["id"]]
        return self._json(answer)

    def _json(self, answer: Row) -> web.Response:
        return web.json_response(answer)


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _epoch(written: str) -> int:
    return int(datetime.fromisoformat(written).timestamp())


def _exported(row: Row) -> int:
    at: datetime = row["exported_at"]
    return int(at.timestamp())


def _shown(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "exported_at"}


def _cursor(place: tuple[int, int]) -> str:
    return base64.b64encode(f"{place[0]}.0||{place[1]}|".encode()).decode()


def _read_cursor(written: str) -> tuple[int, int] | None:
    try:
        at, _, id_, _ = base64.b64decode(written).decode().split("|")
        return int(float(at)), int(id_)
    except ValueError:
        return None
