"""A draft in its preview: its questions are changed, and it is sent."""

from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import bold, notice
from handlers.forms import identifier
from handlers.house import Me
from handlers.polls import drafts, opening
from handlers.polls.forms import Editing, EditQuestion
from handlers.polls.rules import drafting, rights
from handlers.polls.views import draft as views
from handlers.polls.views import prompt
from handlers.refusals import FormRefusal, Refusal
from storage import poll_audiences, polls
from storage.polls import Kind, Poll, PollState, Question, Template
from storage.store import Store

SENT = "{} is sent to {} people. It closes by itself; `/poll list` shows how many have answered."
GONE = "This draft isn’t there any more: drafts are kept for two days. Begin again with `/poll`."
TOO_MANY = "A poll has at most 10 questions."
CHANNEL_GONE = "I can’t see the channel any more. Invite me there, or begin again with another."


async def add_question(
    ack: Any, action: dict[str, Any], body: dict[str, Any], client: AsyncWebClient, store: Store, me: Me
) -> None:
    await ack()
    async with store.write() as session:
        poll = await drafts.draft_of(session, identifier(action["value"]), me)
    memory = Editing(poll=poll.id)
    view = views.question_form(memory.kept(), None, quiz=poll.template == Template.QUIZ)
    await client.views_push(trigger_id=body["trigger_id"], view=view)


async def question_menu(
    ack: Any, action: dict[str, Any], body: dict[str, Any], client: AsyncWebClient, store: Store, me: Me
) -> None:
    """Edit, move up, remove."""
    await ack()
    verb, _, written = str((action.get("selected_option") or {}).get("value")).partition(":")
    question_id = identifier(written)
    async with store.write() as session:
        found = await session.get(Question, question_id)
        if found is None:
            raise Refusal(GONE)
        poll = await drafts.draft_of(session, found.poll_id, me)
        question = next(one for one in poll.questions if one.id == question_id)
        if verb == "remove" and len(poll.questions) > 1:
            await session.delete(question)
        elif verb == "up":
            _move_up(poll, question)
        await session.flush()
        changed = await polls.loaded(session, poll.id)
        assert changed is not None
        redrawn = await drafts.preview_of(session, changed, None)
    if verb == "edit":
        memory = Editing(poll=poll.id, question=question.id)
        view = views.question_form(memory.kept(), question, quiz=poll.template == Template.QUIZ)
        await client.views_push(trigger_id=body["trigger_id"], view=view)
    else:
        await client.views_update(view_id=body["view"]["id"], view=redrawn)


def _move_up(poll: Poll, question: Question) -> None:
    ordered = list(poll.questions)
    place = ordered.index(question)
    if place:
        ordered[place - 1 : place + 1] = [question, ordered[place - 1]]
    for position, one in enumerate(ordered):
        one.position = position


async def submit_question(ack: Any, view: dict[str, Any], client: AsyncWebClient, store: Store, me: Me) -> None:
    memory, form = Editing.of(view), EditQuestion.read(view)
    async with store.write() as session:
        poll = await drafts.draft_of(session, memory.poll, me)
        asked = _asked(form, quiz=poll.template == Template.QUIZ)
        if memory.question is None:
            if len(poll.questions) >= drafting.QUESTIONS_AT_MOST:
                raise FormRefusal({"text": TOO_MANY})
            # ids rise: the same form again (a double click) finds its question there
            last = poll.questions[-1] if poll.questions else None
            if last is None or (last.text, last.kind, last.options) != (asked.text, asked.kind, asked.options):
                asked.poll_id, asked.position = poll.id, len(poll.questions)
                session.add(asked)
        else:
            standing = next((one for one in poll.questions if one.id == memory.question), None)
            if standing is None:
                raise Refusal(GONE)
            for name in ("kind", "text", "options", "most", "right", "sameness"):
                setattr(standing, name, getattr(asked, name))
        await session.flush()
        changed = await polls.loaded(session, poll.id)
        assert changed is not None
        redrawn = await drafts.preview_of(session, changed, None)
    await ack()
    await client.views_update(view_id=view["root_view_id"], view=redrawn)


def _asked(form: EditQuestion, *, quiz: bool) -> Question:
    """The question of a form. Raises FormRefusal."""
    if form.kind not in {Kind.ONE, Kind.SEVERAL}:
        return drafting.question(form.kind, form.text)
    try:
        options = drafting.read_options(form.options or "", quiz=quiz)
    except ValueError as wrong:
        raise FormRefusal({"options": str(wrong)}) from None
    if form.kind == Kind.ONE and len(options.right) > 1:
        raise FormRefusal({"options": drafting.MANY_RIGHT.format(len(options.right))})
    most = form.most or len(options.texts)
    if form.kind == Kind.SEVERAL and most > len(options.texts):
        raise FormRefusal({"most": drafting.NOT_SO_MANY.format(len(options.texts))})
    return drafting.question(form.kind, form.text, options.texts, most=most, right=options.right)


async def preview(
    ack: Any, action: dict[str, Any], body: dict[str, Any], client: AsyncWebClient, store: Store, me: Me
) -> None:
    await ack()
    async with store.read() as session:
        poll = await polls.loaded(session, identifier(action["value"]))
        rights.require_draft(poll, me.id)
    assert poll is not None
    view = prompt.answer_form(poll, None, "", preview=True)
    await client.views_push(trigger_id=body["trigger_id"], view=view)


async def end_preview(ack: Any) -> None:
    """Sent by its author to try it: nothing is counted."""
    await ack()


async def send(ack: Any, view: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime) -> None:
    """The draft becomes a poll: those who are asked hear of it in their hours, the channel at once."""
    memory = Editing.of(view)
    async with store.read() as session:
        draft = await polls.loaded(session, memory.poll)
        rights.require_draft(draft, me.id)
        assert draft is not None
    in_channel = await opening.in_sight(client, draft.channel) if draft.channel else frozenset[str]()
    async with store.write() as session:
        poll = await polls.locked(session, draft.id)
        rights.require_draft(poll, me.id)
        assert poll is not None
        if poll.state == PollState.DRAFT:
            await _send(session, poll, in_channel, me, now)
    await ack(
        response_action="update",
        view=notice("Sent", SENT.format(f"{bold(poll.title, 100)} ({poll.label})", poll.asked)),
    )


async def _send(session: AsyncSession, poll: Poll, in_channel: frozenset[str], me: Me, now: datetime) -> None:
    if poll.channel is not None and not in_channel:
        raise Refusal(CHANNEL_GONE)
    if why := drafting.why_not_sent(poll, now):
        raise Refusal(why)
    team_ids = [team.id for team in await poll_audiences.teams_asked(session, poll.id)]
    allowed = await drafts.askable(session, me, poll.session_id, now=now)
    if not set(team_ids) <= {team.id for team in allowed.teams}:
        raise Refusal(drafts.NOT_YOURS)
    named = [one.person_id for one in await opening.named_in(session, poll.id)]
    asked = await opening.audience(session, poll.workspace_id, team_ids=team_ids, named=named, in_channel=in_channel)
    if why := await opening.why_not(session, poll, asked, team_ids):
        raise Refusal(why)
    await opening.open_poll(session, poll, asked, now=now)
    if poll.every_weeks:
        await opening.repeat(session, poll, me.person, now=now)
