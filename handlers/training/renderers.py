"""Message rows → what Slack shows, from the present truth. FALLEN when the obligation fell away before it was sent."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import section
from handlers.house import FALLEN, Fallen, Rendered
from handlers.local_time import local_date, parse_zone
from handlers.training import enrolling, sessions
from handlers.training.rules import rights
from handlers.training.rules.gathering import Gathering
from handlers.training.views import items as item_views
from handlers.training.views import onboarding as onboarding_views
from handlers.training.views import required as required_views
from handlers.training.views import sessions as views
from handlers.training.views.words import span
from storage import messages, people, team_facts, training
from storage.messages import Attention, Message, Priority
from storage.onboarding import Enrolment, PlanStep
from storage.people import Person
from storage.requirements import Assignment, Requirement
from storage.teams import Team
from storage.training import Answer, Item, Session

NOT_POSTED = "training.not_posted"


async def invitation(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:
    gathering = await _gathering(session, message, now)
    if gathering is None or (message.slack_ts is None and gathering.training.cancelled_at is not None):
        return FALLEN
    return views.invitation(gathering, now)


async def news(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:
    """In the invitation's thread. Falls once there is newer news."""
    gathering = await _gathering(session, message, now)
    if gathering is None or _is_stale(message, gathering.training):
        return FALLEN
    text = views.NEWS_CANCELLED
    if message.details["what"] == "moved":
        text = views.NEWS_MOVED.format(span(gathering.training))
    return Rendered(text, [section(text)])


async def session_told(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:
    """Falls for who doesn't come any more, and once the session has moved on."""
    gathering = await _gathering(session, message, now)
    if gathering is None:
        return FALLEN
    what = message.details["what"]
    if message.slack_ts is None and not _still_tells(message, gathering, what):
        return FALLEN
    quiz = await training.has_quiz(session, gathering.training)
    return views.told(gathering, what, message.person_id or 0, now, quiz=quiz)


def _still_tells(message: Message, gathering: Gathering, what: str) -> bool:
    if what == "after":
        return gathering.training.attendance_at is None and gathering.training.cancelled_at is None
    coming = {Answer.GOING} | ({Answer.WAITING} if what in {"moved", "cancelled"} else set())
    return not _is_stale(message, gathering.training) and gathering.answer_of(message.person_id or 0) in coming


def _is_stale(message: Message, found: Session) -> bool:
    return message.slack_ts is None and bool(message.details["generation"] != found.generation)


async def item(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:
    found = await session.get(Item, message.subject_id)
    if found is None or message.person_id is None:
        return FALLEN
    stale = found.done_at is not None or found.generation != message.details["generation"]
    if message.slack_ts is None and stale:
        return FALLEN
    team = await session.get(Team, found.team_id)
    reader = await session.get(Person, message.person_id)
    assert team is not None, "an item's team stays"
    assert reader is not None, "a message's reader stays"
    if not rights.may_see(await team_facts.of_team(session, team, now=now), reader):
        return FALLEN
    by = (await people.by_ids(session, [message.details.get("by")])).get(message.details.get("by") or 0)
    return item_views.told(found, team, message.details["reason"], by, local_date(now, parse_zone(reader.zone)))


async def _gathering(session: AsyncSession, message: Message, now: datetime) -> Gathering | None:
    found = await session.get(Session, message.subject_id)
    return None if found is None else await sessions.gathering_of(session, found, now=now)


async def when_invitation_is_parked(session: AsyncSession, message: Message, error: str, now: datetime) -> None:
    """The channel can't be posted to: its host is told once, with the mend."""
    gathering = await _gathering(session, message, now)
    if gathering is None:
        return
    await messages.want(
        session,
        workspace_id=message.workspace_id,
        key=f"training:session:{gathering.training.id}:parked:{error}",
        renderer=NOT_POSTED,
        subject_id=gathering.training.id,
        details={"error": error},
        destination=gathering.host.slack_id,
        person_id=gathering.host.id,
        attention=Attention.NEWS,
        priority=Priority.SCHEDULED,
        now=now,
    )


async def not_posted(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:
    gathering = await _gathering(session, message, now)
    if gathering is None or gathering.training.cancelled_at is not None:
        return FALLEN
    return views.not_posted(gathering, str(message.details["error"]))


async def required(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:
    """Falls for what was done before it was said, isn't required any more, or of who has left."""
    assignment = await session.get(Assignment, message.subject_id)
    if assignment is None or message.person_id is None:
        return FALLEN
    requirement = await session.get(Requirement, assignment.requirement_id)
    reader = await session.get(Person, message.person_id)
    assert requirement is not None, "a part's training stays"
    assert reader is not None, "a message's reader stays"
    over = requirement.ended_at is not None or assignment.round != requirement.round
    if message.slack_ts is None and (over or assignment.done_at is not None):
        return FALLEN
    if message.slack_ts is None and not await _is_of_team(session, requirement.team_id, reader, now):
        return FALLEN
    return required_views.told(
        assignment, requirement, message.details["reason"], local_date(now, parse_zone(reader.zone))
    )


async def onboarding_day(session: AsyncSession, message: Message, _now: datetime) -> Rendered | Fallen:
    """Falls once they left the team, and when the plan says nothing on that day any more."""
    enrolment = await session.get(Enrolment, message.subject_id)
    if enrolment is None:
        return FALLEN
    step = await session.get(PlanStep, (enrolment.team_id, message.details["day"]))
    if step is None or (message.slack_ts is None and not await enrolling.is_there(session, enrolment)):
        return FALLEN
    team = await enrolling.team_of(session, enrolment)
    buddy = (await people.by_ids(session, [enrolment.buddy_id])).get(enrolment.buddy_id or 0)
    poll = await enrolling.open_poll(session, step)
    return onboarding_views.day_told(team, step, buddy, poll_id=poll.id if poll else None)


async def buddy(session: AsyncSession, message: Message, _now: datetime) -> Rendered | Fallen:
    """Falls once somebody else is the buddy, or the newcomer has left."""
    enrolment = await session.get(Enrolment, message.subject_id)
    if enrolment is None:
        return FALLEN
    still = enrolment.buddy_id == message.person_id
    if message.slack_ts is None and not (still and await enrolling.is_there(session, enrolment)):
        return FALLEN
    newcomer = await session.get(Person, enrolment.person_id)
    assert newcomer is not None, "an enrolment's person stays"
    return onboarding_views.buddy_told(await enrolling.team_of(session, enrolment), newcomer, still=still)


async def _is_of_team(session: AsyncSession, team_id: int, person: Person, now: datetime) -> bool:
    team = await session.get(Team, team_id)
    return team is not None and rights.may_see(await team_facts.of_team(session, team, now=now), person)
