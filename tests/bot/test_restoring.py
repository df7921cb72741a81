"""A database that was restored from a backup knows less than Slack: what was sent since is found, not sent again."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import update
from sqlalchemy.engine import URL, make_url

from storage import outbox
from storage.backups import copy_sqlite
from storage.messages import Message, MessageState
from tests.bot.post_office import PostOffice
from tests.bot.shown import posts_by_key
from tests.handlers.escalations.stories import raised
from tests.office import Office


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("protected", [True, False])
async def test_after_a_restore_what_was_sent_since_the_backup_is_not_sent_again(
    office: Office, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protected: bool
) -> None:
    async def leave_undoubted(*_: Any, **__: Any) -> int:
        return 0

    if not protected:
        monkeypatch.setattr(outbox, "doubt_unsent", leave_undoubted)
    database, backup = Path(str(make_url(database_url).database)), tmp_path / "backup.sqlite3"
    await raised(office, office.mei, severity="S1")
    copy_sqlite(database, backup)
    await office.passes(hours=4)
    await office.closes()
    for left in database.parent.glob(f"{database.name}*"):
        left.unlink()
    copy_sqlite(backup, database)
    await office._builds()
    await office.bot.start(by_itself=False)
    await office.settles()
    doubled = {key for key, count in posts_by_key(office.sim).items() if count > 1}
    assert bool(doubled) is not protected


@pytest.fixture
def beside(database_url: str) -> Iterator[str]:
    """The URL of a PostgreSQL database that isn't there yet, on the same server; gone after the office is closed."""
    url = make_url(database_url)
    copy = url.set(database=f"{url.database}_backup").render_as_string(hide_password=False)
    yield copy
    asyncio.run(_told(f'DROP DATABASE IF EXISTS "{make_url(copy).database}" WITH (FORCE)', url))


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True, ids=["postgres"]
)
async def test_a_restored_postgresql_database_is_as_careful(database_url: str, beside: str, office: Office) -> None:
    await raised(office, office.mei, severity="S1")
    await office.closes()
    url = make_url(database_url)
    await _told(f'CREATE DATABASE "{make_url(beside).database}" TEMPLATE "{url.database}"', url)
    await office.restarts()
    await office.passes(hours=4)
    sent = posts_by_key(office.sim)
    await office.closes()
    office.settings = {**office.settings, "BACKSTOP_DATABASE_URL": beside}
    await office._builds()
    await office.bot.start(by_itself=False)
    await office.settles()
    assert posts_by_key(office.sim) == sent
    assert len(sent) > 5
    assert set(sent.values()) == {1}


async def _told(statement: str, beside: URL) -> None:
    connection = await asyncpg.connect(beside.set(database="postgres").render_as_string(hide_password=False))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def test_threads_and_merged_letters_are_found_again_as_they_stand(post_office: PostOffice) -> None:
    began = post_office.clock.at
    await post_office.wants("card")
    for reply in ("first", "second"):
        await post_office.wants(reply, parent_key="card")
    await post_office.writes_to("Ben", "a", "b")
    await post_office.rests()
    before = post_office.order()
    # as a backup of before the sending has them
    unsent: dict[str, int | None] = {"attempt": 0, "shown": 0, "sending": 0}
    unsent |= dict.fromkeys(
        ("slack_ts", "slack_channel", "merged_into_id", "first_claimed_at", "claimed_at", "sent_at")
    )
    async with post_office.store.write() as session:
        await session.execute(update(Message).values(state=MessageState.READY, **unsent))
        assert await outbox.doubt_unsent(session, since=began, now=post_office.clock.at) == len(before) + 1
    await post_office.rests()
    assert post_office.order() == before
    await post_office.changes("b", "b, changed")
    await post_office.rests()
    [letter] = post_office.posts("a")
    assert letter["text"] == "a\n\nb, changed"
