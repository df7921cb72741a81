"""Replicas share one PostgreSQL and nothing else: whatever happens to some of them, each obligation is met once."""

import random

import pytest

from tests.bot.replicas import assemble
from tests.bot.shown import Verdict
from tests.office import StillClock

CASES = 8
ROUNDS = 27
"""Twenty minutes: every case is warned of, breached and paged for again."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True),
]


@pytest.mark.parametrize(("replicas", "seed"), [(1, 1), (2, 2), (4, 4)])
async def test_deaths_frozen_processes_and_a_database_that_restarts_lose_and_double_nothing(
    clock: StillClock, database_url: str, replicas: int, seed: int
) -> None:
    fleet = await assemble(clock.at, database_url, replicas=replicas, cases=CASES, chance=random.Random(seed))
    try:
        await fleet.lives(ROUNDS)
        assert await fleet.verdict() == Verdict()
        assert sum(kind == "breached" for _, kind, _ in await fleet.lines()) >= CASES
        assert fleet.happened["died"] > 0
        assert replicas == 1 or fleet.happened["frozen"] > 0
    finally:
        await fleet.ends()
