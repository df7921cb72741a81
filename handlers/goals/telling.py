"""Who hears of a goal: its person of a proposal, its setter of the answer, its owners when it turns or ends."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import departments, memberships, messages, people, schedule
from storage.goals import Goal, Whose
from storage.messages import Attention, Priority
from storage.people import Person
from storage.teams import Team

PROPOSAL = "goals.proposal"
ANSWER = "goals.answer"
TURNED = "goals.turned"
ASK = "goals.ask"
WEEKLY = "goals.weekly"
ROLL_UP = "goals.roll_up"
ENDED = "goals.ended"

ASKED_ON, ASKED_AT = (4,), time(10)
"""Fridays, in the zone of whoever is asked."""
POSTED_ON, POSTED_AT = (0,), time(10)
"""Mondays, in the team's zone."""


async def want_schedules(session: AsyncSession, goal: Goal, team: Team | None) -> None:
    """What a goal's coming asks for, as far as it doesn't stand already."""
    if team is not None:
        await schedule.want_schedule(
            session,
            workspace_id=goal.workspace_id,
            kind=WEEKLY,
            target_id=team.id,
            zone=team.zone,
            wall=POSTED_AT,
            weekdays=POSTED_ON,
        )
    department_id = team.department_id if team is not None else goal.department_id
    if department_id is not None:
        await schedule.want_schedule(
            session,
            workspace_id=goal.workspace_id,
            kind=ROLL_UP,
            target_id=department_id,
            zone=goal.zone,
            wall=POSTED_AT,
            weekdays=POSTED_ON,
        )
    if goal.is_by_hand:
        for person in await owners_of(session, goal):
            await schedule.want_schedule(
                session,
                workspace_id=goal.workspace_id,
                kind=ASK,
                target_id=person.id,
                zone=person.zone,
                wall=ASKED_AT,
                weekdays=ASKED_ON,
            )


async def follow_zones(session: AsyncSession, workspace_id: str) -> None:
    """Teams and people that moved are posted to and asked at their hour where they are now."""
    its = select(Team.id, Team.zone).where(Team.workspace_id == workspace_id)
    await schedule.follow_zones(session, kind=WEEKLY, zones=its, wall=POSTED_AT, weekdays=POSTED_ON)
    theirs = select(Person.id, Person.zone).where(Person.workspace_id == workspace_id)
    await schedule.follow_zones(session, kind=ASK, zones=theirs, wall=ASKED_AT, weekdays=ASKED_ON)


async def owners_of(session: AsyncSession, goal: Goal) -> list[Person]:
    """Who keeps a goal going: its person; else who set it, as long as they are there; else the managers or heads."""
    wanted = goal.person_id if goal.whose == Whose.PERSON else goal.set_by_id
    found = (await people.by_ids(session, [wanted])).get(wanted or 0)
    if found is not None and found.is_reachable:
        return [found]
    if goal.team_id is not None:
        return await memberships.managers(session, goal.team_id)
    return await departments.heads(session, goal.department_id)


async def propose(session: AsyncSession, goal: Goal, person: Person, *, now: datetime) -> None:
    await write_to(session, goal, person, PROPOSAL, attention=Attention.UNREQUESTED, now=now)


async def refresh_proposal(session: AsyncSession, goal: Goal, *, now: datetime) -> None:
    await messages.refresh_subject(session, goal.id, PROPOSAL, now=now)


async def tell_setter(session: AsyncSession, goal: Goal, *, accepted: bool, now: datetime) -> None:
    """Whoever proposed it asked for the answer."""
    setter = (await people.by_ids(session, [goal.set_by_id])).get(goal.set_by_id or 0)
    if setter is not None:
        part = f"{'accepted' if accepted else 'talk'}:{goal.changed_at:%Y%m%d%H%M%S}"
        details = {"accepted": accepted}
        await write_to(session, goal, setter, ANSWER, attention=Attention.NEWS, part=part, details=details, now=now)


async def write_to(
    session: AsyncSession,
    goal: Goal,
    person: Person,
    renderer: str,
    *,
    attention: Attention,
    now: datetime,
    part: str = "",
    details: dict[str, Any] | None = None,
) -> None:
    """One direct message about a goal; the same again changes nothing."""
    kind = renderer.partition(".")[2]
    await messages.want(
        session,
        workspace_id=goal.workspace_id,
        key=":".join(filter(None, ("goal", str(goal.id), kind, part, str(person.id)))),
        renderer=renderer,
        subject_id=goal.id,
        details=details,
        destination=person.slack_id,
        person_id=person.id,
        attention=attention,
        priority=Priority.SCHEDULED,
        now=now,
    )


async def tell_owners(
    session: AsyncSession, goal: Goal, renderer: str, *, part: str, now: datetime
) -> Sequence[Person]:
    """Everybody who keeps the goal going, once for each `part`."""
    owners = await owners_of(session, goal)
    for person in owners:
        await write_to(session, goal, person, renderer, attention=Attention.UNREQUESTED, part=part, now=now)
    return owners
