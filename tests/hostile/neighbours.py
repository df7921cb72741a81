"""What is others' and must stay so: the rows of a team, found by what refers to it, and what they say."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Table, event, select
from sqlalchemy.engine import Connection

from simulator.living import HOME
from storage.base import Base
from storage.people import Person
from storage.schedule import Timer
from storage.store import Store
from tests.hostile import forging
from tests.hostile.forging import LEFT_OUT

Rows = dict[str, dict[tuple[Any, ...], str]]
"""Table → primary key → everything else that the row says."""

VOLATILE = {**forging.VOLATILE, "messages": {"wanted", "state", "due_at"}}
"""Also what a stale button does for whoever presses it: the message is shown as it is now."""
WRITES = re.compile(r'\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)


class Ledger:
    """What all tables hold, read again only where somebody has written since."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._tables = {table.name: table for table in Base.metadata.sorted_tables if table.name not in LEFT_OUT}
        self._written = set(self._tables)
        self._rows: Rows = {}
        self._teams: dict[str, dict[tuple[Any, ...], set[int]]] = {}
        event.listen(store.write_engine.sync_engine, "before_cursor_execute", self._hears)

    def close(self) -> None:
        event.remove(self._store.write_engine.sync_engine, "before_cursor_execute", self._hears)

    def _hears(self, _connection: Connection, _cursor: Any, statement: str, *_more: Any) -> None:
        if found := WRITES.match(statement):
            self._written.add(found[1])

    async def taken(self) -> Rows:
        """As it is now; what was taken before stays as it was."""
        async with self._store.read() as session:
            for name in self._written & self._tables.keys():
                table = self._tables[name]
                kept = [column for column in table.columns if column.name not in VOLATILE.get(name, ())]
                key = [kept.index(column) for column in table.primary_key.columns]
                told = [at for at, column in enumerate(kept) if column.name != "id"]
                asked = select(*kept)
                if name == Timer.__tablename__:
                    asked = asked.where(table.columns.step != HOME)  # somebody's screen is drawn anew
                found = (await session.execute(asked)).all()
                said = {tuple(row[at] for at in key): repr([row[at] for at in told]) for row in found}
                self._rows = self._rows | {name: said}
                of = [kept.index(key.parent) for key in table.foreign_keys if key.column.table.name == "teams"]
                self._teams[name] = (
                    {tuple(row[at] for at in key): {row[at] for at in of} for row in found} if of else {}
                )
        self._written.clear()
        return self._rows

    def came(self, before: Rows, after: Rows, team_id: int) -> list[str]:
        """Tables in which rows of this team are new, as of the last look."""
        return sorted(
            name
            for name, of in self._teams.items()
            if before[name] is not after[name]
            and any(team_id in of[key] for key in after[name].keys() - before[name].keys() if key in of)
        )

    async def people(self) -> list[tuple[str, int]]:
        """(Slack id, row) of everybody."""
        async with self._store.read() as session:
            return [(slack, row) for slack, row in await session.execute(select(Person.slack_id, Person.id))]

    async def belonging(self, to: Mapping[str, Iterable[int]]) -> dict[str, set[tuple[Any, ...]]]:
        """Primary keys of these rows, and of all that refer to them, directly or by another."""
        owned: dict[str, set[tuple[Any, ...]]] = defaultdict(set)
        for name, ids in to.items():
            owned[name] |= {(one,) for one in ids}
        async with self._store.read() as session:
            found = {name: (await session.execute(select(table))).all() for name, table in self._tables.items()}
        grows = True
        while grows:
            before = sum(map(len, owned.values()))
            for name, table in self._tables.items():
                for row in found[name]:
                    if _refers(table, row._mapping, owned):
                        owned[name].add(tuple(row._mapping[column] for column in table.primary_key.columns))
            grows = sum(map(len, owned.values())) > before
        return dict(owned)


def _refers(table: Table, row: Mapping[Any, Any], owned: Mapping[str, set[tuple[Any, ...]]]) -> bool:
    return any((row[key.parent],) in owned.get(key.column.table.name, ()) for key in table.foreign_keys)


def touched(before: Rows, after: Rows, *, among: Mapping[str, set[tuple[Any, ...]]] | None = None) -> list[str]:
    """Tables that say something else than before, whatever numbers their rows have; `among`: only what became of these
    rows, by table and key."""
    if among is None:
        return sorted(
            name
            for name in after
            if before[name] is not after[name] and sorted(before[name].values()) != sorted(after[name].values())
        )
    return sorted(
        name
        for name, keys in among.items()
        if before.get(name) is not after.get(name)
        and any(before[name].get(key) != after[name].get(key) for key in keys)
    )
