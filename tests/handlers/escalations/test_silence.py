"""Claimed and then silent; and what counts as a word, without a word of it being kept."""

import asyncio

import aiosqlite
import asyncpg
import pytest
from sqlalchemy.engine import make_url

from storage.clocks import Kind
from tests.handlers.escalations.stories import fills, letters, press, raised
from tests.office import Office, escalation

SILENT = "You claimed this and nothing was heard"
SECRET = "xylophone-in-the-basement"


@pytest.fixture
async def claimed(office: Office) -> Office:
    """An S2 that Cara claimed: a word from her is due every four working hours."""
    await raised(office, office.ben)
    await press(office, office.cara, "Claim")
    return office


async def test_the_owner_hears_it_after_an_interval_and_the_managers_after_another(claimed: Office) -> None:
    await claimed.passes(hours=4, minutes=2)
    assert len(letters(claimed.cara, SILENT)) == 1
    assert letters(claimed.aoife, "Nothing was heard from Cara") == []
    await claimed.passes(hours=4)  # until 18:00: half an hour of the second interval lies in Wednesday
    assert letters(claimed.aoife, "Nothing was heard from Cara") == []
    await claimed.passes(hours=15, minutes=5)  # Aoife's morning
    told = letters(claimed.aoife, "Nothing was heard from Cara")
    assert len(told) == 1
    assert "Next word from the owner was due" in told[0], "what is over isn't owed “by” then"
    assert len(letters(claimed.cara, SILENT)) == 1


@pytest.mark.parametrize("how", ["update", "word"])
async def test_an_update_or_a_word_in_the_thread_breaks_the_silence(claimed: Office, how: str) -> None:
    await claimed.passes(hours=3)
    if how == "update":
        await fills(claimed, claimed.cara, "Update…", news="Still looking")
    else:
        card = await claimed.cara.finds("#care-escalations", "E-1")
        await claimed.cara.types("Still looking", channel="#care-escalations", thread=card.ts)
        await claimed.settles()
    await claimed.passes(hours=3, minutes=30)
    assert letters(claimed.cara, SILENT) == []
    await claimed.passes(minutes=32)
    assert len(letters(claimed.cara, SILENT)) == 1


async def test_a_word_elsewhere_is_no_word(claimed: Office) -> None:
    before = (await escalation(claimed, 1)).clock(Kind.SILENCE)
    await claimed.passes(minutes=10)
    await claimed.cara.types("E-1 is fun", channel="#care-escalations")
    await claimed.settles()
    after = (await escalation(claimed, 1)).clock(Kind.SILENCE)
    assert before is not None
    assert after is not None
    assert after.generation == before.generation


async def test_the_time_of_a_word_is_kept_and_its_text_nowhere(claimed: Office, database_url: str) -> None:
    await claimed.passes(minutes=10)
    card = await claimed.cara.finds("#care-escalations", "E-1")
    said_at = claimed.now
    await claimed.cara.types(f"It was the {SECRET}", channel="#care-escalations", thread=card.ts)
    await claimed.settles()
    assert (await escalation(claimed, 1)).last_word_at == said_at
    everything = await contents(database_url)
    assert "Login loops" in everything
    assert SECRET not in everything


async def contents(database_url: str) -> str:
    """Every cell of every table, as text."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        async with aiosqlite.connect(str(url.database)) as connection:
            names = await connection.execute_fetchall("SELECT name FROM sqlite_master WHERE type = 'table'")
            rows = [row for (name,) in names for row in await connection.execute_fetchall(f'SELECT * FROM "{name}"')]
        return str([list(row) for row in rows])
    pooled = await asyncpg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
    try:
        names = await pooled.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [await pooled.fetch(f'SELECT t::text FROM "{name["tablename"]}" t') for name in names]
    finally:
        await asyncio.wait_for(pooled.close(), 5)
    return str([row[0] for table in tables for row in table])
