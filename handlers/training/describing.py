"""How /backstop upcoming tells of this feature's messages, timers and schedule."""

from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.house import Coming, Me
from handlers.training.rules import rights
from storage import team_facts
from storage.messages import Message
from storage.onboarding import Enrolment, PlanStep
from storage.people import Person
from storage.requirements import Assignment, Requirement
from storage.schedule import Schedule, Timer
from storage.teams import Team
from storage.training import Item, Session

Row = Message | Timer | Schedule

REMINDERS = {
    "day": "Reminder of a session, for who comes",
    "soon": "A session begins, for who comes",
    "after": "A session is over: its host says who was there",
}


async def session(database: AsyncSession, row: Row, me: Me) -> Coming | None:
    """Messages about a session, and its timers."""
    assert not isinstance(row, Schedule)
    found = await database.get(Session, row.subject_id)
    if found is None or not await _sees(database, found.team_id, me):
        return None
    if isinstance(row, Message):
        return Coming("News of a training session", found.title, found.team_id)
    if found.generation != row.generation or found.cancelled_at is not None:
        return None
    return Coming(REMINDERS[row.part], found.title, found.team_id)


async def item(database: AsyncSession, row: Row, me: Me) -> Coming | None:
    assert not isinstance(row, Schedule)
    found = await database.get(Item, row.subject_id)
    if found is None or found.done_at is not None or not await _sees(database, found.team_id, me):
        return None
    if isinstance(row, Timer) and row.generation != found.generation:
        return None
    return Coming("A training topic is due", found.topic, found.team_id)


async def required(database: AsyncSession, row: Row, _me: Me) -> Coming | None:
    assert isinstance(row, Message)
    part = await database.get(Assignment, row.subject_id)
    found = await database.get(Requirement, part.requirement_id) if part else None
    if part is None or found is None or part.done_at is not None or found.ended_at is not None:
        return None
    return Coming("A required training", found.title, found.team_id)


async def onboarding(database: AsyncSession, row: Row, _me: Me) -> Coming | None:
    """A day of somebody's onboarding: its message, or the timer that it waits for."""
    assert not isinstance(row, Schedule)
    found = await database.get(Enrolment, row.subject_id)
    if found is None or (found.stopped_at is not None and isinstance(row, Timer)):
        return None
    day = int(row.part) if isinstance(row, Timer) else int(row.details["day"])
    if await database.get(PlanStep, (found.team_id, day)) is None:
        return None
    newcomer = await database.get(Person, found.person_id)
    return Coming(f"Onboarding, day {day}", newcomer.name if newcomer else "", found.team_id)


async def buddy(database: AsyncSession, row: Row, _me: Me) -> Coming | None:
    found = await database.get(Enrolment, row.subject_id) if not isinstance(row, Schedule) else None
    return Coming("Somebody new has a buddy", team_id=found.team_id) if found else None


async def nightly(_database: AsyncSession, _row: Row, me: Me) -> Coming | None:
    return Coming("Training by night: reminders, newcomers, what is old is deleted") if me.is_admin else None


async def _sees(database: AsyncSession, team_id: int, me: Me) -> bool:
    """An admin reads titles of what is planned, as of any team's."""
    team = await database.get(Team, team_id)
    if team is None:
        return False
    return me.is_admin or rights.may_see(await team_facts.of_team(database, team, now=me.person.seen_at), me.person)


DESCRIBERS: dict[str, Callable[[AsyncSession, Row, Me], Awaitable[Coming | None]]] = {
    "training.invitation": session,
    "training.news": session,
    "training.session": session,
    "training.not_posted": session,
    "training.remind_session": session,
    "training.item": item,
    "training.remind_item": item,
    "training.required": required,
    "training.onboarding": onboarding,
    "training.onboard": onboarding,
    "training.buddy": buddy,
    "training.nightly": nightly,
}
