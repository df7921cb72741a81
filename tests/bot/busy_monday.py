"""A week that begins with much that is owed at once, to many teams: steps of escalations, check-ins with their nudges
and results, polls and their closes, digests and weekly reports, goals that are posted and goals that end. Everything
is done on Sunday, by the product's own code, that makes it be owed on Monday."""

from datetime import UTC, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.company import agent_of, on_duty_at
from handlers.checkins.rules.windows import ANYWHERE_FIRST
from handlers.checkins.steps import MIDNIGHT, PLAN
from handlers.escalations.forms import Raise
from handlers.escalations.raising import Origin, open_case
from handlers.goals import telling, timers
from handlers.goals.rules import periods
from handlers.polls import opening
from handlers.polls.rules.drafting import question
from storage import poll_audiences
from storage.checkins import CheckinSettings
from storage.escalations import Need, Severity
from storage.goals import Better, Goal, Period, State, Unit, Whose
from storage.goals import Kind as GoalKind
from storage.people import Person
from storage.polls import Kind, Mode, Poll, PollState, Results, Template
from storage.schedule import want_schedule
from storage.teams import Team

SUNDAY = datetime(2026, 6, 7, 9, 50, tzinfo=UTC)
"""Ten minutes before Monday begins where dates begin first on Earth: there its check-ins are planned."""
WAKING = (
    (SUNDAY, SUNDAY.replace(hour=10, minute=5)),
    (SUNDAY.replace(day=8, hour=1, minute=59), SUNDAY.replace(day=8, hour=12, minute=15)),
    (SUNDAY.replace(day=9, hour=7, minute=59), SUNDAY.replace(day=9, hour=8, minute=10)),
)
"""When something happens: the plan, Monday, and on Tuesday the managers have the results of Monday's check-ins."""
OPENS, CLOSES = time(8), time(12)
"""Everybody's hours (UTC): the check-in is asked at 9:00, nudged at 11:15 and closed at 12:00."""
POLL_CLOSES = datetime(2026, 6, 8, 9, 30, tzinfo=UTC)
OUTAGES = {
    SUNDAY.replace(day=8, hour=8, minute=55): timedelta(minutes=10),
    SUNDAY.replace(day=8, hour=9, minute=29, second=55): timedelta(seconds=10),
    SUNDAY.replace(day=8, hour=11, minute=12): timedelta(minutes=10),
}
"""When the database is away, and for how long: over the breaches, digests and check-ins of nine o'clock, over the
closes of polls, and over the nudges."""
OBLIGATIONS = 26
"""That a desk is owed at least."""
OFFICE_DAYS = [0, 1, 2, 3, 4]


async def owe(session: AsyncSession, desks: list[Team], now: datetime) -> None:
    """For each of these desks (benchmarks.company): a case, a check-in, a poll, and two goals."""
    known = {person.name: person for person in (await session.execute(select(Person))).scalars()}
    for desk, team in enumerate(desks):
        agent, manager = known[agent_of(desk)], known[on_duty_at(desk)]
        team.days, team.start, team.end = OFFICE_DAYS, OPENS, CLOSES
        await session.flush()
        form = Raise(severity=Severity.S2, what=f"Checkout {desk} fails", need=Need.DECISION)
        await open_case(session, team=team, me=agent, form=form, origin=Origin(f"form {desk}"), viewers=[], now=now)
        await _check_in(session, team, now)
        await _poll(session, team, manager, now)
        for period in (Period.WEEK, Period.MONTH):  # one that ends on Sunday, one that goes on
            await _set_goal(session, team, manager, period, now)


async def _check_in(session: AsyncSession, team: Team, now: datetime) -> None:
    team.checkins = True
    settings = CheckinSettings(
        team_id=team.id, days=OFFICE_DAYS, lead_min=180, nudge_min=45, named_turn=0, changed_at=now
    )
    session.add(settings)
    await want_schedule(
        session,
        workspace_id=team.workspace_id,
        kind=PLAN,
        target_id=team.id,
        zone=ANYWHERE_FIRST.key,
        wall=MIDNIGHT,
        weekdays=OFFICE_DAYS,
    )


async def _poll(session: AsyncSession, team: Team, manager: Person, now: datetime) -> None:
    poll = Poll(
        workspace_id=team.workspace_id,
        form_key=f"poll {team.id}",
        team_id=team.id,
        author_id=manager.id,
        template=Template.PULSE,
        title="Pulse",
        mode=Mode.ANONYMOUS,
        results=Results.AFTER_CLOSE,
        state=PollState.DRAFT,
        created_at=now,
        closes_at=POLL_CLOSES,
    )
    session.add(poll)
    await session.flush()
    asked = question(Kind.RATING, "How is work going?")
    asked.poll_id, asked.position = poll.id, 0
    session.add(asked)
    await poll_audiences.name_teams(session, poll.id, [team.id])
    everybody = await opening.audience(session, team.workspace_id, team_ids=[team.id], named=[], in_channel=[])
    await opening.open_poll(session, poll, everybody, now=now)


async def _set_goal(session: AsyncSession, team: Team, manager: Person, period: Period, now: datetime) -> None:
    first, last = periods.around(now.date(), period)
    made = Goal(
        workspace_id=team.workspace_id,
        number=2 * team.id + (period == Period.MONTH),
        form_key=f"goal {team.id} {period}",
        whose=Whose.TEAM,
        whose_id=team.id,
        team_id=team.id,
        set_by_id=manager.id,
        metric="escalations.raised",
        title="Escalations raised",
        unit=Unit.COUNT,
        better=Better.DOWN,
        kind=GoalKind.KEEP,
        target=40,
        period=period,
        first_day=first,
        last_day=last,
        zone="UTC",
        weekdays=OFFICE_DAYS,
        state=State.OPEN,
        created_at=now,
        changed_at=now,
        sample=0,
        recent_sample=0,
        told="",
    )
    session.add(made)
    await session.flush()
    await timers.set_end(session, made)
    await timers.keep_counting(session, made.workspace_id, now=now)
    await telling.want_schedules(session, made, team)
