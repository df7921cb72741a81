"""A browser on the office: pages as people open them."""

from collections.abc import AsyncIterator

import pytest

from tests.office import Office, StillClock, open_office
from tests.simulator.browsing import Screens, opened_browser


@pytest.fixture
async def office(database_url: str, clock: StillClock) -> AsyncIterator[Office]:
    """The office with the page."""
    office = await open_office(clock, database_url, with_page=True)
    await office.opens()
    yield office
    await office.closes()
    await office.sim.stop()
    assert office.sim.surprises == []


@pytest.fixture
async def screens(office: Office) -> AsyncIterator[Screens]:
    async with opened_browser() as browser:
        screens = Screens(browser, office.sim)
        yield screens
        await screens.close()
    assert screens.complaints == []
