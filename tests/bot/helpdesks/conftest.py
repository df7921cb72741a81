"""The simulated help desks, and ours that ask them. Waits are counted, not sat out."""

import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import aiohttp
import pytest
import stamina

from bot.helpdesks import Desk
from storage.pulled import Page, PulledRating, PulledTicket

collect_ignore = [] if os.environ.get("BACKSTOP_TEST_RT") else ["test_rt_itself.py"]
"""That one needs Request Tracker installed: `make test-rt` does it."""

NOON = datetime(2026, 6, 2, 12, tzinfo=UTC)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture(autouse=True)
def retries_at_once() -> Iterator[None]:
    """Three attempts, as outside, without the pauses between."""
    with stamina.set_testing(True, attempts=3):
        yield


class Pulled:
    """What a pull brought, page by page, until there was no more."""

    def __init__(self, pages: list[Page]) -> None:
        self.pages = pages
        self.cursor = pages[-1].cursor
        self.tickets: dict[str, PulledTicket] = {one.external_id: one for page in pages for one in page.tickets}
        self.told = [one.external_id for page in pages for one in page.tickets]
        self.ratings: dict[str, PulledRating] = {one.external_id: one for page in pages for one in page.ratings}
        self.deleted = {id_ for page in pages for id_ in page.deleted}


async def pull(desk: Desk, since: datetime, cursor: str | None = None, *, at_most: int = 50) -> Pulled:
    pages: list[Page] = []
    while len(pages) < at_most:
        page = await desk.pull(cursor, since)
        pages.append(page)
        cursor = page.cursor
        if not page.more:
            return Pulled(pages)
    raise AssertionError(f"no end after {at_most} pages")
