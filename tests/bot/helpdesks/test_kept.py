"""From a desk's API to our tables: the desks that the settings name, pulled as in service."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import aiohttp
import pytest
from sqlalchemy import select

from bot.desk_settings import DeskSettings
from bot.desks import open_desks
from bot.helpdesks import Desk
from bot.helpdesks.pulling import Pulling
from simulator.desks import freshdesk, hubspot, rt, serving, zendesk
from simulator.desks.zendesk import stamp
from storage.pulled import Gone, Status
from storage.sources import Source
from storage.store import Store
from storage.tickets import Rating, Ticket
from tests.bot.helpdesks.conftest import NOON
from tests.bot.helpdesks.test_pulling import claimed, connected

MORNING = NOON - timedelta(hours=3)


class Vendors:
    def __init__(self) -> None:
        self.zendesk = zendesk.Zendesk(NOON)
        self.freshdesk = freshdesk.Freshdesk(NOON)
        self.hubspot = hubspot.HubSpot()
        self.rt = rt.RequestTracker()
        self.all: tuple[serving.HelpDesk, ...] = (self.zendesk, self.freshdesk, self.hubspot, self.rt)

    def settings(self) -> DeskSettings:
        return DeskSettings.model_validate(
            {
                "BACKSTOP_ZENDESK_SUBDOMAIN": self.zendesk.base_url,
                "BACKSTOP_ZENDESK_EMAIL": zendesk.EMAIL,
                "BACKSTOP_ZENDESK_TOKEN": zendesk.TOKEN,
                "BACKSTOP_FRESHDESK_DOMAIN": self.freshdesk.base_url,
                "BACKSTOP_FRESHDESK_KEY": freshdesk.KEY,
                "BACKSTOP_HUBSPOT_TOKEN": hubspot.TOKEN,
                "BACKSTOP_HUBSPOT_URL": self.hubspot.base_url,
                "BACKSTOP_RT_URL": self.rt.base_url,
                "BACKSTOP_RT_TOKEN": rt.TOKEN,
            }
        )


@pytest.fixture
async def vendors() -> AsyncIterator[Vendors]:
    vendors = Vendors()
    async with AsyncExitStack() as open_ones:
        for desk in vendors.all:
            await desk.start()
            open_ones.push_async_callback(desk.stop)
        yield vendors


@pytest.fixture
def desks(vendors: Vendors, http: aiohttp.ClientSession) -> dict[str, Desk]:
    return open_desks(vendors.settings(), http=http, now=lambda: NOON)


async def pulls(store: Store, source: Source, desk: Desk) -> None:
    job = await claimed(store, source)
    await Pulling({source.kind: desk}).pull(job, store=store, now=lambda: NOON)
    async with store.write() as session:
        await session.delete(job)


async def tickets(store: Store) -> dict[str, Ticket]:
    async with store.read() as session:
        return {one.external_id: one for one in (await session.execute(select(Ticket))).scalars()}


@pytest.mark.parametrize("kind", ["zendesk", "freshdesk", "hubspot", "rt"])
async def test_each_desk_fills_the_tables_and_goes_on(
    kind: str, store: Store, vendors: Vendors, desks: dict[str, Desk]
) -> None:
    def add(id_: int) -> None:
        at = MORNING + timedelta(minutes=id_)
        match kind:
            case "zendesk":
                vendors.zendesk.add(id_, at)
            case "freshdesk":
                vendors.freshdesk.add(id_, at)
            case "hubspot":
                vendors.hubspot.add("tickets", str(id_), at, hs_pipeline="0", hs_pipeline_stage="1")
            case _:
                vendors.rt.add(id_, at)

    source = await connected(store)
    assert desks[kind].kind == kind
    add(1)
    add(2)
    await pulls(store, source, desks[kind])
    assert sorted(await tickets(store)) == ["1", "2"]
    add(3)
    await pulls(store, source, desks[kind])
    kept = await tickets(store)
    assert sorted(kept) == ["1", "2", "3"]
    assert {one.status for one in kept.values()} <= {Status.NEW, Status.OPEN}
    assert kept["1"].created_at == MORNING + timedelta(minutes=1)
    async with store.read() as session:
        fresh = await session.get(Source, source.id)
    assert fresh is not None
    assert (fresh.is_failing, fresh.last_good_at, fresh.filled_at) == (False, NOON, NOON)


async def test_a_breach_that_was_told_once_stays_told(store: Store, vendors: Vendors, desks: dict[str, Desk]) -> None:
    source = await connected(store)
    vendors.zendesk.add(1, MORNING, status="open")
    event = {"id": 1, "ticket_id": 1, "metric": "reply_time", "type": "breach", "time": stamp(MORNING)}
    vendors.zendesk.metric_events.append(event)
    await pulls(store, source, desks["zendesk"])
    assert (await tickets(store))["1"].sla_breached is True
    vendors.zendesk.metric_events.clear()
    vendors.zendesk.add(1, MORNING, updated_at=stamp(NOON), exported_at=NOON, status="solved")
    await pulls(store, source, desks["zendesk"])
    solved = (await tickets(store))["1"]
    assert (solved.status, solved.sla_breached) == (Status.SOLVED, True)


async def test_ratings_find_their_tickets_and_gone_ones_stop_counting(
    store: Store, vendors: Vendors, desks: dict[str, Desk]
) -> None:
    source = await connected(store)
    vendors.freshdesk.add(1, MORNING)
    rated = {"id": 9, "ticket_id": 1, "created_at": stamp(MORNING), "ratings": {"default_question": 103}}
    vendors.freshdesk.ratings.append(rated)
    await pulls(store, source, desks["freshdesk"])
    async with store.read() as session:
        rating = (await session.execute(select(Rating))).scalar_one()
    assert (rating.value, rating.ticket_id) == (1.0, (await tickets(store))["1"].id)
    vendors.freshdesk.tickets[1] |= {"deleted": True, "updated_at": stamp(NOON)}
    await pulls(store, source, desks["freshdesk"])
    gone = (await tickets(store))["1"]
    assert (gone.gone, gone.in_backlog) == (Gone.DELETED, False)


async def test_a_desk_that_is_away_is_shown_as_failing_and_recovers_alone(
    store: Store, vendors: Vendors, desks: dict[str, Desk]
) -> None:
    source = await connected(store)
    vendors.rt.add(1, MORNING)
    vendors.rt.next(*[serving.web_page(502)] * 3, path="/REST/2.0/tickets")
    await pulls(store, source, desks["rt"])
    async with store.read() as session:
        failing = await session.get(Source, source.id)
    assert failing is not None
    assert failing.is_failing
    assert failing.last_error is not None
    assert failing.last_error.startswith("Request Tracker")
    assert vendors.rt.base_url not in failing.last_error
    await pulls(store, source, desks["rt"])
    async with store.read() as session:
        recovered = await session.get(Source, source.id)
    assert recovered is not None
    assert not recovered.is_failing
    assert sorted(await tickets(store)) == ["1"]
