"""Every night: answers, blockers and who was asked when are deleted after as many days as the operator keeps them, the
sums after 13 months; so are pictures of that age."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from slack_sdk.web.async_client import AsyncWebClient

from handlers.house import Run
from handlers.keeping import Keeping
from storage import checkin_answers, checkins, pictures
from storage.jobs import Job, holding
from storage.store import Store

RETENTION = "checkins.retention"
SUMS_KEPT_FOR = timedelta(days=400)
AT_NIGHT = time(3, 40)
"""UTC."""


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
            await checkin_answers.forget(session, before=today - keeping.answers)
            await checkins.forget(session, prompts_before=today - keeping.answers, rounds_before=today - SUMS_KEPT_FOR)
            await checkin_answers.forget_shares(session, before=now() - keeping.answers)
            await pictures.forget(session, before=now() - SUMS_KEPT_FOR)

    return forget_what_is_old
