"""The whole bot, killed: at every commit and around every Slack call of one escalation's life, and at random with Slack
having a bad day. Nothing is lost, nothing is doubled, and the case ends as it does undisturbed."""

import random

import pytest

from tests.bot.bad_day import UNHARMED, BadDay, random_deaths
from tests.bot.crashing import Fate
from tests.bot.scripted_day import begin_day
from tests.bot.shown import Verdict
from tests.office import StillClock

RANDOM_DEATHS = 50
"""In each of the four lives that are cut at random."""


async def test_an_undisturbed_life_ends_as_expected(clock: StillClock, database_url: str) -> None:
    day = await begin_day(clock, database_url, lambda: UNHARMED)
    try:
        await day.is_lived()
        assert await day.verdict() == Verdict()
        assert day.deaths == []
    finally:
        await day.ends()


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_a_death_at_every_commit_and_around_every_call_loses_and_doubles_nothing(
    clock: StillClock, database_url: str
) -> None:
    deaths: list[str] = []
    day = await begin_day(clock, database_url, lambda: Fate(frozenset(deaths)))
    day.deaths = deaths
    try:
        await day.is_lived()
        assert await day.verdict() == Verdict()
        assert len(deaths) == len(set(deaths)) > 100
        for place in ("before commit", "after commit", "before chat.postMessage", "after chat.postMessage"):
            assert any(place in death for death in deaths), place
    finally:
        await day.ends()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [1, 2])
async def test_random_deaths_while_slack_has_a_bad_day_lose_and_double_nothing(
    clock: StillClock, database_url: str, seed: int
) -> None:
    chance = random.Random(seed)
    day = await begin_day(clock, database_url, random_deaths(chance, RANDOM_DEATHS))
    day.sim.faults.choose = BadDay(chance)
    try:
        await day.is_lived()
        assert await day.verdict() == Verdict()
        assert len(day.deaths) >= RANDOM_DEATHS * 0.8
    finally:
        await day.ends()
