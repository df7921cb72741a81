"""How far this machine's clock is from Slack's: every deadline is kept by it, and nobody else would notice."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock

log = structlog.get_logger(__name__)

COMPLAINS_BEYOND = timedelta(seconds=60)
FIRES_WITHIN = timedelta(minutes=5)
DATE_ROUNDING = timedelta(milliseconds=500)
"""The Date header has whole seconds, cut off."""


def slack_time(headers: Mapping[str, str]) -> datetime | None:
    """Slack's time of day, in whole seconds, by an answer's Date header; None without a readable one."""
    try:
        said = parsedate_to_datetime(headers["Date"])
    except (KeyError, TypeError, ValueError):
        return None
    return said.replace(tzinfo=UTC) if said.tzinfo is None else said


class Skew:
    """`machine` is the clock by which everything fires (the demo moves it, and its Slack's with it)."""

    def __init__(self, *, client: AsyncWebClient, machine: Clock) -> None:
        self._client = client
        self._machine = machine
        self.ahead: timedelta | None = None
        """How far this machine is ahead of Slack (negative: behind); None: not measured."""

    @property
    def is_worth_a_complaint(self) -> bool:
        return self.ahead is not None and abs(self.ahead) > COMPLAINS_BEYOND

    @property
    def is_dangerous(self) -> bool:
        """Deadlines would fire minutes off: better not at all until the clock is mended."""
        return self.ahead is not None and abs(self.ahead) > FIRES_WITHIN

    async def look(self) -> None:
        """Asks Slack what time it is. Slack away changes nothing."""
        try:
            answer = await self._client.auth_test()
        except SlackApiError as refused:
            self.observe(refused.response.headers)
        except (OSError, TimeoutError, ValueError):
            return
        else:
            self.observe(answer.headers)

    def observe(self, headers: Mapping[str, str]) -> None:
        """Reads an answer's Date header; without a readable one nothing changes."""
        said = slack_time(headers)
        if said is None:
            return
        self.ahead = self._machine.now() - said - DATE_ROUNDING
        if self.is_worth_a_complaint:
            log.error(
                "this machine's clock is off", ahead_s=round(self.ahead.total_seconds()), fires=not self.is_dangerous
            )
