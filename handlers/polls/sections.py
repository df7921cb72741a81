"""What Home and the reports show of polls."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.house import InReport, OnHome, Report
from handlers.polls.views import lists
from storage import ballots, memberships, polls
from storage.people import Person
from storage.polls import Poll

SHOWN_AT_MOST = 5


async def on_home(session: AsyncSession, person: Person, now: datetime) -> OnHome:
    """Polls that wait for this person's answer; for managers, the button that makes one."""
    waiting = [poll for poll in await ballots.open_for(session, person.id, most=SHOWN_AT_MOST) if poll.closes_at > now]
    leads = bool(await memberships.teams_led_by(session, person.id))
    return OnHome([lists.waits(poll) for poll in waiting], first=[lists.new_button()] if leads else [])


async def in_report(session: AsyncSession, report: Report) -> InReport:
    """How many answered what is open, and what was closed since: no answers, as a channel may read it."""
    running, over = await polls.of_team(session, report.team.id, open_at=report.until, closed_since=report.since)
    return InReport(blocks=lists.in_report(await _counted(session, running), await _counted(session, over)))


async def _counted(session: AsyncSession, some: list[Poll]) -> list[tuple[Poll, int]]:
    return [(poll, await ballots.turnout(session, poll)) for poll in some]
