"""Each kind of trouble, as an app's client meets it, and whether the call took effect."""

from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from simulator.faults import Fault, Faults
from simulator.server import Simulator
from tests.simulator.conftest import Clock


@pytest.fixture
async def client(simulator: Simulator) -> AsyncIterator[AsyncWebClient]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.5)) as session:
        yield AsyncWebClient(token=simulator.bot_token, base_url=simulator.api_url, session=session, retry_handlers=[])


def posted(simulator: Simulator) -> list[str]:
    return [shown.text for shown in simulator.acts_as("Ben").sees("#care")]


async def test_a_planned_error_is_used_up(simulator: Simulator, client: AsyncWebClient) -> None:
    care = simulator.workspace.channel("care").id
    simulator.faults.fail("chat.postMessage", "service_unavailable", times=2)
    for _ in range(2):
        with pytest.raises(SlackApiError, match="service_unavailable"):
            await client.chat_postMessage(channel=care, text="one")
    await client.chat_postMessage(channel=care, text="two")
    assert posted(simulator) == ["two"]
    assert [call.outcome for call in simulator.calls] == ["service_unavailable", "service_unavailable", "ok"]


async def test_a_standing_error_lasts_until_healed(simulator: Simulator, client: AsyncWebClient) -> None:
    simulator.faults.fail("*", "token_revoked", times=None)
    for _ in range(3):
        with pytest.raises(SlackApiError, match="token_revoked"):
            await client.auth_test()
    simulator.faults.heal()
    await client.auth_test()


async def test_a_429_says_when_to_come_back(simulator: Simulator, client: AsyncWebClient) -> None:
    simulator.faults.rate_limit("users.list", retry_after=7)
    with pytest.raises(SlackApiError) as refused:
        await client.users_list()
    assert refused.value.response.status_code == 429
    assert refused.value.response.headers["Retry-After"] == "7"
    await client.users_list()


@pytest.mark.parametrize("accepted", [True, False])
async def test_a_dropped_connection_leaves_the_client_in_doubt(
    simulator: Simulator, client: AsyncWebClient, accepted: bool
) -> None:
    care = simulator.workspace.channel("care").id
    (simulator.faults.drop_after if accepted else simulator.faults.drop_before)("chat.postMessage")
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.chat_postMessage(channel=care, text="one")
    assert posted(simulator) == (["one"] if accepted else [])


@pytest.mark.parametrize("accepted", [True, False])
async def test_a_5xx_may_come_after_the_call_took_effect(
    simulator: Simulator, client: AsyncWebClient, accepted: bool
) -> None:
    care = simulator.workspace.channel("care").id
    (simulator.faults.break_after if accepted else simulator.faults.refuse_http)("chat.postMessage", 502)
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel=care, text="one")
    assert refused.value.response.status_code == 502
    assert posted(simulator) == (["one"] if accepted else [])
    assert simulator.calls[-1].outcome == ("ok, then HTTP 502" if accepted else "HTTP 502")


async def test_a_late_answer_outlasts_the_clients_patience(simulator: Simulator, client: AsyncWebClient) -> None:
    care = simulator.workspace.channel("care").id
    simulator.faults.delay("chat.postMessage", 30, accepted=True)
    with pytest.raises(TimeoutError):
        await client.chat_postMessage(channel=care, text="one")
    assert posted(simulator) == ["one"]


async def test_history_lags_on_the_workspaces_clock(simulator: Simulator, client: AsyncWebClient, clock: Clock) -> None:
    care = simulator.workspace.channel("care").id
    simulator.faults.lag_history(timedelta(seconds=30))
    sent = await client.chat_postMessage(channel=care, text="one")
    reply = await client.chat_postMessage(channel=care, text="two", thread_ts=sent["ts"])
    assert (await client.conversations_history(channel=care))["messages"] == []
    clock.move(timedelta(seconds=31))
    assert len((await client.conversations_history(channel=care))["messages"]) == 1
    thread = await client.conversations_replies(channel=care, ts=sent["ts"])
    assert [message["ts"] for message in thread["messages"]] == [sent["ts"], reply["ts"]]


async def test_trouble_can_be_chosen_call_by_call(simulator: Simulator, client: AsyncWebClient) -> None:
    care = simulator.workspace.channel("care").id
    simulator.faults.choose = lambda method, args: Fault("drop") if args.get("text") == "bad" else None
    await client.chat_postMessage(channel=care, text="good")
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.chat_postMessage(channel=care, text="bad")


async def test_a_pace_allows_a_burst_and_then_one_a_second_for_each_channel() -> None:
    at = 100.0
    faults = Faults(lambda: at)
    faults.pace("chat.postMessage", per_second=1, burst=2)

    def post(channel: str) -> str | None:
        fault = faults.next_for("chat.postMessage", {"channel": channel})
        return fault.headers["Retry-After"] if fault else None

    assert [post("C1"), post("C1"), post("C1"), post("C2")] == [None, None, "1", None]
    at += 1
    assert [post("C1"), post("C1")] == [None, "1"]
    faults.heal()
    assert post("C1") is None
