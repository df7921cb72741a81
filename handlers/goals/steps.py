"""What time does to goals: they are counted every half hour, asked for on Fridays, posted on Mondays, and come to an
end."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.goals import counting, telling, timers
from handlers.goals.rules import periods
from handlers.goals.rules.standing import WORSE, Standing, ending, standing_of
from handlers.goals.timers import END, RECOUNT
from handlers.house import House, Run
from handlers.measures import Measure
from storage import departments, goal_updates, goals, jobs, messages, teams
from storage.departments import Department
from storage.goals import Ending, Goal, State
from storage.jobs import Job, want_job
from storage.messages import Attention, Priority
from storage.people import Person
from storage.schedule import Schedule, Timer
from storage.store import Store
from storage.teams import Team, TeamState

DUE_AFTER = timedelta(days=4)
"""A number that was given this week isn't asked for on its Friday."""
TOO_LATE = timedelta(hours=12)
LATE = "Backstop was down at the time"
NO_GOALS = "no goals are running"
NOTHING_DUE = "every number was given this week"
GONE = "it isn’t there any more"


def register(house: House) -> None:
    """The measures are looked up when a goal is counted: features that are registered later have theirs too."""
    house.step(RECOUNT, count_again)
    house.step(END, come_to_an_end)
    house.job(RECOUNT, recounting(house.measures))
    house.job(END, ending_with(house.measures))
    house.fires(telling.ASK, ask_for_numbers)
    house.fires(telling.WEEKLY, post_weekly)
    house.fires(telling.ROLL_UP, roll_up)


async def count_again(session: AsyncSession, timer: Timer, now: datetime) -> None:
    if await goals.any_running(session, timer.workspace_id):
        await timers.want_count(session, timer.workspace_id, now)
        await telling.follow_zones(session, timer.workspace_id)
        # the timer that is due still stands, so the next one needs another turn
        await timers.count_next(session, timer.workspace_id, 1 - timer.turn, now)


def recounting(measures: Mapping[str, Measure]) -> Run:
    async def recount(
        job: Job,
        *,
        store: Store,
        client: AsyncWebClient,  # noqa: ARG001  # every job is given one; this one only counts
        now: Callable[[], datetime],
    ) -> None:
        async def hold(session: AsyncSession) -> None:
            await jobs.holding(session, job, now=now())

        await counting.recount(store, job.workspace_id, measures, now=now(), hold=hold)
        await _tell_what_turned(store, job, now())

    return recount


async def _tell_what_turned(store: Store, job: Job, now: datetime) -> None:
    """Whoever keeps a goal going hears once of each worse standing, before it is over."""
    last_id = 0
    while True:
        async with store.read() as session:
            page = await goals.running(session, job.workspace_id, after_id=last_id)
        if not page:
            return
        last_id = page[-1].id
        for goal in page:
            if goal.state == State.OPEN and _is_worse(goal, now):
                async with store.write() as session:
                    await jobs.holding(session, job, now=now)
                    locked = await goals.locked(session, goal.id)
                    if locked is not None and locked.state == State.OPEN and (worse := _is_worse(locked, now)):
                        locked.told = worse
                        await telling.tell_owners(session, locked, telling.TURNED, part=worse, now=now)


def _is_worse(goal: Goal, now: datetime) -> Standing | None:
    """The standing that its people should hear of, and haven't."""
    if periods.is_over(goal, now):
        return None
    made = standing_of(goal, now).standing
    told = WORSE.index(Standing(goal.told)) if goal.told else -1
    return made if made in WORSE and WORSE.index(made) > told else None


async def come_to_an_end(session: AsyncSession, timer: Timer, now: datetime) -> None:
    goal = await session.get(Goal, timer.subject_id)
    if goal is None or goal.state == State.CLOSED or timer.part != goal.last_day.isoformat():
        return
    if not periods.is_over(goal, now):  # its country's clocks were put back since
        await timers.set_end(session, goal, turn=timer.turn + 1)
    else:
        key = f"{END}:{goal.id}:{timer.part}"
        await want_job(
            session, workspace_id=goal.workspace_id, kind=END, key=key, run_at=now, details={"goal": goal.id}
        )


