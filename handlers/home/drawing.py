"""Drawing Home: what every feature has for somebody, published at most once in five seconds, and only if it changed."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import Block, said
from handlers.home.views.home import home
from handlers.house import OnHome, Section
from storage import homes
from storage.people import Person
from storage.remembering import remember
from storage.schedule import set_timer
from storage.store import Store

REFRESH = "home.refresh"
APART = timedelta(seconds=5)
"""Between two publications of one person's Home."""
LOOKED_AT_FOR = timedelta(minutes=10)
"""How long after opening it somebody may still have Home before their eyes."""
LOOK_EVERY = timedelta(minutes=1)
"""How often it is compared with the truth meanwhile: deadlines pass without anybody's action."""
SOON, LOOK = "soon", "look"
PRIORITY = 2


async def parts_of(session: AsyncSession, sections: Sequence[Section], person: Person, now: datetime) -> list[OnHome]:
    remember(session)
    return [await section(session, person, now) for section in sections]


async def draw(
    store: Store,
    client: AsyncWebClient,
    sections: Sequence[Section],
    person: Person,
    *,
    now: datetime,
    opened: bool = False,
) -> None:
    """Publishes somebody's Home if it isn't what they see, or sets a timer if that was done too shortly before.
    `opened`: they have just opened it, so it is published whatever it shows."""
    async with store.read() as session:
        view = home(said(person.name, 80), await parts_of(session, sections, person, now))
        before = await homes.last(session, person.id)
    shown = fingerprint(view)
    if before is not None and before.shown == shown and not opened:
        return
    async with store.write() as session:
        if opened:
            kept = await session.get(Person, person.id)
            if kept is not None:
                kept.home_opened_at = now
            await refresh_at(session, person, now + LOOK_EVERY, part=LOOK)
        claimed = await homes.claim(session, person.id, now=now, not_after=now - APART)
        if not claimed:
            last = await homes.last(session, person.id)
            await refresh_at(session, person, (last.published_at if last else now) + APART)
    if claimed:
        await client.views_publish(user_id=person.slack_id, view=view)
        # not before: whoever fails or dies in between has shown nothing, and the next look publishes again
        async with store.write() as session:
            await homes.keep_shown(session, person.id, shown, at=now)


async def refresh_at(session: AsyncSession, person: Person, at: datetime, *, part: str = SOON, turn: int = 0) -> None:
    """Home is to be drawn then; wanting it several times before makes one."""
    await set_timer(
        session,
        workspace_id=person.workspace_id,
        step=REFRESH,
        subject_id=person.id,
        part=part,
        turn=turn,
        due_at=at,
        priority=PRIORITY,
    )


def fingerprint(view: Block) -> str:
    return hashlib.sha256(json.dumps(view, sort_keys=True).encode()).hexdigest()
