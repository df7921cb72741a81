"""Answering: a tap in the message, or the form behind *Answer…*."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from handlers.forms import identifier, values
from handlers.house import Me, Reply
from handlers.polls.booth import Booth, Vote, require_asked, welcome_in
from handlers.polls.forms import Answering
from handlers.polls.rules import answering, rights
from handlers.polls.views import prompt
from handlers.refusals import Refusal
from storage import ballots, poll_audiences, polls
from storage.polls import PollState
from storage.store import Store


class Voting:
    """The listeners, with the booth that they share."""

    def __init__(self) -> None:
        self._booth = Booth()

    async def tap(
        self, ack: Any, action: dict[str, Any], body: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime
    ) -> None:
        """The one question of a poll, answered in its message."""
        chosen = action.get("value") or (action.get("selected_option") or {}).get("value")
        poll_id, question_id, option = [*str(chosen).split(":"), "", "", ""][:3]
        question = identifier(question_id)
        vote = Vote(identifier(poll_id), me, _place(body), lambda poll: answering.read_tap(poll, question, option), now)
        counted = await self._booth.cast(store, vote)
        await ack()
        poll, author = counted.poll, counted.author
        if _stands_in_dm(body):
            blocks = prompt.prompt(poll, author, answered=True, taken_part=None)
            await reply(prompt.invitation(author, poll), blocks=blocks, replace=True)
        else:
            await reply(prompt.thanks(poll, vote.read(poll)))

    async def submit_answer(
        self, ack: Any, body: dict[str, Any], view: dict[str, Any], store: Store, me: Me, now: datetime
    ) -> None:
        memory, typed = Answering.of(view), values(view)
        vote = Vote(memory.poll, me, _place(body), lambda poll: answering.read_answers(poll, typed), now)
        counted = await self._booth.cast(store, vote)
        await ack(response_action="update", view=prompt.thank_you(counted.poll))


async def open_answer(
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    me: Me,
    now: datetime,
) -> None:
    await ack()
    poll_id = identifier(action["value"])
    async with store.write() as session:
        poll = await polls.held_open(session, poll_id)
        if poll is None or poll.state == PollState.DRAFT:
            raise Refusal(rights.UNKNOWN)
        asked = await poll_audiences.asked_among(session, poll.id, [me.id])
        if require_asked(poll, me.id in asked, _place(body), me):
            await welcome_in(session, poll, me.id)
        answering.require_open(poll, now)
        before = await ballots.own_named(session, poll, me.id)
    view = prompt.answer_form(poll, before, Answering(poll=poll.id).kept())
    show = client.views_push if (body.get("view") or {}).get("type") == "modal" else client.views_open
    await show(trigger_id=body["trigger_id"], view=view)


def _place(body: Mapping[str, Any]) -> str | None:
    """The channel in which it was clicked."""
    return (body.get("container") or {}).get("channel_id")


def _stands_in_dm(body: dict[str, Any]) -> bool:
    container = body.get("container") or {}
    return str(container.get("channel_id") or "").startswith("D") and not container.get("is_ephemeral")
