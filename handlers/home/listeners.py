"""Home is drawn when it is opened, after an own action, and when others change what it shows; words get a button."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import Block
from handlers.home.drawing import LOOKED_AT_FOR, draw, parts_of, refresh_at
from handlers.home.rules.words import recognise
from handlers.home.views import help as help_views
from handlers.home.views import home as views
from handlers.house import House, Me, Rendered, Reply, Section
from handlers.local_time import local_date, parse_zone
from storage import homes, memberships, messages, people
from storage.messages import Message, Priority
from storage.people import Person
from storage.store import Store
from storage.together import Together

OUTSIDER = "home.outsider"
AT_ONCE = 200
"""As many people's actions as are followed by one look."""


class Home:
    """The screen, made of what the features register for it; the house's tables are read when it is drawn."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._after_actions: Together[tuple[Person, datetime], bool] | None = None

    @property
    def _sections(self) -> Sequence[Section]:
        return self._house.sections

    async def open(
        self,
        event: dict[str, Any],
        client: AsyncWebClient,
        store: Store,
        me: Me | None,
        workspace_id: str,
        now: datetime,
    ) -> None:
        if event.get("tab") != "home":
            return
        if me is not None:
            await draw(store, client, self._sections, me.person, now=now, opened=True)
            return
        async with store.read() as session:
            guest = await people.by_slack_id(session, workspace_id, event["user"])
        if guest is not None and guest.is_guest:  # also instead of what they saw as a member
            await client.views_publish(user_id=guest.slack_id, view=views.closed())

    async def follow(self, body: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime) -> None:
        """After an action: the Home of whoever did it at once, those of the others who look at theirs in a moment."""
        if self._after_actions is None:
            self._after_actions = Together(partial(_refresh_others, store), at_most=AT_ONCE)
        is_looking = await self._after_actions((me.person, now))
        if is_looking or (body.get("view") or {}).get("type") == "home":
            async with store.read() as session:  # the action may have changed them
                actor = await session.get(Person, me.id)
            await draw(store, client, self._sections, actor or me.person, now=now)

    async def help(self, ack: Any, reply: Reply, store: Store, me: Me) -> None:
        await ack()
        async with store.read() as session:
            blocks = await self._help(session, me)
        await reply(help_views.TITLE, blocks=blocks)

    async def answer_mention(
        self, event: dict[str, Any], client: AsyncWebClient, store: Store, me: Me | None, now: datetime
    ) -> None:
        """Whoever writes @Backstop in a channel is answered there, privately: the channel asked nothing."""
        if me is not None:
            thread = {"thread_ts": event["thread_ts"]} if event.get("thread_ts") else {}
            await client.chat_postEphemeral(
                channel=event["channel"],
                user=me.person.slack_id,
                **await self._words(str(event.get("text") or ""), store, me, now),
                **thread,
            )

    async def answer_direct_message(
        self,
        event: dict[str, Any],
        client: AsyncWebClient,
        store: Store,
        me: Me | None,
        workspace_id: str,
        now: datetime,
    ) -> None:
        """Words to the bot are answered with the button for what they ask for, or with what it understands."""
        if event.get("channel_type") != "im" or event.get("subtype") is not None:
            return
        if me is not None:
            words = await self._words(str(event.get("text") or ""), store, me, now)
            await client.chat_postMessage(channel=event["channel"], **words)
        else:
            await _turn_away(event, store, workspace_id, now)

    async def _words(self, written: str, store: Store, me: Me, now: datetime) -> dict[str, Any]:
        found = recognise(written, self._house.understood)
        if found is not None:
            return {"text": found.understood.says, "blocks": views.understood(found)}
        async with store.read() as session:
            help_ = await self._help(session, me)
            parts = await parts_of(session, self._sections, me.person, now)
        return {"text": views.I_READ_COMMANDS, "blocks": views.in_words(help_, parts)}

    async def _help(self, session: AsyncSession, me: Me) -> list[Block]:
        leads, in_a_team = await memberships.leads_or_belongs(session, me.id)
        return help_views.help_blocks(self._house.help, leads=leads, is_admin=me.is_admin, in_a_team=in_a_team)


async def _turn_away(event: dict[str, Any], store: Store, workspace_id: str, now: datetime) -> None:
    """A guest or a stranger reads whom this is for, once a day: each of their words would be answered with it. A bot
    gets no answer, or two would talk for ever."""
    async with store.read() as session:
        person = await people.by_slack_id(session, workspace_id, str(event.get("user")))
    if person is None or person.is_bot or person.deactivated or person.is_reachable:
        return
    today = local_date(now, parse_zone(person.zone))
    async with store.write() as session:
        await messages.want(
            session,
            workspace_id=workspace_id,
            key=f"{OUTSIDER}:{person.id}:{today}",
            renderer=OUTSIDER,
            subject_id=person.id,
            destination=event["channel"],
            priority=Priority.INTERACTIVE,
            now=now,
        )


async def render_outsider(_session: AsyncSession, _message: Message, _now: datetime) -> Rendered:
    return views.outsider()


async def _refresh_others(store: Store, actors: Sequence[tuple[Person, datetime]]) -> list[bool]:
    """After the actions of some people at once: whether each of them looks at their own Home; those of the others who
    look at theirs are to be drawn in a moment."""
    acted, now = {person.id for person, _ in actors}, max(at for _, at in actors)
    async with store.read() as session:
        looking = await homes.watching(session, actors[0][0].workspace_id, since=now - LOOKED_AT_FOR)
    others = [one for one in looking if acted - {one}]
    if others:
        async with store.write() as session:
            for other in (await people.by_ids(session, others)).values():
                await refresh_at(session, other, now)
    return [person.id in looking for person, _ in actors]
