"""Slow work: one runner at a time, taken over when its runner dies, its late writes refused."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import select, update
from structlog.testing import capture_logs

from bot.ticking import Ticking
from bot.working import Working
from storage import backlog
from storage.jobs import DIED, Job, JobState, LeaseLostError, claim_job, holding, want_job
from storage.leases import LEASE
from storage.schedule import PARKED_AFTER_ATTEMPTS
from storage.store import Store
from tests.bot.post_office import WORKSPACE, PostOffice


class Desk:
    """The work of these tests: begins, waits until `may_end`, ends."""

    def __init__(self, post_office: PostOffice) -> None:
        self.began: list[str] = []
        self.ended: list[str] = []
        self.error: Exception | None = None
        self.has_begun = asyncio.Event()
        self.may_end = asyncio.Event()
        self.may_end.set()
        post_office.house.job("tests.work", self)

    async def __call__(self, job: Job, *, store: Store, client: AsyncWebClient, now: Callable[[], datetime]) -> None:
        self.began.append(job.key)
        self.has_begun.set()
        if self.error:
            raise self.error
        await self.may_end.wait()
        async with store.write() as session:
            await holding(session, job, now=now())
        self.ended.append(job.key)


@pytest.fixture
async def desk(post_office: PostOffice) -> Desk:
    return Desk(post_office)


async def wants(post_office: PostOffice, *keys: str, kind: str = "tests.work") -> None:
    async with post_office.store.write() as session:
        for key in keys:
            await want_job(session, workspace_id=WORKSPACE, kind=kind, key=key, run_at=post_office.clock.at)


async def row(post_office: PostOffice, key: str = "job") -> Job:
    async with post_office.store.read() as session:
        return (await session.execute(select(Job).where(Job.key == key))).scalar_one()


async def works(ticking: Ticking) -> None:
    await ticking.beat()
    await ticking.finish_jobs()


async def test_wanted_work_is_done_once(post_office: PostOffice, desk: Desk) -> None:
    ticking = post_office.ticking()
    await wants(post_office, "job", "job")
    await works(ticking)
    await works(ticking)
    assert desk.ended == ["job"]
    done = await row(post_office)
    assert (done.state, done.done_at, done.lease_until) == (JobState.DONE, post_office.clock.at, None)


async def test_several_replicas_run_each_job_once(post_office: PostOffice, desk: Desk) -> None:
    replicas = [post_office.ticking(), post_office.ticking()]
    await wants(post_office, *(f"job {n}" for n in range(9)))
    for _ in range(6):
        await asyncio.gather(*(works(ticking) for ticking in replicas))
    assert sorted(desk.began) == sorted(desk.ended) == [f"job {n}" for n in range(9)]


async def test_a_dead_runners_job_is_taken_over_and_its_late_writes_are_refused(
    post_office: PostOffice, desk: Desk
) -> None:
    await wants(post_office, "job")
    async with post_office.store.write() as session:
        dead = await claim_job(session, now=post_office.clock.at)
    assert dead is not None
    await works(post_office.ticking())
    assert desk.began == []
    post_office.clock.at += LEASE
    await works(post_office.ticking())
    assert desk.ended == ["job"]
    with pytest.raises(LeaseLostError):
        async with post_office.store.write() as session:
            await holding(session, dead, now=post_office.clock.at)


async def test_whose_clock_is_a_little_behind_takes_no_job_out_of_its_runners_hands(post_office: PostOffice) -> None:
    """Read before it waited its turn to write, or on another machine."""
    await wants(post_office, "job")
    async with post_office.store.write() as session:
        held = await claim_job(session, now=post_office.clock.at)
        assert held is not None
        await holding(session, held, now=post_office.clock.at)
        assert await claim_job(session, now=post_office.clock.at - timedelta(seconds=2)) is None
        taken = await claim_job(session, now=post_office.clock.at - timedelta(minutes=2))
    assert taken is not None, "a clock that was set back by minutes is another matter"


async def test_a_runner_whose_job_was_taken_over_stops_and_settles_nothing(post_office: PostOffice, desk: Desk) -> None:
    ticking = post_office.ticking()
    desk.may_end.clear()
    await wants(post_office, "job")
    await ticking.beat()
    await desk.has_begun.wait()
    post_office.clock.at += LEASE
    async with post_office.store.write() as session:
        other = await claim_job(session, now=post_office.clock.at)
    assert other is not None
    desk.may_end.set()
    await ticking.finish_jobs()
    assert desk.ended == []
    assert (await row(post_office)).state == JobState.RUNNING


async def test_the_lease_of_long_work_is_renewed(post_office: PostOffice, desk: Desk) -> None:
    working = _working(post_office, renew_every_s=0.01)
    desk.may_end.clear()
    await wants(post_office, "job")
    await working.start_due()
    await desk.has_begun.wait()
    post_office.clock.at += timedelta(seconds=100)
    async with asyncio.timeout(5):
        while (await row(post_office)).lease_until != post_office.clock.at + LEASE:
            pass  # each look gives the renewal its turn
    desk.may_end.set()
    await working.finish()
    assert desk.ended == ["job"]


async def test_long_work_that_lost_its_lease_is_broken_off(post_office: PostOffice, desk: Desk) -> None:
    working = _working(post_office, renew_every_s=0.01)
    desk.may_end.clear()
    await wants(post_office, "job")
    await working.start_due()
    await desk.has_begun.wait()
    async with post_office.store.write() as session:
        await session.execute(update(Job).values(lease=Job.lease + 1))
    async with asyncio.timeout(5):
        await working.finish()
    assert desk.ended == []


async def test_failing_work_is_tried_later_and_later_then_parked_and_told(post_office: PostOffice, desk: Desk) -> None:
    ticking = post_office.ticking()
    desk.error = RuntimeError("no")
    await wants(post_office, "job")
    await works(ticking)
    failed = await row(post_office)
    assert (failed.state, failed.attempts) == (JobState.READY, 1)
    assert str(failed.last_error).startswith("RuntimeError at "), "and none of its words"
    assert failed.run_at == post_office.clock.at + timedelta(minutes=1)
    for _ in range(12):
        post_office.clock.at += timedelta(minutes=2)
        await works(ticking)
    assert (await row(post_office)).state == JobState.PARKED
    assert len(desk.began) == 5
    await post_office.rests()
    assert "tests.work" in (await post_office.sim.acts_as("Omar").finds("@bot", "failed 5 times")).text


async def test_work_that_kills_its_process_every_time_is_set_aside_told_and_taken_up_by_a_retry(
    post_office: PostOffice, desk: Desk
) -> None:
    await wants(post_office, "job")
    for _ in range(PARKED_AFTER_ATTEMPTS):
        async with post_office.store.write() as session:
            assert await claim_job(session, now=post_office.clock.at) is not None
        post_office.clock.at += LEASE
    with capture_logs() as logged:
        await works(post_office.ticking())
    assert (await row(post_office)).state == JobState.PARKED
    assert [line["kind"] for line in logged if line["event"] == "job parked"] == ["tests.work"]
    await post_office.rests()
    omar = post_office.sim.acts_as("Omar")
    assert "tests.work" in (await omar.finds("@bot", "failed 5 times")).text
    async with post_office.store.write() as session:
        assert [job.last_error for job in await backlog.parked_jobs(session)] == [DIED]
        assert await backlog.retry_parked(session, now=post_office.clock.at) == 1
    await works(post_office.ticking())
    assert desk.ended == ["job"]


async def test_work_of_a_kind_that_nobody_knows_fails_like_any_other(post_office: PostOffice) -> None:
    await wants(post_office, "job", kind="tests.unknown")
    await works(post_office.ticking())
    assert str((await row(post_office)).last_error).startswith("KeyError at ")


async def test_stopping_gives_work_back_at_once(post_office: PostOffice, desk: Desk) -> None:
    ticking = post_office.ticking()
    desk.may_end.clear()
    await wants(post_office, "job")
    await ticking.beat()
    await desk.has_begun.wait()
    await ticking.stop()
    given_back = await row(post_office)
    assert (given_back.state, given_back.attempts) == (JobState.READY, 0)
    desk.may_end.set()
    await works(post_office.ticking())
    assert desk.ended == ["job"]


def _working(post_office: PostOffice, *, renew_every_s: float) -> Working:
    working = post_office.ticking()._working
    working._renew_every_s = renew_every_s
    return working
