"""The heartbeat: due timers, schedules and jobs → the feature that set them.

One APScheduler interval job per process beats once a second; what is due lives in rows, so nothing is lost with it.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.alarms import Alarms
from bot.clock import Clock, DatabaseClock
from bot.firing import BATCH as FIRED_AT_ONCE
from bot.firing import Firing
from bot.logs import kind_and_place
from bot.skew import Skew
from bot.working import Working
from handlers.house import House
from storage import workspaces
from storage.schedule import PARKED_AFTER_ATTEMPTS, Timer
from storage.store import DatabaseAwayError, Store

log = structlog.get_logger(__name__)

BEAT_S = 1
LOOK_S = 60
"""How often Slack is asked what time it is, and the database that replicas share, and who of them is frozen."""
NOTE_EVERY = timedelta(seconds=30)
"""How often the database is told that somebody is at work."""
BATCH = 200
TOGETHER = 20
"""Steps that may share a transaction: each by itself would cost a BEGIN and a COMMIT, and on SQLite a trip for each."""
OPEN_AT_MOST_S = 0.1
WORKERS = 4
"""Transactions at once, on PostgreSQL."""
RETRY_AFTER = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))


class Ticking:
    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        house: House,
        client: AsyncWebClient,
        wake: Callable[[], None],
        skew: Skew | None = None,
        alarms: Alarms | None = None,
    ) -> None:
        """`skew`: nothing fires while this machine's clock is dangerously off; None: it is trusted."""
        self._store = store
        self._clock = clock
        self._house = house
        self._wake = wake
        self._skew = skew
        self._looks = [skew.look] if skew is not None else []
        if isinstance(clock, DatabaseClock):
            self._looks.append(clock.look)
        if store.dialect == "postgresql":
            self._looks.append(self._let_go_of_the_frozen)
        self._alarms = alarms or Alarms()
        self._firing = Firing(store=store, clock=clock, house=house, alarms=self._alarms)
        self._working = Working(store=store, clock=clock, house=house, client=client, wake=wake, alarms=self._alarms)
        self.last_beat_at: datetime | None = None
        """When a beat last came to its end."""
        self._noted_at: datetime | None = None
        # The defaults drop what is a second late; a beat that was missed is simply made up for by the next
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._beating = asyncio.Lock()

    def start(self) -> None:
        self._scheduler.add_job(
            self.beat, "interval", seconds=BEAT_S, misfire_grace_time=None, coalesce=True, max_instances=1
        )
        for look in self._looks:
            self._scheduler.add_job(
                look, "interval", seconds=LOOK_S, misfire_grace_time=None, coalesce=True, max_instances=1
            )
        self._scheduler.start()

    async def stop(self) -> None:
        """No new beats; waits for the one in flight and for the jobs at work (which can resume elsewhere)."""
        if self._scheduler.running:
            self._scheduler.pause()
        async with self._beating:  # shutting APScheduler down cancels a running beat even when asked to wait
            if self._scheduler.running:
                self._scheduler.shutdown(wait=False)
        await self._working.stop()

    async def beat(self) -> None:
        """Everything that is due now, once; returns when the timers are done (jobs go on by themselves)."""
        async with self._beating:
            try:
                if self._skew is None or not self._skew.is_dangerous:
                    await self._fire_everything_due()
                self.last_beat_at = self._clock.now()
                await self._note_beat(self.last_beat_at)
            except DatabaseAwayError:
                log.warning("the heartbeat waits for the database")

    async def _let_go_of_the_frozen(self) -> None:
        """Beside the beat, which may be waiting for what they hold."""
        try:
            ended = await self._store.let_go_of_the_frozen()
        except DatabaseAwayError:
            return
        if ended:
            log.warning("let go of what a frozen replica held", connections=ended)

    async def _note_beat(self, now: datetime) -> None:
        if self._noted_at is None or now - self._noted_at >= NOTE_EVERY:
            async with self._store.write() as session:
                await workspaces.note_beat(session, now=now)
            self._noted_at = now

    async def _fire_everything_due(self) -> None:
        while await self._run_due_timers():
            pass
        while fired := await self._firing.fire_due():
            self._wake()
            if fired < FIRED_AT_ONCE:
                break
        await self._working.start_due()

    async def finish_jobs(self) -> None:
        """Waits for the jobs that are due, as many at once as there is room for. Raises DatabaseAwayError."""
        await self._working.finish()

    async def _run_due_timers(self) -> bool:
        """One batch, most urgent first; True if there may be more."""
        now = self._clock.now()
        async with self._store.read() as session:
            due = select(Timer.id).where(Timer.parked_at.is_(None), Timer.retry_at <= now)
            ids = (
                (await session.execute(due.order_by(Timer.priority, Timer.due_at, Timer.id).limit(BATCH)))
                .scalars()
                .all()
            )
        ran = await self._run_all(ids)
        if ran:
            self._wake()
        return len(ids) == BATCH and ran

    async def _run_all(self, timer_ids: Sequence[int]) -> bool:
        """True if any of them was still to be run."""
        together = deque(timer_ids[at : at + TOGETHER] for at in range(0, len(timer_ids), TOGETHER))

        async def run_some() -> bool:
            ran = False
            while together:
                ran |= await self._run_together(together.popleft())
            return ran

        # SQLite has one writer; the others would only queue for it
        workers = WORKERS if self._store.dialect == "postgresql" else 1
        ended = await asyncio.gather(*(run_some() for _ in range(workers)), return_exceptions=True)
        for end in ended:
            if isinstance(end, BaseException):
                raise end
        return any(ended)

    async def _run_together(self, timer_ids: Sequence[int]) -> bool:
        """Several in one transaction, which stays short; if one of them breaks nothing of it is kept, and each runs
        alone."""
        left, ran = list(timer_ids), False
        while left:
            try:
                done, left = await self._store.transact(partial(self._run_steps, timer_ids=left))
            except DatabaseAwayError:
                raise
            except Exception:  # whatever it was: it is met again by the step that it belongs to, which answers for it
                return any([await self._run_alone(timer_id) for timer_id in left]) or ran
            ran |= bool(done)
        return ran

    async def _run_alone(self, timer_id: int) -> bool:
        """False if another process has it, or had it."""
        try:
            done, _ = await self._store.transact(partial(self._run_steps, timer_ids=[timer_id]))
        except DatabaseAwayError:
            raise
        except Exception as error:  # one step's bug must not hold up its neighbours; the row keeps the reason
            log.exception("step failed", timer=timer_id)
            failure = kind_and_place(error)
            await self._store.transact(lambda session: self._record_failure(session, timer_id, failure))
            return True
        return bool(done)

    async def _run_steps(self, session: AsyncSession, timer_ids: Sequence[int]) -> tuple[list[int], list[int]]:
        """Each step and the end of its timer: together or not at all. (Which were run, which wait for the next
        transaction, because this one has been open long enough.)"""
        now, began = self._clock.now(), time.monotonic()
        query = select(Timer).where(Timer.id.in_(timer_ids), Timer.retry_at <= now, Timer.parked_at.is_(None))
        query = query.order_by(Timer.priority, Timer.due_at, Timer.id).with_for_update(skip_locked=True)
        due = (await session.execute(query)).scalars().all()
        done: list[int] = []
        for timer in due:
            if done and time.monotonic() - began > OPEN_AT_MOST_S:
                break
            await self._house.steps[timer.step](session, timer, now)
            done.append(timer.id)
        await session.execute(delete(Timer).where(Timer.id.in_(done)), execution_options={"synchronize_session": False})
        return done, [timer.id for timer in due[len(done) :]]

    async def _record_failure(self, session: AsyncSession, timer_id: int, failure: str) -> None:
        now = self._clock.now()
        timer = await session.get(Timer, timer_id, with_for_update=True)
        if timer is None or timer.parked_at is not None or timer.retry_at > now:
            return  # another process has run it since, or recorded its own failure
        timer.attempts += 1
        timer.last_error = failure
        if timer.attempts < PARKED_AFTER_ATTEMPTS:
            timer.retry_at = now + RETRY_AFTER[timer.attempts - 1]
            return
        timer.parked_at = now
        log.error("step parked", step=timer.step, subject=timer.subject_id, error=failure)
        await self._alarms.step(session, timer, now=now)
