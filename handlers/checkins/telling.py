"""What somebody hears of their own answers, and what they choose to share. Each function is one part of somebody else's
transaction."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.checkins.rules import watching, windows
from storage import checkin_answers, checkins, memberships
from storage.checkin_answers import Answer, CheckinShare
from storage.checkins import Round
from storage.messages import Attention, Priority, want
from storage.people import Person

NOTE = "checkins.note"
SHARED = "checkins.shared"
OWN_KEPT_FOR = timedelta(days=90)


async def watch(session: AsyncSession, person_id: int, round_: Round, *, now: datetime) -> None:
    """Their own answers are looked at if they asked for it, and what they show is told to them first, and alone."""
    wish = (await checkins.wishes_of(session, [person_id])).get(person_id)
    if wish is None or not wish.watch:
        return
    person = await session.get(Person, person_id)
    assert person is not None, "the wish goes with them"
    today = windows.today_of(person, now)
    if not watching.may_tell(wish.told_on, today):
        return
    if watching.noticed(loads_of(await own(session, person_id, today))) is None:
        return
    wish.told_on = today
    await want(
        session,
        workspace_id=round_.workspace_id,
        key=f"checkin_note:{person_id}:{today}",
        renderer=NOTE,
        subject_id=person_id,
        details={"team": round_.team_id},
        destination=person.slack_id,
        person_id=person_id,
        attention=Attention.NEWS,
        priority=Priority.SCHEDULED,
        now=now,
    )


async def own(session: AsyncSession, person_id: int, today: date) -> Sequence[Answer]:
    return await checkin_answers.own(session, person_id, since=today - OWN_KEPT_FOR)


def loads_of(answers: Sequence[Answer]) -> list[int]:
    return [answer.load for answer in answers if answer.load is not None]


async def tell_managers(session: AsyncSession, share: CheckinShare, *, now: datetime) -> int:
    """Wants the message to each manager of the team but themselves; returns how many."""
    managers = [one for one in await memberships.managers(session, share.team_id) if one.id != share.person_id]
    for manager in managers:
        await want(
            session,
            workspace_id=share.workspace_id,
            key=f"checkin_share:{share.id}:{manager.id}",
            renderer=SHARED,
            subject_id=share.id,
            destination=manager.slack_id,
            person_id=manager.id,
            attention=Attention.UNREQUESTED,
            priority=Priority.INTERACTIVE,
            now=now,
        )
    return len(managers)
