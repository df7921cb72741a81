"""What Home and the reports tell of check-ins."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import Block, button, clock_time, said, section
from handlers.checkins.rules import answering, results, rights, windows
from handlers.checkins.views import result
from handlers.checkins.views.home import ANSWER, LAST_RESULT, OPEN_NOW
from handlers.checkins.views.reports import NO_SHOW, weekly
from handlers.house import InReport, NeedsYou, OnHome, Report
from storage import checkin_answers, checkins, memberships, team_facts
from storage.people import Person

RESULT_SHOWN_FOR = timedelta(days=7)
TEAMS_AT_MOST = 4
WEEKS_REPORTED = 4


async def on_home(session: AsyncSession, person: Person, now: datetime) -> OnHome:
    """The question while it is open and unanswered; for managers and heads, the last result of their teams."""
    waiting: list[Block] = []
    parts = await checkins.prompts_around(session, person.id, now)
    place = answering.place_of(parts, windows.today_of(person, now), now)
    if place.prompt is not None and place.prompt.opens_at <= now and place.prompt.asked_at is not None:
        assert place.round is not None, "a prompt has its round"
        if not await checkin_answers.has_answered(session, place.round.id, person.id):
            text = OPEN_NOW.format(clock_time(place.prompt.closes_at))
            waiting.append(section(text, accessory=button("Answer…", ANSWER, style="primary")))
    seen = (await memberships.teams_seen_by(session, person.id))[:TEAMS_AT_MOST]
    led = [
        facts.team
        for facts in await team_facts.of_teams(session, seen, now=now)
        if rights.may_read_results(facts, person)
    ]
    since = windows.today_of(person, now) - RESULT_SHOWN_FOR
    last = await checkins.latest_asked(session, [team.id for team in led], since=since) if led else {}
    further = [
        section(
            LAST_RESULT.format(said(team.name, 80), result.line(last[team.id])),
            accessory=button("Show it…", result.SHOW, last[team.id].id, says=f"Show the check-in of {team.name}"),
        )
        for team in led
        if team.id in last
    ]
    return OnHome(waiting, further)


async def in_report(session: AsyncSession, report: Report) -> InReport:
    """In the managers' own copy only: load is nothing for a channel. The day's result reaches them as a message of its
    own, merged with the digest where both are due: the digest says only what of it needs somebody."""
    if not report.for_managers:
        return InReport()
    closed = await checkins.closed_between(session, report.team.id, report.since, report.until)
    asked = [one for one in closed if one.asked]
    if not asked:
        return InReport()
    last = asked[-1]
    earlier = await checkins.closed_rounds(
        session, report.team.id, since=last.day - results.COMPARED_WITH, before=last.day
    )
    blocks = (
        [weekly(asked, results.change(last.load, earlier, last.day) if last.load else None)] if report.weekly else []
    )
    return InReport(needs_you=await _needs(session, report, last, [*earlier, last]), blocks=blocks)


async def _needs(
    session: AsyncSession, report: Report, last: checkins.Round, rounds: list[checkins.Round]
) -> list[NeedsYou]:
    show = button("Show it…", result.SHOW, last.id, says=f"Show the check-in of {report.team.name}")
    needs = []
    if (warned := results.warned(rounds)) is not None:
        needs.append(NeedsYou(result.warning(warned, last), show, urgency=4))
    unanswered = [one for one in await checkin_answers.blockers_of(session, last.id) if one.done is None]
    if unanswered:
        needs.append(NeedsYou(NO_SHOW.format(len(unanswered), "" if len(unanswered) == 1 else "s"), show, urgency=6))
    return needs
