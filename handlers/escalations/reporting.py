"""What escalations tell in digests and weekly reports. Restricted ones exist for none of their readers."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.escalations.rules import figures
from handlers.escalations.rules.policy import PAGES_AT_MOST
from handlers.escalations.views import reporting as views
from handlers.house import InReport, Report
from handlers.local_time import local_date, parse_zone
from storage import escalation_lists, people
from storage.follow_ups import follow_ups_of_team
from storage.teams import Team

LOOKED_AT = 200
MOST_FOLLOW_UPS = 50


async def in_report(session: AsyncSession, report: Report) -> InReport:
    return await _week(session, report) if report.weekly else await _day(session, report)


async def _day(session: AsyncSession, report: Report) -> InReport:
    team, now = report.team, report.until
    found = await escalation_lists.of_team(session, team.id, most=LOOKED_AT + 1)
    cases = found[:LOOKED_AT]
    follow_ups = await follow_ups_of_team(session, team.id, most=MOST_FOLLOW_UPS)
    hidden = _stand_elsewhere(team, report)
    needs = []
    if hidden is None:
        today = local_date(now, parse_zone(team.zone))
        needs = [need for one in cases if (need := views.needs(one, now, most_pages=PAGES_AT_MOST))]
        needs += [need for one, of in follow_ups if (need := views.follow_up_needs(one, of, today))]
    blocks = views.standing(
        cases,
        follow_ups,
        flow=await escalation_lists.flow_of_team(session, team.id, report.since, now),
        owners=await people.by_ids(session, (one.owner_id for one in cases)),
        now=now,
        more=len(found) > LOOKED_AT,
        counts_only_because_of=hidden,
    )
    return InReport(needs, blocks)


async def _week(session: AsyncSession, report: Report) -> InReport:
    cases = await _measured(session, report, report.since, report.until)
    earlier = await _measured(session, report, report.since - (report.until - report.since), report.since)
    causes = figures.root_causes(cases)
    return InReport(blocks=views.week(figures.lines(cases), causes, figures.repeats(cases), len(earlier)))


async def _measured(
    session: AsyncSession, report: Report, start: datetime, end: datetime
) -> list[escalation_lists.Measured]:
    return await escalation_lists.measured(session, team_ids=[report.team.id], viewer_id=None, start=start, end=end)


def _stand_elsewhere(team: Team, report: Report) -> str | None:
    """The private channel that holds them, if this copy is read by others than those who are in it."""
    if report.for_managers or not team.escalates_privately or team.escalation_channel == report.channel:
        return None
    return team.escalation_channel
