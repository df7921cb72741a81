"""Of which parts of training Home has anything to show somebody: one small statement instead of five large ones, which
nearly always found nothing."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BindParameter, Integer, bindparam, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.base import UtcDateTime
from storage.onboarding import Enrolment
from storage.requirements import Assignment, Requirement
from storage.training import Item, Session


class Something(NamedTuple):
    """False: there is certainly nothing; True: look."""

    to_do: bool
    """A training that is required of them."""
    sessions: bool
    """Of their teams or hosted by them, since the instant that was asked for."""
    topics: bool
    """Theirs, not done."""
    required: bool
    """By one of these teams."""
    onboarding: bool


_ME: BindParameter[int] = bindparam("person_id", type_=Integer)
_TEAMS: BindParameter[int] = bindparam("team_ids", expanding=True)
_SOMETHING = select(
    exists().where(Assignment.person_id == _ME, Assignment.done_at.is_(None)),
    exists().where(
        Session.cancelled_at.is_(None),
        Session.starts_at >= bindparam("since", type_=UtcDateTime()),
        or_(Session.team_id.in_(_TEAMS), Session.host_id == _ME),
    ),
    exists().where(Item.owner_id == _ME, Item.done_at.is_(None)),
    exists().where(Requirement.team_id.in_(_TEAMS), Requirement.ended_at.is_(None)),
    exists().where(Enrolment.person_id == _ME, Enrolment.stopped_at.is_(None)),
)


async def something(session: AsyncSession, person_id: int, team_ids: Iterable[int], *, since: datetime) -> Something:
    """`team_ids`: the teams that somebody belongs to or leads."""
    asked = {"person_id": person_id, "team_ids": list(team_ids), "since": since}
    return Something(*(await session.execute(_SOMETHING, asked)).one())
