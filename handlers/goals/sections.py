"""What Home and the digests show of goals."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import Block
from handlers.goals import counting
from handlers.goals.listeners.looking import with_standings
from handlers.goals.renderers import ASKED_WITHIN
from handlers.goals.rules import periods
from handlers.goals.rules.standing import Progress, Standing
from handlers.goals.views import home as views
from handlers.goals.views.words import open_button
from handlers.house import House, InReport, NeedsYou, OnHome, Report, ReportSection
from handlers.measures import Threat
from storage import goals, people
from storage.goal_circles import circle_of
from storage.goals import Goal, State, Whose
from storage.people import Person

SHOWN_AT_MOST = 6
NEEDS_CARE = (Standing.AT_RISK, Standing.BEHIND, Standing.MISSED)
URGENCY = 6
"""A goal that falls behind needs somebody this week rather than this hour."""


async def on_home(session: AsyncSession, person: Person, now: datetime) -> OnHome:
    """Proposals and numbers that wait for this person; then their own goals, and those of the teams they lead."""
    circle = await circle_of(session, person.id, with_reports=False)
    found, talking = await goals.at_home(session, circle)
    shown = await with_standings(session, found, now)
    mine = [pair for pair in shown if pair[0].whose == Whose.PERSON]
    waiting: list[Block] = []
    for goal, _ in mine:
        if goal.state in {State.PROPOSED, State.TALKING}:
            waiting += views.proposed(goal)
    if talking:
        owners = await people.seen_by_ids(session, [goal.person_id for goal in talking])
        waiting += [views.to_talk_about(goal, owners.get(goal.whose_id)) for goal in talking]
    if due := [goal for goal, _ in shown if goal.is_by_hand and _owes_number(goal, person, now)]:
        waiting.append(views.numbers_due(due))
    running = [pair for pair in mine if pair[0].state == State.OPEN]
    of_teams = [pair for pair in shown if pair[0].whose != Whose.PERSON]
    names = {team.id: team.name for team in circle.teams.values()}
    departments = {one.id: one.name for one in circle.departments.values()}
    return OnHome(waiting, views.goals_of(running, of_teams, names, departments, most=SHOWN_AT_MOST))


def _owes_number(goal: Goal, person: Person, now: datetime) -> bool:
    owner = goal.person_id if goal.whose == Whose.PERSON else goal.set_by_id
    given = goal.counted_at or goal.created_at
    return goal.state == State.OPEN and owner == person.id and now - given >= ASKED_WITHIN


def reporting(house: House) -> ReportSection:
    """The team's goals in its digest: what needs care daily, all of them with bars weekly; nobody's own."""

    async def in_report(session: AsyncSession, report: Report) -> InReport:
        found = [one for one in await goals.standing(session, team_ids=[report.team.id]) if one.state == State.OPEN]
        if not found:
            return InReport()
        shown = await with_standings(session, found, report.until)
        caring = [pair for pair in shown if pair[1].standing in NEEDS_CARE]
        needs = [
            NeedsYou(views.needs(goal, made), open_button(goal), URGENCY)
            for goal, made in caring
            if made.standing == Standing.BEHIND
        ]
        threats = [threat for goal, made in caring for threat in await _threats(session, house, goal, made, report)]
        return InReport(needs, views.in_report(shown, caring, threats, weekly=report.weekly))

    return in_report


async def _threats(session: AsyncSession, house: House, goal: Goal, made: Progress, report: Report) -> list[Threat]:
    """What everybody in the channel may know of."""
    measure = house.measures.get(goal.metric)
    if measure is None or measure.threats is None or made.misses_left is None:
        return []
    scopes = await counting.scopes_of(session, goal.whose, [goal.whose_id], goal.workspace_id)
    found = await measure.threats(session, scopes[goal.whose_id], None, periods.ends_at(goal), report.until)
    return list(found)[:2]
