"""An office on its first day: the bot is there, the people are there, no team is."""

from collections.abc import AsyncIterator

import pytest

from tests.conftest import TUESDAY_TEN_IN_DUBLIN
from tests.office import Office, StillClock, open_office


@pytest.fixture
async def first_day(database_url: str) -> AsyncIterator[Office]:
    """Tuesday 10:00 in Dublin, 17:00 in Manila; nobody has made a team."""
    office = await open_office(StillClock(TUESDAY_TEN_IN_DUBLIN), database_url)
    await office.opens(with_teams=False)
    yield office
    await office.closes()
    await office.sim.stop()
    assert office.sim.surprises == []
