"""Trigger ids (3 s, once) and response URLs (5 uses, 30 minutes)."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from simulator.errors import SlackError

TRIGGER_LIVES_S = 3.0
RESPONSE_URL_LIVES = timedelta(minutes=30)
RESPONSE_URL_USES = 5
_KEPT = 10_000


@dataclass
class Trigger:
    """`view_id`: the modal in which it arose. `expires` is monotonic time."""

    user_id: str
    view_id: str | None
    expires: float
    spent: bool = False


class Triggers:
    """`monotonic` gives real seconds: a trigger doesn't live longer because the workspace's clock stands still."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic, *, lives_s: float = TRIGGER_LIVES_S) -> None:
        self._monotonic = monotonic
        self._lives_s = lives_s
        self._issued: dict[str, Trigger] = {}

    def issue(self, user_id: str, view_id: str | None = None) -> str:
        trigger_id = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**13)}.{secrets.token_hex(16)}"
        self._issued[trigger_id] = Trigger(user_id, view_id, self._monotonic() + self._lives_s)
        if len(self._issued) > _KEPT:
            del self._issued[next(iter(self._issued))]
        return trigger_id

    def spend(self, trigger_id: str) -> Trigger:
        """Raises SlackError: invalid_trigger_id, exchanged_trigger_id, expired_trigger_id."""
        trigger = self._issued.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.spent:
            raise SlackError("exchanged_trigger_id")
        if self._monotonic() > trigger.expires:
            raise SlackError("expired_trigger_id")
        trigger.spent = True
        return trigger


@dataclass
class ResponseUrl:
    """Where answers go: a channel, one person there, and the message that was clicked (None after a command)."""

    user_id: str
    channel_id: str
    expires: datetime
    message_ts: str | None = None
    is_ephemeral: bool = False
    uses_left: int = RESPONSE_URL_USES


class ResponseUrls:
    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._issued: dict[str, ResponseUrl] = {}

    def issue(
        self,
        user_id: str,
        channel_id: str,
        *,
        message_ts: str | None = None,
        is_ephemeral: bool = False,
    ) -> str:
        """The secret last part of the URL."""
        key = secrets.token_urlsafe(18)
        expires = self._now() + RESPONSE_URL_LIVES
        self._issued[key] = ResponseUrl(user_id, channel_id, expires, message_ts, is_ephemeral)
        if len(self._issued) > _KEPT:
            del self._issued[next(iter(self._issued))]
        return key

    def use(self, key: str) -> ResponseUrl:
        """Raises SlackError: invalid_url, used_url, expired_url."""
        target = self._issued.get(key)
        if target is None:
            raise SlackError("invalid_url")
        if self._now() > target.expires:
            raise SlackError("expired_url")
        if target.uses_left <= 0:
            raise SlackError("used_url")
        target.uses_left -= 1
        return target
