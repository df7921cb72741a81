"""HTTP to help desks: keeps their pace, is patient with what passes, and says clearly what doesn't.

Nothing here logs or raises what was sent or answered: credentials and customers' words pass through it.
"""

import asyncio
import json
import math
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

import aiohttp
import stamina
import structlog

from bot.helpdesks import DeskAwayError, DeskError, DeskRefusedError, SlowDownError

log = structlog.get_logger(__name__)

TIMEOUT_S = 30.0
PATIENCE_S = 5.0
"""A wait that a help desk asks for and that a call sits out; a longer one is whoever called's to plan."""
ATTEMPTS = 3
KEPT_FOR_OTHERS = 0.1
"""The share of the account's request budget that we leave to its other integrations, and to its agents."""
WAIT_UNTOLD_S = 60.0
"""After a 429 without Retry-After: every desk here counts by the minute, or by less."""
LONGEST_WAIT_S = 3600.0
FORM = "application/x-www-form-urlencoded"

Headers = Mapping[str, str]
Params = Mapping[str, str | int] | Sequence[tuple[str, str | int]]


class NotThereError(DeskError):
    """The help desk has nothing at that address."""


class NotAcceptedError(DeskError):
    """The help desk makes no sense of what we ask."""


class _PassingError(Exception):
    """What may be gone at the next attempt; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Quota:
    """What an answer's headers say of the account's request budget."""

    limit: int
    remaining: int
    whole_again_in_s: float


class _Once:
    """aiohttp sends a GET, a PUT or a DELETE again by itself when the line drops: whether that does harm is for us to
    say."""

    def __init__(self) -> None:
        self._was_sent = False

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        if self._was_sent:
            raise aiohttp.ServerDisconnectedError
        self._was_sent = True
        return await handler(request)


class Window:
    """At most `most` calls in any `seconds`, counted here: for endpoints whose limit no header tells."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._calls: list[float] = []

    def wait_s(self, now: float) -> float:
        """Seconds until there is a place; 0: one is free."""
        self._calls = [at for at in self._calls if at > now - self._seconds]
        return 0.0 if len(self._calls) < self._most else self._calls[-self._most] + self._seconds - now

    def take(self, now: float) -> None:
        self._calls.append(now)


