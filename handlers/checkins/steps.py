"""What happens by itself: a date begins, somebody's window opens, is nudged, closes; the round ends."""

from datetime import datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.checkins import rounds, telling
from handlers.checkins.rules import windows
from storage import checkins
from storage.checkins import Prompt, Round
from storage.schedule import Schedule, Timer
from storage.teams import Team, TeamState

PLAN = "checkins.plan"
MIDNIGHT = time(0)
LATEST_PLAN = timedelta(hours=50)
"""Every calendar on Earth has left the date by then."""
TOO_LATE = "Backstop was down until that day was over everywhere"


async def plan(session: AsyncSession, schedule: Schedule, due: datetime, now: datetime) -> str | None:
    """A date of the team's check-ins begins, where dates begin first: everybody's part is planned."""
    team = await session.get(Team, schedule.target_id)
    settings = await checkins.settings_of(session, schedule.target_id)
    if team is None or settings is None or not team.checkins or team.state != TeamState.ACTIVE:
        return windows.STOPPED
    if now - due > LATEST_PLAN:
        return TOO_LATE
    day = due.astimezone(windows.ANYWHERE_FIRST).date()
    await rounds.plan_round(session, team, settings, day, now=now)
    return None


async def look(session: AsyncSession, timer: Timer, now: datetime) -> None:
    round_ = await checkins.locked_round(session, timer.subject_id)
    if round_ is not None:
        await rounds.look_again(session, round_, turn=timer.turn, now=now)


async def ask(session: AsyncSession, timer: Timer, now: datetime) -> None:
    if (found := await _meant(session, timer)) is not None and found[0].asked_at is None:
        await rounds.ask(session, *found, now=now)


async def nudge(session: AsyncSession, timer: Timer, now: datetime) -> None:
    if (found := await checkins.locked_prompt(session, timer.subject_id)) is not None:
        await rounds.nudge(session, *found, now=now)


async def close(session: AsyncSession, timer: Timer, now: datetime) -> None:
    """Somebody's window closes: the buttons go, and if they asked for it they hear what their answers show."""
    if (found := await checkins.locked_prompt(session, timer.subject_id)) is not None:
        await rounds.refresh_prompt(session, found[0].id, now=now)
        await telling.watch(session, found[0].person_id, found[1], now=now)


async def finish(session: AsyncSession, timer: Timer, now: datetime) -> None:
    round_ = await checkins.locked_round(session, timer.subject_id)
    if round_ is not None and round_.closed_at is None:
        await rounds.finish_or_wait(session, round_, turn=timer.turn, now=now)


async def _meant(session: AsyncSession, timer: Timer) -> tuple[Prompt, Round] | None:
    """The prompt, if its times are still those that the timer was set for."""
    found = await checkins.locked_prompt(session, timer.subject_id)
    return found if found is not None and found[0].generation == timer.generation else None
