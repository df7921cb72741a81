"""Every night: words and names are deleted, so long after their poll's close as the operator keeps them, polls after
24 months, drafts after two days."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.house import Run
from handlers.keeping import Keeping
from storage import ballots, polls
from storage.ballots import Loose
from storage.jobs import Job, holding
from storage.polls import Kind, Poll
from storage.store import Store

RETENTION = "polls.retention"
POLLS_KEPT_FOR = timedelta(days=730)
DRAFTS_KEPT_FOR = timedelta(days=2)
AT_NIGHT = time(3, 40)
"""UTC."""
A_FEW = 20
"""As many polls as one transaction changes."""


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
            await polls.drop_drafts(session, before=now() - DRAFTS_KEPT_FOR)
            await ballots.drop_texts(session, closed_before=now() - keeping.answers)
        while True:
            async with store.write() as session:
                await holding(session, job, now=now())
                named = await ballots.with_names(session, closed_before=now() - keeping.answers, most=A_FEW)
                for poll_id in named:
                    await _drop_names(session, poll_id, now())
                old = await polls.closed_before(session, now() - POLLS_KEPT_FOR, most=A_FEW)
                await polls.forget(session, old)
            if len(named) < A_FEW and len(old) < A_FEW:
                break
        await store.scrub("named_ballots")

    return forget_what_is_old


async def _drop_names(session: AsyncSession, poll_id: int, now: datetime) -> None:
    """The counts stay; who said what, and what was written, goes."""
    poll = await polls.locked(session, poll_id)
    assert poll is not None
    given = list((await ballots.named_of(session, poll.id)).values())
    await ballots.publish(session, _counted(poll, given), _groups(poll, given))
    await ballots.destroy_named(session, poll.id)
    poll.names_dropped_at = now


def _counted(poll: Poll, given: list[ballots.Answers]) -> list[Loose]:
    return [
        Loose(one.id, None, option=option)
        for one in poll.questions
        if one.kind != Kind.TEXT
        for answers in given
        if (value := answers.get(str(one.id))) is not None
        for option in (value if isinstance(value, list) else [value])
    ]


def _groups(poll: Poll, given: list[ballots.Answers]) -> list[dict[str, int | None]]:
    return [
        {
            "question_id": one.id,
            "team_id": None,
            "asked": poll.asked,
            "answered": sum(str(one.id) in answers for answers in given),
        }
        for one in poll.questions
    ]
