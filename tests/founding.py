"""What a company's database holds after its first days, made once by the bot itself and then copied: most of what it
takes to open an office is the same each time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.migrating import models
from storage.store import Store

MADE_BY_THE_START = "workspaces"


@dataclass
class FirstDays:
    rows: list[tuple[Table, list[dict[str, Any]]]]
    until: datetime
    """What the clock says then: a channel takes one post a second."""

    @classmethod
    async def remembered(cls, store: Store, until: datetime) -> "FirstDays":
        found = []
        async with store.read() as session:
            for table in models().sorted_tables:
                rows = [dict(row) for row in (await session.execute(select(table))).mappings()]
                if rows and table.name != MADE_BY_THE_START:
                    found.append((table, rows))
        return cls(found, until)

    async def are_lived(self, session: AsyncSession) -> None:
        """In a database that is empty but for what a start writes."""
        for table, rows in self.rows:
            await session.execute(table.insert(), rows)
        if session.get_bind().dialect.name == "postgresql":
            await session.execute(select(*(_next_after(table, rows) for table, rows in self.rows if _numbers(table))))


def _numbers(table: Table) -> bool:
    return table.autoincrement_column is not None


def _next_after(table: Table, rows: list[dict[str, Any]]) -> Any:
    column = table.autoincrement_column
    assert column is not None
    sequence = func.pg_get_serial_sequence(table.name, column.name)
    return func.setval(sequence, max(row[column.key] for row in rows))