class Caller:
    """One help desk's API. Every method raises DeskError, and answers JSON.

    `quota` reads the budget from an answer's headers. `elapsed` counts seconds, `sleep` lets them pass.
    """

    def __init__(
        self,
        http: aiohttp.ClientSession,
        *,
        desk: str,
        base_url: str,
        headers: Headers,
        quota: Callable[[Headers], Quota | None] = lambda _: None,
        patience_s: float = PATIENCE_S,
        elapsed: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._http = http
        self._desk = desk
        self._base_url = base_url.rstrip("/")
        self._headers = {"Accept": "application/json", "User-Agent": "Backstop", **headers}
        self._quota = quota
        self._patience_s = patience_s
        self._elapsed = elapsed
        self._sleep = sleep
        self._not_before = -math.inf
        self.date: datetime | None = None
        """The help desk's clock at its last answer."""

    async def get(self, path: str, params: Params | None = None, *, window: Window | None = None) -> Any:
        return await self._repeatedly("GET", path, params=params, window=window)

    async def search(self, path: str, body: Any, *, window: Window | None = None) -> Any:
        """A POST that changes nothing, and so may be sent again."""
        return await self._repeatedly("POST", path, body=body, window=window)

    async def search_form(self, path: str, form: Sequence[tuple[str, str | int]]) -> Any:
        """Likewise, for a question that is too long for an address."""
        return await self._repeatedly("POST", path, form=form)

    async def change(self, method: str, path: str, body: Any) -> Any:
        """Sent once: after an answer that is lost nobody knows whether it was done. Raises DeskAwayError then."""
        await self._wait_turn(None)
        try:
            return await self._once(method, path, body=body)
        except _PassingError as failed:
            raise DeskAwayError(str(failed)) from failed

    async def _repeatedly(self, method: str, path: str, *, window: Window | None = None, **sent: Any) -> Any:
        try:
            async for attempt in stamina.retry_context(on=_PassingError, attempts=ATTEMPTS, wait_initial=0.5):
                with attempt:
                    await self._wait_turn(window)
                    return await self._once(method, path, **sent)
        except _PassingError as failed:
            raise DeskAwayError(str(failed)) from failed
        raise AssertionError("stamina gives at least one attempt")

    async def _wait_turn(self, window: Window | None) -> None:
        wait_s = self._not_before - self._elapsed()
        if window is not None:
            wait_s = max(wait_s, window.wait_s(self._elapsed()))
        if wait_s > 0:
            if wait_s > self._patience_s:
                raise self._slow_down(wait_s)
            await self._sleep(wait_s)
        if window is not None:
            window.take(self._elapsed())

    async def _once(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: Any = None,
        form: Sequence[tuple[str, str | int]] | None = None,
    ) -> Any:
        try:
            # a redirect could lead the credentials elsewhere
            async with self._http.request(
                method,
                self._base_url + path,
                params=params,
                json=body,
                data=None if form is None else urlencode(form),
                headers=self._headers if form is None else {**self._headers, "Content-Type": FORM},
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
                allow_redirects=False,
                middlewares=(_Once(),),
            ) as answer:
                text = await answer.read()
        except TimeoutError:
            raise _PassingError(f"{self._desk} did not answer within {TIMEOUT_S:.0f} s.") from None
        except aiohttp.ClientPayloadError:
            raise _PassingError(f"{self._desk}’s answer broke off.") from None
        except (aiohttp.ClientError, OSError) as failed:
            # the class alone: aiohttp's messages hold the whole address, query and all
            raise _PassingError(f"{self._desk} can’t be reached ({type(failed).__name__}).") from None
        self._keep_pace(answer.headers)
        self.date = _http_date(answer.headers.get("Date", "")) or self.date
        log.debug("help desk answered", desk=self._desk, path=path, status=answer.status)
        self._judge(answer.status, answer.headers, path)
        return self._read(text, answer)

    def _keep_pace(self, headers: Headers) -> None:
        try:
            quota = self._quota(headers)
        except (ValueError, OverflowError):
            return
        if quota is not None and quota.remaining <= quota.limit * KEPT_FOR_OTHERS:
            self._not_before = max(self._not_before, self._elapsed() + min(quota.whole_again_in_s, LONGEST_WAIT_S))

    def _judge(self, status: int, headers: Headers, path: str) -> None:
        if status < 300:
            return
        asked = retry_after_s(headers)
        if status == 429 or (status == 503 and asked is not None):
            wait_s = min(WAIT_UNTOLD_S if asked is None else asked, LONGEST_WAIT_S)
            self._not_before = max(self._not_before, self._elapsed() + wait_s)
            if wait_s > self._patience_s:
                raise self._slow_down(wait_s)
            raise _PassingError(f"{self._desk} keeps asking us to slow down.")
        if status >= 500:
            raise _PassingError(f"{self._desk} answers with an error of its own ({status}).")
        if status in {401, 403}:
            reason = "doesn’t know our credentials" if status == 401 else "doesn’t let us"
            raise DeskRefusedError(f"{self._desk} {reason} ({status} at {path}).")
        if status in {404, 410}:
            raise NotThereError(f"{self._desk} has nothing at {path}.")
        if status < 400:
            raise DeskError(f"{self._desk} sends us to another address ({status}): is its address set right?")
        raise NotAcceptedError(f"{self._desk} makes no sense of our request ({status} at {path}).")

    def _read(self, text: bytes, answer: aiohttp.ClientResponse) -> Any:
        if not text:
            return None
        if answer.content_type == "text/html" or text.lstrip()[:1] == b"<":
            raise _PassingError(
                f"{self._desk} answers with a web page where data should be: it may be under maintenance, or its "
                "address is set wrong."
            )
        try:
            return json.loads(text)
        except ValueError:
            raise _PassingError(f"{self._desk}’s answer can’t be read: it is no JSON, or broke off.") from None

    def _slow_down(self, wait_s: float) -> SlowDownError:
        seconds = math.ceil(wait_s)
        return SlowDownError(f"{self._desk} asks us to wait {seconds} s.", wait=timedelta(seconds=seconds))


def retry_after_s(headers: Headers) -> float | None:
    """Seconds that Retry-After asks for, in either of its forms (RFC 9110 §10.2.3); a date is taken by the server's
    own clock."""
    asked = headers.get("Retry-After", "").strip()
    if not asked:
        return None
    try:
        seconds = float(asked)
    except ValueError:
        until, at = _http_date(asked), _http_date(headers.get("Date", ""))
        return None if until is None or at is None else max(0.0, (until - at).total_seconds())
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _http_date(written: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(written)
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
