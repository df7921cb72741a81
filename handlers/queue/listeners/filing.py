"""*Send me the CSV files* of a weekly report."""

from datetime import datetime, timedelta
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.forms import identifier
from handlers.house import Me, Reply
from handlers.local_time import local_date, parse_zone
from handlers.queue import composing
from handlers.queue.renderers import may_read
from handlers.queue.rules import files
from handlers.queue.views import digest as views
from handlers.refusals import Refusal
from storage import queue_figures, team_facts
from storage.digests import Digest
from storage.store import Store
from storage.teams import Team

HISTORY = timedelta(days=56)


async def weekly_csv(
    ack: AsyncAck, action: dict[str, Any], reply: Reply, client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    """Eight weeks up to the report's end, in the reader's direct messages with the bot."""
    await ack()
    async with store.read() as session:
        digest = await session.get(Digest, identifier(action["value"]))
        team = await session.get(Team, digest.team_id) if digest else None
        if digest is None or team is None or team.workspace_id != me.person.workspace_id:
            raise Refusal(views.GONE)
        if not may_read(await team_facts.of_team(session, team, now=now), me.person, composing.MANAGERS):
            raise Refusal(views.ONLY_LEADS_FILES, team.name)
        last = local_date(digest.until, parse_zone(team.zone))
        days = await queue_figures.days(session, team.id, last - HISTORY, last, tag=None)
    if not days:
        await reply(views.NO_FILES)
        return
    try:
        conversation = (await client.conversations_open(users=me.person.slack_id))["channel"]["id"]
        await client.files_upload_v2(
            channel=conversation,
            file_uploads=[
                {"filename": f"queue-days-{last}.csv", "content": files.by_day(days)},
                {"filename": f"queue-tags-{last}.csv", "content": files.by_tag(days)},
            ],
            initial_comment=views.FILES_SENT,
        )
    except SlackApiError as refused:
        raise Refusal(views.FILES_NOT_SENT, refused.response["error"]) from refused
    await reply(views.FILES_ARE_SENT)
