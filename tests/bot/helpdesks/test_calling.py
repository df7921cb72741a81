"""HTTP to help desks: what passes is tried again, what doesn't is told in a sentence, and secrets stay unsaid."""

from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.helpdesks import DeskAwayError, DeskError, DeskRefusedError, SlowDownError
from bot.helpdesks.calling import Caller, Headers, NotAcceptedError, NotThereError, Quota, Window, retry_after_s
from simulator.desks.serving import HelpDesk, breaks_off, error, half_of_it, hangs_up, too_many, web_page

SECRET = "Bearer canary-token"


class Elapsed:
    """Seconds that pass only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
async def desk() -> AsyncIterator[HelpDesk]:
    async def rows(_request: web.Request) -> web.Response:
        return web.json_response({"rows": [1, 2, 3]})

    async def moved(_request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "http://elsewhere.example/"})

    desk = HelpDesk(SECRET)
    desk.at("GET", "/rows", rows)
    desk.at("POST", "/rows", rows)
    desk.at("PUT", "/rows", rows)
    desk.at("GET", "/moved", moved)
    await desk.start()
    yield desk
    await desk.stop()


@pytest.fixture
def elapsed() -> Elapsed:
    return Elapsed()


def budget(headers: Headers) -> Quota | None:
    left = headers.get("X-Left")
    return None if left is None else Quota(100, int(left), 7.0)


@pytest.fixture
def caller(desk: HelpDesk, http: aiohttp.ClientSession, elapsed: Elapsed) -> Caller:
    return Caller(
        http,
        desk="Testdesk",
        base_url=desk.base_url,
        headers={"Authorization": SECRET},
        quota=budget,
        patience_s=10,
        elapsed=lambda: elapsed.now,
        sleep=elapsed.sleep,
    )


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(error(500), id="500"),
        pytest.param(error(502), id="502"),
        pytest.param(web_page(503), id="503 without Retry-After"),
        pytest.param(web_page(), id="a web page"),
        pytest.param(half_of_it, id="half an answer"),
        pytest.param(breaks_off, id="the line breaks"),
        pytest.param(hangs_up, id="no answer"),
    ],
)
async def test_what_passes_is_tried_again_and_what_stays_is_told(desk: HelpDesk, caller: Caller, fault: object) -> None:
    desk.next(fault, fault)  # type: ignore[arg-type]  # parametrize knows no types
    assert await caller.get("/rows") == {"rows": [1, 2, 3]}
    desk.next(fault, fault, fault)  # type: ignore[arg-type]  # likewise
    with pytest.raises(DeskAwayError, match="Testdesk"):
        await caller.get("/rows")


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_what_changes_something_is_sent_once(desk: HelpDesk, caller: Caller, method: str) -> None:
    await caller.get("/rows")
    desk.next(hangs_up)
    with pytest.raises(DeskAwayError):
        await caller.change(method, "/rows", {"some": "thing"})
    assert [one.method for one in desk.asked] == ["GET", method]


async def test_a_short_wait_is_sat_out_and_a_long_one_told(desk: HelpDesk, caller: Caller, elapsed: Elapsed) -> None:
    desk.next(too_many("2"))
    assert await caller.get("/rows")
    assert elapsed.slept == [2.0]
    desk.next(too_many("90"))
    with pytest.raises(SlowDownError, match="90 s") as told:
        await caller.get("/rows")
    assert told.value.wait == timedelta(seconds=90)
    asked = len(desk.asked)
    elapsed.now += 45
    with pytest.raises(SlowDownError, match="45 s"):
        await caller.get("/rows")
    assert len(desk.asked) == asked, "it isn't asked while it wants to be left alone"
    elapsed.now += 45
    assert await caller.get("/rows")


async def test_a_429_that_names_no_time_is_a_minute(desk: HelpDesk, caller: Caller) -> None:
    desk.next(too_many(None))
    with pytest.raises(SlowDownError, match="60 s"):
        await caller.get("/rows")


async def test_the_last_tenth_of_the_budget_is_left_to_others(desk: HelpDesk, caller: Caller, elapsed: Elapsed) -> None:
    desk.headers = {"X-Left": "11"}
    await caller.get("/rows")
    await caller.get("/rows")
    assert elapsed.slept == []
    desk.headers = {"X-Left": "10"}
    await caller.get("/rows")
    desk.headers = {"X-Left": "99"}
    await caller.get("/rows")
    assert elapsed.slept == [7.0]
    desk.headers = {"X-Left": "lots"}
    await caller.get("/rows")


async def test_a_window_lets_its_number_through(caller: Caller, elapsed: Elapsed) -> None:
    window, minute = Window(2, 8), Window(1, 60)
    for _ in range(5):
        await caller.get("/rows", window=window)
    assert elapsed.slept == [8.0, 8.0]
    await caller.get("/rows", window=minute)
    with pytest.raises(SlowDownError, match="60 s"):
        await caller.get("/rows", window=minute)


async def test_no_is_no(desk: HelpDesk, caller: Caller, http: aiohttp.ClientSession) -> None:
    desk.closed.add("/rows")
    with pytest.raises(DeskRefusedError, match="doesn’t let us"):
        await caller.get("/rows")
    stranger = Caller(http, desk="Testdesk", base_url=desk.base_url, headers={"Authorization": "Bearer wrong"})
    with pytest.raises(DeskRefusedError, match="doesn’t know our credentials"):
        await stranger.get("/rows")
    with pytest.raises(NotThereError):
        await caller.get("/nothing")
    desk.next(error(400))
    with pytest.raises(NotAcceptedError):
        await caller.get("/rows")
    assert len(desk.asked) == 4, "none of them is tried again"


async def test_a_redirect_is_not_followed(caller: Caller) -> None:
    with pytest.raises(DeskError, match="is its address set right"):
        await caller.get("/moved")


async def test_nobody_at_home(http: aiohttp.ClientSession) -> None:
    caller = Caller(http, desk="Testdesk", base_url="http://127.0.0.1:1", headers={"Authorization": SECRET})
    with pytest.raises(DeskAwayError, match="can’t be reached"):
        await caller.get("/rows", {"email": "customer@example.test"})


async def test_neither_logs_nor_errors_hold_secrets_or_what_was_asked(desk: HelpDesk, caller: Caller) -> None:
    said = []
    with capture_logs() as logged:
        for fault in (error(500), half_of_it, breaks_off, hangs_up):
            desk.next(fault, fault, fault)
            with pytest.raises(DeskError) as told:
                await caller.get("/rows", {"email": "customer@example.test"})
            said.append(f"{told.value!r} {told.value.__cause__!r} {told.value.__context__!r}")
    everything = f"{logged} {said}"
    assert "canary" not in everything
    assert "customer" not in everything


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "30"}, 30),
        ({"Retry-After": " 1.5 "}, 1.5),
        ({"Retry-After": "-5"}, 0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "inf"}, None),
        ({}, None),
        ({"Retry-After": "Tue, 02 Jun 2026 12:01:00 GMT", "Date": "Tue, 02 Jun 2026 12:00:00 GMT"}, 60),
        ({"Retry-After": "Tue, 02 Jun 2026 12:01:00 GMT"}, None),
    ],
)
def test_both_forms_of_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(headers) == seconds
