"""Several whole bots on one PostgreSQL, each a process of its own, that die, freeze and lose their database: for an
instant, or for as long as a round takes."""

import asyncio
import contextlib
import os
import random
import signal
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

import asyncpg
from sqlalchemy import or_, select
from sqlalchemy.engine import make_url

from benchmarks.company import agent_of, found_company, found_teams
from bot.manifest import read_manifest
from handlers.escalations.forms import Raise
from handlers.escalations.raising import Origin, open_case
from simulator.server import Simulator
from storage.escalation_events import Event
from storage.escalations import Need, Severity
from storage.messages import Message, MessageState
from storage.people import Person
from storage.schedule import Timer
from storage.store import Store, open_store
from tests.bot.bad_day import UNHARMED
from tests.bot.crashing import Fate, live
from tests.bot.scripted_day import CHILDREN
from tests.bot.shown import Verdict, doubled, posts_by_key
from tests.office import StillClock

STEP = timedelta(seconds=45)
FROZEN_FOR = 6
"""Rounds: with STEP it is longer than a lease, and than what others then wait before they send again."""
SURELY_AFTER = 12
"""Rounds: if nobody has frozen by chance until then, somebody does."""
ANSWERS_WITHIN_S = 120
IDLE_AT_MOST = timedelta(milliseconds=500)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class FleetClock(StillClock):
    """One clock for all of them, in shared memory: who was frozen finds that it has gone on."""

    def __init__(self, at: datetime) -> None:
        # without a lock, which somebody would be killed with
        self._microseconds = CHILDREN.RawValue("q")
        super().__init__(at)

    @property
    def at(self) -> datetime:
        return EPOCH + timedelta(microseconds=self._microseconds.value)

    @at.setter
    def at(self, at: datetime) -> None:
        self._microseconds.value = (at - EPOCH) // timedelta(microseconds=1)


Lives = Callable[[Connection, dict[str, Any], FleetClock, Fate], None]
"""What a process runs: this version's bot, or another one's."""


class Replica:
    """`turns` starts a turn; `rests` is False if it died in it."""

    def __init__(self, settings: dict[str, Any], clock: FleetClock, fate: Fate, lives: Lives) -> None:
        self._pipe: Connection
        self._pipe, theirs = CHILDREN.Pipe()
        self._child: BaseProcess = CHILDREN.Process(target=lives, args=(theirs, settings, clock, fate))
        self._child.start()
        theirs.close()
        self.frozen_until: int | None = None
        self.died_at: str | None = None
        self.came_to: set[str] = set()

    def turns(self, act: str) -> None:
        with contextlib.suppress(OSError):
            self._pipe.send((act, None))

    async def rests(self) -> bool:
        try:
            said, where = await asyncio.wait_for(asyncio.to_thread(self._pipe.recv), ANSWERS_WITHIN_S)
        except (EOFError, OSError):
            return False
        if said == "died":
            self.died_at = where
            return False
        self.came_to |= where or set()
        return True

    def freezes(self, until: int) -> None:
        self._hears(signal.SIGSTOP)
        self.frozen_until = until

    def thaws(self) -> None:
        self._hears(signal.SIGCONT)
        self.frozen_until = None

    def _hears(self, what: signal.Signals) -> None:
        """Or has just died of its own fate: `rests` tells."""
        assert self._child.pid is not None
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._child.pid, what)

    def ends(self) -> None:
        self._child.kill()
        self._child.join()
        self._child.close()
        self._pipe.close()


