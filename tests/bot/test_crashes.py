"""The whole bot, killed: at every commit and around every Slack call of one escalation's life, and at random with Slack
having a bad day. Nothing is lost, nothing is doubled, and the case ends as it does undisturbed."""

import random

import pytest

from tests.bot import places
from tests.bot.bad_day import UNHARMED, BadDay, random_deaths
from tests.bot.crashing import Fate
from tests.bot.scripted_day import begin_day
from tests.bot.shown import Verdict
from tests.office import StillClock

RANDOM_DEATHS = 50
"""In each of the four lives that are cut at random."""


COMMITS_ELSEWHERE = {
    "Directory.ask_slack": "everybody is known here; a person is remembered by one row, however often",
    "Sending._prepare": "nothing falls between its claim and its call here: test_delivery",
    "Sending._without_the_rest": "nothing is merged here: test_reading",
    "Ticking._run_alone": "no step fails here: test_ticking, with steps that fail at random",
    "Working._renew": "jobs are short here: test_jobs",
    "_assemble": "before there is anything to watch; it remembers the workspace, in one row, at every start",
}
CALLS_ELSEWHERE = {
    "auth.test": "a question that changes nothing, before there is anything to watch",
    "chat.delete": "no reply goes astray here: test_delivery",
    "conversations.replies": "no reply is lost here: test_delivery, test_trouble",
    "users.info": "everybody is known here; a question that changes nothing",
}
"""Places of the wiring to which this life doesn't come, and why; a new one is met in it, or stands here."""


async def test_a_life_that_nobody_cuts_comes_to_every_place_of_the_wiring(clock: StillClock, database_url: str) -> None:
    day = await begin_day(clock, database_url, lambda: UNHARMED)
    day.has_its_troubles()
    try:
        await day.is_lived()
        assert await day.verdict() == Verdict()
        assert day.deaths == []
        unseen = {name for name in places.committing() if not any(name in place for place in day.places)}
        assert unseen == COMMITS_ELSEWHERE.keys()
        assert places.calling() - {place.split()[1] for place in day.places} == CALLS_ELSEWHERE.keys()
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
    day.has_its_troubles()
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
