"""Several Socket Mode connections, refreshes, losses, and a manifest that contradicts itself."""

import asyncio
from collections import Counter
from copy import deepcopy

import aiohttp
import pytest

from simulator.acting import Impossible, NotAcknowledged
from simulator.server import Simulator
from simulator.workspace import Workspace
from tests.simulator.conftest import MANIFEST, Clock
from tests.simulator.tiny_app import TinyApp


async def socket_url(simulator: Simulator, session: aiohttp.ClientSession) -> str:
    headers = {"Authorization": f"Bearer {simulator.app_token}"}
    async with session.post(f"{simulator.api_url}apps.connections.open", headers=headers) as answer:
        return str((await answer.json()).get("url", ""))


async def test_payloads_spread_over_the_connections(simulator: Simulator, app: TinyApp) -> None:
    second = TinyApp(simulator)
    await second.connect()
    await simulator.sockets.connected(2)
    ben = simulator.acts_as("Ben")
    for number in range(6):
        await ben.types(f"/raw {number}", channel="#care")
        await ben.privately(f"you said {number}")
    assert Counter(len(one.seen) for one in (app, second)) == {3: 2}
    await second.disconnect()


async def test_ten_connections_are_the_most_and_a_ticket_opens_one(simulator: Simulator) -> None:
    async with aiohttp.ClientSession() as session:
        urls = [await socket_url(simulator, session) for _ in range(11)]
        sockets = []
        for number, url in enumerate(urls[:10], start=1):
            sockets.append(await session.ws_connect(url))
            hello = await sockets[-1].receive_json()
            assert (hello["type"], hello["num_connections"]) == ("hello", number)
        eleventh = await session.ws_connect(urls[10])
        assert (await eleventh.receive_json())["reason"] == "too_many_websockets"
        assert await socket_url(simulator, session) == ""
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(urls[0])


async def test_a_refresh_is_announced_and_survived(simulator: Simulator, app: TinyApp) -> None:
    ben = simulator.acts_as("Ben")
    await simulator.sockets.ask_to_refresh()
    await simulator.sockets.connected(within=10)
    await ben.types("/raw still here", channel="#care")
    await ben.privately("you said still here")


async def test_a_lost_connection_is_noticed_at_once(simulator: Simulator) -> None:
    async with aiohttp.ClientSession() as session:
        socket = await session.ws_connect(await socket_url(simulator, session))
        await socket.receive_json()
        ben = simulator.acts_as("Ben")
        simulator.events.retry_after = ()
        await ben.types("hello", channel="#care")
        assert (await socket.receive_json())["payload"]["event"]["text"] == "hello"
        await socket.close()
        async with asyncio.timeout(simulator.interactions.ack_within / 2):
            await simulator.events.settle()
        assert len(simulator.events.given_up) == 1
        with pytest.raises(NotAcknowledged, match="not connected"):
            await ben.types("/form", channel="#care")


async def test_an_event_is_sent_again_when_nobody_acknowledged_it(simulator: Simulator) -> None:
    async with aiohttp.ClientSession() as session:
        first = await session.ws_connect(await socket_url(simulator, session))
        await first.receive_json()
        await simulator.acts_as("Ben").types("hello", channel="#care")
        sent = await first.receive_json()
        second = await session.ws_connect(await socket_url(simulator, session))
        await second.receive_json()
        await first.close()
        again = await second.receive_json()
        assert again["payload"]["event_id"] == sent["payload"]["event_id"]
        assert (sent["retry_attempt"], again["retry_attempt"]) == (0, 1)
        await second.send_json({"envelope_id": again["envelope_id"]})
        await simulator.events.settle()
        assert simulator.events.given_up == []


async def test_the_deactivated_and_those_outside_do_nothing(simulator: Simulator, app: TinyApp) -> None:
    for who, channel in (("Dan", "#care"), ("Gus", "#care"), ("Ben", "#leads"), ("Aoife", "#random")):
        with pytest.raises(Impossible):
            await simulator.acts_as(who).types("/form", channel=channel)
    with pytest.raises(Impossible, match="thread"):
        await simulator.acts_as("Ben").types("/form", channel="#care", thread="1.000000")
    with pytest.raises(Impossible, match="deactivated"):
        await simulator.acts_as("Dan").shortcut("tell")


def test_a_manifest_that_slack_would_refuse_is_a_surprise(workspace: Workspace, clock: Clock) -> None:
    manifest = deepcopy(MANIFEST)
    manifest["features"]["slash_commands"].append({"command": "/away", "description": "Away"})
    manifest["settings"]["event_subscriptions"]["bot_events"] += ["dnd_updated_user", "message.everywhere"]
    assert Simulator(workspace, now=clock, manifest=MANIFEST).surprises == []
    assert Simulator(workspace, now=clock, manifest=manifest).surprises == [
        "the command /away is Slack's own",
        "the event dnd_updated_user needs the scope dnd:read",
        "the event message.everywhere is unknown here",
    ]


async def test_a_read_only_messages_tab_takes_no_words(workspace: Workspace, clock: Clock) -> None:
    manifest = deepcopy(MANIFEST)
    del manifest["features"]["app_home"]["messages_tab_read_only_enabled"]
    simulator = Simulator(workspace, now=clock, manifest=manifest)
    with pytest.raises(Impossible, match="turned off"):
        await simulator.acts_as("Ben").types("hello", channel="@bot")
