"""What is served over HTTP: Slack's signed requests and nobody else's; health; measures."""

import asyncio
import gzip
import hashlib
import hmac
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from bot import web
from bot.delivery import Breaker
from bot.shapes import Command
from bot.web import BODY_AT_MOST
from storage.jobs import Job, JobState, want_job
from storage.leases import LEASE
from storage.messages import Message, MessageState, Priority, want
from storage.pacing import POSTS, close_gate
from storage.schedule import Schedule, set_timer
from tests.bot.test_operations import section
from tests.handlers.queue.stories import connected, fresh
from tests.office import Office

SECRET = "simulated-signing-secret"
FORM = "application/x-www-form-urlencoded"
MakeOffice = Callable[..., Awaitable[Office]]


@pytest.fixture
async def office(make_office: MakeOffice) -> Office:
    """The bot in HTTP mode, at a port of its own, after its first beat."""
    office = await make_office(SLACK_APP_TOKEN=None, SLACK_SIGNING_SECRET=SECRET, BACKSTOP_PORT=0)
    await office.opens()
    return office


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def address(office: Office, path: str) -> str:
    assert office.bot.web is not None
    return f"http://127.0.0.1:{office.bot.web.port}{path}"


def command(office: Office, text: str) -> bytes:
    """What Slack posts when Ben types `/backstop text`."""
    ben, team = office.ben.id, office.sim.workspace.team_id
    respond = f"{office.sim.base_url}/nowhere"
    fields = {"command": "/backstop", "text": text, "user_id": ben, "team_id": team, "response_url": respond}
    return urlencode(fields).encode()


def signed(body: bytes, *, age_s: float = 0, secret: str = SECRET) -> dict[str, str]:
    """The headers by which Slack signs. They are real time's: the verifier's clock is the system's."""
    timestamp = str(int(time.time() - age_s))
    digest = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}", "Content-Type": FORM}


async def test_a_request_that_slack_signed_is_heard(office: Office, http: aiohttp.ClientSession) -> None:
    body = command(office, "help")
    async with http.post(address(office, "/slack/events"), data=body, headers=signed(body)) as answer:
        assert answer.status == 200
    await office.bot.listening.drain(at_most_s=5)


async def test_slack_learns_that_the_address_is_ours(office: Office, http: aiohttp.ClientSession) -> None:
    """What it asks when somebody writes the request URL into the app's settings."""
    body = b'{"token": "x", "challenge": "kept secret no longer", "type": "url_verification"}'
    headers = signed(body) | {"Content-Type": "application/json"}
    async with http.post(address(office, "/slack/events"), data=body, headers=headers) as answer:
        assert (answer.status, (await answer.json())["challenge"]) == (200, "kept secret no longer")


