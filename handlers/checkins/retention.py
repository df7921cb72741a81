"""Every night: answers, blockers and who was asked when are deleted after as many days as the operator keeps them, the
sums after 13 months; so are pictures of that age."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.house import Run
from handlers.keeping import Keeping
from storage import checkins, pictures
from storage.jobs import Job, holding, want_job
from storage.schedule import Schedule, want_schedule
from storage.store import Store

RETENTION = "checkins.retention"
SUMS_KEPT_FOR = timedelta(days=400)
AT_NIGHT = time(3, 40)
"""UTC."""


async def open_retention(session: AsyncSession, workspace_id: str, _now: datetime) -> None:
    await want_schedule(session, workspace_id=workspace_id, kind=RETENTION, zone="UTC", wall=AT_NIGHT)


async def at_night(session: AsyncSession, schedule: Schedule, due: datetime, now: datetime) -> None:
    key = f"{RETENTION}:{due:%Y-%m-%d}"
    await want_job(session, workspace_id=schedule.workspace_id, kind=RETENTION, key=key, run_at=now)


def forgetting(keeping: Keeping) -> Run:
    """The nightly job, which keeps what is old so long."""

    async def forget_what_is_old(
        job: Job,
        *,
        store: Store,
        client: AsyncWebClient,  # noqa: ARG001  # every job is given one; what stands in Slack stays there
        now: Callable[[], datetime],
    ) -> None:
        async with store.write() as session:
            await holding(session, job, now=now())
            today = now().date()
            await checkins.forget(session, answers_before=today - keeping.answers, rounds_before=today - SUMS_KEPT_FOR)
            await checkins.forget_shares(session, before=now() - keeping.answers)
            await pictures.forget(session, before=now() - SUMS_KEPT_FOR)

    return forget_what_is_old
