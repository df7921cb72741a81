"""What every beat, every turn of delivery and every look at /metrics asks: as much after years of messages and jobs as
on the first day. Counted in steps of SQLite's machine and by both databases' plans, which no busy machine can blur."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from storage import backlog, jobs, messages, outbox
from storage.jobs import Job, JobState
from storage.messages import Message, MessageState, Priority
from storage.schedule import set_timer
from storage.store import Store
from tests.storage.costs import Question, asking, plans_of, read_whole, steps_of

NOW = datetime(2026, 6, 2, 9, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=300)
GROWS = ("messages", "jobs", "timers")
PAST = 2_000

QUESTIONS: dict[str, Question] = {
    "is anything due": lambda session: outbox.is_anything_due(session, now=NOW),
    "candidates": lambda session: outbox.candidates(session, now=NOW, most=5),
    "doubtful": lambda session: outbox.doubtful(session, now=NOW, most=5),
    "in flight to somebody": lambda session: outbox.in_flight_to(session, 1),
    "is any job due": lambda session: jobs.is_any_due(session, now=NOW),
    "oldest due": lambda session: backlog.oldest_due(session, now=NOW),
    "oldest stuck": lambda session: backlog.oldest_stuck(session, since=NOW, now=NOW),
    "oldest job": lambda session: backlog.oldest_job(session, now=NOW),
    "is any job at work": lambda session: backlog.is_any_job_at_work(session, now=NOW),
    "count due": lambda session: backlog.count_due(session, now=NOW),
    "unsettled": backlog.unsettled_messages,
    "parked messages": backlog.parked_messages,
    "parked timers": backlog.parked_timers,
    "parked jobs": backlog.parked_jobs,
}


async def _want(session: AsyncSession, key: str, at: datetime) -> None:
    await messages.want(
        session,
        workspace_id="T1",
        key=key,
        renderer="note",
        destination="C1",
        priority=Priority.INTERACTIVE,
        now=at,
    )


async def _today(store: Store) -> None:
    async with store.write() as session:
        for number in range(5):
            await _want(session, f"today {number}", NOW)
            await set_timer(session, workspace_id="T1", step="s", subject_id=number, due_at=NOW, priority=0)
            await jobs.want_job(session, workspace_id="T1", kind="k", key=f"today {number}", run_at=NOW)


async def _past(store: Store) -> None:
    """As it is left behind: messages that were sent, fell or expired, and jobs that are done."""
    ended = (MessageState.SENT, MessageState.SENT, MessageState.CANCELLED, MessageState.EXPIRED)
    async with store.write() as session:
        for number in range(PAST):
            await _want(session, f"past {number}", LONG_AGO)
        await session.flush()
        for number, state in enumerate(ended):
            which = Message.key.like("past %") & (Message.id % len(ended) == number)
            await session.execute(update(Message).where(which).values(state=state))
        for number in range(PAST):
            await jobs.want_job(session, workspace_id="T1", kind="k", key=f"past {number}", run_at=LONG_AGO)
        done = update(Job).where(Job.key.like("past %")).values(state=JobState.DONE, done_at=LONG_AGO)
        await session.execute(done)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_no_beat_reads_more_when_only_the_past_grows(store: Store) -> None:
    await _today(store)
    before = {question: await steps_of(store, asking(store, ask)) for question, ask in QUESTIONS.items()}
    await _past(store)
    after = {question: await steps_of(store, asking(store, ask)) for question, ask in QUESTIONS.items()}
    assert {
        question: (before[question], steps) for question, steps in after.items() if steps > before[question] * 1.1 + 100
    } == {}


async def test_no_beat_reads_a_whole_table(store: Store) -> None:
    await _today(store)
    for question, ask in QUESTIONS.items():
        for _, plan in await plans_of(store, asking(store, ask)):
            assert read_whole(plan, GROWS) == [], "\n".join([question, *plan])
