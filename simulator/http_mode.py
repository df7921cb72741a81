"""HTTP mode: the same payloads as signed requests to the app's request URL."""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

import aiohttp

from simulator.errors import NotAcknowledged
from simulator.payloads import Kind, Payload


class HttpMode:
    """`deliver` posts a payload and returns the JSON object that the app answered."""

    def __init__(self, request_url: str, *, signing_secret: str, now: Callable[[], datetime]) -> None:
        self._request_url = request_url
        self._secret = signing_secret
        self._now = now
        self._session: aiohttp.ClientSession | None = None

    async def deliver(
        self, kind: Kind, payload: Payload, *, within: float, retry: int = 0, retry_reason: str = ""
    ) -> Payload:
        """{} for an empty answer; a plain-text answer comes as {"text": …}. Raises NotAcknowledged."""
        if kind == "events_api":
            body, content_type = json.dumps(payload), "application/json"
        elif kind == "slash_commands":
            body, content_type = urlencode(payload), "application/x-www-form-urlencoded"
        else:
            body, content_type = urlencode({"payload": json.dumps(payload)}), "application/x-www-form-urlencoded"
        headers = self.signed(body) | {"Content-Type": content_type}
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": retry_reason}
        if self._session is None:
            self._session = aiohttp.ClientSession()
        limit = aiohttp.ClientTimeout(total=within)
        try:
            async with self._session.post(
                self._request_url, data=body.encode(), headers=headers, timeout=limit
            ) as answer:
                content = await answer.text()
                status, answer_type = answer.status, answer.content_type
        except TimeoutError:
            raise NotAcknowledged(f"no answer within {within} s") from None
        except aiohttp.ClientError as broken:
            raise NotAcknowledged(f"the app could not be reached: {broken!r}") from None
        if status != 200:
            raise NotAcknowledged(f"the app answered HTTP {status}")
        if not content.strip():
            return {}
        if answer_type != "application/json":
            return {"text": content}
        try:
            parsed = json.loads(content)
        except json.JSONDecodeError:
            parsed = None
        if not isinstance(parsed, dict):
            raise NotAcknowledged("the app answered what is no JSON object")
        return parsed

    def signed(self, body: str) -> dict[str, str]:
        """Slack's v0 signature headers for that body, now."""
        timestamp = str(int(self._now().timestamp()))
        digest = hmac.new(self._secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}

    def sign_with(self, signing_secret: str) -> None:
        """From now on, as after a rotation of the secret."""
        self._secret = signing_secret

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None
