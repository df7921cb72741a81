"""What the wiring's tests share: delivery alone, with a workspace to deliver into."""

from collections.abc import AsyncIterator

import pytest

from tests.bot.post_office import PostOffice, open_post_office
from tests.office import StillClock


@pytest.fixture
async def post_office(database_url: str, clock: StillClock) -> AsyncIterator[PostOffice]:
    async with open_post_office(clock, database_url) as opened:
        yield opened
