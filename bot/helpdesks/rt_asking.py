"""What Request Tracker is asked, in the words of its REST2 and of its queries (see bot.helpdesks.rt for its ways)."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import aiohttp

from bot.helpdesks import DeskRefusedError
from bot.helpdesks.calling import Caller, NotThereError
from bot.helpdesks.reading import Row, count, part, parts, words

REST = "/REST/2.0"
PER_PAGE = 100
PAGES = 1000
ZONE_UNKNOWN = timedelta(hours=13)
"""How much earlier is asked for when the user's zone isn't told: no zone is further behind UTC."""

TICKET_FIELDS = {
    "fields": "Subject,Status,Owner,Requestor,Queue,Created,LastUpdated,Resolved,Due,Priority,EffectiveId",
    "fields[Owner]": "Name,EmailAddress,RealName",
    "fields[Requestor]": "Name,EmailAddress,RealName,Organization",
    "fields[Queue]": "Name",
}
TRANSACTION_FIELDS = {"fields": "Type,Field,OldValue,NewValue,Creator,Created,ObjectId"}
OLDEST_CHANGE_FIRST = [("orderby", "LastUpdated"), ("order", "ASC"), ("orderby", "id"), ("order", "ASC")]
OLDEST_FIRST = [("orderby", "id"), ("order", "ASC")]
LATEST_FIRST = [("orderby", "id"), ("order", "DESC")]


class Asking:
    """Questions of one user, whom the token names: what they may not see isn't there."""

    def __init__(self, http: aiohttp.ClientSession, *, base_url: str, token: str) -> None:
        self._api = Caller(http, desk="Request Tracker", base_url=base_url, headers={"Authorization": f"token {token}"})
        owner = re.fullmatch(r"\d+-(\d+)-\w+", token)
        self._user_id = owner[1] if owner is not None else None
        self._zone: ZoneInfo | None = None
        self._knows_zone = False
        self._is_agent: dict[str, bool] = {}

    @property
    def date(self) -> datetime | None:
        """What time it was there at its last answer."""
        return self._api.date

    async def version(self) -> str | None:
        return words(part({"rt": await self._api.get(f"{REST}/rt")}, "rt").get("Version"))

    async def ticket(self, external_id: str) -> Row | None:
        """The ticket, or the one that took it in; None where it isn't, or may not be seen."""
        try:
            return part({"ticket": await self._api.get(f"{REST}/ticket/{external_id}")}, "ticket")
        except (NotThereError, DeskRefusedError):
            return None

    async def comment(self, external_id: str, text: str) -> None:
        said = {"Content": text, "ContentType": "text/plain"}
        await self._api.change("POST", f"{REST}/ticket/{external_id}/comment", said)

    async def answers_customers(self, name: str) -> bool:
        """RT calls its agents privileged."""
        known = self._is_agent.get(name)
        if known is None:
            try:
                user = await self._api.get(f"{REST}/user/{quote(name, safe='')}")
                known = count(part({"user": user}, "user").get("Privileged")) == 1
            except (NotThereError, DeskRefusedError):
                known = False
            self._is_agent[name] = known
        return known

    async def me(self) -> Row:
        if self._user_id is None:
            return {}
        try:
            return part({"me": await self._api.get(f"{REST}/user/{self._user_id}")}, "me")
        except (NotThereError, DeskRefusedError):
            return {}

    async def zone(self) -> ZoneInfo | None:
        """The zone in which RT reads our queries; None: it doesn't say."""
        if not self._knows_zone:
            name = words((await self.me()).get("Timezone"))
            try:
                self._zone = ZoneInfo(name) if name is not None else None
            except (ZoneInfoNotFoundError, ValueError):
                self._zone = None
            self._knows_zone = True
        return self._zone

    async def queues(self) -> list[str]:
        found: list[str] = []
        for page in range(1, PAGES + 1):
            asked: list[tuple[str, str | int]] = [("per_page", PER_PAGE), ("page", page), ("fields", "Name")]
            rows = parts(await self._api.get(f"{REST}/queues/all", asked), "items")
            found += [name for row in rows if (name := words(row.get("Name"))) is not None]
            if len(rows) < PER_PAGE:
                break
        return found

    async def may_comment(self, external_id: str) -> bool:
        row = await self._api.get(f"{REST}/ticket/{external_id}")
        return any(link.get("ref") == "comment" for link in parts(row, "_hyperlinks"))

    async def tickets(
        self, query: str, order: Sequence[tuple[str, str]], *, page: int = 1, per_page: int = PER_PAGE
    ) -> Any:
        asked: list[tuple[str, str | int]] = [("query", query), ("page", page), ("per_page", per_page)]
        return await self._api.search_form(f"{REST}/tickets", [*asked, *TICKET_FIELDS.items(), *order])

    async def transactions(
        self, query: str, *, page: int = 1, order: Sequence[tuple[str, str]] = OLDEST_FIRST
    ) -> list[Row]:
        asked: list[tuple[str, str | int]] = [("query", query), ("page", page), ("per_page", PER_PAGE)]
        answer = await self._api.search_form(f"{REST}/transactions", [*asked, *TRANSACTION_FIELDS.items(), *order])
        return parts(answer, "items")

    async def attachments(self, external_id: str, *, most: int) -> list[Row]:
        fields = "Content,ContentType,TransactionId"
        asked: list[tuple[str, str | int]] = [("fields", fields), ("per_page", most), *LATEST_FIRST]
        return parts(await self._api.get(f"{REST}/ticket/{external_id}/attachments", asked), "items")

    async def is_deleted(self, external_id: str) -> bool:
        """It may have been brought back since."""
        row = await self.ticket(external_id)
        return row is None or row.get("Status") == "deleted"


def written(at: datetime, zone: ZoneInfo | None) -> str:
    """The instant as RT reads it back: naive, in the user's zone, and never later than it is. In the hour that comes
    twice each autumn RT may take the other one, so that an hour more is asked for."""
    if zone is None:
        return f"{at - ZONE_UNKNOWN:%Y-%m-%d %H:%M:%S}"
    local = at.astimezone(zone)
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        local = (at - timedelta(hours=1)).astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M:%S}"


def any_of(field: str, values: Sequence[str] | set[str]) -> str:
    return " OR ".join(f"{field} = {value}" for value in sorted(values, key=int))