def ending_with(measures: Mapping[str, Measure]) -> Run:
    async def end(
        job: Job,
        *,
        store: Store,
        client: AsyncWebClient,  # noqa: ARG001  # as above
        now: Callable[[], datetime],
    ) -> None:
        """Counted a last time; met or missed closes it, what can't be said is asked for."""

        async def hold(session: AsyncSession) -> None:
            await jobs.holding(session, job, now=now())

        await counting.recount(store, job.workspace_id, measures, now=now(), hold=hold)
        async with store.write() as session:
            await hold(session)
            goal = await goals.locked(session, int(job.details["goal"]))
            if goal is not None and goal.state != State.CLOSED and periods.is_over(goal, now()):
                await _end(session, goal, now())

    return end


async def _end(session: AsyncSession, goal: Goal, now: datetime) -> None:
    if goal.state != State.OPEN:  # nobody agreed to it in time: it never counted
        goal.state, goal.ending = State.CLOSED, Ending.DROPPED
        goal.closed_at = goal.changed_at = now
        await telling.refresh_proposal(session, goal, now=now)
        return
    made = ending(standing_of(goal, now))
    if made is not None and not goal.is_by_hand:  # the last number by hand may still be to come
        goal.state, goal.ending = State.CLOSED, made
        goal.closed_at = goal.changed_at = now
    await telling.tell_owners(session, goal, telling.ENDED, part=goal.last_day.isoformat(), now=now)


async def ask_for_numbers(session: AsyncSession, row: Schedule, due: datetime, now: datetime) -> str | None:
    """One message with everything that somebody has to update."""
    person = await session.get(Person, row.target_id)
    if person is None or not person.is_reachable:
        return GONE
    if now - due > TOO_LATE:
        return LATE
    mine = await goals.by_hand_of(session, person.id)
    last = await goal_updates.latest(session, [goal.id for goal in mine])
    if not mine:
        return NO_GOALS
    if all(goal.id in last and now - last[goal.id].at < DUE_AFTER for goal in mine):
        return NOTHING_DUE
    await messages.want(
        session,
        workspace_id=row.workspace_id,
        key=f"goals:ask:{person.id}:{due:%Y-%m-%d}",
        renderer=telling.ASK,
        subject_id=person.id,
        destination=person.slack_id,
        person_id=person.id,
        attention=Attention.UNREQUESTED,
        priority=Priority.SCHEDULED,
        now=now,
    )
    return None


async def post_weekly(session: AsyncSession, row: Schedule, due: datetime, now: datetime) -> str | None:
    team = await session.get(Team, row.target_id)
    if team is None or team.state != TeamState.ACTIVE:
        return GONE
    if now - due > TOO_LATE:
        return LATE
    if not any(goal.state == State.OPEN for goal in await goals.standing(session, team_ids=[team.id])):
        return NO_GOALS
    await messages.want(
        session,
        workspace_id=row.workspace_id,
        key=f"goals:weekly:{team.id}:{due:%Y-%m-%d}",
        renderer=telling.WEEKLY,
        subject_id=team.id,
        destination=team.channel,
        priority=Priority.SCHEDULED,
        expires_at=due + TOO_LATE,
        now=now,
    )
    return None


async def roll_up(session: AsyncSession, row: Schedule, due: datetime, now: datetime) -> str | None:
    """For the heads of a department: its goals, and each team's."""
    department = await session.get(Department, row.target_id)
    if department is None:
        return GONE
    if now - due > TOO_LATE:
        return LATE
    its_teams = (await teams.by_department(session, [department.id])).get(department.id, [])
    found = await goals.standing(session, team_ids=[team.id for team in its_teams], department_ids=[department.id])
    if not any(goal.state == State.OPEN for goal in found):
        return NO_GOALS
    for head in await departments.heads(session, department.id):
        await messages.want(
            session,
            workspace_id=row.workspace_id,
            key=f"goals:roll_up:{department.id}:{due:%Y-%m-%d}:{head.id}",
            renderer=telling.ROLL_UP,
            subject_id=department.id,
            destination=head.slack_id,
            person_id=head.id,
            attention=Attention.UNREQUESTED,
            priority=Priority.SCHEDULED,
            now=now,
        )
    return None
