"""Forged payloads: what somebody does, sent first by everybody who has no right to it, word for word but for the name.

A forger stands between the simulator and the bot. Nothing that a forged payload carries may change a row, or reach
anybody but its sender.
"""

import copy
import hashlib
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from slack_bolt.request.async_request import AsyncBoltRequest

from simulator.payloads import Kind, Payload
from tests.office import Office

COLLEAGUE, MANAGER, HEAD, ADMIN, ELSEWHERE = "colleague", "manager", "head", "admin", "elsewhere"
ROLES = {COLLEAGUE: "Niamh", MANAGER: "Aoife", HEAD: "Jonas", ADMIN: "Omar", ELSEWHERE: "Tomas"}
"""Members of the workspace: an agent and the manager of Care, the head of its department, an admin who is in no team,
and the manager of another team."""
OUTSIDERS = {"guest": "Gwen", "stranger": "Stella", "foreigner": None}
"""Whoever may do nothing at all; the foreigner's id belongs to another workspace."""
FOREIGN_ID, FOREIGN_WORKSPACE = "U0FOREIGN", "T0OTHER"
VOLATILE = {"people": {"seen_at", "home_opened_at"}, "jobs": {"lease_until"}}
"""Columns that say when somebody was last seen: no right is needed for that."""
LEFT_OUT = frozenset({"workspaces", "alembic_version", "home_views"})
"""Nothing that anybody did; `home_views` is what somebody's own Home shows."""


def door_of(kind: Kind, payload: Payload) -> str | None:
    """The name under which the house knows what a payload wakes."""
    if kind == "slash_commands":
        return None  # typed by each person themselves: no value of somebody else's is in it
    match payload["type"]:
        case "block_actions":
            return str(payload["actions"][0]["action_id"])
        case "view_submission":
            return str(payload["view"]["callback_id"])
        case "shortcut" | "message_action":
            return str(payload["callback_id"])
        case _:
            return None


class Digest:
    """What the whole database holds, table by table."""

    def __init__(self, file: str) -> None:
        """Of a SQLite file; one that isn't there has nothing in it, and isn't made."""
        self._connection = sqlite3.connect(f"file:{file}?mode=ro" if Path(file).exists() else ":memory:", uri=True)
        self._version = -1
        self._tables: dict[str, str] = {}

    def close(self) -> None:
        self._connection.close()

    def taken(self) -> Mapping[str, str]:
        """Recounted only if anybody has written since."""
        (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            self._version = version
            self._tables = {table: self._of(table) for table in self._names()}
        return self._tables

    def _names(self) -> list[str]:
        found = self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return [name for (name,) in found if name not in LEFT_OUT and not name.startswith("sqlite_")]

    def _of(self, table: str) -> str:
        with closing(self._connection.execute(f'SELECT * FROM "{table}"')) as rows:  # our own table's name
            kept = [at for at, column in enumerate(rows.description) if column[0] not in VOLATILE.get(table, ())]
            lines = sorted(repr([row[at] for at in kept]) for row in rows)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


class Forger:
    """Wraps the simulator's link to the bot."""

    def __init__(self, office: Office, rights: Mapping[str, frozenset[str]], *, most: int = 1) -> None:
        self.office = office
        self.rights = rights
        self.most = most
        self.tried: Counter[str] = Counter()
        self.failures: list[str] = []
        self.changed: dict[str, set[str]] = {}
        self.payloads: dict[str, tuple[Kind, Payload]] = {}
        """One of each door's, as it was sent by whoever may."""
        self._digest = Digest(str(office.bot.store.write_engine.url.database))
        self._link = office.sim.interactions.link
        office.sim.interactions.link = self  # type: ignore[assignment]  # a link as far as it is used

    def close(self) -> None:
        self.office.sim.interactions.link = self._link
        self._digest.close()

    async def deliver(self, kind: Kind, payload: Payload, *, within: float) -> Payload:
        door = door_of(kind, payload)
        if door is not None:
            self.payloads.setdefault(door, (kind, copy.deepcopy(payload)))
            if self.tried[door] < self.most:
                self.tried[door] += 1
                await self.forge(door, payload)
        assert self._link is not None
        return await self._link.deliver(kind, payload, within=within)

    async def forge(self, door: str, payload: Payload) -> None:
        """Sends it as everybody who has no right to it."""
        rightful = payload["user"]["id"]
        may = self.rights.get(door, frozenset())
        for role, name in self._others(may):
            member = self.office.sim.workspace.person(name) if name else None
            if member is not None and member.id == rightful:
                continue
            await self._try(door, role, payload, member.id if member else FOREIGN_ID)

    def _others(self, may: frozenset[str]) -> Iterator[tuple[str, str | None]]:
        yield from ((role, name) for role, name in ROLES.items() if role not in may)
        yield from OUTSIDERS.items()

    async def _try(self, door: str, role: str, payload: Payload, user_id: str) -> None:
        before, heard = dict(self._digest.taken()), len(self.office.sim.workspace.notified)
        forged = self.sent_by(payload, user_id)
        await self.office.bot.bolt.async_dispatch(AsyncBoltRequest(body=forged, mode="socket_mode"))
        await self.office.bot.listening.drain(at_most_s=10)
        after = self._digest.taken()
        if touched := sorted(table for table in after if before.get(table) != after[table]):
            self.changed.setdefault(door, set()).add(role)
            self.failures.append(f"{door} sent by {role} changed {', '.join(touched)}")
        reached = {one.user_id for one in self.office.sim.workspace.notified[heard:]} - {user_id}
        if reached:
            self.failures.append(f"{door} sent by {role} reached {reached}")

    def sent_by(self, payload: Payload, user_id: str) -> dict[str, Any]:
        """The same, from somebody else: their own trigger and answering address, everybody's else's values."""
        interactions = self.office.sim.interactions
        forged: dict[str, Any] = copy.deepcopy(payload)
        workspace = FOREIGN_WORKSPACE if user_id == FOREIGN_ID else self.office.sim.workspace.team_id
        forged["user"] = {"id": user_id, "username": "x", "name": "x", "team_id": workspace}
        shown = (forged.get("view") or {}).get("id") if (forged.get("view") or {}).get("type") == "modal" else None
        forged["trigger_id"] = interactions._triggers.issue(user_id, shown)  # a forger's own trigger
        if user_id == FOREIGN_ID:
            forged.pop("response_url", None)
        elif "response_url" in forged:
            channel = (forged.get("channel") or {}).get("id") or next(iter(self.office.sim.workspace.channels))
            forged["response_url"] = interactions._url(interactions._response_urls.issue(user_id, channel))  # likewise
        return forged
