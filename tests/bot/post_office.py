"""Delivery alone, over the wire: the simulator, a database, and messages whose words the test decides."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.alarms import RENDERER, render_stuck
from bot.delivery import Delivery
from bot.manifest import read_manifest
from bot.ticking import Ticking
from handlers.house import FALLEN, Fallen, House, Rendered
from simulator.company import found_company, found_teams
from simulator.server import Simulator
from storage import messages, outbox
from storage.messages import Attention, Message, MessageState, Priority
from storage.outbox import Claim
from storage.people import Person
from storage.store import Store, open_store
from tests.office import StillClock

WORKSPACE = "T0CARE"


class RendererBrokeError(Exception):
    pass


class PostOffice:
    """`wants` a message, `turns` to have it sent. Each shows its key, or what `says` has for it."""

    def __init__(self, sim: Simulator, store: Store, clock: StillClock, http: aiohttp.ClientSession) -> None:
        self.sim = sim
        self.store = store
        self.clock = clock
        self.says: dict[str, str] = {}
        self.fallen: set[str] = set()
        self.broken: set[str] = set()
        self.blocks: dict[str, list[dict[str, Any]]] = {}
        self.parked: list[tuple[str, str]] = []
        self.house = House()
        self.house.renders("note", self._render, parked=self._hears_parked)
        self.house.renders(RENDERER, render_stuck)
        self.people: dict[str, Person] = {}
        self._http = http
        self.delivery = self.hires()

    def ticking(self, **more: Any) -> Ticking:
        """A heartbeat on the same database."""
        client = AsyncWebClient(self.sim.bot_token, base_url=self.sim.api_url, session=self._http, retry_handlers=[])
        return Ticking(
            store=self.store, clock=self.clock, house=self.house, client=client, wake=self.delivery.wake, **more
        )

    def hires(self, **more: Any) -> Delivery:
        """Another delivery on the same database, as a replica has."""
        client = AsyncWebClient(
            self.sim.bot_token, base_url=self.sim.api_url, session=self._http, timeout=5, retry_handlers=[]
        )
        return Delivery(store=self.store, client=client, clock=self.clock, house=self.house, **more)

    async def _render(self, _session: AsyncSession, message: Message, _now: datetime) -> Rendered | Fallen:
        if message.key in self.broken:
            raise RendererBrokeError(message.key)
        if message.key in self.fallen:
            return FALLEN
        text = self.says.get(message.key, message.key)
        if message.possible_repeat:
            text += " (possible repeat)"
        section = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
        return Rendered(text, self.blocks.get(message.key, [section]))

    async def _hears_parked(self, _session: AsyncSession, message: Message, error: str, _now: datetime) -> None:
        self.parked.append((message.key, error))

    async def wants(self, key: str, to: str = "#care", **more: Any) -> None:
        """`to`: "#channel", or a person's name."""
        if to.startswith("#"):
            where: dict[str, Any] = {"destination": self.sim.workspace.channel(to[1:]).id}
        else:
            person = self.people[to]
            where = {"destination": person.slack_id, "person_id": person.id}
        defaults: dict[str, Any] = {"renderer": "note", "priority": Priority.INTERACTIVE, "now": self.clock.at}
        async with self.store.write() as session:
            await messages.want(session, workspace_id=WORKSPACE, key=key, **{**defaults, **where, **more})

    async def writes_to(self, name: str, *keys: str, **more: Any) -> None:
        """Unrequested direct messages."""
        for key in keys:
            await self.wants(key, name, **{"attention": Attention.UNREQUESTED, **more})

    async def changes(self, key: str, text: str) -> None:
        self.says[key] = text
        async with self.store.write() as session:
            await messages.refresh(session, key, now=self.clock.at)

    async def sends(self, claim: Claim, *, by: Delivery | None = None) -> None:
        """Makes the call of a claim that the test took; nothing is settled."""
        delivery = by or self.delivery
        for claimed, looks in await delivery._rendering.looks([claim]):
            await delivery._deliver(claimed, looks)

    async def turns(self) -> None:
        while await self.delivery.run_once():
            pass

    async def passes(self, **span: float) -> None:
        """Time goes by in one step, then what is due goes out."""
        self.clock.at += timedelta(**span)
        await self.turns()

    async def rests(self, turns: int = 400) -> None:
        """Time goes by, to each instant at which something is due, until nothing is on its way."""
        for _ in range(turns):
            await self.turns()
            waiting = await self.unsettled()
            if not waiting:
                return
            sending = (one.lease_until for one in waiting if one.lease_until is not None)
            soonest = min([*sending, *(one.due_at for one in waiting if one.state != MessageState.SENDING)])
            # what is due and still here waits for its channel's next second
            self.clock.at = max(soonest, self.clock.at + timedelta(seconds=1))
        raise AssertionError(f"still unsettled: {[(one.key, one.state) for one in await self.unsettled()]}")

    async def unsettled(self) -> Sequence[Message]:
        async with self.store.read() as session:
            return (await session.execute(select(Message).where(Message.state.in_(outbox.UNSENT)))).scalars().all()

    async def row(self, key: str) -> Message:
        async with self.store.read() as session:
            found = await messages.by_key(session, key)
        assert found is not None, key
        return found

    async def state(self, key: str) -> MessageState:
        return (await self.row(key)).state

    def posts(self, key: str) -> list[Mapping[str, Any]]:
        """Every message in Slack that was posted for that obligation."""
        return [post for post in self.everything() if _key_of(post) == key]

    def everything(self) -> list[Mapping[str, Any]]:
        """All posts of the bot, by time."""
        places = self.sim.workspace.channels.values()
        found = [post for place in places for post in place.messages.values() if _key_of(post) is not None]
        return sorted(found, key=lambda post: str(post["ts"]))

    def order(self) -> list[str]:
        return [str(_key_of(post)) for post in self.everything()]

    def calls(self, method: str) -> int:
        return sum(call.method == method for call in self.sim.calls)


def _key_of(post: Mapping[str, Any]) -> str | None:
    payload = (post.get("metadata") or {}).get("event_payload") or {}
    return payload.get("key")


@asynccontextmanager
async def open_post_office(clock: StillClock, database_url: str) -> AsyncIterator[PostOffice]:
    sim = Simulator(found_company(clock.now), now=clock.now, manifest=read_manifest())
    await sim.start()
    store = open_store(database_url)
    async with aiohttp.ClientSession() as http:
        post_office = PostOffice(sim, store, clock, http)
        async with store.write() as session:
            await found_teams(session, sim.workspace, clock.at)
            people = (await session.execute(select(Person))).scalars().all()
        post_office.people = {person.name: person for person in people}
        yield post_office
    await store.close()
    await sim.stop()
