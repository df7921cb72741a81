"""Seen, handed out and erased: tried on a row in every table that is about a person, as the models have them."""

from contextlib import suppress
from datetime import UTC, date, datetime, time
from itertools import count
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Column, Date, DateTime, Float, Integer, Time, insert, text
from sqlalchemy.sql.type_api import TypeEngine

from storage import personal
from storage.base import Base, OneOf, UtcDateTime
from storage.messages import MessageState
from storage.migrating import models
from storage.people import Person
from storage.personal import HOLDINGS, OnErase
from storage.store import Store

NOW = datetime(2026, 6, 2, 9, 0, tzinfo=UTC)
NUMBERS = count(100)
BY_KIND: tuple[tuple[type[TypeEngine[Any]], Any], ...] = (
    (UtcDateTime, NOW),
    (DateTime, NOW),
    (Date, date(2026, 6, 2)),
    (Time, time(9)),
    (Boolean, False),
    (Float, 1.0),
    (JSON, {}),
)


class EnoughError(Exception):
    """Ends the transaction, and leaves nothing of it."""


def something(column: Column[Any]) -> Any:
    """A value that the column takes; a different one each time where it can."""
    if isinstance(column.type, OneOf):
        return next(iter(column.type._words))
    for kind, value in BY_KIND:
        if isinstance(column.type, kind):
            return value
    return next(NUMBERS) if isinstance(column.type, Integer) else f"x{next(NUMBERS)}"


def row_about(person_id: int, table: str, named: str) -> dict[str, Any]:
    needed = [one for one in Base.metadata.tables[table].columns if not one.nullable and one.default is None]
    row = {one.name: something(one) for one in needed if not (one.primary_key and one.name == "id")}
    return row | {named: person_id} | ({"state": MessageState.SENT} if table == "messages" else {})


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_is_ones_own_is_shown_handed_out_and_erased_in_every_table(store: Store) -> None:
    models()
    with suppress(EnoughError):
        async with store.write() as session:
            await session.execute(text("PRAGMA defer_foreign_keys = ON"))
            person = Person(workspace_id="T1", slack_id="U1", name="Ben", zone="Europe/Dublin", seen_at=NOW)
            session.add(person)
            await session.flush()
            for held in HOLDINGS:
                table = Base.metadata.tables[held.table]
                await session.execute(insert(table).values(row_about(person.id, held.table, held.column)))
            assert {held for held, _ in await personal.counts(session, person.id)} == set(HOLDINGS)
            handed = await personal.export(session, person)
            assert {held.title for held in HOLDINGS} <= handed.keys()
            await personal.erase(session, person)
            left = {held for held, _ in await personal.counts(session, person.id)}
            assert left == {held for held in HOLDINGS if held.on_erase == OnErase.KEEP}
            raise EnoughError
