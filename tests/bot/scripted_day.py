"""One escalation's life as people live it, while the bot is killed under their hands: who is let down tries again."""

import asyncio
import contextlib
import multiprocessing
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from sqlalchemy import func, select

from bot.manifest import read_manifest
from simulator.acting import Actor
from simulator.changes import NeverHappened
from simulator.company import found_company, found_teams
from simulator.errors import NotAcknowledged
from simulator.server import Simulator
from storage.escalation_events import Event
from storage.escalations import Escalation, State
from storage.messages import Message, MessageState
from storage.people import Person
from storage.schedule import Timer
from storage.store import Store, open_store
from tests.bot.crashing import Fate, live
from tests.bot.shown import Verdict, doubled
from tests.office import StillClock

CARDS = "#care-escalations"
HISTORY = ["raised", "breached", "claimed", "updated", "resolved", "confirmed"]
CHILDREN = multiprocessing.get_context("forkserver")
CHILDREN.set_forkserver_preload(["tests.bot.forebear"])
TRIES = 400
"""Deaths and refusals that one act survives."""

NextFate = Callable[[], Fate]
Day = TypeVar("Day", bound="ScriptedDay")


class KilledError(Exception):
    """The child came to a place where it had to die."""


class ScriptedDay:
    """`fates` says for each process that is started where it dies."""

    def __init__(self, sim: Simulator, store: Store, clock: StillClock, settings: dict[str, Any], fates: NextFate):
        self.sim = sim
        self.store = store
        self.clock = clock
        self.deaths: list[str] = []
        self.places: set[str] = set()
        """Where the bot could have died, and rested later."""
        self._settings = settings
        self._fates = fates
        self._act = ""
        self._child: BaseProcess | None = None
        self._pipe: Connection | None = None

    async def is_lived(self) -> None:
        ben, cara = self.sim.acts_as("Ben"), self.sim.acts_as("Cara")
        await self.comes("comes up")
        await self.does(
            "types the command", lambda: ben.types("/escalate Login loops", channel="#care"), lambda: self.has_form(ben)
        )
        await self.does("raises", lambda: self.submits(ben, severity="S3", need="technical_help"), self.raised)
        await self.passes(hours=5)
        await self.does("claims", lambda: self.presses(cara, "Claim"), lambda: self.stands(State.IN_PROGRESS))
        await self.does("opens the update", lambda: self.presses(cara, "Update…"), lambda: self.has_form(cara))
        await self.does(
            "updates",
            lambda: self.submits(cara, news="Found it", told=["told"]),
            lambda: self.happened("updated", cara),
        )
        await self.does("opens the end", lambda: self.presses(cara, "Resolve…"), lambda: self.has_form(cara))
        end = {"outcome": "workaround", "root_cause": "product_defect", "done": "Cleared the cookies", "told": "yes"}
        await self.does("resolves", lambda: self.submits(cara, **end), lambda: self.ended(cara))
        await self.does("confirms", lambda: self.presses(ben, "Confirm"), lambda: self.happened("confirmed", ben))
        await self.passes(hours=1)

    def has_its_troubles(self) -> None:
        """Slack refuses some posts, loses some, and doesn't like some: each often enough for a death before and after
        what the bot then writes down."""
        self.sim.faults.rate_limit("chat.postMessage", times=3)
        self.sim.faults.drop_after("chat.postMessage", times=3)
        self.sim.faults.fail("chat.postMessage", "msg_too_long", times=3)

    # -- what people do, and what they see of it ---------------------------------------------------

    async def presses(self, who: Actor, what: str) -> None:
        await who.clicks(await who.finds(CARDS, "E-1", within=1), what)

    async def submits(self, who: Actor, **fields: Any) -> None:
        form = await who.modal(within=1)
        for field, value in fields.items():
            form.fill(field, value)
        await form.submit()

    async def has_form(self, who: Actor) -> bool:
        return bool(self.sim.workspace.modals.get(who.id))

    async def raised(self) -> bool:
        return not self.sim.workspace.modals.get(self.sim.acts_as("Ben").id) and await self.stands(State.WAITING)

    async def stands(self, state: State) -> bool:
        async with self.store.read() as session:
            return state in (await session.execute(select(Escalation.state))).scalars().all()

    async def ended(self, who: Actor) -> bool:
        return not self.sim.workspace.modals.get(who.id) and await self.stands(State.RESOLVED)

    async def happened(self, kind: str, who: Actor) -> bool:
        async with self.store.read() as session:
            found = select(func.count()).select_from(Event).where(Event.kind == kind)
            return not self.sim.workspace.modals.get(who.id) and bool((await session.execute(found)).scalar_one())

    # -- the bot, alive or dead --------------------------------------------------------------------

    async def comes(self, act: str) -> None:
        self._act = act
        await self._rests()

    async def does(self, act: str, press: Callable[[], Awaitable[Any]], done: Callable[[], Awaitable[bool]]) -> None:
        """Presses until it is done, as somebody does who sees that nothing happened."""
        self._act = act
        for _ in range(TRIES):
            await self._rests()
            if await done():
                return
            try:
                await press()
            except (NotAcknowledged, NeverHappened):
                continue
        raise AssertionError(f"{act}: never done; {self.deaths[-3:]}")

    async def passes(self, **span: float) -> None:
        until = self.clock.at + timedelta(**span)
        while (due := await self._next_due()) is not None and due <= until:
            self.clock.at = max(self.clock.at, due)
            await self._rests()
        self.clock.at = max(self.clock.at, until)
        await self._rests()

    async def _rests(self) -> None:
        """Everything that is due now has happened, however often the bot had to be started for it."""
        for _ in range(TRIES):
            await self._turns()
            soonest = await self._next_sending()
            if soonest is None:
                return
            self.clock.at = max(soonest, self.clock.at + timedelta(seconds=1))
        raise AssertionError(f"it does not come to rest; {self.deaths[-3:]}")

    async def _turns(self) -> None:
        while True:
            await self._is_up()
            assert self._pipe is not None
            try:
                with contextlib.suppress(OSError):  # it died while somebody pressed a button; what it says says so
                    self._pipe.send((self._act, self.clock.at))
                if await self._hears() == "rested":
                    return
            except KilledError:
                self._buries()

    async def _is_up(self) -> None:
        while self._child is None:
            self._pipe, theirs = CHILDREN.Pipe()
            child = CHILDREN.Process(
                target=live, args=(theirs, self._settings, StillClock(self.clock.at), self._fates())
            )
            child.start()
            theirs.close()
            self._child = child
            try:
                await self._hears()
            except KilledError:
                self._buries()

    async def _hears(self) -> str:
        """What the child says. Raises KilledError when it was killed."""
        assert self._pipe is not None
        try:
            said, place = await asyncio.to_thread(self._pipe.recv)
        except (EOFError, OSError):
            raise AssertionError(f"the bot died by itself in {self._act}; {self.deaths[-3:]}") from None
        if said == "died":
            self.deaths.append(place)
            raise KilledError
        self.places |= place or set()
        return str(said)

    def _buries(self) -> None:
        assert self._child is not None
        assert self._pipe is not None
        self._child.join(timeout=10)
        self._child.close()
        self._pipe.close()
        self._child = self._pipe = None

    async def ends(self) -> None:
        """The bot is told to leave."""
        if self._child is not None and self._pipe is not None:
            with contextlib.suppress(OSError):
                self._pipe.send(None)
            await asyncio.to_thread(self._child.join, 10)
            self._child.kill()
            self._child.join()
            self._buries()
        await self.store.close()
        await self.sim.stop()

    async def _next_sending(self) -> datetime | None:
        """When something that is on its way moves next; None if nothing is."""
        soon = self.clock.at + timedelta(seconds=150)
        async with self.store.read() as session:
            sending = select(func.min(Message.lease_until)).where(Message.state == MessageState.SENDING)
            doubt = (Message.state == MessageState.UNKNOWN) | (
                (Message.state == MessageState.READY) & (Message.due_at <= soon)
            )
            waiting = select(func.min(Message.due_at)).where(doubt)
            found = [(await session.execute(query)).scalar_one() for query in (sending, waiting)]
        return min((due for due in found if due is not None), default=None)

    async def _next_due(self) -> datetime | None:
        async with self.store.read() as session:
            timers = select(func.min(Timer.retry_at)).where(Timer.parked_at.is_(None), Timer.retry_at > self.clock.at)
            later = select(func.min(Message.due_at)).where(
                Message.state == MessageState.READY, Message.due_at > self.clock.at
            )
            found = [(await session.execute(query)).scalar_one() for query in (timers, later)]
        return min((due for due in found if due is not None), default=None)

    async def person_id(self, name: str) -> int:
        async with self.store.read() as session:
            return (await session.execute(select(Person.id).where(Person.name == name))).scalar_one()

    # -- what came of it ---------------------------------------------------------------------------

    async def outcome(self) -> dict[str, Any]:
        """The case, its history, and what stands in Slack for each obligation."""
        async with self.store.read() as session:
            cases = (await session.execute(select(Escalation))).scalars().all()
            events = (await session.execute(select(Event).order_by(Event.id))).scalars().all()
            rows = (await session.execute(select(Message))).scalars().all()
            stuck = (await session.execute(select(Timer.step).where(Timer.parked_at.is_not(None)))).scalars().all()
        return {
            "cases": sorted((case.number, case.state.value, case.owner_id) for case in cases),
            "history": [event.kind for event in events],
            "messages": {_numbered(row.key, [event.id for event in events]): row.state.value for row in rows},
            "stuck": list(stuck),
        }

    async def verdict(self) -> Verdict:
        """Held against the same life undisturbed."""
        outcome = await self.outcome()
        found = {key: state for key, state in outcome["messages"].items() if key.startswith("escalation:")}
        undisturbed = await self._undisturbed()
        wrong = [
            f"{key} is {found.get(key)}" for key in undisturbed.keys() | found if found.get(key) != undisturbed.get(key)
        ]
        if outcome["history"] != HISTORY:
            wrong.append(f"history: {outcome['history']}")
        wrong += [f"{step} is stuck" for step in outcome["stuck"]]
        wrong += [f"a case is {case}" for case in outcome["cases"] if case[:2] != (1, "resolved")]
        lost = {key for key, is_there in (await self.shown()).items() if not is_there}
        return Verdict(doubled=doubled(self.sim), lost=lost, wrong=wrong)

    async def _undisturbed(self) -> dict[str, str]:
        """What is wanted of the bot in that life, and what became of it: the same whether it is killed or not."""
        ramon, aoife, ben = [await self.person_id(name) for name in ("Ramon", "Aoife", "Ben")]
        told = {f"escalation:1:{what}": "sent" for what in ("card", "receipt", *(f"note:{n}" for n in range(2, 7)))}
        told |= {
            f"escalation:1:raised:{ramon}": "sent",
            # it is evening in Manila: what is no longer owed falls, what is waits for the morning
            f"escalation:1:acknowledge:1:warn:0:{ramon}": "cancelled",
            f"escalation:1:acknowledge:1:breach:0:{ramon}": "ready",
            f"escalation:1:acknowledge:1:breach:0:{aoife}": "sent",
        }
        return told | {f"escalation:1:news:{n}:{ben}": "sent" for n in (4, 5)}

    async def shown(self) -> dict[str, bool]:
        """For each message that was sent: whether it is really there, where its row says."""
        channels = self.sim.workspace.channels
        async with self.store.read() as session:
            rows = (await session.execute(select(Message).where(Message.state == MessageState.SENT))).scalars().all()
        return {
            row.key: row.slack_channel in channels and row.slack_ts in channels[row.slack_channel].messages
            for row in rows
        }


def _numbered(key: str, event_ids: list[int]) -> str:
    """The key with the case as 1 and its events counted from 1: PostgreSQL's ids have gaps where it undid something."""
    parts = key.split(":")
    if parts[0] != "escalation":
        return key
    parts[1] = "1"
    if parts[2] in {"note", "news"}:
        parts[3] = str(event_ids.index(int(parts[3])) + 1)
    return ":".join(parts)


async def begin_day(clock: StillClock, database_url: str, fates: NextFate) -> ScriptedDay:
    return await begin(ScriptedDay, clock, database_url, fates)


async def begin(kind: type[Day], clock: StillClock, database_url: str, fates: NextFate) -> Day:
    """The company's first days are over; nobody has done anything yet."""
    sim = Simulator(found_company(clock.now), now=clock.now, manifest=read_manifest())
    await sim.start()
    settings = {
        "SLACK_BOT_TOKEN": sim.bot_token,
        "SLACK_APP_TOKEN": sim.app_token,
        "SLACK_API_URL": sim.api_url,
        "BACKSTOP_DATABASE_URL": database_url,
    }
    store = open_store(database_url)
    async with store.write() as session:
        await found_teams(session, sim.workspace, clock.at)
    return kind(sim, store, clock, settings, fates)
