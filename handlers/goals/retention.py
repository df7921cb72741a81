"""Every night: goals that ended 24 months ago are deleted with their numbers, and the days that no goal reads any
more."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from storage import goals
from storage.jobs import Job, holding, want_job
from storage.schedule import Schedule, want_schedule
from storage.store import Store

RETENTION = "goals.retention"
KEPT_FOR = timedelta(days=730)
DAYS_KEPT_FOR = timedelta(days=200)
"""Longer than any quarter that may still run."""
AT_NIGHT = time(3, 40)
"""UTC."""
A_FEW = 200


async def open_retention(session: AsyncSession, workspace_id: str, _now: datetime) -> None:
    await want_schedule(session, workspace_id=workspace_id, kind=RETENTION, zone="UTC", wall=AT_NIGHT)


async def at_night(session: AsyncSession, schedule: Schedule, due: datetime, now: datetime) -> None:
    key = f"{RETENTION}:{due:%Y-%m-%d}"
    await want_job(session, workspace_id=schedule.workspace_id, kind=RETENTION, key=key, run_at=now)


async def forget_what_is_old(
    job: Job,
    *,
    store: Store,
    client: AsyncWebClient,  # noqa: ARG001  # every job is given one; what stands in Slack stays there
    now: Callable[[], datetime],
) -> None:
    while True:
        async with store.write() as session:
            await holding(session, job, now=now())
            old = await goals.ended_before(session, now() - KEPT_FOR, most=A_FEW)
            await goals.forget(session, old)
            days = await goals.forget_days(session, before=(now() - DAYS_KEPT_FOR).date(), most=A_FEW)
        if len(old) < A_FEW and days < A_FEW:
            return
