"""Request Tracker as its REST2 answers, recorded from 5.0.3: enough of TicketSQL and TransactionSQL for what Backstop
asks, and its traps (the user's zone, a `Z` that drops the time, at most a hundred rows, what is hidden isn't there)."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from aiohttp import web

from simulator.desks.serving import HelpDesk
from simulator.desks.zendesk import stamp

Row = dict[str, Any]

USER_ID = 35
TOKEN = f"1-{USER_ID}-969b85b0"
NEVER = "1970-01-01T00:00:00Z"
MOST_PER_PAGE = 100
REST = "/REST/2.0"

TERM = re.compile(r"\s*(\(|\)|AND\b|OR\b|(\w+)\s*(>=|>|!=|=)\s*('[^']*'|\d+))")


class RequestTracker(HelpDesk):
    def __init__(self, zone: str | None = "America/New_York") -> None:
        super().__init__(f"token {TOKEN}", refusal={"message": "Unauthorized"})
        self.zone = zone
        self.users: dict[str, Row] = {
            "backstop": {"Name": "backstop", "Privileged": 1},
            "ramon": {"Name": "ramon", "Privileged": 1, "EmailAddress": "ramon@acme.example", "RealName": "Ramon"},
            "carla": {"Name": "carla", "Privileged": 0, "EmailAddress": "Carla@customer.example", "RealName": "Carla"},
            "Nobody": {"Name": "Nobody", "Privileged": 0, "EmailAddress": ""},
        }
        self.queues = ["Support"]
        self.tickets: dict[int, Row] = {}
        self.transactions: list[Row] = []
        self.contents: dict[int, str] = {}
        """By transaction."""
        self.may_comment = True
        self.at("GET", f"{REST}/rt", self._version)
        self.at("GET", f"{REST}/user/{{name}}", self._user)
        self.at("GET", f"{REST}/queues/all", self._queues)
        self.at("POST", f"{REST}/tickets", self._tickets)
        self.at("POST", f"{REST}/transactions", self._transactions)
        self.at("GET", f"{REST}/ticket/{{id}}", self._one)
        self.at("GET", f"{REST}/ticket/{{id}}/attachments", self._attachments)
        self.at("POST", f"{REST}/ticket/{{id}}/comment", self._comment)

    def add(self, id_: int, created_at: datetime, **told: Any) -> Row:
        """A ticket; `told` replaces what it says by itself."""
        row: Row = {
            "id": id_,
            "EffectiveId": id_,
            "Type": "ticket",
            "Subject": f"Ticket {id_}",
            "Status": "new",
            "Queue": "Support",
            "Owner": "Nobody",
            "Requestor": ["carla"],
            "Priority": "0",
            "Created": stamp(created_at),
            "LastUpdated": stamp(created_at),
            "Resolved": NEVER,
            "Due": NEVER,
            **told,
        }
        self.tickets[id_] = row
        return row

    def happened(self, ticket_id: int, kind: str, by: str, at: datetime, text: str = "", **told: str) -> None:
        """Another transaction of a ticket."""
        id_ = len(self.transactions) + 1
        row = {"id": id_, "TicketId": ticket_id, "Type": kind, "Creator": by, "Created": stamp(at)}
        self.transactions.append({"Field": "", "OldValue": "", "NewValue": "", **row, **told})
        self.contents[id_] = text

    async def _version(self, _request: web.Request) -> web.Response:
        return web.json_response({"Version": "5.0.3"})

    async def _user(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name == str(USER_ID):
            zone = {} if self.zone is None else {"Timezone": self.zone}
            return web.json_response({**self.users["backstop"], "id": USER_ID, **zone})
        if name not in self.users:
            raise web.HTTPNotFound
        return web.json_response(self.users[name])

    async def _queues(self, request: web.Request) -> web.Response:
        size, page = min(int(request.query["per_page"]), MOST_PER_PAGE), int(request.query.get("page", 1))
        items = [{"id": str(number), "type": "queue", "Name": name} for number, name in enumerate(self.queues, 1)]
        shown = items[(page - 1) * size : page * size]
        return web.json_response({"total": len(items), "count": len(shown), "page": page, "items": shown})

    async def _tickets(self, request: web.Request) -> web.Response:
        asked = await request.post()
        query = str(asked["query"])
        rows = [row for row in self.tickets.values() if row["Queue"] in self.queues and row["Status"] != "deleted"]
        if "EffectiveId" not in query:
            rows = [row for row in rows if row["id"] == row["EffectiveId"]]
        matches = self._condition(query)
        found = [row for row in rows if matches(row)]
        return self._page(asked, found, self._told, total=len(found))

    async def _transactions(self, request: web.Request) -> web.Response:
        asked = await request.post()
        matches = self._condition(str(asked["query"]))
        found = [row for row in self.transactions if matches(row)]
        return self._page(asked, found, _told_transaction, total=None)

    def _page(
        self, asked: Mapping[str, Any], rows: Sequence[Row], tell: Callable[[Row], Row], *, total: int | None
    ) -> web.Response:
        by = str(asked["orderby"])
        ordered = sorted(rows, key=lambda row: (row[by], row["id"]), reverse=asked["order"] == "DESC")
        size, page = min(int(asked["per_page"]), MOST_PER_PAGE), int(asked["page"])
        items = [tell(row) for row in ordered[(page - 1) * size : page * size]]
        answer = {"total": total, "count": len(items), "page": page, "per_page": size, "items": items}
        return web.json_response(answer)

    async def _one(self, request: web.Request) -> web.Response:
        row = self.tickets.get(int(request.match_info["id"]))
        if row is None:
            raise web.HTTPNotFound
        row = self.tickets[row["EffectiveId"]]
        if row["Queue"] not in self.queues:
            return web.json_response({"message": "Forbidden"}, status=403)
        links = [{"ref": "history"}, *([{"ref": "comment"}] if self.may_comment else [])]
        return web.json_response({**self._told(row), "id": row["id"], "_hyperlinks": links})

    async def _attachments(self, request: web.Request) -> web.Response:
        items = [
            {"id": str(row["id"]), "TransactionId": str(row["id"]), "ContentType": "text/plain", "Content": text}
            for row in reversed(self.transactions)
            if row["TicketId"] == int(request.match_info["id"]) and (text := self.contents[row["id"]])
        ]
        return web.json_response({"total": None, "items": items[: int(request.query["per_page"])]})

    async def _comment(self, request: web.Request) -> web.Response:
        asked = await request.json()
        at = self.date or datetime(2026, 6, 2, 12, tzinfo=UTC)
        self.happened(int(request.match_info["id"]), "Comment", "backstop", at, asked["Content"])
        return web.json_response(["Comments added"], status=201)

    def _told(self, row: Row) -> Row:
        return {
            **row,
            "id": str(row["id"]),
            "EffectiveId": str(row["EffectiveId"]),
            "Queue": {"type": "queue", "Name": row["Queue"]},
            "Owner": {"type": "user", "id": row["Owner"], **self.users[row["Owner"]]},
            "Requestor": [{"type": "user", "id": name, **self.users[name]} for name in row["Requestor"]],
        }

    def _condition(self, query: str) -> Callable[[Row], bool]:
        """TicketSQL as a Python expression over one row's terms."""
        terms: list[Callable[[Row], bool]] = []
        words: list[str] = []
        position = 0
        while position < len(query):
            found = TERM.match(query, position)
            if found is None:
                raise web.HTTPBadRequest(text=f"Wrong query: {query[position:]}")
            position = found.end()
            if found[2] is None:
                words.append({"AND": " and ", "OR": " or "}.get(found[1], found[1]))
            else:
                words.append(f"terms[{len(terms)}](row)")
                terms.append(self._term(found[2], found[3], found[4]))
        expression = compile("".join(words), "query", "eval")
        return lambda row: bool(eval(expression, {"terms": terms, "row": row}))  # noqa: S307  # made of the above alone

    def _term(self, name: str, operator: str, written: str) -> Callable[[Row], bool]:
        value = written.strip("'")
        if name in {"LastUpdated", "Created"}:
            wanted: Any = self._read_instant(value)
            return lambda row: _compares(datetime.fromisoformat(row[name]), operator, wanted)
        if name in {"id", "EffectiveId", "TicketId"}:
            number = int(value)
            return lambda row: _compares(row[name], operator, number)
        return lambda row: _compares(row[name], operator, value)

    def _read_instant(self, value: str) -> datetime:
        # RT takes the server's zone for one that it doesn't know
        zone = ZoneInfo(self.zone if self.zone in available_timezones() else "UTC")
        if value.isdigit():
            return datetime.fromtimestamp(0, UTC)
        if value.endswith("Z"):
            day = datetime.fromisoformat(value[:10]).date()
            return datetime.combine(day, time(), zone)
        return datetime.fromisoformat(value).replace(tzinfo=zone)


def _compares(ours: Any, operator: str, theirs: Any) -> bool:
    return bool({">=": ours >= theirs, ">": ours > theirs, "=": ours == theirs, "!=": ours != theirs}[operator])


def _told_transaction(row: Row) -> Row:
    told = {name: value for name, value in row.items() if name != "TicketId"}
    creator = {"type": "user", "id": row["Creator"]}
    return {**told, "id": str(row["id"]), "ObjectId": str(row["TicketId"]), "Creator": creator}
