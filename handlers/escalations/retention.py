"""Every night: escalations that ended long ago are deleted, forms that nobody came back to, and the words that the
search still holds of what was deleted or restricted. And whose owner left without Slack telling it, is told of."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from slack_sdk.web.async_client import AsyncWebClient

from handlers.escalations.leaving import tell_of_owners_who_left
from handlers.house import Run
from handlers.keeping import Keeping
from storage import escalation_drafts, escalation_retention, search
from storage.jobs import Job, holding
from storage.store import Store

RETENTION = "escalations.retention"
DRAFTS_KEPT_FOR = timedelta(days=2)
AT_NIGHT = time(3, 30)
"""UTC."""
A_FEW = 50
"""As many as one transaction deletes: a form that is submitted meanwhile waits no longer than that."""


def forgetting(keeping: Keeping) -> Run:
    """The nightly job, which keeps what is old so long."""

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
                await escalation_drafts.drop(session, before=now() - DRAFTS_KEPT_FOR)
                old = await escalation_retention.ended_before(session, now() - keeping.escalations, most=A_FEW)
                await search.remove(session, old)
                await escalation_retention.forget(session, old)
            if len(old) < A_FEW:
                break
        async with store.write() as session:
            await holding(session, job, now=now())
            await search.forget_words(session)
            await tell_of_owners_who_left(session, job.workspace_id, now=now())

    return forget_what_is_old
