"""Every night: old digests and spikes are deleted, as their tickets are."""

from collections.abc import Callable
from datetime import datetime, time

from slack_sdk.web.async_client import AsyncWebClient

from handlers.house import Run
from handlers.keeping import Keeping
from storage import digests, spikes
from storage.jobs import Job, holding
from storage.store import Store

RETENTION = "queue.retention"
AT_NIGHT = time(3, 50)
"""UTC."""
A_FEW = 100


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
                before = now() - keeping.tickets
                gone = await digests.forget(session, before=before, most=A_FEW)
                gone = max(gone, await spikes.forget(session, before=before, most=A_FEW))
            if gone < A_FEW:
                break

    return forget_what_is_old
