"""How /backstop upcoming tells of goals' messages, timers and schedules. A person's goal is told of to nobody else
than its title says: that it is a goal."""

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.goals import telling, timers
from handlers.goals.rules import rights
from handlers.house import Coming, House, Me
from storage.departments import Department
from storage.goal_circles import circle_of
from storage.goals import Goal, State
from storage.messages import Message
from storage.schedule import Schedule, Timer
from storage.teams import Team

Row = Message | Timer | Schedule
TITLES = {
    telling.PROPOSAL: "A proposed goal",
    telling.ANSWER: "An answer to a proposed goal",
    telling.TURNED: "A goal that needs care",
    telling.ENDED: "How a goal ended",
    timers.END: "A goal’s period ends",
}


def register(house: House) -> None:
    for name in TITLES:
        house.describes(name, of_goal)
    house.describes(telling.ASK, ask)
    house.describes(telling.WEEKLY, weekly)
    house.describes(telling.ROLL_UP, roll_up)
    house.describes(timers.RECOUNT, recount)


async def of_goal(session: AsyncSession, row: Row, me: Me) -> Coming | None:
    assert isinstance(row, Message | Timer)
    name = row.renderer if isinstance(row, Message) else row.step
    goal = await session.get(Goal, row.subject_id)
    if goal is None or goal.state == State.CLOSED:
        return None
    if not rights.may_see(goal, await circle_of(session, me.id)):
        return None
    return Coming(TITLES[name], f"{goal.label} {goal.title}", goal.team_id)


async def ask(_session: AsyncSession, row: Row, me: Me) -> Coming | None:
    person_id = row.target_id if isinstance(row, Schedule) else row.subject_id
    return Coming("Asks for the numbers of your goals") if person_id == me.id else None


async def weekly(session: AsyncSession, row: Row, _me: Me) -> Coming | None:
    team = await session.get(Team, row.target_id if isinstance(row, Schedule) else row.subject_id)
    return Coming("Weekly post of goals", team.name, team.id) if team else None


async def roll_up(session: AsyncSession, row: Row, me: Me) -> Coming | None:
    department = await session.get(Department, row.target_id if isinstance(row, Schedule) else row.subject_id)
    led = (await circle_of(session, me.id)).led
    return Coming("Goals of a department", department.name) if department and department.id in led else None


async def recount(_session: AsyncSession, _row: Row, me: Me) -> Coming | None:
    return Coming("Goals are counted") if me.is_admin else None
