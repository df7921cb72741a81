"""How a team's queue stands and what it did in a stretch of time: read by digests, reports and `/queue` alike."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.local_time import at_local, local_date, parse_zone
from handlers.queue.rules import digesting, figures, freshness, usual
from handlers.queue.rules.look import Flow, Look, Period
from handlers.teams.rules.hours import calendar_of
from storage import queue_figures, sources, spikes, team_facts
from storage.teams import Team
from storage.ticket_days import TicketDay

AT_RISK_WITHIN = timedelta(hours=2)
CHART_DAYS = 14


async def look(session: AsyncSession, team: Team, since: datetime, until: datetime) -> Look:
    """Everything about [since, until) and about now (`until`)."""
    fresh = freshness.judge(await sources.of_team(session, team.id), until)
    if fresh.as_of is None:
        return Look(team, since, until, fresh)
    zone = parse_zone(team.zone)
    today = local_date(until, zone)
    first = local_date(since, zone) - usual.WEEKS * usual.WEEK
    rolled = await queue_figures.days(session, team.id, min(first, today - timedelta(days=CHART_DAYS)), today)
    return Look(
        team,
        since,
        until,
        fresh,
        standing=await queue_figures.standing(session, [team.id], now=until, risk_until=until + AT_RISK_WITHIN),
        before=await queue_figures.snapshot_before(session, team.id, today),
        period=await period(session, team, since, until, rolled),
        overnight=await _overnight(session, team, since, until),
        spikes=await spikes.of_days(session, team.id, local_date(since, zone), today),
        holidays=digesting.holidays_within(team, since, until),
        days=_charted(rolled, today),
    )


async def period(
    session: AsyncSession, team: Team, since: datetime, until: datetime, rolled: Sequence[TicketDay]
) -> Period:
    """What happened in [since, until); `rolled`: the days of the weeks before it."""
    zone = parse_zone(team.zone)
    first_day = await queue_figures.first_day(session, team.id)
    replied = await queue_figures.replied(session, [team.id], since, until)
    solved = await queue_figures.solved(session, [team.id], since, until)
    rated = await queue_figures.rated(session, [team.id], since, until)
    working = calendar_of(await team_facts.of_team(session, team, now=until))
    hours = usual.arrivals(since, until, zone, {one.local_date: one.by_hour for one in rolled}, first_day)
    ended = {one.local_date: one.solved for one in rolled}
    return Period(
        came=Flow(await queue_figures.created(session, [team.id], since, until), hours),
        solved=Flow(len(solved), usual.departures(since, until, zone, ended, (team.start, team.end), first_day)),
        first_response=figures.first_responses(replied, working),
        first_response_calendar=figures.first_responses(replied),
        resolution=figures.resolutions(solved),
        one_touch=figures.one_touch(solved),
        reopened=figures.reopened(solved),
        csat=figures.csat(rated),
        bad_ratings=figures.bad(rated),
        nps=figures.nps(rated),
    )


async def days_of_history(session: AsyncSession, team: Team, today: date) -> int:
    """Since how many days anything of the team is counted."""
    first = await queue_figures.first_day(session, team.id)
    return (today - first).days if first else 0


async def _overnight(session: AsyncSession, team: Team, since: datetime, until: datetime) -> int | None:
    ended = night_began(team, until)
    if not since < ended < until:
        return None
    return await queue_figures.created(session, [team.id], ended, until)


def night_began(team: Team, until: datetime) -> datetime:
    """When the team's last working day before today ended."""
    zone = parse_zone(team.zone)
    day = local_date(until, zone) - timedelta(days=1)
    for _ in range(7):
        if day.weekday() in team.days:
            break
        day -= timedelta(days=1)
    return at_local(day, team.end if team.start < team.end else time(23, 59), zone)


def _charted(rolled: Sequence[TicketDay], today: date) -> list[tuple[date, int, int]]:
    known = {one.local_date: one for one in rolled}
    dates = [today - timedelta(days=back) for back in range(CHART_DAYS, 0, -1)]
    return [(day, known[day].created, known[day].solved) if day in known else (day, 0, 0) for day in dates]
