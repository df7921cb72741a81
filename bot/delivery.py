"""Wanted messages → Slack: ordered, paced, prioritised, retried, reconciled. The only caller of chat.postMessage.

claim (short transaction: the row says `sending`) → render the present truth → HTTP → settle (fenced on the attempt).
A claim that never settled is *unknown*, never failed: the conversation's history decides whether Slack has it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.claiming import claim_due
from bot.clock import Clock
from bot.measures import Measures
from bot.reconciling import Reconciliation, find_in_history
from handlers.house import Fallen, House, Rendered
from storage import outbox
from storage.messages import Message
from storage.outbox import Claim
from storage.store import DatabaseAwayError, Store

log = structlog.get_logger(__name__)

HTTP_TIMEOUT_S = 10
AT_ONCE = 16
RETRY_AFTER_DEFAULT_S = 30
PROBE_EVERY = timedelta(seconds=30)
METADATA_EVENT = "backstop_message"

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


@dataclass
class Breaker:
    """Open: the installation is broken, and why (Slack's error)."""

    error: str | None = None
    next_probe: datetime | None = None


class Delivery:
    """`run_once` sends what is due; `run` does so whenever it is woken, at least once a second, until stopped.

    `client` must have `retry_handlers=[]`: the SDK's own retry re-sends after an ambiguous drop.
    """

    def __init__(
        self,
        *,
        store: Store,
        client: AsyncWebClient,
        clock: Clock,
        house: House,
        daily_dm_limit: int = 3,
        measures: Measures | None = None,
    ) -> None:
        assert not client.retry_handlers, "the SDK's retries double messages"
        self._store = store
        self._client = client
        self._clock = clock
        self._house = house
        self._daily_dm_limit = daily_dm_limit
        self._measures = measures or Measures()
        self._woken = asyncio.Event()
        self._stopping = False
        self.breaker = Breaker()

    def wake(self) -> None:
        """There may be something to send. Never blocks."""
        self._woken.set()

    def stop(self) -> None:
        """Lets `run` finish what is in flight and return."""
        self._stopping = True
        self._woken.set()

    async def run(self) -> None:
        while not self._stopping:
            self._woken.clear()
            try:
                while not self._stopping and await self.run_once():
                    pass
            except DatabaseAwayError:
                log.warning("delivery waits for the database")
            except OSError as error:
                log.warning("delivery waits", error=str(error))
            await self._until_woken(1.0)

    async def _until_woken(self, at_most_s: float) -> None:
        try:
            async with asyncio.timeout(at_most_s):
                await self._woken.wait()
        except TimeoutError:
            return

    async def run_once(self) -> int:
        """Sends one batch of what is due now and reconciles what is unknown; returns how many rows were handled."""
        if not await self._installation_works():
            return 0
        now = self._clock.now()
        async with self._store.write() as session:
            await outbox.disown_abandoned(session, now=now)
            claims = await claim_due(session, now=now, most=AT_ONCE, daily_dm_limit=self._daily_dm_limit)
        doubtful = await self._doubtful(now)
        async with asyncio.TaskGroup() as group:
            for claim in claims:
                group.create_task(self._deliver(claim))
            for message in doubtful:
                group.create_task(self._reconcile(message))
        return len(claims) + len(doubtful)

    async def _doubtful(self, now: datetime) -> list[Message]:
        async with self._store.read() as session:
            return await outbox.doubtful(session, now=now, most=AT_ONCE)

    async def _installation_works(self) -> bool:
        """False while the breaker is open; it is probed now and then, and closes by itself after the mend."""
        if self.breaker.error is None:
            return True
        now = self._clock.now()
        if self.breaker.next_probe is not None and now < self.breaker.next_probe:
            return False
        self.breaker.next_probe = now + PROBE_EVERY
        try:
            await self._client.auth_test()
        except (SlackApiError, OSError, TimeoutError):
            return False
        log.info("installation works again", was=self.breaker.error)
        self.breaker = Breaker()
        return True

    async def _deliver(self, claim: Claim) -> None:
        rendered = await self._render(claim)
        if rendered is None:
            return
        try:
            answer = await self._send(claim, rendered)
        except SlackApiError as refused:
            await self._refused(claim, refused)
        except (OSError, TimeoutError, ValueError) as lost:
            # aiohttp's errors are OSError or ValueError (a truncated body); whether Slack took it is not known
            await self._lost(claim, repr(lost))
        else:
            self._measures.delivered("sent", len(claim.messages))
            async with self._store.write() as session:
                await outbox.settle_sent(
                    session, claim, channel=answer["channel"], ts=answer["ts"], now=self._clock.now()
                )

    async def _render(self, claim: Claim) -> Rendered | None:
        """What to show, or None when nothing is to be sent (the obligation fell, or its renderer failed)."""
        try:
            async with self._store.read() as session:
                shown = [
                    await self._house.renderers[message.renderer](session, message, self._clock.now())
                    for message in claim.messages
                ]
        except DatabaseAwayError:
            raise
        except Exception as error:  # a renderer's bug must not stop the others; the row keeps the reason
            log.exception("renderer failed", key=claim.head.key)
            self._measures.delivered("failed", len(claim.messages))
            async with self._store.write() as session:
                await outbox.settle_failed(session, claim, error=repr(error), now=self._clock.now())
            return None
        standing = [part for part in shown if not isinstance(part, Fallen)]
        if not standing:
            self._measures.delivered("fallen", len(claim.messages))
            async with self._store.write() as session:
                await outbox.settle_fallen(session, claim)
            return None
        return merged(standing)

    async def _send(self, claim: Claim, rendered: Rendered) -> Any:
        content: dict[str, Any] = {
            "text": rendered.text,
            "blocks": rendered.blocks,
            "unfurl_links": False,
            "unfurl_media": False,
            "metadata": {"event_type": METADATA_EVENT, "event_payload": {"key": claim.head.key}},
        }
        head = claim.head
        if head.slack_ts is not None and head.slack_channel is not None:
            content.pop("unfurl_links"), content.pop("unfurl_media")
            return await self._client.chat_update(channel=head.slack_channel, ts=head.slack_ts, **content)
        return await self._client.chat_postMessage(channel=claim.channel, thread_ts=claim.thread_ts, **content)

    async def _refused(self, claim: Claim, refused: SlackApiError) -> None:
        error = str(refused.response.get("error"))
        now = self._clock.now()
        status = refused.response.status_code
        if error == "ratelimited" or status == 429:
            self._measures.delivered("later", len(claim.messages))
            wait = timedelta(seconds=_retry_after(refused))
            async with self._store.write() as session:
                await outbox.settle_later(session, claim, at=now + wait, now=now, gate=True)
        elif error in WORKSPACE_ERRORS:
            log.error("the installation is broken", error=error, needed=refused.response.get("needed"))
            self.breaker = Breaker(error, now + PROBE_EVERY)
            async with self._store.write() as session:
                await outbox.settle_later(session, claim, at=now, now=now)
        elif error == "message_not_found" and claim.head.slack_ts is not None:
            async with self._store.write() as session:
                await outbox.settle_deleted(session, claim, now=now)
        elif status >= 500 or error in PASSING_ERRORS:
            await self._lost(claim, error)
        elif error in CHANNEL_ERRORS:
            log.warning("message parked", key=claim.head.key, error=error)
            self._measures.delivered("parked", len(claim.messages))
            async with self._store.write() as session:
                await outbox.settle_parked(session, claim, error=error, now=now)
                for message in claim.messages:
                    if hears := self._house.parked.get(message.renderer):
                        await hears(session, message, error, now)
        else:
            log.error(
                "slack refused a message",
                key=claim.head.key,
                error=error,
                why=refused.response.get("response_metadata"),
            )
            self._measures.delivered("failed", len(claim.messages))
            async with self._store.write() as session:
                await outbox.settle_failed(session, claim, error=error, now=now)

    async def _lost(self, claim: Claim, error: str) -> None:
        log.warning("outcome unknown", key=claim.head.key, error=error)
        self._measures.delivered("unknown", len(claim.messages))
        async with self._store.write() as session:
            await outbox.settle_unknown(session, claim, error=error, now=self._clock.now())

    async def _reconcile(self, message: Message) -> None:
        async with self._store.read() as session:
            thread_ts = await outbox.thread_of(session, message)
        found = await find_in_history(self._client, message, thread_ts)
        now = self._clock.now()
        log.info("reconciled", key=message.key, outcome=found.outcome)
        self._measures.delivered(found.outcome.name.lower())
        async with self._store.write() as session:
            match found.outcome:
                case Reconciliation.FOUND:
                    await outbox.settle_found(session, message, channel=found.channel, ts=found.ts, now=now)
                case Reconciliation.ABSENT:
                    await outbox.send_again(session, message, now=now)
                case Reconciliation.LATER:
                    await outbox.ask_again_later(session, message, now=now, after_s=found.after_s)
                case Reconciliation.UNREADABLE:
                    await outbox.settle_unreadable(session, message, error=found.error or "", now=now)


def merged(parts: list[Rendered]) -> Rendered:
    """Several messages that are due together, as the one that is sent."""
    if len(parts) == 1:
        return parts[0]
    blocks = list(parts[0].blocks)
    for part in parts[1:]:
        if len(blocks) + len(part.blocks) + 1 <= 50:
            blocks += [{"type": "divider"}, *part.blocks]
    return Rendered("\n\n".join(part.text for part in parts)[:4000], blocks)


def _retry_after(refused: SlackApiError) -> float:
    header: Callable[[str], Any] = refused.response.headers.get
    written = header("Retry-After") or header("retry-after")
    try:
        return max(1.0, float(written))
    except (TypeError, ValueError):
        return RETRY_AFTER_DEFAULT_S
