"""Items: noted, changed, done; inside the caller's transaction."""

from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.attention import hours_of
from handlers.local_time import at_local, parse_zone
from handlers.training.sessions import PRIORITY
from storage import memberships, messages, training
from storage.messages import Attention, Priority
from storage.people import Person
from storage.schedule import set_timer
from storage.teams import Team
from storage.training import Item

TOLD = "training.item"
REMIND = "training.remind_item"
REMIND_AGAIN_AFTER = timedelta(days=7)


async def note(
    session: AsyncSession,
    team: Team,
    me: Person,
    key: str,
    *,
    topic: str,
    owner: Person,
    due_on: date | None,
    origin: str | None,
    now: datetime,
) -> Item:
    """Notes a topic. The same form gives the same item again."""
    if (known := await training.item_by_key(session, key)) is not None:
        return known
    made = Item(
        workspace_id=team.workspace_id,
        form_key=key,
        team_id=team.id,
        topic=topic,
        origin=origin,
        owner_id=owner.id,
        due_on=due_on,
        generation=1,
        created_by_id=me.id,
        created_at=now,
    )
    session.add(made)
    await session.flush()
    await _give(session, made, owner, me, now)
    return made


async def change(
    session: AsyncSession, item: Item, me: Person, *, topic: str, owner: Person, due_on: date | None, now: datetime
) -> None:
    """Makes the item what the form says; a new owner is told, and reminders follow the date."""
    other_owner, other_date = item.owner_id != owner.id, item.due_on != due_on
    item.topic, item.owner_id, item.due_on = topic, owner.id, due_on
    if other_owner or other_date:
        item.generation += 1
        await session.flush()
        await _give(session, item, owner, me, now, told=other_owner)
    await messages.refresh_subject(session, item.id, TOLD, now=now)


async def close(session: AsyncSession, item: Item, me: Person, now: datetime) -> None:
    item.done_at, item.done_by_id = now, me.id
    item.generation += 1
    await messages.refresh_subject(session, item.id, TOLD, now=now)


async def _give(
    session: AsyncSession, item: Item, owner: Person, me: Person, now: datetime, *, told: bool = True
) -> None:
    if told and owner.id != me.id:
        await tell(session, item, owner, "handed", now, part=str(item.generation), by=me)
    if item.due_on is not None:
        starts = hours_of(owner, await memberships.primary_team(session, owner)).start
        at = at_local(item.due_on, starts, parse_zone(owner.zone))
        await set_reminder(session, item, at=max(at, now + timedelta(hours=1)))


async def set_reminder(session: AsyncSession, item: Item, *, at: datetime, turn: int = 0) -> None:
    await set_timer(
        session,
        workspace_id=item.workspace_id,
        step=REMIND,
        subject_id=item.id,
        generation=item.generation,
        turn=turn,
        due_at=at,
        priority=PRIORITY,
    )


async def tell(
    session: AsyncSession,
    item: Item,
    person: Person,
    reason: str,
    now: datetime,
    *,
    part: str,
    by: Person | None = None,
) -> None:
    await messages.want(
        session,
        workspace_id=item.workspace_id,
        key=f"training:item:{item.id}:{reason}:{part}:{person.id}",
        renderer=TOLD,
        subject_id=item.id,
        details={"reason": reason, "generation": item.generation} | ({"by": by.id} if by else {}),
        destination=person.slack_id,
        person_id=person.id,
        attention=Attention.UNREQUESTED,
        priority=Priority.SCHEDULED,
        now=now,
    )
