"""Closing a goal: met, missed or dropped, with a note."""

from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from handlers.blocks import actions, button, said, section
from handlers.forms import identifier, values
from handlers.goals import telling
from handlers.goals.forms import CloseForm, Metadata
from handlers.goals.listeners.looking import changeable
from handlers.goals.rules import rights
from handlers.goals.rules.standing import Standing, ending, holds, standing_of
from handlers.goals.views import goals as views
from handlers.goals.views.words import NEXT
from handlers.house import Me, Reply
from handlers.refusals import Refusal
from storage import goals, messages
from storage.goals import Ending, Goal, State
from storage.store import Store

CLOSED = "Closed: *{}* {} ({})."


async def close(
    number: int, *, client: AsyncWebClient, body: dict[str, Any], store: Store, me: Me, now: datetime, **_: Any
) -> None:
    """`/goal close G-7`."""
    async with store.read() as session:
        goal = await goals.by_number(session, me.person.workspace_id, number)
    if goal is None:
        raise Refusal(rights.UNKNOWN)
    await _open(goal.id, client, body, store, me, now)


async def press(
    ack: Any,
    action: dict[str, Any],
    client: AsyncWebClient,
    body: dict[str, Any],
    store: Store,
    me: Me,
    now: datetime,
) -> None:
    await ack()
    await _open(identifier(action["value"]), client, body, store, me, now)


async def _open(
    goal_id: int, client: AsyncWebClient, body: dict[str, Any], store: Store, me: Me, now: datetime
) -> None:
    async with store.read() as session:
        goal, _ = await changeable(session, goal_id, me)
    view = views.close_form(goal, Metadata(goal=goal.id).kept(), _suggested(goal, now))
    show = client.views_push if (body.get("view") or {}).get("type") == "modal" else client.views_open
    await show(trigger_id=body["trigger_id"], view=view)


def _suggested(goal: Goal, now: datetime) -> Ending | None:
    """How it looks, where that can be said."""
    made = standing_of(goal, now)
    if goal.is_by_hand and goal.level is not None:
        if holds(goal.level, goal.target, goal.better):
            return Ending.MET
        if made.standing == Standing.LAST_NUMBER:
            return Ending.MISSED
    return ending(made)


async def submit(view: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime) -> None:
    form, metadata = CloseForm.of(values(view)), Metadata.of(view)
    async with store.write() as session:
        goal, _ = await changeable(session, identifier(metadata.goal), me, lock=True)
        goal.state, goal.ending = State.CLOSED, form.ending
        goal.closed_at = goal.changed_at = now
        goal.closed_by_id, goal.closing_note = me.id, form.note
        await telling.refresh_proposal(session, goal, now=now)
        await messages.refresh_subject(session, goal.id, telling.ENDED, now=now)
    told = CLOSED.format(goal.label, said(goal.title, 120), form.ending.value)
    blocks = [section(told)]
    if form.ending != Ending.DROPPED:
        blocks.append(actions(button("Set the next…", NEXT, goal.id, says=f"Set the next period of {goal.label}")))
    await reply(told, blocks=blocks)
