"""What features do by jobs on a day of errands is done once and whole, wherever the bot is killed in it; and what was
set aside because its process died too often is told, and taken up again."""

import asyncio
import fcntl
import json
import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.bot import places
from tests.bot.crashing import Fate
from tests.bot.errands import Errands
from tests.bot.scripted_day import begin
from tests.bot.test_obligations import NOT_ON_THIS_DAY
from tests.conftest import TUESDAY_TEN_IN_DUBLIN
from tests.office import StillClock

NOT_TRIED = {
    "channels.usable_channel": "listeners ask, before they write anything",
    "polls.members_of": "a question before anything of a round is written; no channel is asked here",
    "charts._uploaded": "leaves no more behind than a death after it, before anything is written: that one is tried",
}
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="session")
def undisturbed(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Counter[str]:
    """What comes of it if nobody is killed; lived once, by whichever of the run's workers needs it first."""
    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    told = shared / "undisturbed.json"
    with (shared / "undisturbed.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            file = folder / "undisturbed.sqlite3"
            shutil.copy(sqlite_template, file)
            told.write_text(json.dumps(asyncio.run(_undisturbed(f"sqlite:///{file}"))))
    return Counter(json.loads(told.read_text()))


async def _undisturbed(url: str) -> Counter[str]:
    day = await begin(Errands, StillClock(TUESDAY_TEN_IN_DUBLIN), url, lambda: Fate(spared=None))
    try:
        await day.is_lived()
        assert (day.deaths, day.set_aside, await day.homes_that_lie()) == ([], {}, [])
        return await day.came_of_it()
    finally:
        await day.ends()


async def test_a_death_at_every_place_of_features_jobs_changes_nothing_of_what_comes_of_it(
    clock: StillClock, database_url: str, undisturbed: Counter[str]
) -> None:
    deaths: list[str] = []
    met_here = {place for place in places.working() if places.function_of(place) in NOT_ON_THIS_DAY}
    asked_here = {place for place in places.asking() if places.function_of(place) not in NOT_TRIED}
    only = frozenset(met_here | asked_here)
    day = await begin(Errands, clock, database_url, lambda: Fate(frozenset(deaths), only=only))
    day.deaths = deaths
    try:
        await day.is_lived()
        assert only - {name for place in deaths for name in place.split()} == set()
        assert len(deaths) == len(set(deaths))
        found = await day.came_of_it()
        more, less = sorted(found - undisturbed), sorted(undisturbed - found)
        assert (more, less) == ([], [])
        assert await day.homes_that_lie() == []
        assert (day.set_aside["teams.reconcile"], day.silent) == (1, [])
    finally:
        await day.ends()
