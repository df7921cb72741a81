"""Numbers that people give themselves: one box for each goal, in one form."""

from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import notice
from handlers.forms import Memory, identifier, values
from handlers.goals import telling
from handlers.goals.listeners.looking import changeable
from handlers.goals.rules import rights
from handlers.goals.rules.targets import number_of
from handlers.goals.views import goals as views
from handlers.house import Me
from handlers.refusals import FormRefusal, Refusal
from storage import goal_updates, goals, messages
from storage.goals import Goal
from storage.store import Store

EVERYTHING = "all"
NOT_BY_HAND = "{} is counted by itself, so there is nothing to type. `/goal show {}` shows where it stands."
NOTHING_TYPED = "Type at least one number, or close the form."
SAVED = "Saved. `/goal list` shows where they stand."


async def update(
    number: int | None, *, client: AsyncWebClient, body: dict[str, Any], store: Store, me: Me, **_: Any
) -> None:
    """`/goal update [G-7]`."""
    async with store.read() as session:
        if number is None:
            found = await goals.by_hand_of(session, me.id)
        else:
            named = await goals.by_number(session, me.person.workspace_id, number)
            if named is None:
                raise Refusal(rights.UNKNOWN)
            found = [await _updatable(session, named.id, me)]
    await _open(found, client, body, store)


async def press(
    ack: Any, action: dict[str, Any], client: AsyncWebClient, body: dict[str, Any], store: Store, me: Me
) -> None:
    """From a goal, or from the message that asks for all of them."""
    await ack()
    async with store.read() as session:
        if str(action.get("value")) == EVERYTHING:
            found = await goals.by_hand_of(session, me.id)
        else:
            found = [await _updatable(session, identifier(action["value"]), me)]
    await _open(found, client, body, store)


async def _open(found: list[Goal], client: AsyncWebClient, body: dict[str, Any], store: Store) -> None:
    if not found:
        raise Refusal(views.NOTHING_BY_HAND)
    async with store.read() as session:
        last = await goal_updates.latest(session, [goal.id for goal in found])
    view = views.numbers_form(found, Memory().kept(), last)
    show = client.views_push if (body.get("view") or {}).get("type") == "modal" else client.views_open
    await show(trigger_id=body["trigger_id"], view=view)


async def submit(ack: Any, view: dict[str, Any], store: Store, me: Me, now: datetime) -> None:
    """All of them or none: a number that can't be read is said at its box."""
    memory = Memory.of(view)
    boxes = values(view)
    typed = {field: text for field, text in boxes.items() if text}
    if not typed:
        raise FormRefusal({next(iter(boxes), "goal"): NOTHING_TYPED})
    async with store.write() as session:
        errors: dict[str, str] = {}
        for field, text in typed.items():
            try:
                goal = await _updatable(session, identifier(field.removeprefix("goal_")), me, lock=True)
                value = number_of(text, goal.unit)
            except (ValueError, Refusal) as wrong:
                errors[field] = str(wrong)
                continue
            await goal_updates.give(session, form_key=memory.key, goal_id=goal.id, by_id=me.id, at=now, value=value)
            goal.level = goal.recent = value
            goal.counted_at = goal.changed_at = now
        if errors:
            raise FormRefusal(errors)
        await messages.refresh_subject(session, me.id, telling.ASK, now=now)
    await ack(response_action="update", view=notice("Saved", SAVED))


async def _updatable(session: AsyncSession, goal_id: int, me: Me, *, lock: bool = False) -> Goal:
    goal, _ = await changeable(session, goal_id, me, lock=lock)
    if not goal.is_by_hand:
        raise Refusal(NOT_BY_HAND, goal.label, goal.label)
    if goal.state != goals.State.OPEN:
        raise Refusal(rights.NOT_AGREED, goal.label)
    return goal
