"""Several whole bots on one PostgreSQL, each a process of its own, that die, freeze and lose their database."""

import asyncio
import contextlib
import os
import random
import signal
from collections import Counter
from datetime import timedelta
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

import asyncpg
from sqlalchemy import or_, select

from benchmarks.company import agent_of, found_company, found_teams
from bot.manifest import read_manifest
from handlers.escalations.forms import Raise
from handlers.escalations.raising import Origin, open_case
from simulator.server import Simulator
from storage.escalations import Event, Need, Severity
from storage.messages import Message, MessageState
from storage.people import Person
from storage.schedule import Timer
from storage.store import Store, open_store
from tests.bot.crashing import Fate, live
from tests.bot.scripted_day import CHILDREN
from tests.office import StillClock

UNHARMED = Fate(spared=None)
FROZEN_FOR = 6
"""Rounds: with STEP it is longer than a lease."""
STEP = timedelta(seconds=30)
ANSWERS_WITHIN_S = 60


class Replica:
    """`turns` starts a turn; `rests` is False if it died in it."""

    def __init__(self, settings: dict[str, Any], clock: StillClock, fate: Fate) -> None:
        self._pipe: Connection
        self._pipe, theirs = CHILDREN.Pipe()
        self._child: BaseProcess = CHILDREN.Process(target=live, args=(theirs, settings, clock.at, fate))
        self._child.start()
        theirs.close()
        self.frozen_until: int | None = None

    def turns(self, act: str, clock: StillClock) -> None:
        with contextlib.suppress(OSError):
            self._pipe.send((act, clock.at))

    async def rests(self) -> bool:
        try:
            said, _ = await asyncio.wait_for(asyncio.to_thread(self._pipe.recv), ANSWERS_WITHIN_S)
        except (EOFError, OSError):
            return False
        return bool(said != "died")

    def freezes(self, until: int) -> None:
        assert self._child.pid is not None
        os.kill(self._child.pid, signal.SIGSTOP)
        self.frozen_until = until

    def thaws(self) -> None:
        assert self._child.pid is not None
        os.kill(self._child.pid, signal.SIGCONT)
        self.frozen_until = None

    def ends(self) -> None:
        self._child.kill()
        self._child.join()
        self._child.close()
        self._pipe.close()


class Fleet:
    """`chance` decides who dies, who freezes, and when the database cuts everybody off."""

    def __init__(self, sim: Simulator, store: Store, clock: StillClock, url: str, many: int, chance: random.Random):
        self.sim = sim
        self.store = store
        self.clock = clock
        self.happened: Counter[str] = Counter()
        self._url = url
        self._chance = chance
        self._replicas: list[Replica | None] = [None] * many
        self._settings = {
            "SLACK_BOT_TOKEN": sim.bot_token,
            "SLACK_APP_TOKEN": sim.app_token,
            "SLACK_API_URL": sim.api_url,
            "BACKSTOP_DATABASE_URL": url,
        }

    async def lives(self, rounds: int) -> None:
        """So many steps of time, with trouble; then without, until nothing that is due is left undone."""
        for turn in range(rounds):
            await self._round(turn, trouble=True)
        for turn in range(rounds, rounds + 60):
            await self._round(turn, trouble=False)
            if not await self._left():
                return
        raise AssertionError(f"left undone: {await self._left()}")

    async def _round(self, turn: int, *, trouble: bool) -> None:
        self.clock.at += STEP
        for place, replica in enumerate(self._replicas):
            if replica is None:
                fate = Fate(spared=None, dies_at=self._chance.randint(5, 120)) if trouble else UNHARMED
                self._replicas[place] = started = Replica(self._settings, self.clock, fate)
                if not await started.rests():
                    self._buries(place)
            elif replica.frozen_until is not None and (turn >= replica.frozen_until or not trouble):
                replica.thaws()  # it goes on in the middle of what it did, minutes ago as everybody else sees it
                if not await replica.rests():
                    self._buries(place)
        living = [(place, one) for place, one in enumerate(self._replicas) if one is not None]
        awake = [(place, one) for place, one in living if one.frozen_until is None]
        for _, replica in awake:
            replica.turns(f"round {turn}", self.clock)
        if trouble and len(awake) > 1 and self._chance.random() < 0.15:
            await asyncio.sleep(self._chance.random() * 0.05)  # somewhere in the middle of its turn
            _, frozen = awake.pop(self._chance.randrange(len(awake)))
            frozen.freezes(turn + FROZEN_FOR)
            self.happened["frozen"] += 1
        if trouble and self._chance.random() < 0.1:
            await self._cuts_off()
        for place, replica in awake:
            if not await replica.rests():
                self._buries(place)

    def _buries(self, place: int) -> None:
        replica = self._replicas[place]
        assert replica is not None
        replica.ends()
        self._replicas[place] = None
        self.happened["died"] += 1

    async def _cuts_off(self) -> None:
        """As a restart of the database does: every connection is gone, in the middle of whatever it did."""
        connection = await asyncpg.connect(self._url)
        try:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        finally:
            await connection.close()
        self.happened["cut off"] += 1

    async def _left(self) -> list[str]:
        """What is due and not done."""
        now = self.clock.at
        due = [MessageState.READY, MessageState.SENDING, MessageState.UNKNOWN]
        async with self.store.read() as session:
            is_now = or_(Message.due_at <= now, Message.lease_until.is_not(None))
            messages = select(Message.key).where(Message.state.in_(due), is_now)
            timers = select(Timer.step).where(Timer.retry_at <= now)
            return [*(await session.execute(messages)).scalars(), *(await session.execute(timers)).scalars()]

    async def posts(self) -> Counter[str]:
        """How often each obligation stands in Slack."""
        places = self.sim.workspace.channels.values()
        payloads = [(post.get("metadata") or {}).get("event_payload") for at in places for post in at.messages.values()]
        return Counter(payload["key"] for payload in payloads if payload)

    async def sent(self) -> set[str]:
        """The obligations whose rows say that Slack has them."""
        async with self.store.read() as session:
            rows = select(Message.key).where(Message.state == MessageState.SENT, Message.merged_into_id.is_(None))
            return set((await session.execute(rows)).scalars())

    async def lines(self) -> Counter[tuple[int, str, str]]:
        """How often each thing stands in a case's history: (case, what, of which clock)."""
        async with self.store.read() as session:
            events = (await session.execute(select(Event))).scalars().all()
        return Counter((one.escalation_id, one.kind, str(one.details.get("clock", ""))) for one in events)

    async def ends(self) -> None:
        for replica in self._replicas:
            if replica is not None:
                replica.ends()
        await self.store.close()
        await self.sim.stop()


async def assemble(clock: StillClock, url: str, *, replicas: int, cases: int, chance: random.Random) -> Fleet:
    """A company with a desk for each case, and all of them raised: nobody has heard of any yet."""
    sim = Simulator(found_company(cases, clock.now), now=clock.now, manifest=read_manifest())
    await sim.start()
    store = open_store(url)
    async with store.write() as session:
        desks = await found_teams(session, sim.workspace, clock.at)
        known = (await session.execute(select(Person))).scalars()
        people = {person.name: person for person in known}
        for desk, team in enumerate(desks):
            form = Raise(severity=Severity.S1, what=f"Checkout {desk} fails", need=Need.DECISION)
            agent = people[agent_of(desk)]
            await open_case(
                session, team=team, me=agent, form=form, origin=Origin(f"form {desk}"), viewers=[], now=clock.at
            )
    return Fleet(sim, store, clock, url, replicas, chance)
