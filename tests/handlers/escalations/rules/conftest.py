"""A case in memory: the nouns that a decision looks at, with nobody else's tables behind them."""

import pytest

from tests.handlers.escalations.rules.desk import Desk


@pytest.fixture
def desk() -> Desk:
    """A waiting S2, raised on Tuesday 2 June 2026 at 10:00 in Dublin."""
    return Desk()
