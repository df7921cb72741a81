"""The window behind *Open* and *More…*, and what is shown again in its place after a move."""

from datetime import datetime
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import Block, modal
from handlers.escalations import cases, renderers
from handlers.escalations.listeners import asking
from handlers.escalations.rules import rights
from handlers.escalations.rules.case import Case
from handlers.escalations.rules.offers import offered
from handlers.escalations.views import answers, card
from handlers.escalations.views.window import WINDOW, window
from handlers.forms import identifier
from handlers.house import Me, Reply
from storage.people import Person
from storage.store import Store


async def open_window(
    ack: Any, action: dict[str, Any], body: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    """The escalation in full, with everything that this reader may do to it."""
    await ack()
    async with store.read() as session:
        view = await _window(session, await visible(session, identifier(action["value"]), me, now), me.person, now)
    await put_on_screen(client, body, view)


async def open_history(
    ack: Any, action: dict[str, Any], body: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    await ack()
    async with store.read() as session:
        case = await visible(session, identifier(action["value"]), me, now)
        told = await asking.history_of(session, case)
    await put_on_screen(client, body, modal("escalations.read", case.escalation.label, told, close="Close"))


async def open_why(
    ack: Any, action: dict[str, Any], body: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    await ack()
    async with store.read() as session:
        case = await visible(session, identifier(action["value"]), me, now)
        told = await asking.why_of(session, case)
    await put_on_screen(client, body, modal("escalations.read", case.escalation.label, told, close="Close"))


async def visible(session: AsyncSession, escalation_id: int, me: Me, now: datetime) -> Case:
    """The case, to look at. Raises Refusal if it doesn't exist for this reader."""
    case = await cases.load(session, escalation_id, now=now, lock=False)
    rights.require_sight(case, me.person)
    return case


async def put_on_screen(client: AsyncWebClient, body: dict[str, Any], view: Block) -> None:
    """Opens a form or a window; on top of the window that was clicked in, if it was one."""
    show = client.views_push if (body.get("view") or {}).get("type") == "modal" else client.views_open
    await show(trigger_id=body["trigger_id"], view=view)


async def show_again(
    body: dict[str, Any],
    escalation_id: int,
    *,
    client: AsyncWebClient,
    reply: Reply,
    store: Store,
    me: Me,
    now: datetime,
) -> None:
    """After a click: the window or the private message that was clicked in shows what is true now. (Messages that
    others see follow by delivery, Home by itself.)"""
    shown = body.get("view") or {}
    is_window = shown.get("callback_id") == WINDOW
    is_private = bool((body.get("container") or {}).get("is_ephemeral"))
    if not (is_window or is_private):
        return
    async with store.read() as session:
        case = await visible(session, escalation_id, me, now)
        if is_window:
            view = await _window(session, case, me.person, now)
        else:
            blocks = await renderers.blocks_of(session, case, now)
            link = await cases.link_of(session, case.escalation)
    if is_private:
        await reply(card.summary(case.escalation), blocks=answers.in_full(blocks, link), replace=True)
        return
    try:
        await client.views_update(view_id=shown["id"], view=view)
    except SlackApiError as refused:
        if refused.response["error"] != "not_found":  # closed in the meantime: nothing to show
            raise


async def _window(session: AsyncSession, case: Case, reader: Person, now: datetime) -> Block:
    body = await renderers.body_of(session, case, now, whole=True)
    return window(case.escalation, body, offered(case, reader), link=await cases.link_of(session, case.escalation))
