"""Widening who sees figures about one person: told to each member first, in effect a working day later."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.queue.rules.rights import PersonalMetrics
from handlers.teams.rules.hours import calendar_of, calendar_of_person
from handlers.working_time import WORKING_DAY, BeyondHorizon
from storage import messages, personal_metrics, schedule, team_facts, teams
from storage.messages import Attention, MessageState, Priority
from storage.people import Person
from storage.personal_metrics import MetricsChange
from storage.schedule import Timer
from storage.teams import Team

NEWS = "queue.metrics_news"
TAKE_EFFECT = "queue.widen"
DAY = timedelta(days=1)


async def widen(session: AsyncSession, team: Team, level: PersonalMetrics, by: Person, now: datetime) -> MetricsChange:
    """Every member hears it now (in their hours); it holds a working day later."""
    await personal_metrics.cancel(session, team.id, now=now)
    facts = await team_facts.of_team(session, team, now=now)
    try:
        effective = max(calendar_of(facts).add(now, WORKING_DAY), now + DAY)
    except BeyondHorizon:
        effective = now + 7 * DAY
    change = MetricsChange(team_id=team.id, level=level.value, asked_by_id=by.id, asked_at=now, effective_at=effective)
    session.add(change)
    await session.flush()
    for person, _ in facts.members:
        await tell(session, team, change, person, now)
    await schedule.set_timer(
        session,
        workspace_id=team.workspace_id,
        step=TAKE_EFFECT,
        subject_id=change.id,
        due_at=effective,
        priority=Priority.SCHEDULED,
    )
    return change


async def take_effect(session: AsyncSession, timer: Timer, _now: datetime) -> None:
    change = await session.get(MetricsChange, timer.subject_id)
    team = await teams.locked(session, change.team_id) if change else None
    if change is not None and team is not None and change.cancelled_at is None:
        team.personal_metrics = change.level


async def tell(session: AsyncSession, team: Team, change: MetricsChange, person: Person, now: datetime) -> None:
    if not person.is_reachable:
        return
    await messages.want(
        session,
        workspace_id=team.workspace_id,
        key=change.notice_key(person.id),
        renderer=NEWS,
        subject_id=change.id,
        destination=person.slack_id,
        person_id=person.id,
        attention=Attention.UNREQUESTED,
        priority=Priority.SCHEDULED,
        now=now,
    )


async def has_heard(session: AsyncSession, team: Team, person: Person, now: datetime) -> bool:
    """Whether this person was told a working day ago; who joined since then is told now."""
    change = await personal_metrics.standing(session, team.id)
    if change is None:
        return True  # no widening stands: the setting was never any narrower
    told = await messages.by_key(session, change.notice_key(person.id))
    if told is None:
        await tell(session, team, change, person, now)
        return False
    if told.state != MessageState.SENT or told.sent_at is None:
        return False
    try:
        return calendar_of_person(person, team).add(told.sent_at, WORKING_DAY) <= now
    except BeyondHorizon:
        return False
