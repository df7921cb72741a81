"""The heartbeat: due timers, schedules and jobs → the feature that set them.

One APScheduler interval job per process beats once a second; what is due lives in rows, so that nothing is lost with it.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.skew import Skew
from handlers.house import House
from handlers.local_time import latest_fire, next_fire
from storage import jobs
from storage.base import insertion
from storage.jobs import Job, JobState, LeaseLostError
from storage.schedule import PARKED_AFTER_ATTEMPTS, Occurrence, Schedule, Timer
from storage.store import DatabaseAwayError, Store

log = structlog.get_logger(__name__)

BEAT_S = 1
LOOK_S = 60
"""How often Slack is asked what time it is."""
BATCH = 200
RETRY_AFTER = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))
JOBS_AT_ONCE = 2
JOB_RETRY_AFTER = timedelta(minutes=1)


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
    ) -> None:
        """`skew`: nothing fires while this machine's clock is dangerously off; None: it is trusted."""
        self._store = store
        self._clock = clock
        self._house = house
        self._client = client
        self._wake = wake
        self._skew = skew
        self.last_beat_at: datetime | None = None
        """When a beat last came to its end."""
        self._running: set[asyncio.Task[None]] = set()
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
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

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
        while await self._fire_due_schedules():
            pass
        await self._start_due_jobs()

    async def finish_jobs(self) -> None:
        """Waits for the jobs that are at work."""
        while self._running:
            await asyncio.gather(*self._running)

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
        for timer_id in ids:
            await self._run_step(timer_id)
        if ids:
            self._wake()
        return len(ids) == BATCH

    async def _run_step(self, timer_id: int) -> None:
        now = self._clock.now()
        try:
            async with self._store.write() as session:
                query = select(Timer).where(Timer.id == timer_id, Timer.retry_at <= now)
                timer = (await session.execute(query.with_for_update(skip_locked=True))).scalar_one_or_none()
                if timer is None:
                    return  # another process has it, or had it
                await self._house.steps[timer.step](session, timer, now)
                await session.delete(timer)
        except DatabaseAwayError:
            raise
        except Exception as error:  # one step's bug must not hold up its neighbours; the row keeps the reason
            log.exception("step failed", timer=timer_id)
            await self._record_failure(timer_id, error)

    async def _record_failure(self, timer_id: int, error: Exception) -> None:
        now = self._clock.now()
        async with self._store.write() as session:
            timer = await session.get(Timer, timer_id)
            if timer is None:
                return
            timer.attempts += 1
            timer.last_error = repr(error)
            if timer.attempts >= PARKED_AFTER_ATTEMPTS:
                timer.parked_at = now
                log.error("step parked", step=timer.step, subject=timer.subject_id, error=timer.last_error)
            else:
                timer.retry_at = now + RETRY_AFTER[min(timer.attempts, len(RETRY_AFTER)) - 1]

    async def _fire_due_schedules(self) -> bool:
        now = self._clock.now()
        async with self._store.read() as session:
            due = select(Schedule.id).where(or_(Schedule.next_fire_at <= now, Schedule.next_fire_at.is_(None)))
            ids = (await session.execute(due.order_by(Schedule.next_fire_at).limit(BATCH))).scalars().all()
        for schedule_id in ids:
            await self._fire(schedule_id, now)
        if ids:
            self._wake()
        return len(ids) == BATCH

    async def _fire(self, schedule_id: int, now: datetime) -> None:
        async with self._store.write() as session:
            schedule = await session.get(Schedule, schedule_id, with_for_update=True)
            if schedule is None or (schedule.next_fire_at is not None and schedule.next_fire_at > now):
                return
            if schedule.next_fire_at is not None and schedule.next_local_date is not None:
                await self._occur(session, schedule, now)
            aim(schedule, after=now)

    async def _occur(self, session: AsyncSession, schedule: Schedule, now: datetime) -> None:
        # after an outage only the latest occurrence is run: that is what people still want
        rule = (schedule.wall, frozenset(schedule.weekdays), ZoneInfo(schedule.zone))
        due, day = latest_fire(now, *rule)
        first = insertion(session, Occurrence).values(schedule_id=schedule.id, local_date=day, due_at=due, fired_at=now)
        fired = await session.execute(
            first.on_conflict_do_nothing(index_elements=["schedule_id", "local_date"]).returning(Occurrence.local_date)
        )
        if fired.first() is None:
            return  # this local date has had its firing
        skipped = await self._house.firings[schedule.kind](session, schedule, due, now)
        if skipped is not None:
            which = (Occurrence.schedule_id == schedule.id) & (Occurrence.local_date == day)
            await session.execute(update(Occurrence).where(which).values(skipped=skipped))

    async def _start_due_jobs(self) -> None:
        while len(self._running) < JOBS_AT_ONCE:
            async with self._store.write() as session:
                job = await jobs.claim_job(session, now=self._clock.now())
            if job is None:
                return
            task = asyncio.create_task(self._work(job), name=f"job {job.key}")
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _work(self, job: Job) -> None:
        try:
            await self._house.jobs[job.kind](job, store=self._store, client=self._client, now=self._clock.now)
        except LeaseLostError:
            log.warning("another process took the job over", key=job.key)
        except Exception as error:  # a job's failure belongs in its row, whatever it was
            log.exception("job failed", key=job.key)
            await self._settle_job(job, error)
        else:
            await self._settle_job(job, None)
        self._wake()

    async def _settle_job(self, job: Job, error: Exception | None) -> None:
        now = self._clock.now()
        outcome: dict[str, object] = {"state": JobState.DONE, "done_at": now}
        if error is not None:
            attempts = job.attempts + 1
            parked = attempts >= PARKED_AFTER_ATTEMPTS
            outcome = {
                "state": JobState.PARKED if parked else JobState.READY,
                "run_at": now + JOB_RETRY_AFTER * attempts,
                "attempts": attempts,
                "last_error": repr(error),
            }
        async with self._store.write() as session:
            fenced = (Job.id == job.id) & (Job.lease == job.lease)
            await session.execute(update(Job).where(fenced).values(**outcome))


def aim(schedule: Schedule, *, after: datetime) -> None:
    """Points the schedule at its next local date after `after`."""
    zone = ZoneInfo(schedule.zone)
    schedule.next_fire_at, schedule.next_local_date = next_fire(
        after, schedule.wall, frozenset(schedule.weekdays), zone
    )
