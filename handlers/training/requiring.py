"""Required trainings: asked for, done, asked for again; inside the caller's transaction, crowds by a job."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.local_time import local_date, parse_zone
from handlers.refusals import Refusal
from handlers.training.rules.dates import due_for_newcomer, due_of_round
from handlers.training.views.words import day_in_words
from storage import messages, requirements
from storage.jobs import want_job
from storage.messages import Attention, Priority
from storage.people import Person
from storage.requirements import Assignment, Requirement
from storage.teams import Team

TOLD = "training.required"
ASK_JOB = "training.ask_required"
DONE_ALREADY = "You have done that already: {}."
NOT_YOURS = "That isn’t required of you any more. `/training required` shows what is."


async def require(
    session: AsyncSession,
    team: Team,
    me: Person,
    key: str,
    *,
    title: str,
    link: str | None,
    session_id: int | None,
    people: Sequence[Person] | None,
    due_on: date,
    yearly: bool,
    now: datetime,
) -> Requirement:
    """Requires it of the whole team, or of these people of it. The same form requires it once."""
    if (known := await requirements.by_form_key(session, key)) is not None:
        return known
    made = Requirement(
        workspace_id=team.workspace_id,
        form_key=key,
        team_id=team.id,
        title=title,
        link=link,
        session_id=session_id,
        for_team=people is None,
        due_on=due_on,
        yearly=yearly,
        round=0,
        created_by_id=me.id,
        created_at=now,
    )
    session.add(made)
    await session.flush()
    if people is not None:
        await requirements.assign(session, made, [(person.id, due_on) for person in people], now=now)
    await want_asking(session, made, now)
    return made


async def want_asking(session: AsyncSession, requirement: Requirement, now: datetime) -> None:
    """A job gives each one their part and tells them: they may be many."""
    await want_job(
        session,
        workspace_id=requirement.workspace_id,
        kind=ASK_JOB,
        key=f"{ASK_JOB}:{requirement.id}:{requirement.round}",
        run_at=now,
        details={"requirement": requirement.id},
    )


async def next_round(session: AsyncSession, requirement: Requirement, now: datetime) -> None:
    """It is required anew: of the team as it is, or of those who were named."""
    named = [] if requirement.for_team else await requirements.named_in(session, requirement.id, requirement.round)
    requirement.round += 1
    due_on = due_of_round(requirement.due_on, requirement.round)
    await session.flush()
    await requirements.assign(session, requirement, [(person_id, due_on) for person_id in named], now=now)
    await want_asking(session, requirement, now)


def due_of(requirement: Requirement, person: Person, now: datetime, *, newcomer: bool) -> date:
    """By when they have to have done the present round; who joined after it was asked gets their time."""
    due_on = due_of_round(requirement.due_on, requirement.round)
    return due_for_newcomer(due_on, local_date(now, parse_zone(person.zone))) if newcomer else due_on


async def tell(
    session: AsyncSession,
    requirement: Requirement,
    assignment: Assignment,
    person: Person,
    reason: str,
    now: datetime,
    *,
    day: int | None = None,
) -> None:
    """Once when it is asked, and once for each day of reminding (counted from the due date)."""
    part = "asked" if day is None else f"day:{day}"
    await messages.want(
        session,
        workspace_id=requirement.workspace_id,
        key=f"training:required:{assignment.id}:{part}",
        renderer=TOLD,
        subject_id=assignment.id,
        details={"reason": reason},
        destination=person.slack_id,
        person_id=person.id,
        attention=Attention.UNREQUESTED,
        priority=Priority.SCHEDULED,
        now=now,
    )


async def finish(session: AsyncSession, assignment_id: int, me: Person, now: datetime) -> Requirement:
    """They say that they have done it. Raises Refusal for what isn't theirs, or isn't asked any more."""
    assignment = await session.get(Assignment, assignment_id, with_for_update=True)
    if assignment is None or assignment.person_id != me.id:
        raise Refusal(NOT_YOURS)
    requirement = await session.get(Requirement, assignment.requirement_id)
    assert requirement is not None, "a part's training stays"
    if assignment.done_at is not None:
        zone = parse_zone(me.zone)
        raise Refusal(DONE_ALREADY, day_in_words(local_date(assignment.done_at, zone), local_date(now, zone)))
    if requirement.ended_at is not None or assignment.round != requirement.round:
        raise Refusal(NOT_YOURS)
    assignment.done_at = now
    await messages.refresh_subject(session, assignment.id, TOLD, now=now)
    return requirement


def end(requirement: Requirement, now: datetime) -> None:
    """Not required any more: nobody is reminded; what was done stays done."""
    requirement.ended_at = now
