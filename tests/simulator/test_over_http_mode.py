"""The same app behind a request URL: signed requests instead of envelopes."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.request.async_request import AsyncBoltRequest

from simulator.acting import FormErrors, NotAcknowledged
from simulator.event_feed import EventFeed
from simulator.server import Simulator
from simulator.workspace import Workspace
from tests.simulator.conftest import MANIFEST, RealClock
from tests.simulator.tiny_app import TinyApp


class Endpoint:
    """The app's web server. `broken` answers that many requests with 500 first."""

    def __init__(self) -> None:
        self.app: TinyApp | None = None
        self.requests: list[tuple[int, dict[str, str | Sequence[str]]]] = []
        self.broken = 0

    async def take(self, request: web.Request) -> web.Response:
        assert self.app is not None
        headers: dict[str, str | Sequence[str]] = dict(request.headers)
        if self.broken > 0:
            self.broken -= 1
            self.requests.append((500, headers))
            return web.Response(status=500)
        bolt_request = AsyncBoltRequest(body=await request.text(), query=request.query_string, headers=headers)
        answer = await self.app.bolt.async_dispatch(bolt_request)
        self.requests.append((answer.status, headers))
        content_type = answer.first_headers_without_set_cookie().get("content-type", "text/plain").split(";")[0]
        return web.Response(status=answer.status, text=answer.body, content_type=content_type)


@pytest.fixture
async def endpoint() -> AsyncIterator[tuple[Endpoint, str]]:
    endpoint = Endpoint()
    server = web.Application()
    server.router.add_post("/slack/events", endpoint.take)
    runner = web.AppRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield endpoint, f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    await runner.cleanup()


@pytest.fixture
async def simulator(workspace: Workspace, endpoint: tuple[Endpoint, str]) -> AsyncIterator[Simulator]:
    """Signatures are checked against the real time, so this workspace's clock runs."""
    workspace.now = RealClock()
    simulator = Simulator(workspace, now=workspace.now, manifest=MANIFEST, request_url=endpoint[1])
    await simulator.start()
    endpoint[0].app = TinyApp(simulator)
    async with aiohttp.ClientSession() as session:
        endpoint[0].app.client.session = session
        yield simulator
        await simulator.stop()


@pytest.fixture
def app(endpoint: tuple[Endpoint, str], simulator: Simulator) -> TinyApp:
    assert endpoint[0].app is not None
    return endpoint[0].app


async def test_a_form_goes_its_whole_way(simulator: Simulator, app: TinyApp) -> None:
    ben = simulator.acts_as("Ben")
    await ben.types("/form", channel="#care")
    modal = await ben.modal()
    modal.fill("what", "login broken")
    app.answer = {"response_action": "errors", "errors": {"what": "Say more"}}
    with pytest.raises(FormErrors):
        await modal.submit()
    app.answer = {}
    await modal.submit()
    assert not modal.is_open
    await ben.types("/raw at once", channel="#care")
    await ben.finds("#care", "heard")
    assert simulator.surprises == []


async def test_an_event_is_retried_with_its_number(
    simulator: Simulator, app: TinyApp, endpoint: tuple[Endpoint, str]
) -> None:
    simulator.events.retry_after = (0.0, 0.0, 0.0)
    endpoint[0].broken = 2
    await simulator.acts_as("Ben").types("hello", channel="#care")
    await app.received("message")
    await simulator.events.settle()
    numbers = [headers.get("X-Slack-Retry-Num") for _, headers in endpoint[0].requests]
    assert numbers == [None, "1", "2"]
    assert [status for status, _ in endpoint[0].requests] == [500, 500, 200]


async def test_an_event_that_is_never_taken_is_given_up(
    simulator: Simulator, app: TinyApp, endpoint: tuple[Endpoint, str]
) -> None:
    simulator.events.retry_after = (0.0, 0.0, 0.0)
    endpoint[0].broken = 4
    await simulator.acts_as("Ben").types("hello", channel="#care")
    await simulator.events.settle()
    feed: EventFeed = simulator.events
    assert [payload["event"]["text"] for payload in feed.given_up] == ["hello"]


async def test_a_wrong_signature_is_a_failure_that_the_person_sees(simulator: Simulator, app: TinyApp) -> None:
    assert simulator.http is not None
    simulator.http.sign_with("another secret")
    with pytest.raises(NotAcknowledged, match="401"):
        await simulator.acts_as("Ben").types("/form", channel="#care")
    command: list[Any] = [kind for kind, _ in app.seen]
    assert command == []
