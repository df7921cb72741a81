"""How /backstop upcoming tells of check-ins: who is asked when, who isn't and why; never who has answered."""

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.checkins.rules import windows
from handlers.house import Coming, Describer, Me
from storage.checkin_answers import CheckinShare
from storage.checkins import Prompt, Round
from storage.messages import Message
from storage.people import Person
from storage.schedule import Schedule, Timer
from storage.teams import Team

Row = Message | Timer | Schedule

CHECKIN = "Check-in"
NUDGE = "A reminder of your check-in, if you haven’t answered"
PLANNED = "The next check-in is planned"
ENDS = "A check-in ends: its result is counted"
RESULT = "Result of a check-in"
NOTE = "Something about your check-ins, for you alone"
SHARED = "A colleague shares something with you"
NAMED = "News: check-ins will be named"
NIGHTLY = "Old check-ins are deleted"


async def asking(session: AsyncSession, row: Row, me: Me) -> Coming | None:
    """Somebody's question, or why they aren't asked. Who switched it off is nobody else's business."""
    assert not isinstance(row, Schedule)
    prompt = await session.get(Prompt, row.subject_id)
    round_ = await session.get(Round, prompt.round_id) if prompt else None
    if prompt is None or round_ is None:
        return None
    if isinstance(row, Timer) and (row.generation != prompt.generation or prompt.asked_at is not None):
        return None
    is_mine = prompt.person_id == me.id
    if isinstance(row, Message) and row.details.get("nudge") and not is_mine:
        return None
    if prompt.skip == windows.OFF and not is_mine:
        return None
    team = await session.get(Team, round_.team_id)
    person = await session.get(Person, prompt.person_id)
    return Coming(CHECKIN, team.name if team else "", round_.team_id, to=person, skipped=prompt.skip or "")


async def nudging(session: AsyncSession, row: Row, me: Me) -> Coming | None:
    """To the person alone: that somebody is nudged would tell that they haven't answered."""
    assert isinstance(row, Timer)
    prompt = await session.get(Prompt, row.subject_id)
    round_ = await session.get(Round, prompt.round_id) if prompt else None
    if prompt is None or round_ is None or prompt.person_id != me.id:
        return None
    return Coming(NUDGE, "", None, to=me.person)


async def planning(session: AsyncSession, row: Row, _me: Me) -> Coming | None:
    assert isinstance(row, Schedule)
    team = await session.get(Team, row.target_id)
    return Coming(PLANNED, team.name, team.id) if team is not None and team.checkins else None


async def ending(session: AsyncSession, row: Row, _me: Me) -> Coming | None:
    return await _of_round(session, row, ENDS)


async def result(session: AsyncSession, row: Row, _me: Me) -> Coming | None:
    return await _of_round(session, row, RESULT)


async def note(_session: AsyncSession, row: Row, me: Me) -> Coming | None:
    assert isinstance(row, Message)
    return Coming(NOTE) if row.person_id == me.id else None


async def shared(session: AsyncSession, row: Row, me: Me) -> Coming | None:
    """To whom it goes; that somebody's load is high is for nobody else to read here."""
    assert isinstance(row, Message)
    share = await session.get(CheckinShare, row.subject_id)
    return Coming(SHARED) if share is not None and row.person_id == me.id else None


async def named(session: AsyncSession, row: Row, _me: Me) -> Coming | None:
    team = await session.get(Team, row.subject_id) if isinstance(row, Message) else None
    return Coming(NAMED, team.name, team.id) if team else None


async def inner(_session: AsyncSession, _row: Row, _me: Me) -> Coming | None:
    """A step that nobody gets anything of."""
    return None


async def nightly(_session: AsyncSession, _row: Row, me: Me) -> Coming | None:
    return Coming(NIGHTLY) if me.is_admin else None


async def _of_round(session: AsyncSession, row: Row, title: str) -> Coming | None:
    assert not isinstance(row, Schedule)
    round_ = await session.get(Round, row.subject_id)
    team = await session.get(Team, round_.team_id) if round_ else None
    return Coming(title, team.name, team.id) if team else None


DESCRIBERS: dict[str, Describer] = {
    "checkins.plan": planning,
    "checkins.ask": asking,
    "checkins.prompt": asking,
    "checkins.nudge": nudging,
    "checkins.close": inner,
    "checkins.look": inner,
    "checkins.finish": ending,
    "checkins.result": result,
    "checkins.note": note,
    "checkins.shared": shared,
    "checkins.named": named,
    "checkins.retention": nightly,
}
