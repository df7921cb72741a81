"""Replicas go by their database's clock, whatever their machines believe."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from benchmarks.company import agent_of, found_company, found_teams
from bot.app import build
from bot.claiming import claim_due
from bot.clock import SystemClock
from bot.manifest import read_manifest
from bot.settings import read_settings
from handlers.escalations.forms import Raise
from handlers.escalations.raising import Origin, open_case
from simulator.server import Simulator
from storage.escalation_events import Event
from storage.escalations import Need, Severity
from storage.messages import Message, MessageState
from storage.people import Person
from tests.bot.shown import posts_by_key
from tests.office import settings_for

HOUR = timedelta(hours=1)


class WrongClock(SystemClock):
    def __init__(self, ahead: timedelta) -> None:
        self._ahead = ahead

    def now(self) -> datetime:
        return super().now() + self._ahead


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
async def test_replicas_whose_machines_are_two_hours_apart_do_each_thing_once_and_at_its_time(
    database_url: str,
) -> None:
    def real_time() -> datetime:
        return datetime.now(UTC)

    sim = Simulator(found_company(3, real_time), now=real_time, manifest=read_manifest())
    await sim.start()
    settings = read_settings(**settings_for(sim, database_url))
    ahead, behind = [await build(settings, WrongClock(by)) for by in (HOUR, -HOUR)]
    try:
        assert abs(ahead.clock.now() - behind.clock.now()) < timedelta(seconds=10)
        now = behind.clock.now()
        async with behind.store.write() as session:
            desks = await found_teams(session, sim.workspace, now)
            people = {person.name: person for person in (await session.execute(select(Person))).scalars()}
            for desk, team in enumerate(desks):
                form = Raise(severity=Severity.S1, what=f"Checkout {desk} fails", need=Need.DECISION)
                await open_case(
                    session,
                    team=team,
                    me=people[agent_of(desk)],
                    form=form,
                    origin=Origin(f"form {desk}"),
                    viewers=[],
                    now=now,
                )
        async with behind.store.write() as session:
            claimed = await claim_due(session, now=behind.clock.now(), most=2, daily_dm_limit=3)
        for _ in range(2):
            await ahead.turn()
            await behind.turn()
        async with ahead.store.read() as session:
            held = select(Message.key).where(Message.state == MessageState.SENDING)
            breached = select(func.count()).where(Event.kind == "breached")
            assert set((await session.execute(held)).scalars()) == {claim.head.key for claim in claimed.claims}
            assert (await session.execute(breached)).scalar_one() == 0
        keys = posts_by_key(sim)
        assert len(keys) > len(desks)
        assert set(keys.values()) == {1}
        assert not [call for call in sim.calls if call.method == "conversations.history"]
    finally:
        for bot in (ahead, behind):
            await bot.stop()
        await sim.stop()
