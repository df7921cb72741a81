"""What goals want of the heartbeat: to be counted while any of them runs, and to come to an end."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.goals.rules import periods
from storage.goals import Goal
from storage.jobs import want_job
from storage.schedule import set_timer

RECOUNT = "goals.recount"
END = "goals.end"
EVERY = timedelta(minutes=30)
SETTLES_WITHIN = timedelta(hours=2)
"""After the last day's end: what happened on it is counted by then."""
COUNTING, ENDING = 3, 2
"""Priorities: nobody waits for either."""


async def keep_counting(session: AsyncSession, workspace_id: str, *, now: datetime) -> None:
    """A goal has come, or changed: it is counted at once, and from then on as long as any goal runs."""
    await want_count(session, workspace_id, now)
    await count_next(session, workspace_id, 0, now)


async def want_count(session: AsyncSession, workspace_id: str, now: datetime) -> None:
    key = f"{RECOUNT}:{workspace_id}:{now.isoformat()}"
    await want_job(session, workspace_id=workspace_id, kind=RECOUNT, key=key, run_at=now)


async def count_next(session: AsyncSession, workspace_id: str, turn: int, now: datetime) -> None:
    """`turn`: 0 or 1, other than that of a timer that is just due: it stands until its step is done."""
    await set_timer(
        session,
        workspace_id=workspace_id,
        step=RECOUNT,
        subject_id=0,
        turn=turn,
        due_at=now + EVERY,
        priority=COUNTING,
    )


async def set_end(session: AsyncSession, goal: Goal, *, turn: int = 0) -> None:
    """A goal whose period was changed has an older timer too, which then does nothing."""
    await set_timer(
        session,
        workspace_id=goal.workspace_id,
        step=END,
        subject_id=goal.id,
        part=goal.last_day.isoformat(),
        turn=turn,
        due_at=periods.ends_at(goal) + SETTLES_WITHIN,
        priority=ENDING,
    )
