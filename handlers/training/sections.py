"""What Home and the reports show of training."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import Block, header
from handlers.house import InReport, OnHome, Report
from handlers.local_time import local_date, parse_zone
from handlers.training import sessions
from handlers.training.views import onboarding as onboarding_views
from handlers.training.views import report as views
from handlers.training.views import required as required_views
from handlers.training.views import sessions as session_views
from storage import memberships, onboarding, people, requirements, training, training_home
from storage.people import Person
from storage.requirements import Progress, Requirement
from storage.teams import Team

SHOWN_AT_MOST = 4
ASKED_WITHIN = timedelta(days=14)
"""A session that begins sooner, and an invitation to it that isn't answered, stand on Home."""
DUE_WITHIN = timedelta(days=14)
HOSTED_SINCE = timedelta(days=14)
"""How long somebody is asked who was at the session that they hosted."""


async def on_home(session: AsyncSession, person: Person, now: datetime) -> OnHome:
    """What they must do, invitations, topics that are due, who was at their session; for who leads, what is overdue.
    Then the sessions to which they go, and their own onboarding."""
    seen = await memberships.teams_seen_by(session, person.id)
    there_is = await training_home.something(session, person.id, [one.id for one in seen], since=now - HOSTED_SINCE)
    waiting = await _to_do(session, person, now) if there_is.to_do else []
    invited, going = await _sessions(session, person, now) if there_is.sessions else ([], [])
    waiting += invited
    waiting += await _topics(session, person, now) if there_is.topics else []
    if there_is.required:
        for requirement, team, progress in await _overdue(
            session, await memberships.teams_led_by(session, person.id), now
        ):
            waiting += views.overdue(requirement, team, progress)
    further = [*going, *(await _own_onboarding(session, person, now) if there_is.onboarding else [])]
    return OnHome(waiting, [header(views.HEADING), *further] if further else [])


async def _to_do(session: AsyncSession, person: Person, now: datetime) -> list[Block]:
    today = local_date(now, parse_zone(person.zone))
    return [
        block
        for assignment, requirement in await requirements.of_person(session, person.id, most=SHOWN_AT_MOST)
        if assignment.due_on <= today + DUE_WITHIN
        for block in required_views.row(assignment, requirement, today, among_others=True)
    ]


async def _sessions(session: AsyncSession, person: Person, now: datetime) -> tuple[list[Block], list[Block]]:
    """(invitations without an answer, and who was at the sessions that they hosted; where they go or wait)."""
    seen = await memberships.teams_of(session, person.id)
    coming, hosted = await training.sessions_around(
        session,
        person.id,
        [team.id for team in seen],
        since=now - HOSTED_SINCE,
        now=now,
        until=now + ASKED_WITHIN,
    )
    own = await training.answers_of(session, person.id, [one.id for one in coming])
    shown = [
        one
        for one in coming[: 2 * SHOWN_AT_MOST]
        if (answer := own.get(one.id)) != training.Answer.NOT_GOING and (answer or one.host_id != person.id)
    ]
    invited: list[Block] = []
    going: list[Block] = []
    for gathering in await sessions.gatherings_of(session, shown, now=now):
        answer = own.get(gathering.training.id)
        blocks = session_views.row(gathering, answer, now, many_teams=len(seen) > 1)
        (going if answer else invited).extend(blocks)
    return [*invited, *(block for one in hosted[:SHOWN_AT_MOST] for block in views.who_was_there(one))], going


async def _topics(session: AsyncSession, person: Person, now: datetime) -> list[Block]:
    today = local_date(now, parse_zone(person.zone))
    found = await training.items_owned_by(session, person.id, until=today, most=SHOWN_AT_MOST)
    seen = {team.id: team for team in await memberships.teams_seen_by(session, person.id)}
    return [block for one in found if one.team_id in seen for block in views.topic(one, seen[one.team_id], today)]


async def _own_onboarding(session: AsyncSession, person: Person, now: datetime) -> list[Block]:
    zone = parse_zone(person.zone)
    blocks: list[Block] = []
    for enrolment, team in await onboarding.own(session, person.id):
        today = local_date(now, zone)
        day = (today - local_date(enrolment.since, zone)).days
        coming = [step.day for step in await onboarding.steps(session, team.id) if step.day > day]
        next_on = local_date(enrolment.since, zone) + timedelta(days=coming[0]) if coming else None
        buddy = (await people.seen_by_ids(session, [enrolment.buddy_id])).get(enrolment.buddy_id or 0)
        blocks += onboarding_views.own(team, day, next_on, buddy, today)
    return blocks


async def _overdue(session: AsyncSession, led: list[Team], now: datetime) -> list[tuple[Requirement, Team, Progress]]:
    """What is overdue in these teams, with how far it is."""
    by_id = {team.id: team for team in led}
    running = await requirements.running(session, by_id, most=20) if led else ()
    today = {one.id: local_date(now, parse_zone(by_id[one.team_id].zone)) for one in running}
    made = await requirements.progress_of(session, today) if running else {}
    return [(one, by_id[one.team_id], made[one.id]) for one in running if made[one.id].overdue][:SHOWN_AT_MOST]


async def in_report(session: AsyncSession, report: Report) -> InReport:
    """Every day: what begins today, and for managers what is overdue. Every week: what was learnt, counts only."""
    team = report.team
    overdue = await _overdue(session, [team], report.until)
    shown = overdue if report.for_managers else []
    needs = [views.needs_you(requirement, progress) for requirement, _, progress in shown]
    if not report.weekly:
        until = report.until + timedelta(hours=24)
        today = await training.coming_sessions(session, [team.id], now=report.until, until=until, most=SHOWN_AT_MOST)
        return InReport(needs, views.today(await sessions.gatherings_of(session, today, now=report.until)))
    return InReport(needs, views.week(await _week(session, report), overdue))


async def _week(session: AsyncSession, report: Report) -> views.Week:
    held = await training.begun_between(session, report.team.id, report.since, report.until)
    there = [place.attended for one in held for place, _ in await training.places(session, one.id)]
    coming = await training.coming_sessions(session, [report.team.id], now=report.until, most=50)
    topics = await training.open_items(session, [report.team.id], most=100)
    newcomers = await onboarding.under_way(session, report.team.id, most=100)
    return views.Week(
        held=len(held),
        attended=there.count(True) if any(one.attendance_at for one in held) else None,
        coming=len(coming),
        topics=len(topics),
        newcomers=len(newcomers),
    )
