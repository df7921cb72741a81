"""The heartbeat: due timers, schedules and jobs → the feature that set them.

One APScheduler interval job per process beats once a second; what is due lives in rows, so nothing is lost with it.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.alarms import Alarms
from bot.clock import Clock
from bot.firing import BATCH as FIRED_AT_ONCE
from bot.firing import Firing
from bot.skew import Skew
from bot.working import Working
from handlers.house import House
from storage.schedule import PARKED_AFTER_ATTEMPTS, Timer
from storage.store import DatabaseAwayError, Store

log = structlog.get_logger(__name__)

BEAT_S = 1
LOOK_S = 60
"""How often Slack is asked what time it is."""
BATCH = 200
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
        self._alarms = alarms or Alarms()
        self._firing = Firing(store=store, clock=clock, house=house, alarms=self._alarms)
        self._working = Working(store=store, clock=clock, house=house, client=client, wake=wake, alarms=self._alarms)
        self.last_beat_at: datetime | None = None
        """When a beat last came to its end."""
        # The defaults drop what is a second late; a beat that was missed is simply made up for by the next
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._beating = asyncio.Lock()

    def start(self) -> None:
        self._scheduler.add_job(
            self.beat, "interval", seconds=BEAT_S, misfire_grace_time=None, coalesce=True, max_instances=1
        )
        if self._skew is not None:
            self._scheduler.add_job(
                self._skew.look, "interval", seconds=LOOK_S, misfire_grace_time=None, coalesce=True, max_instances=1
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
            except DatabaseAwayError:
                log.warning("the heartbeat waits for the database")

    async def _fire_everything_due(self) -> None:
        while await self._run_due_timers():
            pass
        while fired := await self._firing.fire_due():
            self._wake()
            if fired < FIRED_AT_ONCE:
                break
        await self._working.start_due()

    async def finish_jobs(self) -> None:
        """Waits for the jobs that are at work."""
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
        ran = [await self._run_alone(timer_id) for timer_id in ids]
        if any(ran):
            self._wake()
        return len(ids) == BATCH and any(ran)

    async def _run_alone(self, timer_id: int) -> bool:
        """False if another process has it, or had it."""
        try:
            return await self._store.transact(lambda session: self._run_step(session, timer_id))
        except DatabaseAwayError:
            raise
        except Exception as error:  # one step's bug must not hold up its neighbours; the row keeps the reason
            log.exception("step failed", timer=timer_id)
            failure = repr(error)
            await self._store.transact(lambda session: self._record_failure(session, timer_id, failure))
            return True

    async def _run_step(self, session: AsyncSession, timer_id: int) -> bool:
        """The step and the end of its timer: together or not at all."""
        now = self._clock.now()
        query = select(Timer).where(Timer.id == timer_id, Timer.retry_at <= now, Timer.parked_at.is_(None))
        timer = (await session.execute(query.with_for_update(skip_locked=True))).scalar_one_or_none()
        if timer is None:
            return False
        await self._house.steps[timer.step](session, timer, now)
        await session.delete(timer)
        return True

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
