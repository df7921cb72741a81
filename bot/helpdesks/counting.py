"""Follows the marks that written tickets leave: their days are counted again, a few to a transaction."""

from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncSession

from storage.recounting import recount_some
from storage.store import Store

Holding = Callable[[AsyncSession], Awaitable[None]]
"""Called first in each transaction: raises when the work is no longer ours."""


async def count_marked_days(store: Store, workspace_id: str, *, holding: Holding | None = None) -> None:
    """Counts every marked day of the workspace's teams again. Raises what `holding` raises, and DatabaseAwayError."""

    async def count_a_few(session: AsyncSession) -> int:
        if holding is not None:
            await holding(session)
        return await recount_some(session, workspace_id)

    while await store.transact(count_a_few):
        pass
