"""Brings a source up to date: page by page, each kept together with the cursor that follows it.

While a page is written, the next one is on its way: a pull takes as long as the slower of the two, not as both.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.helpdesks import CursorLostError, Desk, DeskAwayError, DeskError, SlowDownError
from bot.helpdesks.counting import count_marked_days
from storage import messages, sources, ticket_pages
from storage.jobs import Job, holding
from storage.pulled import Page, PulledAgent, agents_named
from storage.sources import FAILING, PROGRESS, Source
from storage.store import Store

log = structlog.get_logger(__name__)

OVERLAP = timedelta(hours=1)
"""How far before the last good pull a desk is asked anew, after its cursor was lost."""
NOT_SET = "Its credentials are not set any more: whoever operates Backstop sets them in its environment."
GOES_ROUND = "It answers the same page again and again."

Now = Callable[[], datetime]
AfterPull = Callable[[AsyncSession, Source, ticket_pages.Kept, datetime], Awaitable[None]]


class SupersededError(Exception):
    """The source was disconnected, or pulled by somebody else meanwhile: this page no longer fits."""


class Pulling:
    def __init__(self, desks: Mapping[str, Desk], after_pull: Sequence[AfterPull] = ()) -> None:
        """`after_pull` is called in the transaction that keeps a page."""
        self._desks = desks
        self._after_pull = after_pull

    async def pull(self, job: Job, *, store: Store, now: Now) -> None:
        """Everything that changed since the last page. What the desk can't do is written down at the source: it is
        tried again at its next turn. Raises LeaseLostError and DatabaseAwayError."""
        async with store.read() as session:
            source = await sources.by_id(session, int(job.details["source_id"]))
        if source is None:
            return
        desk = self._desks.get(source.kind)
        try:
            if desk is None:
                raise DeskAwayError(NOT_SET)
            await self._pull_from(desk, source, job, store, now)
        except SlowDownError as error:
            log.info("help desk asks for patience", source=source.name, wait_s=error.wait.total_seconds())
        except DeskError as error:
            await self._fail(source, job, str(error), store, now)
        except SupersededError:
            log.info("pull superseded", source=source.name)
        await count_marked_days(store, source.workspace_id, holding=lambda session: holding(session, job, now=now()))

    async def _pull_from(self, desk: Desk, source: Source, job: Job, store: Store, now: Now) -> None:
        cursor, since = source.cursor, source.since
        async with store.read() as session:
            known = {agent.external_id for agent in await sources.agents(session, source.id)}
        told: Sequence[PulledAgent] | None = None
        is_first = True
        asked = _ask(desk, cursor, since, now)
        try:
            while True:
                try:
                    asked_at, page = await asked
                except CursorLostError:
                    if cursor is None:
                        raise
                    cursor, since = None, max(source.since, (source.last_good_at or source.since) - OVERLAP)
                    asked = _ask(desk, cursor, since, now)
                    continue
                if page.more and page.cursor == cursor:
                    raise DeskAwayError(GOES_ROUND)
                agents = {one.external_id: one for one in agents_named(page.tickets) if one.external_id not in known}
                if agents and told is None:
                    told = await desk.agents()
                    agents |= {one.external_id: one for one in told}
                if page.more:
                    # the desk answers while this page is written; nothing is written before this page is
                    asked = _ask(desk, page.cursor, since, now)
                await self._keep(source, page, list(agents.values()), job, store, asked_at, now, is_first=is_first)
                known |= agents.keys()
                source.cursor = cursor = page.cursor
                is_first = False
                if not page.more:
                    return
        finally:
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)

    async def _keep(
        self,
        source: Source,
        page: Page,
        agents: Sequence[PulledAgent],
        job: Job,
        store: Store,
        asked_at: datetime,
        now: Now,
        *,
        is_first: bool,
    ) -> None:
        expected = source.cursor

        async def keep(session: AsyncSession) -> None:
            await holding(session, job, now=now())
            fresh = await sources.locked(session, source.id)
            if fresh is None or fresh.cursor != expected:
                raise SupersededError
            if agents or is_first:  # once a pull also for those who are known: colleagues come and go
                await sources.keep_agents(session, fresh, agents)
            kept = await ticket_pages.keep(session, fresh, page.tickets, page.ratings, page.deleted)
            for follow in self._after_pull:
                await follow(session, fresh, kept, now())
            fresh.cursor = page.cursor
            if fresh.filled_at is None:
                fresh.pulled += len(page.tickets)
                fresh.expected = page.total if page.total is not None else fresh.expected
                await messages.refresh_subject(session, fresh.id, PROGRESS, now=now())
            if not page.more:
                if fresh.is_failing:
                    await messages.refresh_subject(session, fresh.id, PROGRESS, FAILING, now=now())
                sources.recover(fresh, as_of=asked_at)

        await store.transact(keep)

    async def _fail(self, source: Source, job: Job, sentence: str, store: Store, now: Now) -> None:
        async def fail(session: AsyncSession) -> None:
            await holding(session, job, now=now())
            if (fresh := await sources.locked(session, source.id)) is not None:
                sources.fail(fresh, sentence, now=now())
                await messages.refresh_subject(session, fresh.id, PROGRESS, now=now())

        log.warning("pull failed", source=source.name, error=sentence)
        await store.transact(fail)


def _ask(desk: Desk, cursor: str | None, since: datetime, now: Now) -> asyncio.Task[tuple[datetime, Page]]:
    """The page after the cursor, and when it was asked for: on its way from here on."""

    async def ask() -> tuple[datetime, Page]:
        return now(), await desk.pull(cursor, since)

    return asyncio.create_task(ask())
