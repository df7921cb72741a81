"""Answering: a tap in the message, or the form behind *Answer…*."""

from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.forms import identifier, values
from handlers.house import Me, Reply
from handlers.polls import steps
from handlers.polls.forms import Answering
from handlers.polls.rules import answering, rights
from handlers.polls.views import prompt
from handlers.refusals import Refusal
from storage import ballots, people, polls
from storage.ballots import Answers
from storage.messages import refresh
from storage.polls import Asked, Poll, PollState
from storage.store import Store


async def tap(
    ack: Any, action: dict[str, Any], body: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime
) -> None:
    """The one question of a poll, answered in its message."""
    chosen = action.get("value") or (action.get("selected_option") or {}).get("value")
    poll_id, question_id, option = [*str(chosen).split(":"), "", "", ""][:3]
    async with store.write() as session:
        poll = await _for_answer(session, identifier(poll_id), body, me, now)
        answers = answering.read_tap(poll, identifier(question_id), option)
        await _cast(session, poll, answers, me, now)
    await ack()
    if _stands_in_dm(body):
        author = await _author(store, poll)
        blocks = prompt.prompt(poll, author, answered=True, taken_part=None)
        await reply(prompt.invitation(author, poll), blocks=blocks, replace=True)
    else:
        await reply(prompt.thanks(poll, answers))


async def _for_answer(session: AsyncSession, poll_id: int, body: dict[str, Any], me: Me, now: datetime) -> Poll:
    """The poll, which stays open until this transaction ends. Raises Refusal for who isn't asked, or after the close.
    Who reads the post in the channel is in the channel: they are asked too, if they joined it later."""
    poll = await polls.held_open(session, poll_id)
    if poll is None or poll.state == PollState.DRAFT or poll.workspace_id != me.person.workspace_id:
        raise Refusal(rights.UNKNOWN)
    asked = await session.get(Asked, (poll.id, me.id))
    if asked is None:
        if poll.channel is None or (body.get("container") or {}).get("channel_id") != poll.channel:
            raise Refusal(rights.UNKNOWN if poll.channel is None else rights.NOT_ASKED)
        row = {"person_id": me.id, "team_id": None, "by_name": False, "in_channel": True}
        await polls.ask(session, poll.id, [row])
        await polls.count_one_more(session, poll.id)
    answering.require_open(poll, now)
    return poll


async def _cast(session: AsyncSession, poll: Poll, answers: Answers, me: Me, now: datetime) -> None:
    await ballots.cast(session, poll, me.id, answers, now=now)
    await steps.want_turnout(session, poll, now=now)
    if not poll.is_anonymous:  # of an anonymous one, not even a message's row tells that somebody answered
        await refresh(session, f"poll:{poll.id}:prompt:{me.id}", now=now)


def _stands_in_dm(body: dict[str, Any]) -> bool:
    container = body.get("container") or {}
    return str(container.get("channel_id") or "").startswith("D") and not container.get("is_ephemeral")


async def _author(store: Store, poll: Poll) -> str:
    async with store.read() as session:
        return (await people.by_ids(session, [poll.author_id]))[poll.author_id].name


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
        poll = await _for_answer(session, poll_id, body, me, now)
        before = await ballots.own_named(session, poll, me.id)
    view = prompt.answer_form(poll, before, Answering(poll=poll.id).kept())
    show = client.views_push if (body.get("view") or {}).get("type") == "modal" else client.views_open
    await show(trigger_id=body["trigger_id"], view=view)


async def submit_answer(
    ack: Any, body: dict[str, Any], view: dict[str, Any], store: Store, me: Me, now: datetime
) -> None:
    memory, typed = Answering.of(view), values(view)
    async with store.write() as session:
        poll = await _for_answer(session, memory.poll, body, me, now)
        await _cast(session, poll, answering.read_answers(poll, typed), me, now)
    await ack(response_action="update", view=prompt.thank_you(poll))
