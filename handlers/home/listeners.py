"""Home is drawn when it is opened: each feature adds what waits for the reader."""

import importlib
from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from handlers.blocks import said, section
from handlers.home import views
from handlers.house import Limits, Me, Reply
from storage.people import Person
from storage.store import Store


async def help_(ack: Any, reply: Reply, settings: Limits) -> None:
    await ack()
    await reply("What Backstop can do", blocks=[section(views.help_text(settings.command_prefix))])


async def open_home(
    event: dict[str, Any], client: AsyncWebClient, store: Store, me: Me | None, now: datetime, settings: Limits
) -> None:
    if me is None or event.get("tab") != "home":
        return
    await publish(client, store, me.person, now, settings)


async def publish(client: AsyncWebClient, store: Store, person: Person, now: datetime, settings: Limits) -> None:
    from handlers import FEATURES

    async with store.write() as session:
        kept = await session.get(Person, person.id)
        if kept is not None:
            kept.home_opened_at = now
    shown = []
    async with store.read() as session:
        for feature in FEATURES:
            try:
                sections = importlib.import_module(f"handlers.{feature}.sections")
            except ModuleNotFoundError:
                continue
            shown.append(await sections.sections(session, person, now))
    view = views.home(said(person.name, 80), shown, settings.command_prefix)
    await client.views_publish(user_id=person.slack_id, view=view)
