"""What happens by itself: reminders of sessions and topics, days of onboarding. One step, one transaction; crowds are
told by a job."""

from collections.abc import Callable
from datetime import datetime

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.training import enrolling, items, sessions
from storage import team_facts, teams, training
from storage.jobs import Job, holding
from storage.onboarding import Enrolment, Stopped
from storage.people import Person
from storage.schedule import Timer
from storage.store import Store
from storage.training import Answer, Item

AT_ONCE = 25
"""As many as one transaction tells: a form that is submitted meanwhile waits no longer than that."""
TO_WHOM = {
    "day": (Answer.GOING,),
    "soon": (Answer.GOING,),
    "moved": (Answer.GOING, Answer.WAITING),
    "cancelled": (Answer.GOING, Answer.WAITING),
}


async def remind_session(session: AsyncSession, timer: Timer, now: datetime) -> None:
    """Its part says of what: the working day before, shortly before, or over (then its host says who was there)."""
    found = await training.locked_session(session, timer.subject_id)
    if found is None or found.generation != timer.generation or found.cancelled_at is not None:
        return
    if timer.part == "after":
        host = await session.get(Person, found.host_id)
        if host is not None and host.is_reachable and found.attendance_at is None:
            await sessions.tell(session, found, host, "after", now)
    elif found.starts_at > now:
        await sessions.want_tell(session, found, timer.part, now)
    await sessions.refresh(session, found, now)


async def tell_session(
    job: Job,
    *,
    store: Store,
    client: AsyncWebClient,  # noqa: ARG001  # every job is given one; this one only wants messages
    now: Callable[[], datetime],
) -> None:
    """Tells everybody who comes, a few at a time. Who is away isn't reminded of what begins now."""
    what = job.details["what"]
    async with store.read() as session:
        found = await session.get(training.Session, job.details["session"])
        if found is None or found.generation != job.details["generation"]:
            return
        gathering = await sessions.gathering_of(session, found, now=now())
    told = [person for answer in TO_WHOM[what] for person in gathering.who(answer)]
    told = [person for person in told if what != "soon" or not person.is_away(now())]
    for start in range(0, len(told), AT_ONCE):
        async with store.write() as session:
            await holding(session, job, now=now())
            for person in told[start : start + AT_ONCE]:
                await sessions.tell(session, found, person, what, now())


async def remind_item(session: AsyncSession, timer: Timer, now: datetime) -> None:
    """On its day and every week after, until it is done; once its owner has left the team, its managers hear it."""
    item = await session.get(Item, timer.subject_id, with_for_update=True)
    if item is None or item.done_at is not None or item.generation != timer.generation:
        return
    team = await session.get(teams.Team, item.team_id)
    assert team is not None, "an item's team stays"
    facts = await team_facts.of_team(session, team, now=now)
    here = [one for one, _ in facts.members if one.id == item.owner_id] or [
        one for one in facts.heads if one.id == item.owner_id
    ]
    for person in here or facts.managers:
        reason = "due" if here else "without_owner"
        await items.tell(session, item, person, reason, now, part=f"{timer.generation}:{timer.turn}")
    await items.set_reminder(session, item, at=now + items.REMIND_AGAIN_AFTER, turn=timer.turn + 1)


async def onboard(session: AsyncSession, timer: Timer, now: datetime) -> None:
    """A day of somebody's onboarding has come (its part says which); who has left gets nothing more."""
    enrolment = await session.get(Enrolment, timer.subject_id, with_for_update=True)
    if enrolment is None or enrolment.stopped_at is not None:
        return
    if not await enrolling.is_there(session, enrolment):
        await enrolling.stop(session, enrolment, Stopped.LEFT, now)
        return
    await enrolling.send_day(session, enrolment, int(timer.part), now)
