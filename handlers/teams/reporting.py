"""What teams tell in digests: who is on duty; for managers also who is away."""

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.house import InReport, NeedsYou, Report
from handlers.teams.rules.duty import Source, on_duty
from handlers.teams.views import reporting as views
from storage import team_facts


async def in_report(session: AsyncSession, report: Report) -> InReport:
    """A channel may have guests: who is away, and until when, is for the team's managers."""
    if report.weekly:
        return InReport()
    facts = await team_facts.of_team(session, report.team, now=report.until)
    duty = on_duty(facts, report.until)
    away = [person for person, _ in facts.members if person.is_away(report.until)] if report.for_managers else []
    needs = [NeedsYou(views.NOBODY_ON_DUTY, views.rota_button(report.team), 2)] if duty.source == Source.NOBODY else []
    return InReport(needs, views.today(duty, away), is_ordinary=True)
