"""Home follows what others do, and what time does, for as long as somebody may be looking at it."""

from collections.abc import Callable, Sequence
from datetime import datetime

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.home.drawing import LOOK, LOOK_EVERY, LOOKED_AT_FOR, REFRESH, draw, refresh_at
from handlers.house import Coming, Run, Section
from storage.jobs import Job, JobState, want_job
from storage.people import Person
from storage.schedule import Timer
from storage.store import Store


async def refresh(session: AsyncSession, timer: Timer, now: datetime) -> None:
    person = await session.get(Person, timer.subject_id)
    if person is None or not is_looking(person, now):
        return
    await want_job(
        session,
        workspace_id=timer.workspace_id,
        kind=REFRESH,
        key=f"{REFRESH}:{person.id}:{timer.part}:{now.isoformat()}",
        run_at=now,
        details={"person": person.id},
    )
    if timer.part == LOOK:
        # the timer that is due still stands, so the next one needs another turn
        await refresh_at(session, person, now + LOOK_EVERY, part=LOOK, turn=1 - timer.turn)


def is_looking(person: Person, now: datetime) -> bool:
    return person.home_opened_at is not None and now - person.home_opened_at <= LOOKED_AT_FOR


def refreshing(sections: Sequence[Section]) -> Run:
    async def run(job: Job, *, store: Store, client: AsyncWebClient, now: Callable[[], datetime]) -> None:
        async with store.write() as session:
            person = await session.get(Person, int(job.details["person"]))
            # one row says that it was drawn; those before it say nothing more
            mine = Job.key.startswith(f"{REFRESH}:{job.details['person']}:", autoescape=True)
            await session.execute(delete(Job).where(Job.kind == REFRESH, mine, Job.state == JobState.DONE))
        if person is not None and person.is_reachable:
            await draw(store, client, sections, person, now=now())

    return run


async def describe(_session: AsyncSession, _row: object, _me: object) -> Coming | None:
    """What is only drawn again is nothing that is sent."""
    return None
