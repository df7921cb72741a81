"""Due steps run once, most urgent first; one that fails is tried again, holds nobody up, and in the end is told."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import ticking as ticking_module
from bot.ticking import RETRY_AFTER, Ticking
from handlers.house import House
from storage import backlog, messages
from storage.messages import Message, Priority
from storage.schedule import Timer, set_timer
from storage.store import DatabaseAwayError, Store, open_store
from tests.bot.post_office import WORKSPACE, PostOffice


class StepBrokeError(Exception):
    pass


class Diary:
    """The step of these tests: what ran is in memory, and in the database as a message of that key. A try counts once,
    though it is made anew if a step in the same transaction broke."""

    def __init__(self, house: House, fails: Callable[[Timer], bool] = lambda _: False) -> None:
        self.ran: list[int] = []
        self._tries: set[tuple[int, int]] = set()
        self.fails = fails
        house.step("tests.step", self.step)

    async def step(self, session: AsyncSession, timer: Timer, now: datetime) -> None:
        if (timer.id, timer.attempts) not in self._tries:
            self._tries.add((timer.id, timer.attempts))
            self.ran.append(timer.subject_id)
        await messages.want(
            session,
            workspace_id=WORKSPACE,
            key=f"step {timer.subject_id}",
            renderer="note",
            destination="C0NOWHERE",
            priority=Priority.INTERACTIVE,
            now=now,
        )
        if self.fails(timer):
            raise StepBrokeError(timer.subject_id)


async def sets(store: Store, *subjects: int, due_at: datetime, priority: int = 1) -> None:
    async with store.write() as session:
        for subject in subjects:
            await set_timer(
                session,
                workspace_id=WORKSPACE,
                step="tests.step",
                subject_id=subject,
                due_at=due_at,
                priority=priority,
            )


async def effects(store: Store) -> list[str]:
    async with store.read() as session:
        return list((await session.execute(select(Message.key).where(Message.renderer == "note"))).scalars())


async def pending(store: Store) -> list[Timer]:
    async with store.read() as session:
        return list((await session.execute(select(Timer).order_by(Timer.id))).scalars())


async def test_a_due_step_runs_once_with_its_effect_and_one_that_is_not_due_waits(post_office: PostOffice) -> None:
    diary, ticking, now = Diary(post_office.house), post_office.ticking(), post_office.clock.at
    await sets(post_office.store, 1, due_at=now)
    await sets(post_office.store, 2, due_at=now + timedelta(seconds=1))
    await ticking.beat()
    await ticking.beat()
    assert diary.ran == [1]
    assert await effects(post_office.store) == ["step 1"]
    assert [timer.subject_id for timer in await pending(post_office.store)] == [2]
    assert ticking.last_beat_at == now


async def test_the_most_urgent_come_first_then_the_longest_due(post_office: PostOffice) -> None:
    diary, now = Diary(post_office.house), post_office.clock.at
    await sets(post_office.store, 1, due_at=now - timedelta(hours=2), priority=2)
    await sets(post_office.store, 2, due_at=now, priority=0)
    await sets(post_office.store, 3, due_at=now - timedelta(minutes=1), priority=0)
    await post_office.ticking().beat()
    assert diary.ran == [3, 2, 1]


async def test_more_than_one_batch_is_run_in_one_beat(post_office: PostOffice) -> None:
    diary = Diary(post_office.house)
    await sets(post_office.store, *range(210), due_at=post_office.clock.at)
    await post_office.ticking().beat()
    assert sorted(diary.ran) == list(range(210))


async def test_the_same_timer_set_twice_is_one(post_office: PostOffice) -> None:
    diary = Diary(post_office.house)
    await sets(post_office.store, 1, 1, due_at=post_office.clock.at)
    await post_office.ticking().beat()
    assert diary.ran == [1]


async def test_a_failing_step_leaves_nothing_holds_nobody_up_and_is_tried_again(post_office: PostOffice) -> None:
    diary = Diary(post_office.house, fails=lambda timer: timer.subject_id == 1 and timer.attempts < 2)
    ticking, now = post_office.ticking(), post_office.clock.at
    await sets(post_office.store, 1, due_at=now, priority=0)
    await sets(post_office.store, 2, due_at=now)
    await ticking.beat()
    assert await effects(post_office.store) == ["step 2"]
    [failed] = await pending(post_office.store)
    assert (failed.attempts, failed.retry_at, failed.due_at) == (1, now + RETRY_AFTER[0], now)
    assert str(failed.last_error).startswith("StepBrokeError at "), "and none of its words"
    post_office.clock.at += timedelta(seconds=4)
    await ticking.beat()
    assert diary.ran == [1, 2]
    for _ in range(2):
        post_office.clock.at += timedelta(seconds=30)
        await ticking.beat()
    assert diary.ran == [1, 2, 1, 1]
    assert sorted(await effects(post_office.store)) == ["step 1", "step 2"]


async def test_steps_share_a_transaction_and_one_that_breaks_undoes_no_other(
    post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticking_module, "OPEN_AT_MOST_S", 60.0)  # on a busy machine none is closed early
    Diary(post_office.house, fails=lambda timer: timer.subject_id == 7)
    await sets(post_office.store, *range(1, 31), due_at=post_office.clock.at)
    before = post_office.store.commits
    await post_office.ticking().beat()
    assert post_office.store.commits - before < 30
    assert sorted(await effects(post_office.store)) == sorted(f"step {n}" for n in range(1, 31) if n != 7)
    [broken] = await pending(post_office.store)
    assert (broken.subject_id, broken.attempts) == (7, 1)


async def test_a_transaction_that_has_been_open_for_long_leaves_the_rest_to_the_next(
    post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticking_module, "OPEN_AT_MOST_S", -1.0)
    diary, ticking = Diary(post_office.house), post_office.ticking()
    await ticking.beat()
    await sets(post_office.store, 1, 2, 3, due_at=post_office.clock.at)
    before = post_office.store.commits
    await ticking.beat()
    assert diary.ran == [1, 2, 3]
    assert post_office.store.commits - before == 3


async def test_after_five_failures_it_is_parked_and_admins_hear_of_it_once_a_day(post_office: PostOffice) -> None:
    diary = Diary(post_office.house, fails=lambda _: True)
    ticking = post_office.ticking()
    await sets(post_office.store, 1, 2, 3, due_at=post_office.clock.at)
    for _ in range(12):
        await ticking.beat()
        post_office.clock.at += timedelta(minutes=10)
    assert Counter(diary.ran) == {1: 5, 2: 5, 3: 5}
    await post_office.rests()
    omar = post_office.sim.acts_as("Omar")
    told = [shown for shown in omar.sees("@bot") if "tests.step" in shown.text]
    assert len(told) == 1
    assert "failed 5 times and waits (3 of them)" in told[0].text
    assert "StepBrokeError" not in told[0].text
    # mended: they run, and the message says so no longer
    diary.fails = lambda _: False
    async with post_office.store.write() as session:
        assert await backlog.retry_parked(session, now=post_office.clock.at) == 3
    await ticking.beat()
    assert await pending(post_office.store) == []


async def test_a_step_that_no_feature_knows_is_parked_like_any_that_fails(post_office: PostOffice) -> None:
    Diary(post_office.house)
    ticking = post_office.ticking()
    await sets(post_office.store, 1, due_at=post_office.clock.at)
    del post_office.house.steps["tests.step"]
    for _ in range(6):
        await ticking.beat()
        post_office.clock.at += timedelta(minutes=10)
    [timer] = await pending(post_office.store)
    assert timer.parked_at is not None
    assert str(timer.last_error).startswith("KeyError at ")


async def test_two_heartbeats_on_one_database_run_each_step_once(post_office: PostOffice) -> None:
    diary = Diary(post_office.house)
    await sets(post_office.store, *range(60), due_at=post_office.clock.at)
    one, other = post_office.ticking(), post_office.ticking()
    while await pending(post_office.store):
        await asyncio.gather(one.beat(), other.beat())
    assert sorted(diary.ran) == list(range(60))


async def test_nothing_fires_while_the_database_is_away_and_everything_after(post_office: PostOffice) -> None:
    diary = Diary(post_office.house)
    await sets(post_office.store, 1, due_at=post_office.clock.at)
    ticking = post_office.ticking()
    ticking._store = _NoDatabase()  # type: ignore[assignment]  # only `read` is asked of it
    await ticking.beat()
    assert ticking.last_beat_at is None
    ticking._store = post_office.store
    await ticking.beat()
    assert diary.ran == [1]


class _NoDatabase:
    def read(self) -> Store:

        return open_store("postgresql://nobody@127.0.0.1:1/nowhere").read()  # type: ignore[return-value]  # the context that opens it


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), count=st.integers(1, 12), failing=st.floats(0, 0.6))
async def test_steps_that_fail_at_random_all_take_effect_exactly_once_in_the_end(
    post_office: PostOffice, seed: int, count: int, failing: float
) -> None:
    chance = random.Random(seed)
    post_office.house.steps.clear()
    async with post_office.store.write() as session:
        await session.execute(delete(Message).where(Message.renderer == "note"))
    diary = Diary(post_office.house, fails=lambda timer: timer.attempts < 4 and chance.random() < failing)
    begins = post_office.clock.at
    for subject in range(count):
        due_at = begins + timedelta(seconds=chance.randrange(60))
        await sets(post_office.store, subject, due_at=due_at, priority=chance.randrange(3))
    ticking: list[Ticking] = [post_office.ticking(), post_office.ticking()]
    for _ in range(200):
        await chance.choice(ticking).beat()
        left = await pending(post_office.store)
        if not left:
            break
        post_office.clock.at = max(post_office.clock.at, min(timer.retry_at for timer in left))
    assert await pending(post_office.store) == []
    assert sorted(await effects(post_office.store)) == sorted(f"step {subject}" for subject in range(count))
    assert set(diary.ran) == set(range(count))


async def test_it_beats_by_itself_and_stops_when_told(post_office: PostOffice) -> None:
    ran = asyncio.Event()

    async def step(_session: AsyncSession, _timer: Timer, _now: datetime) -> None:
        ran.set()

    post_office.house.step("tests.step", step)
    ticking = post_office.ticking()
    await sets(post_office.store, 1, due_at=post_office.clock.at)
    ticking.start()
    async with asyncio.timeout(5):
        await ran.wait()
    await ticking.stop()
    await sets(post_office.store, 2, due_at=post_office.clock.at)
    async with post_office.store.read() as session:
        assert (await session.execute(select(func.count()).select_from(Timer))).scalar_one() == 1


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
async def test_it_lets_go_of_what_a_frozen_replica_holds(
    post_office: PostOffice, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticking_module, "LOOK_S", 0.1)
    monkeypatch.setattr(Store.let_go_of_the_frozen, "__defaults__", (timedelta(seconds=0.5),))
    await sets(post_office.store, 1, due_at=post_office.clock.at + timedelta(days=1))
    ticking, frozen = post_office.ticking(), open_store(database_url)
    one, holds, wakes = select(Timer).with_for_update(), asyncio.Event(), asyncio.Event()

    async def freezes() -> None:
        async with frozen.write() as session:
            await session.execute(one)
            holds.set()
            await wakes.wait()

    freezing = asyncio.create_task(freezes())
    await holds.wait()
    ticking.start()
    async with asyncio.timeout(10), post_office.store.write() as session:
        await session.execute(one)
    wakes.set()
    with pytest.raises(DatabaseAwayError):
        await freezing
    await ticking.stop()
    await frozen.close()


@pytest.mark.parametrize("attempt", range(4))
def test_each_failure_waits_longer_than_the_one_before(attempt: int) -> None:
    assert attempt == 0 or RETRY_AFTER[attempt] > RETRY_AFTER[attempt - 1]
