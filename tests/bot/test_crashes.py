"""The whole bot, killed: at every commit and around every Slack call of one escalation's life, and at random with Slack
having a bad day. Nothing is lost, nothing is doubled, and the case ends as it does undisturbed."""

import random
from collections.abc import Mapping
from typing import Any

import pytest

from simulator.faults import Fault
from tests.bot.crashing import Fate
from tests.bot.scripted_day import ScriptedDay, begin_day
from tests.bot.shown import posts_by_key
from tests.office import StillClock

UNDISTURBED = Fate(spared=None)
HISTORY = ["raised", "breached", "claimed", "updated", "resolved", "confirmed"]
RANDOM_DEATHS = 50
"""In each of the four lives that are cut at random."""


async def test_an_undisturbed_life_ends_as_expected(clock: StillClock, database_url: str) -> None:
    day = await begin_day(clock, database_url, lambda: UNDISTURBED)
    try:
        await day.is_lived()
        await _nothing_is_lost_or_doubled(day)
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
        await _nothing_is_lost_or_doubled(day)
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
    left = RANDOM_DEATHS

    def fate() -> Fate:
        nonlocal left
        left -= 1
        return Fate(spared=None, dies_at=chance.randint(1, 12)) if left >= 0 else UNDISTURBED

    day = await begin_day(clock, database_url, fate)
    day.sim.faults.choose = BadDay(chance)
    try:
        await day.is_lived()
        await _nothing_is_lost_or_doubled(day)
        assert len(day.deaths) >= RANDOM_DEATHS * 0.8
    finally:
        await day.ends()


class BadDay:
    """One call in six of those that change Slack goes wrong, in every way that calls go wrong."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def __call__(self, method: str, _args: Mapping[str, Any]) -> Fault | None:
        if not method.startswith(("chat.", "conversations.")) or self._chance.random() > 1 / 6:
            return None
        return self._chance.choice(
            [
                Fault("drop"),
                Fault("drop", accepted=True),
                Fault("http_status", status=503),
                Fault("http_status", status=502, accepted=True),
                Fault(
                    "error",
                    status=429,
                    answer={"ok": False, "error": "ratelimited"},
                    headers={"Retry-After": "3"},
                ),
            ]
        )


async def _nothing_is_lost_or_doubled(day: ScriptedDay) -> None:
    outcome = await day.outcome()
    posts = posts_by_key(day.sim)
    assert [case[:2] for case in outcome["cases"]] == [(1, "resolved")]
    assert outcome["history"] == HISTORY
    assert outcome["stuck"] == []
    assert {key: count for key, count in posts.items() if count > 1} == {}
    assert [key for key, is_there in (await day.shown()).items() if not is_there] == []
    obligations = {key: state for key, state in outcome["messages"].items() if key.startswith("escalation:")}
    assert obligations == await _undisturbed(day)


async def _undisturbed(day: ScriptedDay) -> dict[str, str]:
    """What is wanted of the bot in that life, and what became of it: the same whether it is killed or not."""
    ramon, aoife, ben = [await day.person_id(name) for name in ("Ramon", "Aoife", "Ben")]
    told = {f"escalation:1:{what}": "sent" for what in ("card", "receipt", *(f"note:{n}" for n in range(2, 7)))}
    told |= {
        f"escalation:1:raised:{ramon}": "sent",
        # it is evening in Manila: what is no longer owed falls, what is waits for the morning
        f"escalation:1:acknowledge:1:warn:0:{ramon}": "cancelled",
        f"escalation:1:acknowledge:1:breach:0:{ramon}": "ready",
        f"escalation:1:acknowledge:1:breach:0:{aoife}": "sent",
    }
    return told | {f"escalation:1:news:{n}:{ben}": "sent" for n in (4, 5)}