class Fleet:
    """`chance` decides who dies, who freezes, and when the database cuts everybody off or is away. `life`: how many
    commits and calls a process lives through, from and to; `freezes`, `cuts`: how often in a round."""

    def __init__(
        self,
        sim: Simulator,
        store: Store,
        clock: FleetClock,
        url: str,
        *,
        replicas: int,
        cases: int,
        chance: random.Random,
    ) -> None:
        self.sim = sim
        self.store = store
        self.clock = clock
        self.cases = cases
        self.happened: Counter[str] = Counter()
        self.died_at: set[str] = set()
        self.came_to: set[str] = set()
        self.dies_after: frozenset[str] = frozenset()
        """Once after each commit of these functions, whoever comes there first; else at random."""
        address = make_url(url)
        self._database = str(address.database)
        self._server = address.set(database="postgres").render_as_string(hide_password=False)
        self.life = (10, 200)
        self.freezes, self.cuts = 0.15, 0.1
        self._chance = chance
        self._replicas: list[Replica | None] = [None] * replicas
        self._lives: list[Lives] = [live] * replicas
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

    async def works(self, rounds: int) -> None:
        """So many steps of time, in which processes die, and nothing else goes wrong."""
        for turn in range(rounds):
            self.clock.at += STEP
            await self._turn(turn, trouble=True)

    def exchanges(self, place: int, lives: Lives) -> None:
        """Whoever is started there from now on is of another version."""
        if (replica := self._replicas[place]) is not None:
            replica.ends()
        self._replicas[place], self._lives[place] = None, lives

    async def _round(self, turn: int, *, trouble: bool) -> None:
        self.clock.at += STEP
        is_away = trouble and self._chance.random() < 0.07
        if is_away:
            await self._lets_in(anybody=False)
            await self._terminates()
            self.happened["away"] += 1
        try:
            await self._turn(turn, trouble=trouble)
        finally:
            if is_away:
                await self._lets_in(anybody=True)

    async def _turn(self, turn: int, *, trouble: bool, starts: bool = True) -> None:
        for place, replica in enumerate(self._replicas):
            if replica is None and starts:
                fate = self._fate() if trouble else UNHARMED
                self._replicas[place] = started = Replica(self._settings, self.clock, fate, self._lives[place])
                if not await started.rests():
                    self._buries(place)
            elif replica and replica.frozen_until is not None and (turn >= replica.frozen_until or not trouble):
                replica.thaws()  # it goes on in the middle of what it did, minutes ago as everybody else sees it
                if not await replica.rests():
                    self._buries(place)
        living = [(place, one) for place, one in enumerate(self._replicas) if one is not None]
        awake = [(place, one) for place, one in living if one.frozen_until is None]
        for _, replica in awake:
            replica.turns(f"round {turn}")
        freezes = 1 if self.freezes and turn > SURELY_AFTER and not self.happened["frozen"] else self.freezes
        if trouble and len(awake) > 1 and self._chance.random() < freezes:
            await asyncio.sleep(self._chance.random() * 0.05)  # somewhere in the middle of its turn
            _, frozen = awake.pop(self._chance.randrange(len(awake)))
            frozen.freezes(turn + FROZEN_FOR)
            self.happened["frozen"] += 1
        if trouble and self._chance.random() < self.cuts:
            await self._cuts_off()
        await self._rest(awake)

    def _fate(self) -> Fate:
        if self.dies_after:
            return Fate(frozenset(self.died_at), only=self.dies_after)
        return Fate(spared=None, dies_at=self._chance.randint(*self.life))

    async def _rest(self, awake: Iterable[tuple[int, Replica]]) -> None:
        """Until each has come to the end of its turn, or died. What a frozen one holds in the database is let go of as
        after a minute of silence (Store.let_go_of_the_frozen), which here passes in no time."""
        resting = {asyncio.create_task(replica.rests()): place for place, replica in awake}
        left = set(resting)
        while left:
            ended, left = await asyncio.wait(left, timeout=IDLE_AT_MOST.total_seconds())
            for task in ended:
                if not task.result():
                    self._buries(resting[task])
            if left and any(one is not None and one.frozen_until is not None for one in self._replicas):
                await self.store.let_go_of_the_frozen(IDLE_AT_MOST)

    def _buries(self, place: int) -> None:
        replica = self._replicas[place]
        assert replica is not None
        replica.ends()
        self.came_to |= replica.came_to
        if replica.died_at is not None:
            self.died_at.add(replica.died_at)
        self._replicas[place] = None
        self.happened["died"] += 1

    async def _cuts_off(self) -> None:
        """As a restart of the database does: every connection is gone, in the middle of whatever it did."""
        await self._terminates()
        self.happened["cut off"] += 1

    async def _terminates(self) -> None:
        await self._tells_the_server(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", self._database
        )

    async def _lets_in(self, *, anybody: bool) -> None:
        await self._tells_the_server(f'ALTER DATABASE "{self._database}" ALLOW_CONNECTIONS {anybody}')

    async def _tells_the_server(self, statement: str, *values: Any) -> None:
        connection = await asyncpg.connect(self._server)
        try:
            await connection.execute(statement, *values)
        finally:
            await connection.close()

    async def _left(self) -> list[str]:
        """What is due and not done."""
        now = self.clock.at
        due = [MessageState.READY, MessageState.SENDING, MessageState.UNKNOWN]
        async with self.store.read() as session:
            is_now = or_(Message.due_at <= now, Message.lease_until.is_not(None))
            messages = select(Message.key).where(Message.state.in_(due), is_now)
            timers = select(Timer.step).where(Timer.retry_at <= now)
            return [*(await session.execute(messages)).scalars(), *(await session.execute(timers)).scalars()]

    async def verdict(self) -> Verdict:
        lines = await self.lines()
        owed = {f"escalation:{case}:{what}" for case in range(1, self.cases + 1) for what in ("card", "receipt")}
        return Verdict(
            doubled=doubled(self.sim),
            lost=(await self.sent() | owed) - posts_by_key(self.sim).keys(),
            wrong=[f"{line} stands {count} times in the history" for line, count in lines.items() if count > 1],
        )

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
                self.came_to |= replica.came_to
                replica.ends()
        await self.store.close()
        await self.sim.stop()


async def assemble(now: datetime, url: str, *, replicas: int, cases: int, chance: random.Random) -> Fleet:
    """A company with a desk for each case, and all of them raised: nobody has heard of any yet."""
    clock = FleetClock(now)
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
    return Fleet(sim, store, clock, url, replicas=replicas, cases=cases, chance=chance)
