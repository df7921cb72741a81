"""Wanted messages → Slack: ordered, paced, prioritised, retried, reconciled.

claim (short transaction: the row says `sending`) → bot.rendering: what it shows now → bot.sending: HTTP, settle. A
claim that never settled is *unknown*, never failed: the conversation's history decides whether Slack has it.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from bot.alarms import Alarms
from bot.claiming import Claimed, claim_due
from bot.clock import Clock
from bot.measures import Measures
from bot.refused import NO_CLEAR_ANSWER
from bot.rendering import Looks, Rendering
from bot.sending import Sending
from handlers.house import House
from storage import outbox, pacing
from storage.messages import Message
from storage.outbox import Claim
from storage.settling import Sent
from storage.store import DatabaseAwayError, Store

log = structlog.get_logger(__name__)

HTTP_TIMEOUT_S = 10
AT_ONCE = 32
KEPT_FOR_URGENT = 4
"""Of the calls at once; a page must not wait until as many digests have timed out."""
GATHERS_FOR_S = 0.005
"""What is wanted, and what Slack answers, within so short a time is written down and looked for by one transaction."""
ENDS_WITHIN_S = 4.0
"""How long stopping waits for calls in flight; what is cut off is reconciled by whoever runs next."""
PROBE_EVERY = timedelta(seconds=30)
TIDY_EVERY = timedelta(hours=1)


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
        alarms: Alarms | None = None,
    ) -> None:
        self._store = store
        self._client = client
        self._clock = clock
        self._daily_dm_limit = daily_dm_limit
        self._rendering = Rendering(store, clock, house)
        self._sending = Sending(
            store=store,
            client=client,
            clock=clock,
            house=house,
            measures=measures or Measures(),
            alarms=alarms or Alarms(),
            broken=self._break,
        )
        self._woken = asyncio.Event()
        self._stopping = False
        self._in_flight: set[asyncio.Task[None]] = set()
        self._sent: list[Sent] = []
        """What Slack has taken and no row says yet; written down together with the next claims."""
        self._in_doubt: set[int] = set()
        """Messages that history is being asked about."""
        self._tidied_at: datetime | None = None
        self.breaker = Breaker()
        self.last_turn_at: datetime | None = None
        """When it last came to the end of looking for what is to be sent."""

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
                if await self._begin() and len(self._in_flight) < AT_ONCE:
                    continue
            except DatabaseAwayError:
                log.warning("delivery waits for the database")
            except Exception:  # the loop that everybody relies on must outlive any bug; nothing was claimed
                log.exception("delivery stumbled")
            await self._until_woken(1.0)
            await asyncio.sleep(GATHERS_FOR_S)
        if self._in_flight:
            _, cut_off = await asyncio.wait(self._in_flight, timeout=ENDS_WITHIN_S)
            for task in cut_off:
                task.cancel()
            await asyncio.gather(*cut_off, return_exceptions=True)
        with contextlib.suppress(DatabaseAwayError):  # their leases run out, then
            await self._settle()

    async def _until_woken(self, at_most_s: float) -> None:
        try:
            async with asyncio.timeout(at_most_s):
                await self._woken.wait()
        except TimeoutError:
            return

    async def run_once(self) -> int:
        """Sends what is due now and reconciles what is unknown, to the end of it; returns how many rows were handled.
        Raises DatabaseAwayError."""
        begun = await self._begin()
        while self._in_flight:
            await asyncio.wait(self._in_flight)
        await self._settle()
        return begun

    async def _begin(self) -> int:
        """Starts as many calls as there is room for; returns how many rows were handled."""
        begun = await self._begin_calls()
        self.last_turn_at = self._clock.now()
        return begun

    async def _begin_calls(self) -> int:
        room = AT_ONCE - len(self._in_flight)
        if not await self._installation_works() or room <= 0:
            await self._settle()
            return 0
        now = self._clock.now()
        async with self._store.read() as session:
            doubtful = await outbox.doubtful(session, now=now, most=max(0, room - KEPT_FOR_URGENT), but=self._in_doubt)
            is_anything_due = await outbox.is_anything_due(session, now=now)
        room -= len(doubtful)
        claimed = Claimed()
        if is_anything_due or self._sent:
            claimed = await self._settle(lambda session: self._claim(session, room, now)) or claimed
        for claim, looks in await self._rendering.looks(claimed.claims):
            self._start(self._deliver(claim, looks), claim.head.key)
        for message in doubtful:
            self._in_doubt.add(message.id)
            self._start(self._reconcile(message), message.key)
        return len(claimed.claims) + claimed.put_off + len(doubtful)

    async def _settle(self, then: Callable[[AsyncSession], Awaitable[Claimed]] | None = None) -> Claimed | None:
        """Writes down what Slack has taken, and what `then` does, in one transaction. Raises DatabaseAwayError: then it
        is tried again at the next turn."""
        sent, self._sent = self._sent, []
        if not sent and then is None:
            return None

        async def settle(session: AsyncSession) -> Claimed | None:
            await self._sending.settle(session, sent)
            return await then(session) if then is not None else None

        try:
            return await self._store.transact(settle)
        except DatabaseAwayError:
            self._sent = sent + self._sent
            raise
        except Exception:  # whatever broke: what Slack has is not to be asked for again because of it
            await self._store.transact(lambda session: self._sending.settle(session, sent))
            raise

    async def _claim(self, session: AsyncSession, room: int, now: datetime) -> Claimed:
        if self._tidied_at is None or now - self._tidied_at >= TIDY_EVERY:
            self._tidied_at = now
            await pacing.forget_gates(session, now=now)
        return await claim_due(
            session,
            now=now,
            most=room,
            daily_dm_limit=self._daily_dm_limit,
            kept_for_urgent=KEPT_FOR_URGENT,
        )

    async def _deliver(self, claim: Claim, looks: Looks) -> None:
        sent = await self._sending.deliver(claim, looks)
        if sent is not None:
            self._sent.append(sent)

    def _start(self, work: Coroutine[Any, Any, None], key: str) -> None:
        task = asyncio.create_task(self._alone(work, key), name=f"send {key}")
        self._in_flight.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._in_flight.discard(task)
        self.wake()

    async def _alone(self, work: Coroutine[Any, Any, None], key: str) -> None:
        """One message's trouble is never another's: what didn't settle is in doubt once its lease has run out."""
        try:
            await work
        except DatabaseAwayError:
            log.warning("not settled: the database is away", key=key)
        except Exception:  # likewise: the lease answers for whatever it was
            log.exception("not settled", key=key)

    async def _reconcile(self, message: Message) -> None:
        try:
            await self._sending.reconcile(message)
        finally:
            self._in_doubt.discard(message.id)

    def _break(self, error: str) -> None:
        self.breaker = Breaker(error, self._clock.now() + PROBE_EVERY)

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
        except (SlackApiError, *NO_CLEAR_ANSWER):
            return False
        log.info("installation works again", was=self.breaker.error)
        self.breaker = Breaker()
        return True
