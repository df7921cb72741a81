"""An owner whose account was closed brings no case to its end: the managers hear it at once, of each case."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.escalations import cases
from handlers.escalations.rules.case import changed
from storage import escalations
from storage.people import Person


async def tell_of_an_owner(session: AsyncSession, person: Person, now: datetime) -> None:
    await tell_of_owners_who_left(session, person.workspace_id, now=now)


async def tell_of_owners_who_left(session: AsyncSession, workspace_id: str, *, now: datetime) -> None:
    """Once for each case and owner. It stays theirs until somebody takes it over: who promised what isn’t lost."""
    for escalation_id in await escalations.without_their_owner(session, workspace_id):
        case = await cases.load(session, escalation_id, now=now)
        if case.owner is not None and not case.owner.is_reachable:
            await cases.keep(session, case, changed("left", now=now, actor=None, owner=case.owner.id))
