"""One event is one transaction. Every test counts that (tests/listened.py); here it is seen to that this proves much:
everything that is offered is pressed, submitted and typed by somebody who may."""

import pytest

from tests.hostile.touring import tour
from tests.listened import TWICE, Listened
from tests.office import Office

COMMITTED_AT_LEAST = 40
"""Listeners that the tour has write something: with fewer it has lost its way."""


@pytest.mark.timeout(240)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_tour_of_what_is_offered_writes_by_most_of_what_can_write(office: Office, listened: Listened) -> None:
    await tour(office)
    written = listened.committed()
    assert len(written) >= COMMITTED_AT_LEAST
    assert "teams.listeners.creating.submit_team" in written & TWICE.keys()
