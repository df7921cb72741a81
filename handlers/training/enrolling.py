"""Onboarding: who begins a team's plan, who stops, what comes on which day; inside the caller's transaction."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.attention import hours_of
from handlers.training.rules.dates import ONBOARDING_DAYS, onboarding_at
from handlers.training.sessions import PRIORITY
from storage import messages, onboarding, polls, teams
from storage.memberships import Membership
from storage.messages import Attention, Priority
from storage.onboarding import Enrolment, Plan, PlanStep, Stopped
from storage.people import Person
from storage.polls import Poll, PollState
from storage.schedule import NewTimer, set_timers
from storage.teams import Team

DAY = "training.onboarding"
BUDDY = "training.buddy"
ONBOARD = "training.onboard"
BEGUN_AT_ONCE = 25
"""As many newcomers as one transaction enrols."""


async def plan_of(session: AsyncSession, team: Team, me: Person, now: datetime) -> Plan:
    """The team's plan, locked; made when there is none. Who is in the team already doesn't get it by itself."""
    plan = await session.get(Plan, team.id, with_for_update=True)
    if plan is None:
        plan = Plan(team_id=team.id, workspace_id=team.workspace_id, created_at=now)
        session.add(plan)
    plan.changed_at, plan.changed_by_id = now, me.id
    await session.flush()
    return plan


async def set_day(
    session: AsyncSession,
    team: Team,
    day: int,
    *,
    text: str | None,
    link: str | None,
    poll_id: int | None,
    names_buddy: bool,
) -> None:
    """What the plan says on that day; without text it says nothing."""
    step = await session.get(PlanStep, (team.id, day))
    if text is None:
        if step is not None:
            await session.delete(step)
        return
    if step is None:
        step = PlanStep(team_id=team.id, day=day)
        session.add(step)
    step.text, step.link, step.poll_id, step.names_buddy = text, link, poll_id, names_buddy


async def begin(
    session: AsyncSession, team: Team, person: Person, since: datetime, now: datetime, *, by: Person | None = None
) -> Enrolment:
    """Somebody begins the plan: a timer for each of its days, at their own hours; the next buddy is theirs."""
    buddy = await _next_buddy(session, team.id, person)
    made = Enrolment(
        workspace_id=team.workspace_id,
        team_id=team.id,
        person_id=person.id,
        since=since,
        buddy_id=buddy.id if buddy else None,
        started_by_id=by.id if by else None,
    )
    session.add(made)
    await session.flush()
    hours = hours_of(person, team)
    await set_timers(
        session,
        [
            NewTimer(
                workspace_id=team.workspace_id,
                step=ONBOARD,
                subject_id=made.id,
                part=str(day),
                due_at=max(now, onboarding_at(since, day, hours)),
                priority=PRIORITY,
            )
            for day in ONBOARDING_DAYS
        ],
    )
    if buddy is not None:
        await tell_buddy(session, made, buddy, now)
    return made


async def _next_buddy(session: AsyncSession, team_id: int, newcomer: Person) -> Person | None:
    """The one of the team's buddies who looks after the fewest now; None where nobody is named."""
    found = [one for one in await onboarding.buddies(session, team_id) if one.is_reachable and one.id != newcomer.id]
    loads = [(await onboarding.newcomers_of(session, one.id), one.id, one) for one in found]
    return min(loads, key=lambda load: load[:2])[2] if loads else None


async def begin_newcomers(session: AsyncSession, workspace_id: str, now: datetime) -> int:
    """Whoever joined a team since its plan was made begins it, counted from the day they joined; how many did."""
    found = await onboarding.joined_since_plan(session, workspace_id, most=BEGUN_AT_ONCE)
    for membership, person in found:
        team = await session.get(Team, membership.team_id)
        assert team is not None, "a membership's team stays"
        await begin(session, team, person, membership.since, now)
    return len(found)


async def stop(session: AsyncSession, enrolment: Enrolment, why: Stopped, now: datetime) -> None:
    """Nothing more comes; what waits to be sent falls."""
    enrolment.stopped_at, enrolment.stopped_why = now, why
    for renderer in (DAY, BUDDY):
        for waiting in await messages.unsent(session, enrolment.id, renderer):
            if why != Stopped.THROUGH:
                await messages.cancel(session, waiting.key)


async def stop_leavers(session: AsyncSession, workspace_id: str, now: datetime) -> None:
    for enrolment in await onboarding.of_leavers(session, workspace_id):
        await stop(session, enrolment, Stopped.LEFT, now)


async def is_there(session: AsyncSession, enrolment: Enrolment) -> bool:
    """Still of the team, and reachable."""
    person = await session.get(Person, enrolment.person_id)
    here = await session.get(Membership, (enrolment.team_id, enrolment.person_id))
    return person is not None and person.is_reachable and here is not None


async def send_day(session: AsyncSession, enrolment: Enrolment, day: int, now: datetime) -> None:
    """That day of the plan, in the newcomer's hours; after the last one they are through."""
    person = await session.get(Person, enrolment.person_id)
    assert person is not None, "an enrolment's person stays"
    step = await session.get(PlanStep, (enrolment.team_id, day))
    if step is not None:
        if await open_poll(session, step) is not None:
            await polls.ask_one_more(session, step.poll_id or 0, person.id, enrolment.team_id)
        await messages.want(
            session,
            workspace_id=enrolment.workspace_id,
            key=f"training:onboarding:{enrolment.id}:{day}",
            renderer=DAY,
            subject_id=enrolment.id,
            details={"day": day},
            destination=person.slack_id,
            person_id=person.id,
            attention=Attention.UNREQUESTED,
            priority=Priority.SCHEDULED,
            now=now,
        )
    if day == ONBOARDING_DAYS[-1]:
        await stop(session, enrolment, Stopped.THROUGH, now)


async def open_poll(session: AsyncSession, step: PlanStep) -> Poll | None:
    """The quiz or poll that stands in that day's message, while it is open. Only a named one: to ask somebody later of
    an anonymous one could tell what they said."""
    poll = await session.get(Poll, step.poll_id) if step.poll_id is not None else None
    return poll if poll is not None and poll.state == PollState.OPEN and not poll.is_anonymous else None


async def give_buddy(session: AsyncSession, enrolment: Enrolment, buddy: Person | None, now: datetime) -> None:
    """Another buddy, who hears of it; None: nobody any more."""
    if enrolment.buddy_id == (buddy.id if buddy else None):
        return
    enrolment.buddy_id = buddy.id if buddy else None
    await messages.refresh_subject(session, enrolment.id, DAY, BUDDY, now=now)
    if buddy is not None:
        await tell_buddy(session, enrolment, buddy, now)


async def tell_buddy(session: AsyncSession, enrolment: Enrolment, buddy: Person, now: datetime) -> None:
    await messages.want(
        session,
        workspace_id=enrolment.workspace_id,
        key=f"training:buddy:{enrolment.id}:{buddy.id}",
        renderer=BUDDY,
        subject_id=enrolment.id,
        destination=buddy.slack_id,
        person_id=buddy.id,
        attention=Attention.UNREQUESTED,
        priority=Priority.SCHEDULED,
        now=now,
    )


async def team_of(session: AsyncSession, enrolment: Enrolment) -> Team:
    team = await session.get(teams.Team, enrolment.team_id)
    assert team is not None, "an enrolment's team stays"
    return team
