"""Follows the marks that written tickets leave: their days are counted again, a few to a transaction."""

from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncSession

from storage import teams
from storage.recounting import recount, stale
from storage.store import Store

A_FEW = 8
"""Days to a transaction: a form that is submitted meanwhile waits no longer than that."""

Holding = Callable[[AsyncSession], Awaitable[None]]
"""Called first in each transaction: raises when the work is no longer ours."""


async def count_marked_days(store: Store, workspace_id: str, *, holding: Holding | None = None) -> int:
    """Counts every marked day of the workspace's teams again; returns how many marks there were. Raises what `holding`
    raises."""

    async def count_a_few(session: AsyncSession) -> int:
        if holding is not None:
            await holding(session)
        marked = await stale(session, workspace_id, most=A_FEW)
        for team_id in sorted(marked):
            if (team := await teams.locked(session, team_id)) is not None:
                await recount(session, team, marked[team_id])
        return sum(len(days) for days in marked.values())

    counted = 0
    while some := await store.transact(count_a_few):
        counted += some
    return counted
