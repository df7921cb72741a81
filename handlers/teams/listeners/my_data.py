"""`/backstop privacy` and `/backstop my-data`: what is kept, who sees it; see, export, erase."""

import json
from datetime import datetime

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.house import Limits, Me, Reply
from handlers.refusals import Refusal
from handlers.teams.views import my_data as views
from handlers.teams.views.privacy import TITLE
from handlers.teams.views.privacy import privacy as privacy_text
from storage import memberships, people, personal
from storage.people import DataAccess, Person
from storage.store import Store

EXPORTED = "exported everything as a file"
ERASED = "erased what is theirs alone"


async def privacy(reply: Reply, settings: Limits) -> None:
    await reply(TITLE, blocks=privacy_text(settings.keeping))


async def my_data(words: str, reply: Reply, store: Store, me: Me) -> None:
    if words.strip().casefold() == "help":
        await reply(views.HELP)
        return
    async with store.read() as session:
        person = await session.get(Person, me.id)
        assert person is not None, "whoever causes an event has a row"
        held = await personal.counts(session, me.id)
        accesses = await people.accesses(session, me.id, most=views.MOST_ACCESSES)
        readers = await people.by_ids(session, (access.by_id for access in accesses))
        team = await memberships.primary_team(session, person)
    await reply("What is kept about you", blocks=views.my_data(person, team, held, accesses, readers))


async def export(ack: AsyncAck, reply: Reply, client: AsyncWebClient, store: Store, me: Me, now: datetime) -> None:
    """The file goes straight to the reader's own conversation with the bot; that it was made is logged first."""
    await ack()
    async with store.write() as session:
        session.add(DataAccess(person_id=me.id, by_id=me.id, at=now, what=EXPORTED))
        person = await session.get(Person, me.id)
        assert person is not None, "whoever causes an event has a row"
        handed = await personal.export(session, person)
    try:
        conversation = (await client.conversations_open(users=me.person.slack_id))["channel"]["id"]
        await client.files_upload_v2(
            channel=conversation,
            content=json.dumps(handed, indent=2, ensure_ascii=False),
            filename=views.FILE_NAME,
            title=views.FILE_TITLE,
        )
    except SlackApiError as refused:
        raise Refusal(views.NOT_SENT.format(refused.response["error"])) from refused
    await reply(views.EXPORTED)


async def erase(ack: AsyncAck, reply: Reply, store: Store, me: Me, now: datetime) -> None:
    async with store.write() as session:
        person = await session.get(Person, me.id, with_for_update=True)
        assert person is not None, "whoever causes an event has a row"
        await personal.erase(session, person)
        session.add(DataAccess(person_id=me.id, by_id=me.id, at=now, what=ERASED))
    await ack()
    await reply(views.ERASED)
