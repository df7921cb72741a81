"""A proposed goal is accepted, or talked about first."""

from datetime import datetime
from typing import Any

from handlers.forms import identifier
from handlers.goals import telling, timers
from handlers.goals.listeners.looking import names_in, visible
from handlers.goals.rules import rights
from handlers.house import Me, Reply
from storage.goals import State
from storage.store import Store

ACCEPTED = "Accepted: {} counts from now on. `/goal list` shows where it stands."
TALK = "I told whoever proposed {} that you would like to talk about it first. It doesn’t count meanwhile."


async def accept(ack: Any, action: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime) -> None:
    label = await _answer(identifier(action["value"]), State.OPEN, store, me, now)
    await ack()
    await reply(ACCEPTED.format(label))


async def talk(ack: Any, action: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime) -> None:
    label = await _answer(identifier(action["value"]), State.TALKING, store, me, now)
    await ack()
    await reply(TALK.format(label))


async def _answer(goal_id: int, state: State, store: Store, me: Me, now: datetime) -> str:
    """The goal's label. Raises Refusal for whoever it isn't for, and once it is answered."""
    async with store.write() as session:
        goal, circle = await visible(session, goal_id, me, lock=True)
        rights.require_answerable(goal, me.person, name=names_in(circle, me)[goal.whose, goal.whose_id])
        if goal.state != state:
            goal.state, goal.changed_at = state, now
            await telling.tell_setter(session, goal, accepted=state == State.OPEN, now=now)
            await telling.refresh_proposal(session, goal, now=now)
            if state == State.OPEN:  # nothing was counted of them before they agreed
                await timers.want_count(session, goal.workspace_id, now)
        return goal.label
