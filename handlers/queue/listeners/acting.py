"""The buttons of a digest's lines: I'll take it, snooze for me."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import when
from handlers.forms import identifier
from handlers.house import Me, Reply
from handlers.queue import composing, steps
from handlers.queue.renderers import may_read
from handlers.queue.views import digest as views
from handlers.refusals import Refusal, StaleRefusal
from storage import digests, messages, people, team_facts
from storage.digests import Digest
from storage.messages import Attention, Priority
from storage.store import Store
from storage.teams import Team

REMINDER = "queue.reminder"
SNOOZED_FOR = timedelta(hours=2)


@dataclass(frozen=True)
class _Line:
    """One line of one copy of a digest, which the reader may see."""

    digest: Digest
    which: str
    number: int
    key: str


async def take(ack: AsyncAck, action: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime) -> None:
    async with store.write() as session:
        line = await _line(session, str(action["value"]), me, now)
        is_mine = await digests.take(session, line.digest.id, line.key, me.id, now=now)
        await messages.refresh_subject(session, line.digest.id, steps.DIGEST, now=now)
        taken = (await digests.takes_of(session, line.digest.id))[line.key]
        by = await people.by_ids(session, [taken.person_id])
    await ack()
    if not is_mine and taken.person_id != me.id:
        raise StaleRefusal(views.taken_before(taken, by))
    await reply(views.TAKEN)


async def snooze(ack: AsyncAck, action: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime) -> None:
    """A reminder to this person alone; nobody else sees that they asked for it."""
    at = now + SNOOZED_FOR
    async with store.write() as session:
        line = await _line(session, str(action["value"]), me, now)
        await messages.want(
            session,
            workspace_id=me.person.workspace_id,
            key=f"{REMINDER}:{line.digest.id}:{line.which}:{line.number}:{me.id}:{at:%m%d%H}",
            renderer=REMINDER,
            subject_id=line.digest.id,
            details={"copy": line.which, "line": line.number},
            destination=me.person.slack_id,
            person_id=me.id,
            attention=Attention.NEWS,
            priority=Priority.SCHEDULED,
            due_at=at,
            now=now,
        )
    await ack()
    await reply(views.SNOOZED.format(when(at, "at {time}")))


async def _line(session: AsyncSession, value: str, me: Me, now: datetime) -> _Line:
    """What the button is about. Raises Refusal for a forged value, and for who may not read that copy."""
    number, which, place = [*value.split(":"), "", ""][:3]
    digest = await session.get(Digest, identifier(number))
    if digest is None or digest.content is None or digest.workspace_id != me.person.workspace_id:
        raise Refusal(views.GONE)
    lines = digest.content[which]["lines"] if which in composing.COPIES else []
    if not place.isdecimal() or not int(place) < len(lines):
        raise Refusal(views.GONE)
    team = await session.get(Team, digest.team_id)
    if team is None:
        raise Refusal(views.GONE)
    if not may_read(await team_facts.of_team(session, team, now=now), me.person, which):
        raise Refusal(views.NOT_YOURS, team.name)
    return _Line(digest, which, int(place), lines[int(place)]["key"])
