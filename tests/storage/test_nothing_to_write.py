"""Where there is nothing to write, nothing is written, and nothing fails."""

from sqlalchemy import func, select

from storage import messages, team_facts, ticket_days
from storage.messages import Message
from storage.store import Store
from storage.ticket_days import Snapshot
from tests.conftest import TUESDAY_TEN_IN_DUBLIN as NOW


async def test_no_message_and_no_snapshot_are_kept_of_none(store: Store) -> None:
    async with store.write() as session:
        await messages.want_all(session, [], now=NOW)
        await ticket_days.keep_snapshot(session, [])
    async with store.read() as session:
        for kind in (Message, Snapshot):
            assert (await session.execute(select(func.count()).select_from(kind))).scalar_one() == 0


async def test_a_workspace_without_teams_has_no_facts_of_any(store: Store) -> None:
    async with store.read() as session:
        assert await team_facts._facts(session, [], NOW) == []
