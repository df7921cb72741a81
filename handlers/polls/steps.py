"""What happens by itself: a poll closes at its time, its turnout is shown anew, those who are asked are written to, it
is asked again, and what was deleted leaves the database's files."""

from collections.abc import Callable
from datetime import datetime, timedelta

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.polls import opening, renderers
from handlers.polls.closing import PROMPT, close
from storage import people, poll_audiences, polls
from storage.jobs import Job, holding, want_job
from storage.messages import Attention, Priority, refresh, want
from storage.people import Person
from storage.polls import Poll
from storage.schedule import Schedule, Timer, set_timer
from storage.store import Store

TURNOUT = "polls.turnout"
SHOWN_EVERY = timedelta(seconds=4)
"""How often a channel's post shows the turnout anew while answers come in."""
A_FEW = 50
"""As many people as one transaction writes to."""
Now = Callable[[], datetime]


async def close_at_its_time(session: AsyncSession, timer: Timer, now: datetime) -> None:
    poll = await polls.locked(session, timer.subject_id)
    if poll is not None:
        await close(session, poll, by=None, now=now)


async def want_turnout(session: AsyncSession, poll: Poll, *, now: datetime) -> None:
    """The post in the channel shall show how many have answered. An answer costs at most one new row here, and touches
    none that other answers touch: the many that come in a burst make one change."""
    if poll.channel is not None:
        await _set_turnout(session, poll.workspace_id, poll.id, now + SHOWN_EVERY, turn=0)


async def show_turnout(session: AsyncSession, timer: Timer, now: datetime) -> None:
    """Twice for each burst: an answer that was being written while the first look was taken is seen by the second."""
    await refresh(session, f"poll:{timer.subject_id}:channel", now=now)
    if timer.turn == 0:
        await _set_turnout(session, timer.workspace_id, timer.subject_id, now + SHOWN_EVERY, turn=1)


async def _set_turnout(session: AsyncSession, workspace_id: str, poll_id: int, due_at: datetime, *, turn: int) -> None:
    await set_timer(
        session,
        workspace_id=workspace_id,
        step=TURNOUT,
        subject_id=poll_id,
        due_at=due_at,
        priority=opening.URGENCY,
        turn=turn,
    )


async def ask(
    job: Job,
    *,
    store: Store,
    client: AsyncWebClient,  # noqa: ARG001  # every job is given one; this one only wants messages
    now: Now,
) -> None:
    """A direct message to everybody who is asked and not by the channel, a few in each transaction."""
    above = 0
    while True:
        async with store.write() as session:
            await holding(session, job, now=now())
            poll = await session.get(Poll, job.details["poll"])
            some = await poll_audiences.to_write_to(session, poll.id, above=above, most=A_FEW) if poll else []
            for person in some:
                assert poll is not None
                await _invite(session, poll, person, now())
        if len(some) < A_FEW:
            return
        above = some[-1].id


async def _invite(session: AsyncSession, poll: Poll, person: Person, now: datetime) -> None:
    await want(
        session,
        workspace_id=poll.workspace_id,
        key=f"poll:{poll.id}:prompt:{person.id}",
        renderer=PROMPT,
        subject_id=poll.id,
        destination=person.slack_id,
        person_id=person.id,
        attention=Attention.UNREQUESTED,
        expires_at=poll.closes_at,
        priority=Priority.SCHEDULED,
        now=now,
    )


async def when_it_is_time_again(session: AsyncSession, schedule: Schedule, due: datetime, now: datetime) -> str | None:
    """A poll that repeats: the heartbeat fires every week, it is asked in its own weeks."""
    first = await session.get(Poll, schedule.target_id)
    if first is None or not opening.is_its_week(first, due, schedule.zone):
        return None
    key = f"{opening.AGAIN}:{first.id}:{due:%Y-%m-%d}"
    details = {"series": first.id, "key": f"again-{first.id}-{due:%Y%m%d}"}
    await want_job(session, workspace_id=first.workspace_id, kind=opening.AGAIN, key=key, run_at=now, details=details)
    return None


async def ask_again(job: Job, *, store: Store, client: AsyncWebClient, now: Now) -> None:
    async with store.read() as session:
        first = await session.get(Poll, job.details["series"])
    if first is None:
        return
    in_channel = await opening.in_sight(client, first.channel) if first.channel else frozenset[str]()
    async with store.write() as session:
        await holding(session, job, now=now())
        why = await opening.next_round(session, first, job.details["key"], in_channel, now=now())
        if why is not None:
            await _tell_unsent(session, first, job, why, now())


async def _tell_unsent(session: AsyncSession, first: Poll, job: Job, why: str, now: datetime) -> None:
    author = (await people.by_ids(session, [first.author_id]))[first.author_id]
    await want(
        session,
        workspace_id=first.workspace_id,
        key=f"poll:{job.key}:unsent",
        renderer=renderers.UNSENT,
        subject_id=first.id,
        details={"why": why},
        destination=author.slack_id,
        person_id=author.id,
        attention=Attention.NEWS,
        priority=Priority.SCHEDULED,
        now=now,
    )


async def scrub(
    job: Job,  # noqa: ARG001  # the work is the same for every poll
    *,
    store: Store,
    client: AsyncWebClient,  # noqa: ARG001  # every job is given one; what stands in Slack stays there
    now: Now,  # noqa: ARG001  # nothing here is dated
) -> None:
    """After the close of an anonymous poll: the deleted ballots leave the database's files too."""
    await store.scrub("secret_ballots")