@pytest.mark.parametrize(
    "altered",
    [
        pytest.param({"X-Slack-Signature": "v0=" + "0" * 64}, id="forged"),
        pytest.param({"X-Slack-Signature": "v0=ünsigned"}, id="signature not ASCII"),
        pytest.param({"X-Slack-Signature": ""}, id="signature empty"),
        pytest.param({"X-Slack-Request-Timestamp": "yesterday"}, id="timestamp no number"),
        pytest.param({"X-Slack-Request-Timestamp": "١٧٠٠٠٠٠٠٠٠"}, id="timestamp in other digits"),
        pytest.param({"X-Slack-Request-Timestamp": "9" * 400}, id="timestamp endless"),
        pytest.param({"X-Slack-Request-Timestamp": "-1"}, id="timestamp negative"),
        pytest.param({"X-Slack-Request-Timestamp": ""}, id="timestamp empty"),
    ],
)
async def test_an_altered_signature_is_refused_and_the_body_not_logged(
    altered: dict[str, str], office: Office, http: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    body = command(office, "what Ben typed")
    caplog.set_level("DEBUG")
    with capture_logs() as ours:
        await refused(http, office, body, signed(body) | altered)
    assert "typed" not in caplog.text
    assert "typed" not in str(ours)


async def test_an_unsigned_request_is_refused_whatever_it_holds(office: Office, http: aiohttp.ClientSession) -> None:
    nothing_of_slacks = (
        b"",
        b"payload={",
        b"payload=5",
        b'{"event": 5}',
        b"[" * 100_000,
        b"\xff",
        b"command=x&user_id=%00",
    )
    for body in (command(office, "help"), *nothing_of_slacks):
        with capture_logs() as logs:
            await refused(http, office, body, {"Content-Type": FORM})
        assert logs == [], "who has no signature writes nothing into our log"


async def test_what_slack_signed_and_is_no_payload_of_its_is_refused(
    office: Office, http: aiohttp.ClientSession
) -> None:
    for body in (b"", b"payload={", b"payload=5", b"[" * 100_000, b"command=x&user_id=%00"):
        async with http.post(address(office, "/slack/events"), data=body, headers=signed(body)) as answer:
            assert answer.status in {400, 404}, body


async def test_what_failed_may_come_again_in_the_same_second(
    office: Office, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = command(office, "help")
    headers = signed(body)
    with monkeypatch.context() as patch:
        patch.setattr(Command, "model_validate", None)
        async with http.post(address(office, "/slack/events"), data=body, headers=headers) as answer:
            assert answer.status == 500
    async with http.post(address(office, "/slack/events"), data=body, headers=headers) as answer:
        assert answer.status == 200
    await office.bot.listening.drain(at_most_s=5)


async def test_another_secrets_signature_is_refused(office: Office, http: aiohttp.ClientSession) -> None:
    body = command(office, "help")
    await refused(http, office, body, signed(body, secret="another"))


@pytest.mark.parametrize("age_s", [6 * 60, -6 * 60])
async def test_a_stale_signature_is_refused(age_s: float, office: Office, http: aiohttp.ClientSession) -> None:
    body = command(office, "help")
    await refused(http, office, body, signed(body, age_s=age_s))


async def test_a_request_that_was_heard_is_refused_when_it_comes_again(
    office: Office, http: aiohttp.ClientSession
) -> None:
    body = command(office, "help")
    headers = signed(body)
    async with http.post(address(office, "/slack/events"), data=body, headers=headers) as answer:
        assert answer.status == 200
    await office.bot.listening.drain(at_most_s=5)
    await refused(http, office, body, headers)
    again = command(office, "privacy")
    async with http.post(address(office, "/slack/events"), data=again, headers=signed(again)) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("path", ["/slack/events", "/push/zendesk"])
async def test_a_body_that_never_ends_is_not_waited_for(
    path: str, office: Office, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "BODY_WITHIN_S", 0.05)
    never = asyncio.Event()

    async def trickle() -> AsyncIterator[bytes]:
        yield b"command="
        await never.wait()

    async with http.post(address(office, path), data=trickle()) as answer:
        assert answer.status == 408


@pytest.mark.parametrize("path", ["/slack/events", "/push/zendesk"])
async def test_a_body_is_never_unpacked(path: str, office: Office, http: aiohttp.ClientSession) -> None:
    """A few kilobytes would become as much as anybody likes, before a signature is looked at."""
    packed = gzip.compress(b"x" * (BODY_AT_MOST * 4))
    async with http.post(address(office, path), data=packed, headers={"Content-Encoding": "gzip"}) as answer:
        assert answer.status == 401, "413 would say that it was unpacked"


async def test_a_signature_of_another_body_is_refused(office: Office, http: aiohttp.ClientSession) -> None:
    await refused(http, office, command(office, "duty"), signed(command(office, "help")))


async def test_a_body_that_is_no_text_is_refused(office: Office, http: aiohttp.ClientSession) -> None:
    await refused(http, office, b"\xff\xfe", signed(b"\xff\xfe"))


async def test_an_unsigned_certificate_check_opens_no_way_in(office: Office, http: aiohttp.ClientSession) -> None:
    """Bolt would let ssl_check=1 pass unverified."""
    await refused(http, office, command(office, "help") + b"&ssl_check=1", {"Content-Type": FORM})


async def refused(http: aiohttp.ClientSession, office: Office, body: bytes, headers: dict[str, str]) -> None:
    async with http.post(address(office, "/slack/events"), data=body, headers=headers) as answer:
        assert answer.status == 401


async def test_a_body_larger_than_any_of_slacks_is_refused(office: Office, http: aiohttp.ClientSession) -> None:
    body = b"x" * (BODY_AT_MOST + 1)
    async with http.post(address(office, "/slack/events"), data=BytesIO(body), headers=signed(body)) as answer:
        assert answer.status == 413


async def test_in_socket_mode_slacks_requests_have_no_address(
    make_office: MakeOffice, http: aiohttp.ClientSession
) -> None:
    office = await make_office(BACKSTOP_PORT=0)
    await office.opens()
    body = command(office, "help")
    async with http.post(address(office, "/slack/events"), data=body, headers=signed(body)) as answer:
        assert answer.status == 404


async def test_socket_mode_serves_nothing_unless_a_port_is_set(make_office: MakeOffice) -> None:
    office = await make_office()
    await office.opens()
    assert office.bot.web is None


async def health(office: Office, http: aiohttp.ClientSession) -> tuple[int, dict[str, Any]]:
    async with http.get(address(office, "/healthz")) as answer:
        return answer.status, await answer.json()


async def test_a_bot_at_work_is_healthy(office: Office, http: aiohttp.ClientSession) -> None:
    status, said = await health(office, http)
    assert (status, said["ok"]) == (200, True), said
    table = section("What to watch").partition("| Check |")[2].partition("\n\n")[0]
    assert set(said["checks"]) == set(re.findall(r"^\| `([a-z]+)` \|", table, re.MULTILINE)), "as operators read it"


async def test_health_fails_when_the_heartbeat_has_stopped(office: Office, http: aiohttp.ClientSession) -> None:
    office.clock.at += timedelta(seconds=16)
    status, said = await health(office, http)
    assert status == 503
    assert said["checks"]["heartbeat"] == {"ok": False, "says": "last beat 16 s ago"}


async def test_health_fails_and_names_the_step_that_is_late(office: Office, http: aiohttp.ClientSession) -> None:
    late = office.now - timedelta(seconds=61)
    async with office.bot.store.write() as session:
        await set_timer(session, workspace_id="T1", step="escalations.resolve", subject_id=1, due_at=late, priority=0)
    status, said = await health(office, http)
    assert status == 503
    assert said["checks"]["steps"] == {"ok": False, "says": "escalations.resolve is 61 s late"}


async def test_health_fails_and_names_the_schedule_that_has_not_fired(
    office: Office, http: aiohttp.ClientSession
) -> None:
    late = office.now - timedelta(seconds=61)
    async with office.bot.store.write() as session:
        await session.execute(update(Schedule).where(Schedule.kind == "queue.digest").values(next_fire_at=late))
    status, said = await health(office, http)
    assert status == 503
    assert said["checks"]["steps"] == {"ok": False, "says": "queue.digest is 61 s late"}
    async with http.get(address(office, "/metrics")) as answer:
        assert "backstop_timers_late_seconds 61.0\n" in await answer.text()


async def test_health_fails_when_delivery_has_stopped(office: Office, http: aiohttp.ClientSession) -> None:
    office.clock.at += timedelta(seconds=16)
    await office.bot.ticking.beat()
    status, said = await health(office, http)
    assert status == 503
    assert [name for name, check in said["checks"].items() if not check["ok"]] == ["delivery"]
    assert said["checks"]["delivery"]["says"] == "it last looked 16 s ago for what is to be sent"


async def waiting(office: Office, **facts: Any) -> None:
    """A message that has been due for 70 s, of a bot that has had nothing to do for two minutes and looks, now."""
    office.clock.at += timedelta(minutes=2)
    await office.bot.turn()
    due_at = office.now - timedelta(seconds=70)
    async with office.bot.store.write() as session:
        await want(
            session,
            workspace_id=office.sim.workspace.team_id,
            key="late",
            renderer="polls.prompt",
            destination="C1",
            priority=Priority.SCHEDULED,
            now=due_at,
        )
        if facts:
            await session.execute(update(Message).where(Message.key == "late").values(**facts))


async def test_health_fails_and_names_the_message_that_waits_without_a_reason(
    office: Office, http: aiohttp.ClientSession
) -> None:
    await waiting(office)
    status, said = await health(office, http)
    assert status == 503
    assert [name for name, check in said["checks"].items() if not check["ok"]] == ["messages"]
    assert said["checks"]["messages"]["says"] == "polls.prompt is 70 s late"


@pytest.mark.parametrize("held_by", [POSTS.key, "C1"])
async def test_what_slacks_pace_holds_up_is_no_illness(
    held_by: str, office: Office, http: aiohttp.ClientSession
) -> None:
    """The budget was spent of half a minute ago (others are being sent); the channel was closed by a 429."""
    await waiting(office)
    until = office.now + (timedelta(seconds=40) if held_by == "C1" else -timedelta(seconds=30))
    async with office.bot.store.write() as session:
        await close_gate(session, held_by, until=until)
    assert (await health(office, http))[0] == 200


@pytest.mark.parametrize("state", [MessageState.PARKED, MessageState.SENDING, MessageState.SENT])
async def test_what_waits_for_a_mend_or_is_on_its_way_is_no_illness(
    state: MessageState, office: Office, http: aiohttp.ClientSession
) -> None:
    await waiting(office, state=state)
    assert (await health(office, http))[0] == 200


async def test_what_waits_for_its_readers_hours_is_no_illness(office: Office, http: aiohttp.ClientSession) -> None:
    await waiting(office, due_at=office.now + timedelta(hours=8))
    assert (await health(office, http))[0] == 200


async def test_health_fails_and_names_the_job_that_nobody_takes(office: Office, http: aiohttp.ClientSession) -> None:
    late = office.now - timedelta(seconds=61)
    async with office.bot.store.write() as session:
        await want_job(session, workspace_id="T1", kind="queue.make", key="late", run_at=late)
        await want_job(session, workspace_id="T1", kind="desks.pull", key="at work", run_at=late)
        taken = {"state": JobState.RUNNING, "lease_until": office.now + LEASE}
        await session.execute(update(Job).where(Job.key == "at work").values(**taken))
    status, said = await health(office, http)
    assert status == 200, "jobs wait for one another: an import may take long"
    assert said["checks"]["jobs"]["says"] == "queue.make waits for its turn"
    async with http.get(address(office, "/metrics")) as answer:
        assert "backstop_jobs_late_seconds 61.0\n" in await answer.text()
    async with office.bot.store.write() as session:
        await session.execute(update(Job).where(Job.key == "at work").values(state=JobState.DONE))
    status, said = await health(office, http)
    assert status == 503
    assert said["checks"]["jobs"] == {"ok": False, "says": "queue.make is 61 s late"}


async def test_health_fails_while_slack_refuses_everything(office: Office, http: aiohttp.ClientSession) -> None:
    office.bot.delivery.breaker = Breaker("token_revoked")
    status, said = await health(office, http)
    assert status == 503
    assert "token_revoked" in said["checks"]["delivery"]["says"]


async def test_health_fails_when_socket_mode_is_not_connected(
    make_office: MakeOffice, http: aiohttp.ClientSession
) -> None:
    office = await make_office(BACKSTOP_PORT=0)
    await office.opens()
    assert (await health(office, http))[1]["checks"]["slack"]["ok"]
    assert office.bot.socket is not None
    await office.bot.socket.client.disconnect()  # type: ignore[no-untyped-call]  # the SDK leaves it untyped
    status, said = await health(office, http)
    assert status == 503
    assert not said["checks"]["slack"]["ok"]


@pytest.mark.parametrize(("ahead_s", "status", "fires"), [(45, 200, True), (90, 503, True), (-400, 503, False)])
async def test_a_clock_that_is_off_is_told_and_beyond_five_minutes_nothing_fires(
    ahead_s: int, status: int, fires: bool, office: Office, http: aiohttp.ClientSession
) -> None:
    said_by_slack = office.now - timedelta(seconds=ahead_s)
    office.bot.skew.observe({"Date": said_by_slack.strftime("%a, %d %b %Y %H:%M:%S GMT")})
    seen = await health(office, http)
    assert seen[0] == status, seen
    assert office.bot.skew.is_dangerous is not fires
    async with office.bot.store.write() as session:
        await set_timer(session, workspace_id="T1", step="nobody.knows", subject_id=1, due_at=office.now, priority=0)
    await office.bot.ticking.beat()
    async with http.get(address(office, "/metrics")) as answer:
        measures = await answer.text()
    # a step that was tried and failed waits for its next try; one that wasn't is still due
    assert f"backstop_timers_due {0.0 if fires else 1.0}\n" in measures


async def test_each_source_of_tickets_tells_how_fresh_it_is_without_its_name_or_reason(
    office: Office, http: aiohttp.ClientSession
) -> None:
    await connected(office, [])
    office.clock.at += timedelta(seconds=7)
    await fresh(office, failing="It refuses the token abc")
    status, said = await health(office, http)
    assert status == 200, "a restart mends no help desk"
    assert said["sources"] == {"zendesk/1": {"failing": True, "age_s": 7}}
    async with http.get(address(office, "/metrics")) as answer:
        measures = await answer.text()
    assert 'backstop_source_failing{source="zendesk/1"} 1.0' in measures
    assert 'backstop_source_age_seconds{source="zendesk/1"} 7.0' in measures
    assert "abc" not in measures + str(said)


async def test_measures_count_deliveries_and_time_listeners(office: Office, http: aiohttp.ClientSession) -> None:
    body = command(office, "help")
    async with http.post(address(office, "/slack/events"), data=body, headers=signed(body)) as answer:
        assert answer.status == 200
    await office.bot.listening.drain(at_most_s=5)
    async with http.get(address(office, "/metrics")) as answer:
        assert answer.content_type == "text/plain"
        measures = await answer.text()
    assert 'backstop_listener_seconds_count{listener="' in measures
    assert 'backstop_messages{state="ready"} 0.0' in measures
    assert 'backstop_healthy{check="database"} 1.0' in measures
    assert "Ben" not in measures
