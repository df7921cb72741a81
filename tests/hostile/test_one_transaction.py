"""One event is one transaction: whoever dies has done what was asked, or nothing of it. Everything that is offered is
pressed, submitted and typed by somebody who may, and it is counted how often each listener commits."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import Connection, event

from bot.listening import HEARD_BY
from tests.hostile.touring import tour
from tests.office import Office

TWICE = {
    "teams.listeners.creating.submit_team": "whom Slack was asked about is kept first, as the directory keeps people",
}
"""Listeners that commit more than once, and why a death in between is harmless."""
COMMITTED_AT_LEAST = 40
"""Listeners that the tour has write something: with fewer it has lost its way, and this proves little."""


class Commits:
    """How often each listener has committed for one event."""

    def __init__(self, office: Office) -> None:
        self._at_work = office.bot.listening.at_work
        self._begun_by: dict[Connection, asyncio.Task[Any]] = {}
        self._of: Counter[tuple[asyncio.Task[Any], str]] = Counter()
        engine = office.bot.store.write_engine.sync_engine
        event.listen(engine, "begin", self._began)
        event.listen(engine, "commit", self._committed)
        event.listen(engine, "rollback", self._rolled_back)

    def _began(self, connection: Connection) -> None:
        task = asyncio.current_task()  # not when it ends: that SQLAlchemy does in a task of its own
        if task in self._at_work:
            self._begun_by[connection] = task

    def _committed(self, connection: Connection) -> None:
        task = self._begun_by.pop(connection, None)
        if task is not None:
            coroutine: Any = task.get_coro()
            self._of[task, coroutine.cr_frame.f_locals["args"].context[HEARD_BY]] += 1

    def _rolled_back(self, connection: Connection) -> None:
        self._begun_by.pop(connection, None)

    def most(self) -> dict[str, int]:
        most: Counter[str] = Counter()
        for (_, name), commits in self._of.items():
            most[name] = max(most[name], commits)
        return dict(most)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_whoever_hears_an_event_commits_once(office: Office) -> None:
    commits = Commits(office)
    await tour(office)
    most = commits.most()
    assert {name for name, times in most.items() if times > 1} == set(TWICE)
    assert len(most) >= COMMITTED_AT_LEAST
