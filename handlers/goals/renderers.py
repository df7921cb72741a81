"""Message rows about goals → what Slack shows, from the present truth."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import said
from handlers.goals import telling
from handlers.goals.listeners.looking import with_standings
from handlers.goals.listeners.updating import EVERYTHING
from handlers.goals.rules import rights
from handlers.goals.rules.standing import WORSE, standing_of
from handlers.goals.views import posts as views
from handlers.goals.views.words import WORD, wanted
from handlers.house import FALLEN, Fallen, House, Rendered
from storage import goal_updates, goals, people
from storage.departments import Department
from storage.goal_circles import circle_of
from storage.goals import Goal, State, Whose
from storage.messages import Message
from storage.teams import Team, TeamState

ASKED_WITHIN = timedelta(days=4)


def register(house: House) -> None:
    house.renders(telling.PROPOSAL, render_proposal)
    house.renders(telling.ANSWER, render_answer)
    house.renders(telling.TURNED, render_turned)
    house.renders(telling.ASK, render_ask)
    house.renders(telling.WEEKLY, render_weekly)
    house.renders(telling.ROLL_UP, render_roll_up)
    house.renders(telling.ENDED, render_ended)


async def _seen(session: AsyncSession, message: Message) -> Goal | None:
    """The goal, as long as whoever is written to may see it."""
    goal = await session.get(Goal, message.subject_id)
    if goal is None or message.person_id is None:
        return None
    circle = await circle_of(session, message.person_id)
    return goal if rights.may_see(goal, circle) else None


async def render_proposal(session: AsyncSession, message: Message, _now: datetime) -> Rendered | Fallen:
    goal = await _seen(session, message)
    if goal is None or (message.slack_ts is None and goal.state not in {State.PROPOSED, State.TALKING}):
        return FALLEN
    setter = (await people.by_ids(session, [goal.set_by_id])).get(goal.set_by_id or 0)
    name = setter.name if setter else "Somebody"
    waiting = goal.state in {State.PROPOSED, State.TALKING}
    text = f"{said(name, 80)} proposes a goal for you: {said(goal.title, 120)}, {wanted(goal)}"
    return Rendered(text, views.proposal(goal, name, waiting=waiting))


async def render_answer(session: AsyncSession, message: Message, _now: datetime) -> Rendered | Fallen:
    goal = await _seen(session, message)
    if goal is None:
        return FALLEN
    person = (await people.by_ids(session, [goal.person_id])).get(goal.person_id or 0)
    name = person.name if person else "Somebody"
    accepted = bool(message.details.get("accepted"))
    verb = "accepted" if accepted else "would like to talk about"
    return Rendered(f"{said(name, 80)} {verb} {goal.label}", views.answer(goal, name, accepted=accepted))


async def render_turned(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:
    goal = await _seen(session, message)
    if goal is None or goal.state != State.OPEN:
        return FALLEN
    made = standing_of(goal, now)
    if made.standing not in WORSE:  # it has come back meanwhile
        return FALLEN
    return Rendered(f"{goal.label} is {WORD[made.standing]}: {said(goal.title, 120)}", views.turned(goal, made))


async def render_ask(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:
    assert message.subject_id is not None
    mine = await goals.by_hand_of(session, message.subject_id)
    last = await goal_updates.latest(session, [goal.id for goal in mine])
    due = [(goal, last.get(goal.id)) for goal in mine if not _is_fresh(last.get(goal.id), now)]
    if not due and message.slack_ts is None:
        return FALLEN
    text = "Where do your goals stand?" if due else "Your goals are up to date."
    return Rendered(text, views.ask(due, EVERYTHING))


def _is_fresh(update: goal_updates.Update | None, now: datetime) -> bool:
    return update is not None and now - update.at < ASKED_WITHIN


async def render_weekly(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:
    team = await session.get(Team, message.subject_id)
    if team is None or team.state != TeamState.ACTIVE:
        return FALLEN
    found = [one for one in await goals.standing(session, team_ids=[team.id], most=20) if one.state == State.OPEN]
    if not found:
        return FALLEN
    return Rendered(
        f"Goals of {said(team.name, 80)}", views.weekly(team.name, await with_standings(session, found, now))
    )


async def render_roll_up(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:
    department = await session.get(Department, message.subject_id)
    circle = await circle_of(session, message.person_id or 0)
    if department is None or department.id not in circle.led:
        return FALLEN
    its_teams = {team.id: team.name for team in circle.teams.values() if team.department_id == department.id}
    found = await goals.standing(session, team_ids=its_teams, department_ids=[department.id], most=100)
    shown = await with_standings(session, [goal for goal in found if goal.state == State.OPEN], now)
    if not shown and message.slack_ts is None:  # it comes late: whatever ran when it was due has ended
        return FALLEN
    own = [pair for pair in shown if pair[0].whose == Whose.DEPARTMENT]
    by_team = {
        name: [pair for pair in shown if pair[0].whose == Whose.TEAM and pair[0].whose_id == team_id]
        for team_id, name in its_teams.items()
    }
    return Rendered(f"Goals in {said(department.name, 80)}", views.roll_up(department.name, own, by_team))


async def render_ended(session: AsyncSession, message: Message, _now: datetime) -> Rendered | Fallen:
    goal = await _seen(session, message)
    if goal is None:
        return FALLEN
    word = goal.ending.value if goal.ending else "over"
    return Rendered(f"{goal.label} is {word}: {said(goal.title, 120)}", views.ended(goal))
