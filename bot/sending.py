"""One claim's way to Slack: what it shows now → HTTP → what came of it (fenced on the attempt). The only caller of
chat.postMessage for what people rely on."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from bot.alarms import Alarms
from bot.claiming import count_attention
from bot.clock import Clock
from bot.logs import kind_and_place
from bot.measures import Measures
from bot.reconciling import (
    THREAD_IS_GONE,
    Reconciliation,
    find_in_history,
    is_thread_gone,
    payload_of,
    take_back,
)
from bot.refused import CHANNEL_ERRORS, NO_CLEAR_ANSWER, PASSING_ERRORS, WORKSPACE_ERRORS, Refused, read_refusal
from bot.rendering import Looks, fitting, merged
from handlers.house import House, Rendered
from storage import outbox, settling
from storage.messages import Message, Priority
from storage.outbox import Claim
from storage.settling import Sent
from storage.store import Store

log = structlog.get_logger(__name__)

METADATA_EVENT = "backstop_message"
MEND_MAY_TAKE_S = 300.0

T = TypeVar("T")


class LapsedError(Exception):
    """This process was stopped for longer than the claim's lease: the message is no longer its to send."""


class Sending:
    """`broken` hears Slack's error when the installation as a whole doesn't work."""

    def __init__(
        self,
        *,
        store: Store,
        client: AsyncWebClient,
        clock: Clock,
        house: House,
        measures: Measures,
        alarms: Alarms,
        broken: Callable[[str], None],
    ) -> None:
        assert not client.retry_handlers, "the SDK's retries double messages"
        self._store = store
        self._client = client
        self._clock = clock
        self._house = house
        self._measures = measures
        self._alarms = alarms
        self._broken = broken

    async def deliver(self, claim: Claim, looks: Looks) -> Sent | None:
        """What Slack took, to be settled by whoever asked; anything else is settled here."""
        prepared = await self._prepare(claim, looks)
        if prepared is None:
            return None
        claim, rendered = prepared
        try:
            answer = await self._show(claim, rendered)
        except SlackApiError as refused:
            await self._refused(claim, read_refusal(refused))
        except LapsedError:
            log.warning("not sent: its lease ran out before the call", key=claim.head.key)
            self._measures.delivered("lapsed", len(claim.messages))
        except NO_CLEAR_ANSWER as lost:
            await self._lost(claim, repr(lost))
        else:
            if claim.thread_ts is not None and not await self._is_in_its_thread(claim, answer):
                return None
            self._measures.delivered("sent", len(claim.messages))
            return Sent(claim, answer["channel"], answer["ts"])
        return None

    async def _is_in_its_thread(self, claim: Claim, answer: Any) -> bool:
        """A reply to what was deleted stands in the channel, where nobody knows what it is about: it is taken back, and
        follows once its parent is posted again. False: it is settled."""
        if (answer.get("message") or {}).get("thread_ts"):
            return True
        try:
            if not await is_thread_gone(self._client, answer["channel"], str(claim.thread_ts)):
                return True
            await take_back(self._client, answer["channel"], answer["ts"])
        except (SlackApiError, *NO_CLEAR_ANSWER) as error:
            await self._lost(claim, repr(error))  # it is looked for, and taken back then
        else:
            await self._fail(claim, THREAD_IS_GONE)
        return False

    async def settle(self, session: AsyncSession, ended: Sequence[Sent]) -> None:
        """Writes down that Slack has these."""
        now = self._clock.now()
        if ended:
            for sent in await settling.settle_sent(session, ended, now=now):
                await count_attention(session, sent.claim, now=now)

    async def _prepare(self, claim: Claim, looks: Looks) -> tuple[Claim, Rendered] | None:
        """What to show, and of which messages; None when nothing is to be sent (all fell or failed)."""
        for _, error in looks.failed:
            # an update shows all of its messages or is not made: one of them would vanish from before people's eyes
            if claim.is_update or not looks.standing:
                await self._fail(claim, f"renderer failed: {error!r}")
                return None
        if not looks.standing:
            self._measures.delivered("fallen", len(claim.messages))
            await self._transact(lambda session: settling.settle_fallen(session, claim))
            return None
        if claim.is_update:
            return claim, merged([rendered for _, rendered in looks.standing])
        shown = fitting(looks.standing)
        kept = await self._without_the_rest(claim, looks, len(shown))
        return None if kept is None else (kept, merged([rendered for _, rendered in shown]))

    async def _without_the_rest(self, claim: Claim, looks: Looks, fits: int) -> Claim | None:
        """Before anything is sent: each message that the sent one will not show gets its own outcome."""
        now = self._clock.now()
        outcomes = [(message, settling.FALLEN) for message in looks.fallen]
        outcomes += [(message, settling.failed(claim, kind_and_place(error), now)) for message, error in looks.failed]
        outcomes += [(message, settling.later(now)) for message, _ in looks.standing[fits:]]
        if not outcomes:
            return claim

        async def leave_out(session: AsyncSession) -> Claim | None:
            kept: Claim | None = claim
            for message, outcome in outcomes:
                if kept is not None:
                    kept = await settling.without(session, kept, [message], outcome)
            return kept

        return await self._transact(leave_out)

    async def _show(self, claim: Claim, rendered: Rendered) -> Any:
        """A picture that Slack can't show (yet, or any more) never holds up its message: that goes without it then. The
        first answer was a definite no, so nothing is doubled."""
        try:
            return await self._call(claim, rendered)
        except SlackApiError as refused:
            bare = [block for block in rendered.blocks if "slack_file" not in block]
            if read_refusal(refused).error != "invalid_blocks" or len(bare) == len(rendered.blocks):
                raise
            log.warning("sent without its pictures", key=claim.head.key)
            return await self._call(claim, replace(rendered, blocks=bare))

    async def _call(self, claim: Claim, rendered: Rendered) -> Any:
        """Raises LapsedError, and what the client raises."""
        head = claim.head
        if claim.has_lapsed(self._clock.now()):
            raise LapsedError
        keys = [message.key for message in claim.messages]
        content: dict[str, Any] = {
            "text": rendered.text,
            "blocks": rendered.blocks,
            "metadata": {"event_type": METADATA_EVENT, "event_payload": payload_of(keys)},
        }
        if claim.is_update:
            return await self._client.chat_update(channel=claim.channel, ts=str(head.slack_ts), **content)
        return await self._client.chat_postMessage(
            channel=claim.channel, thread_ts=claim.thread_ts, unfurl_links=False, unfurl_media=False, **content
        )

    async def _refused(self, claim: Claim, said: Refused) -> None:
        now = self._clock.now()
        count = len(claim.messages)
        if said.is_rate_limit:
            self._measures.delivered("later", count)
            at = now + timedelta(seconds=said.retry_after_s)
            await self._transact(lambda session: settling.settle_later(session, claim, at=at, gate=True))
        elif said.error in WORKSPACE_ERRORS:
            log.error("the installation is broken", error=said.error, needed=said.needed)
            self._broken(said.error)
            await self._transact(lambda session: settling.settle_later(session, claim, at=now))
        elif said.error == "message_not_found" and claim.is_update:
            await self._transact(lambda session: settling.settle_deleted(session, claim, now=now))
        elif said.is_unclear or said.error in PASSING_ERRORS:
            await self._lost(claim, said.error)
        elif said.error in CHANNEL_ERRORS:
            log.warning("message parked", key=claim.head.key, error=said.error)
            self._measures.delivered("parked", count)
            await self._transact(lambda session: self._park(session, claim, said.error, now))
        else:
            log.error("slack refused a message", key=claim.head.key, error=said.error, why=said.why)
            await self._fail(claim, said.error)

    async def _park(self, session: AsyncSession, claim: Claim, error: str, now: datetime) -> None:
        if not await settling.settle_parked(session, claim, error=error, now=now):
            return
        for message in claim.messages:
            if hears := self._house.parked.get(message.renderer):
                await hears(session, message, error, now)

    async def _fail(self, claim: Claim, error: str) -> None:
        now = self._clock.now()
        self._measures.delivered("failed", len(claim.messages))

        async def settle(session: AsyncSession) -> None:
            if error == THREAD_IS_GONE and claim.thread_ts is not None:
                await settling.post_parent_again(session, claim.head, gone_ts=claim.thread_ts, now=now)
            if not await settling.settle_failed(session, claim, error=error, now=now):
                return
            for message in claim.messages:
                if message.failures + 1 >= settling.PARKED_AFTER_FAILURES:
                    await self._alarms.message(session, message, now=now)

        await self._transact(settle)

    async def _lost(self, claim: Claim, error: str) -> None:
        log.warning("outcome unknown", key=claim.head.key, error=error)
        self._measures.delivered("unknown", len(claim.messages))
        now = self._clock.now()
        await self._transact(lambda session: settling.settle_unknown(session, claim, error=error, now=now))

    async def reconcile(self, message: Message) -> None:
        """Asks Slack's history what became of a message in doubt, and settles it."""
        async with self._store.read() as session:
            thread_ts = await outbox.thread_of(session, message)
        found = await find_in_history(self._client, message, thread_ts, now=self._clock.now())
        if found.astray_ts is not None:
            try:
                await take_back(self._client, found.channel, found.astray_ts)
            except (SlackApiError, *NO_CLEAR_ANSWER):
                found = replace(found, outcome=Reconciliation.LATER)
        now = self._clock.now()
        log.info("reconciled", key=message.key, outcome=found.outcome.name)
        self._measures.delivered(found.outcome.name.lower())
        if found.error in WORKSPACE_ERRORS and found.error != "missing_scope":
            self._broken(found.error)

        async def settle(session: AsyncSession) -> None:
            match found.outcome:
                case Reconciliation.FOUND:
                    arrived = await settling.settle_found(
                        session, message, channel=found.channel, ts=found.ts, now=now, head_key=found.head_key
                    )
                    if arrived:
                        await count_attention(session, Claim(message, message.attempt), now=now)
                case Reconciliation.ABSENT:
                    if found.thread_is_gone and thread_ts is not None:
                        await settling.post_parent_again(session, message, gone_ts=thread_ts, now=now)
                    await settling.send_again(session, message, now=now)
                case Reconciliation.LATER:
                    await settling.ask_again_later(session, message, now=now, after_s=found.after_s)
                case Reconciliation.UNREADABLE if found.error == "missing_scope" and message.priority != Priority.SLA:
                    await settling.ask_again_later(session, message, now=now, after_s=MEND_MAY_TAKE_S)
                case Reconciliation.UNREADABLE:
                    await settling.settle_unreadable(session, message, error=found.error or "", now=now)
                    await self._alarms.message(session, message, now=now)

        await self._transact(settle)

    async def _transact(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        return await self._store.transact(work)
