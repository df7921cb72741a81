"""How soon what is due happens when much is due at once, and what waiting costs.

100,000 timers wait for another day; 1,000 come due in one instant. `claim_*` is the heartbeat by itself: from the due
instant until the transaction is committed in which a step that has nothing to do consumed its timer. The floor is
1,000 of the least such transactions, one after the other: lock the row, delete it, commit.

`warn_*` is the same with the product's own step on 1,000 escalations: 75 % of the time to resolve has passed, each
loads its case under its lock, changes its card, and writes its message to whoever owes the work. No target is set for
it here; a step is to leave within 10 s of its instant, which a thousand in one second needn't reach.

`idle_percent` is the CPU time of the started heartbeat with nothing due, as a share of one core.
"""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import delete, event, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks import crowd, databases
from benchmarks.figures import Figures, Target, percentile, ratio, run, spread
from bot.app import furnish
from bot.clock import SystemClock
from bot.ticking import Ticking
from handlers.house import Step
from storage.clocks import Clock, Kind
from storage.schedule import Timer
from storage.store import Store, open_store

CLAIM = "a thousand steps that come due at once are taken within two seconds, and waiting costs nothing"
TARGETS = {"claim_p99_s": Target(2), "idle_percent": Target(1), "failed": Target(0)}
NOTHING = "benchmark.nothing"
WARN = "escalations.warn"
LEAD = timedelta(seconds=2)
"""How far ahead the due instant lies while the timers are being set."""


def measure(*, quick: bool) -> Figures:
    pending, due, idle_s = (200, 20, 1.5) if quick else (100_000, 1_000, 20.0)
    with databases.sqlite() as url:
        on_sqlite = run(_measure(url, pending, due, idle_s))
    with databases.postgres() as other:
        on_postgres = None if other is None else run(_measure(other, pending, due, idle_s))
    measured = [one for one in (on_sqlite, on_postgres) if one is not None]
    worst = {name: max(one[name] for one in measured) for name in TARGETS}
    return {**worst, "pending": pending, "due": due, "sqlite": on_sqlite, "postgresql": on_postgres}


async def _measure(url: str, pending: int, due: int, idle_s: float) -> Figures:
    store, clock, house = open_store(url), SystemClock(), furnish()
    now = clock.now()
    template = await crowd.raise_template(store, now)
    await crowd.copy_open(store, template, due, newest=now)
    await _set_timers(store, NOTHING, list(range(1, pending + 1)), now + timedelta(days=30))
    delays: dict[str, list[float]] = {NOTHING: [], WARN: []}
    house.steps[NOTHING], all_claimed = _timed(_do_nothing, clock, delays[NOTHING], due)
    house.steps[WARN], all_warned = _timed(house.steps[WARN], clock, delays[WARN], due)
    client = AsyncWebClient()  # nothing here calls Slack
    ticking = Ticking(store=store, clock=clock, house=house, client=client, wake=lambda: None)

    floor = await _floor(store, due)
    ticking.start()
    await asyncio.sleep(1.2)  # what the start itself made due
    idle = await _idle_percent(idle_s)
    await _come_due(store, clock, NOTHING, all_claimed, due)
    await _warn_soon(store, template, clock.now() + LEAD)
    await _come_due(store, clock, WARN, all_warned, due)
    await ticking.stop()
    failed = await _failed(store)
    await store.close()
    claims = sorted(delays[NOTHING])
    return {
        "claim_p99_s": round(percentile(claims, 99), 3),
        "idle_percent": idle,
        "failed": failed + 2 * due - sum(len(one) for one in delays.values()),
        "floor_ratio": ratio(claims[-1], floor),
        "floor_s": round(floor, 3),
        "claim_s": spread(claims),
        "warn_s": spread(delays[WARN]),
    }


async def _do_nothing(_session: AsyncSession, _timer: Timer, _now: datetime) -> None:
    return


def _timed(step: Step, clock: SystemClock, delays: list[float], due: int) -> tuple[Step, asyncio.Event]:
    """The step, which notes how long after its due instant its transaction was committed, in seconds; and when that
    has happened `due` times."""
    all_ran = asyncio.Event()

    async def run_and_note(session: AsyncSession, timer: Timer, now: datetime) -> None:
        due_at = timer.due_at

        def note(_session: object) -> None:
            delays.append((clock.now() - due_at).total_seconds())
            if len(delays) == due:
                all_ran.set()

        await step(session, timer, now)
        event.listen(session.sync_session, "after_commit", note, once=True)

    return run_and_note, all_ran


async def _floor(store: Store, due: int) -> float:
    """Seconds that so many of the least transactions take."""
    await _set_timers(store, NOTHING, list(range(10**6, 10**6 + due)), datetime(2200, 1, 1, tzinfo=UTC))
    async with store.read() as session:
        ids = (await session.execute(select(Timer.id).where(Timer.subject_id >= 10**6))).scalars().all()
    began = time.perf_counter()
    for timer_id in ids:
        async with store.write() as session:
            query = select(Timer.id).where(Timer.id == timer_id).with_for_update(skip_locked=True)
            await session.execute(query)
            await session.execute(delete(Timer).where(Timer.id == timer_id))
    return time.perf_counter() - began


async def _idle_percent(idle_s: float) -> float:
    """CPU seconds of this process, in which only the heartbeat beats, for each second that went by."""
    began, used = time.perf_counter(), time.process_time()
    await asyncio.sleep(idle_s)
    return round((time.process_time() - used) / (time.perf_counter() - began) * 100, 3)


async def _come_due(store: Store, clock: SystemClock, step: str, all_ran: asyncio.Event, due: int) -> None:
    """Sets so many timers to one instant and waits until they have run (at most 5 minutes)."""
    if step == WARN:
        async with store.read() as session:
            query = select(Clock.escalation_id).where(Clock.kind == Kind.RESOLVE).order_by(Clock.escalation_id.desc())
            subjects = list((await session.execute(query.limit(due))).scalars())
    else:
        subjects = list(range(2 * 10**6, 2 * 10**6 + due))
    await _set_timers(store, step, subjects, clock.now() + LEAD)
    async with asyncio.timeout(300):
        await all_ran.wait()


async def _warn_soon(store: Store, template: crowd.Template, at: datetime) -> None:
    """From this instant on, every case's time to resolve is three quarters over."""
    async with store.write() as session:
        await session.execute(update(Clock).where(Clock.kind == Kind.RESOLVE).values(warn_at=at))
        own = Timer.subject_id == template.case.id
        await session.execute(delete(Timer).where(own, Timer.step.like("escalations.%")))


async def _failed(store: Store) -> int:
    async with store.read() as session:
        return len((await session.execute(select(Timer.id).where(Timer.attempts > 0))).scalars().all())


async def _set_timers(store: Store, step: str, subjects: list[int], at: datetime) -> None:
    rows: list[dict[str, Any]] = [
        {
            "workspace_id": "T0DESKS",
            "step": step,
            "subject_id": subject,
            "part": Kind.RESOLVE.value,
            "generation": 1,
            "turn": 0,
            "priority": 1,
            "due_at": at,
            "retry_at": at,
            "attempts": 0,
        }
        for subject in subjects
    ]
    async with store.write() as session:
        for start in range(0, len(rows), 5_000):
            await session.execute(insert(Timer), rows[start : start + 5_000])
