"""Jobs at work: each leased to this process, its lease renewed while it runs, its end written down (fenced)."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import timedelta

import structlog
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.alarms import Alarms
from bot.clock import Clock
from bot.logs import kind_and_place
from handlers.house import House
from storage import jobs
from storage.jobs import Job, JobState, LeaseLostError
from storage.leases import LEASE
from storage.schedule import PARKED_AFTER_ATTEMPTS
from storage.sqlite_driver import unhurried
from storage.store import DatabaseAwayError, Store

log = structlog.get_logger(__name__)

JOBS_AT_ONCE = 2
JOB_RETRY_AFTER = timedelta(minutes=1)
RENEW_EVERY_S = LEASE.total_seconds() / 3


class Working:
    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        house: House,
        client: AsyncWebClient,
        wake: Callable[[], None],
        alarms: Alarms,
        renew_every_s: float = RENEW_EVERY_S,
    ) -> None:
        self._store = store
        self._clock = clock
        self._house = house
        self._client = client
        self._wake = wake
        self._alarms = alarms
        self._renew_every_s = renew_every_s
        self._running: set[asyncio.Task[None]] = set()

    async def start_due(self) -> None:
        """Starts as many due jobs as there is room for. Raises DatabaseAwayError."""
        while len(self._running) < JOBS_AT_ONCE:
            now = self._clock.now()
            async with self._store.read() as session:
                if not await jobs.is_any_due(session, now=now):
                    return
            async with self._store.write() as session:
                job = await jobs.claim_job(session, now=now)
                if job is not None and job.state == JobState.PARKED:
                    await self._tell_parked(session, job, job.last_error)
            if job is None:
                return
            if job.state == JobState.PARKED:
                self._wake()
            if job.state == JobState.RUNNING:
                task = asyncio.create_task(self._work(job), name=f"job {job.key}")
                self._running.add(task)
                task.add_done_callback(self._running.discard)

    async def finish(self) -> None:
        """Waits for the jobs that are at work, and for those that were due but had no room beside them. Raises
        DatabaseAwayError."""
        while self._running:
            await asyncio.gather(*self._running)
            await self.start_due()

    async def stop(self) -> None:
        """Breaks off what is at work, and gives it back for whoever runs next."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _work(self, job: Job) -> None:
        try:
            await self._run(job)
        except LeaseLostError:
            log.warning("another process took the job over", key=job.key)
        except asyncio.CancelledError:
            with contextlib.suppress(DatabaseAwayError):  # its lease runs out, then
                await self._settle(job, {"state": JobState.READY, "run_at": self._clock.now()})
            raise
        except Exception as error:  # a job's failure belongs in its row, whatever it was
            log.exception("job failed", key=job.key)
            await self._failed(job, error)
        else:
            await self._settle_or_leave(job, {"state": JobState.DONE, "done_at": self._clock.now()})
        self._wake()

    async def _run(self, job: Job) -> None:
        """The job, while its lease is renewed beside it. Raises what the job raises, or LeaseLostError."""
        run = self._house.jobs[job.kind](job, store=self._store, client=self._client, now=self._clock.now)
        with unhurried():  # a job's statements may take long, and people are waiting meanwhile
            work = asyncio.ensure_future(run)
        renewal = asyncio.create_task(self._renew(job), name=f"lease of {job.key}")
        try:
            await asyncio.wait({work, renewal}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                renewal.result()  # ends only by raising
            await work
        finally:
            for task in (work, renewal):
                task.cancel()
            await asyncio.gather(work, renewal, return_exceptions=True)

    async def _renew(self, job: Job) -> None:
        """Holds the lease of a job that computes for long. Raises LeaseLostError."""
        while True:
            await asyncio.sleep(self._renew_every_s)
            try:
                async with self._store.write() as session:
                    await jobs.holding(session, job, now=self._clock.now())
            except DatabaseAwayError:
                log.warning("lease not renewed: the database is away", key=job.key)

    async def _failed(self, job: Job, error: Exception) -> None:
        now = self._clock.now()
        attempts = job.attempts + 1
        parked = attempts >= PARKED_AFTER_ATTEMPTS
        outcome: dict[str, object] = {
            "state": JobState.PARKED if parked else JobState.READY,
            "run_at": now + JOB_RETRY_AFTER * attempts,
            "attempts": attempts,
            "last_error": kind_and_place(error),
        }
        await self._settle_or_leave(job, outcome)

    async def _settle_or_leave(self, job: Job, outcome: dict[str, object]) -> None:
        try:
            await self._settle(job, outcome)
        except DatabaseAwayError:
            log.warning("job not settled: the database is away; it runs again once its lease is over", key=job.key)

    async def _settle(self, job: Job, outcome: dict[str, object]) -> None:
        async def settle(session: AsyncSession) -> None:
            fenced = (Job.id == job.id) & (Job.lease == job.lease) & (Job.state == JobState.RUNNING)
            settled = update(Job).where(fenced).values(lease_until=None, **outcome).returning(Job.id)
            held = (await session.execute(settled)).scalar_one_or_none()
            if held is not None and outcome["state"] == JobState.PARKED:
                await self._tell_parked(session, job, outcome["last_error"])

        await self._store.transact(settle)

    async def _tell_parked(self, session: AsyncSession, job: Job, error: object) -> None:
        """Whether it failed each time, or each time took its process with it."""
        log.error("job parked", kind=job.kind, key=job.key, error=error)
        await self._alarms.job(session, job, now=self._clock.now())
