"""*Customer conversation*: what the help desk has of it, shown to whoever asks and to nobody else."""

from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from handlers.escalations import tickets
from handlers.escalations.listeners.window import visible
from handlers.escalations.views import ticket as views
from handlers.forms import identifier
from handlers.helpdesks import DeskTroubleError, HelpDesks
from handlers.house import Me
from handlers.refusals import Refusal
from storage.store import Store

GONE = "That ticket isn’t there any more."


async def show_conversation(
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    helpdesks: HelpDesks,
    me: Me,
    now: datetime,
) -> None:
    """The recent conversation, to this reader alone; asked of the help desk now, and not kept."""
    await ack()
    async with store.read() as session:
        case = await visible(session, identifier(action["value"]), me, now)
        found = await tickets.conversation_of(session, case.escalation)
    if found is None:
        raise Refusal(GONE)
    ticket, source = found
    show = client.views_push if (body.get("view") or {}).get("type") == "modal" else client.views_open
    opened = await show(trigger_id=body["trigger_id"], view=views.asking(case.escalation, source.name))
    try:
        told = await helpdesks.context(source.kind, ticket.external_id)
    except DeskTroubleError as trouble:
        view = views.trouble(case.escalation, str(trouble))
    else:
        url = ticket.url or helpdesks.url_of(source.kind, ticket.external_id)
        missing = views.NOT_THERE.format(source.name, ticket.external_id)
        view = (
            views.trouble(case.escalation, missing)
            if told is None
            else views.conversation(case.escalation, ticket, told, url)
        )
    await client.views_update(view_id=opened["view"]["id"], view=view)
