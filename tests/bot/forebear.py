"""What the children of the crash tests are forked from: a process in which a bot has already lived for a while.

What it does for the first time in a process (mapping classes, compiling statements, finding out who called it) took
most of the time of a child, which is to die soon. Now that is inherited as well as the modules. Not a test.
"""

import asyncio
import gc
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import garbage
from storage import migrating
from tests import compiling
from tests.bot import crashing
from tests.databases import postgres, sqlite_in
from tests.handlers.escalations.stories import fills, press, raised, resolves
from tests.office import StillClock, open_office

TUESDAY_TEN_IN_DUBLIN = datetime(2026, 6, 2, 9, tzinfo=UTC)


async def _lives(url: str) -> None:
    office = await open_office(StillClock(TUESDAY_TEN_IN_DUBLIN), url)
    await office.opens()
    await raised(office, office.ben, severity="S3")
    await office.passes(hours=5)
    await press(office, office.cara, "Claim")
    await fills(office, office.cara, "Update…", news="Found it", told=["told"])
    await resolves(office, office.cara)
    await office.restarts()
    await office.closes()
    await office.sim.stop()


def _live() -> None:
    crashing.say_nothing()
    compiling.share(pytest.MonkeyPatch())
    with tempfile.TemporaryDirectory() as folder:
        _live_on(sqlite_in(Path(folder)))
    with suppress(pytest.skip.Exception), postgres() as url:
        _live_on(url)
    gc.collect()
    garbage.looked_for_seldom()


def _live_on(url: str) -> None:
    migrating.upgrade(url)
    asyncio.run(_lives(url))


_live()
