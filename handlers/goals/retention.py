"""Every night: goals that ended 24 months ago are deleted with their numbers, and the days that no goal reads any
more."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from slack_sdk.web.async_client import AsyncWebClient

from storage import goals, measured_days
from storage.jobs import Job, holding
from storage.store import Store

RETENTION = "goals.retention"
KEPT_FOR = timedelta(days=730)
DAYS_KEPT_FOR = timedelta(days=200)
"""Longer than any quarter that may still run."""
AT_NIGHT = time(3, 40)
"""UTC."""
A_FEW = 200


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
            days = await measured_days.forget_days(session, before=(now() - DAYS_KEPT_FOR).date(), most=A_FEW)
        if len(old) < A_FEW and days < A_FEW:
            return
