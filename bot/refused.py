"""What Slack meant by an answer that isn't "ok", whatever stood between it and us (proxies answer in HTML)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError

RETRY_AFTER_DEFAULT_S = 30.0
SAME = {"is_inactive": "is_archived"}
"""What chat.update says of an archived channel, in the word that every other method has for it."""

WORKSPACE_ERRORS = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "missing_scope",
        "team_access_not_granted",
    }
)
"""Nothing can be sent until the installation is mended: the breaker opens, no message is blamed."""
CHANNEL_ERRORS = frozenset(
    {
        "channel_not_found",
        "is_archived",
        "not_in_channel",
        "restricted_action",
        "restricted_action_read_only_channel",
        "user_disabled",
        "user_not_found",
        "messages_tab_disabled",
        "cannot_dm_bot",
        "user_not_in_channel",
        "access_denied",
    }
)
"""This destination can't be reached until somebody mends it: the message is parked, and told."""
PASSING_ERRORS = frozenset(
    {"fatal_error", "internal_error", "request_timeout", "service_unavailable", "ekm_access_denied"}
)
"""Slack says that it failed, and may have failed after posting."""
NO_CLEAR_ANSWER = (aiohttp.ClientError, OSError, TimeoutError, ValueError)
"""The line broke, or what came back can't be read: whether Slack took the message is not known."""


@dataclass(frozen=True)
class Refused:
    error: str
    """Slack's error, or "HTTP 502" where the answer has none."""
    status: int
    retry_after_s: float = RETRY_AFTER_DEFAULT_S
    needed: str | None = None
    why: Any = None
    is_unclear: bool = False
    """Not Slack's own no: whether the call took effect is not known."""

    @property
    def is_rate_limit(self) -> bool:
        return self.error == "ratelimited" or self.status == 429


def read_refusal(refused: SlackApiError) -> Refused:
    """Reads the SDK's error; its `response` may be Slack's answer, or a bare HTTP response without one."""
    response: Any = refused.response
    status = int(getattr(response, "status_code", None) or getattr(response, "status", 0) or 0)
    said = getattr(response, "data", None)
    answer: Mapping[str, Any] = said if isinstance(said, Mapping) else {}
    error = answer.get("error")
    return Refused(
        error=SAME.get(str(error), str(error)) if error else f"HTTP {status}",
        status=status,
        retry_after_s=_retry_after(getattr(response, "headers", None) or {}),
        needed=answer.get("needed"),
        why=answer.get("response_metadata"),
        is_unclear=status >= 500 or not error,
    )


def _retry_after(headers: Mapping[str, str]) -> float:
    written = headers.get("Retry-After") or headers.get("retry-after")
    try:
        return max(1.0, float(written or ""))
    except ValueError:
        return RETRY_AFTER_DEFAULT_S
