"""Home is drawn when it is opened, and again after an own action while it may still be looked at."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from handlers.blocks import said, section
from handlers.home import views
from handlers.house import Limits, Me, Reply, Section
from storage.people import Person
from storage.store import Store

LOOKED_AT_FOR = timedelta(minutes=10)
"""How long after opening it somebody may still have Home before their eyes."""


async def help_(ack: Any, reply: Reply, settings: Limits) -> None:
    await ack()
    await reply("What Backstop can do", blocks=[section(views.help_text(settings.command_prefix))])


class Home:
    """The screen, made of what the features register for it; `sections` is read when it is drawn."""

    def __init__(self, sections: Sequence[Section]) -> None:
        self._sections = sections

    async def open(
        self,
        event: dict[str, Any],
        client: AsyncWebClient,
        store: Store,
        me: Me | None,
        now: datetime,
        settings: Limits,
    ) -> None:
        if me is None or event.get("tab") != "home":
            return
        await self._publish(client, store, me.person, now, settings)
        async with store.write() as session:
            kept = await session.get(Person, me.id)
            if kept is not None:
                kept.home_opened_at = now

    async def follow(
        self, body: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime, settings: Limits
    ) -> None:
        """After an own action: on Home, or elsewhere shortly after looking at it."""
        opened = me.person.home_opened_at
        is_on_home = (body.get("view") or {}).get("type") == "home"
        if is_on_home or (opened is not None and now - opened <= LOOKED_AT_FOR):
            await self._publish(client, store, me.person, now, settings)

    async def answer_mention(
        self,
        event: dict[str, Any],
        client: AsyncWebClient,
        store: Store,
        me: Me | None,
        now: datetime,
        settings: Limits,
    ) -> None:
        """Whoever writes @Backstop in a channel gets the help there, privately: the channel asked nothing."""
        if me is not None:
            thread = {"thread_ts": event["thread_ts"]} if event.get("thread_ts") else {}
            await client.chat_postEphemeral(
                channel=event["channel"],
                user=me.person.slack_id,
                **await self._words(store, me.person, now, settings),
                **thread,
            )

    async def answer_direct_message(
        self,
        event: dict[str, Any],
        client: AsyncWebClient,
        store: Store,
        me: Me | None,
        now: datetime,
        settings: Limits,
    ) -> None:
        """Words to the bot are answered with what it understands, and the button for what most came to do."""
        if me is not None and event.get("channel_type") == "im" and event.get("subtype") is None:
            words = await self._words(store, me.person, now, settings)
            await client.chat_postMessage(channel=event["channel"], **words)

    async def _words(self, store: Store, person: Person, now: datetime, settings: Limits) -> dict[str, Any]:
        async with store.read() as session:
            shown = [await section(session, person, now) for section in self._sections]
        return {"text": views.I_READ_COMMANDS, "blocks": views.in_words(shown, settings.command_prefix)}

    async def _publish(
        self, client: AsyncWebClient, store: Store, person: Person, now: datetime, settings: Limits
    ) -> None:
        async with store.read() as session:
            shown = [await section(session, person, now) for section in self._sections]
        view = views.home(said(person.name, 80), shown, settings.command_prefix)
        await client.views_publish(user_id=person.slack_id, view=view)
