"""Making a poll: template → form → preview → sent."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import Block, notice, said
from handlers.forms import identifier, values
from handlers.house import Me
from handlers.local_time import at_local, local_date, parse_zone
from handlers.polls import opening
from handlers.polls.forms import Draft, Editing, EditQuestion, NewPoll
from handlers.polls.rules import drafting, rights, topics
from handlers.polls.rules.drafting import Options
from handlers.polls.rules.templates import PATTERNS, questions_of, title_of
from handlers.polls.views import draft as views
from handlers.polls.views import prompt
from handlers.refusals import FormRefusal, Refusal
from storage import escalation_lists, people, polls, teams
from storage.people import Person
from storage.polls import Kind, Poll, PollState, Question, Template
from storage.store import Store
from storage.teams import Team

GAPS_OF = timedelta(days=30)
GAPS_AT_MOST = 50
OPEN_FOR_WORKING_DAYS = 2
CLOSES_AT = time(17)
NOT_YOURS = "You can ask only teams that you lead."
ASK_SOMEBODY = "Choose at least one team, or a channel or people under More."
CANT_SEE = "I can’t see that channel. Invite me there first: /invite @Backstop"
CANT_POST = "That is archived, shared with another company, or no channel. Choose another."
NOT_IN_IT = "You aren’t in that channel yourself. Choose one that you are in."
UNKNOWN_PERSON = "I don’t know one of these people, or they can’t be written to. Choose members of this workspace."
QUESTION_NEEDED = "This is needed."
SENT = "{} is sent to {} people. It closes by itself; `/poll list` shows how many have answered."
SENT_ALREADY = "{} was sent already."
GONE = "This draft isn’t there any more: drafts are kept for two days. Begin again with `/poll`."
TOO_MANY = "A poll has at most 10 questions."
CHANNEL_GONE = "I can’t see the channel any more. Invite me there, or begin again with another."


async def new(ack: Any, body: dict[str, Any], client: AsyncWebClient, store: Store, me: Me) -> None:
    await ack()
    await show_templates(body, client=client, store=store, me=me)


async def show_templates(body: dict[str, Any], *, client: AsyncWebClient, store: Store, me: Me) -> None:
    """Raises Refusal for who leads no team."""
    async with store.read() as session:
        await _led(session, me)
    await client.views_open(trigger_id=body["trigger_id"], view=views.templates())


async def _led(session: AsyncSession, me: Me) -> list[Team]:
    led = await polls.teams_led(session, me.id)
    if not led:
        raise Refusal(rights.ONLY_LEADERS)
    return led


async def choose_template(
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    me: Me,
    now: datetime,
) -> None:
    await ack()
    template = _template(action.get("value"))
    view = await _form(store, me, Draft(template=template), {}, now)
    await client.views_update(view_id=body["view"]["id"], view=view)


def _template(value: object) -> Template:
    if value not in set(Template):
        raise Refusal(GONE)
    return Template(str(value))


async def show_form(
    body: dict[str, Any],
    template: Template,
    typed: Mapping[str, Any],
    *,
    client: AsyncWebClient,
    store: Store,
    me: Me,
    now: datetime,
) -> None:
    view = await _form(store, me, Draft(template=template), typed, now)
    await client.views_open(trigger_id=body["trigger_id"], view=view)


async def _form(
    store: Store, me: Me, memory: Draft, typed: Mapping[str, Any], now: datetime, *, first: bool = True
) -> dict[str, Any]:
    """The form on what is typed; at `first` with what it proposes."""
    async with store.read() as session:
        led = await _led(session, me)
        own = {team.id for team in await teams.teams_of(session, me.id)}
        gaps: list[str] = []
        if first and memory.template == Template.TOPIC:
            gaps = await _gaps(session, [team.id for team in led], now)
    proposed: dict[str, Any] = {}
    if first:
        chosen = [team for team in led if team.id in own][:1] or led[:1]
        proposed = {"teams": [str(team.id) for team in chosen], "closes": closes_by_default(me.person, now)}
        proposed |= {"options": "\n".join(gaps)} if gaps else {}
    return views.new_form(
        {"kept": memory.kept()},
        memory.template,
        led,
        {**proposed, **{name: value for name, value in typed.items() if value is not None}},
        more=memory.more,
        proposed=bool(gaps),
    )


async def _gaps(session: AsyncSession, team_ids: Sequence[int], now: datetime) -> list[str]:
    titles = await escalation_lists.knowledge_gaps(session, team_ids=team_ids, since=now - GAPS_OF, most=GAPS_AT_MOST)
    return topics.proposed(titles)


def closes_by_default(person: Person, now: datetime) -> datetime:
    """The afternoon of the second working day from now, where this person is."""
    zone = parse_zone(person.zone)
    day = local_date(now, zone)
    left = OPEN_FOR_WORKING_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return at_local(day, CLOSES_AT, zone)


async def more(ack: Any, view: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime) -> None:
    await ack()
    memory = Draft.of(view).model_copy(update={"more": True})
    redrawn = await _form(store, me, memory, values(view), now, first=False)
    await client.views_update(view_id=view["id"], hash=view["hash"], view=redrawn)


async def submit_new(
    ack: Any, view: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    """The draft is kept, and shown as it will be asked."""
    memory, form = Draft.of(view), NewPoll.read(view)
    options = _checked(form, memory.template, now)
    in_channel = await _members(client, form.channel, me) if form.channel else frozenset[str]()
    async with store.write() as session:
        poll = await polls.by_form_key(session, memory.key)
        if poll is None:
            poll = await _keep(session, memory, form, options, in_channel, me, now)
        rights.require_draft(poll, me.id)
        if poll.state != PollState.DRAFT:
            raise Refusal(SENT_ALREADY, poll.label)
        shown = await _editor(session, poll, in_channel)
    await ack(response_action="update", view=shown)


def _checked(form: NewPoll, template: Template, now: datetime) -> Options:
    """What can be checked without asking anybody. Raises FormRefusal."""
    pattern = PATTERNS[template]
    errors: dict[str, str] = {}
    options = Options((), ())
    if "question" in pattern.asks and not form.question:
        errors["question"] = QUESTION_NEEDED
    if "options" in pattern.asks and (form.options or template != Template.BLANK):
        try:
            options = drafting.read_options(form.options or "", quiz=template == Template.QUIZ)
        except ValueError as wrong:
            errors["options"] = str(wrong)
    if why := drafting.why_not_closing(form.closes, now):
        errors["closes"] = why
    mode, results = form.mode or pattern.mode, form.results or pattern.results
    if wrong_together := drafting.why_not_mode(mode, results, template):
        errors[wrong_together[0]] = wrong_together[1]
    if not (form.teams or form.channel or form.people):
        errors["teams"] = ASK_SOMEBODY
    if errors:
        raise FormRefusal(errors)
    return options


async def _members(client: AsyncWebClient, channel: str, me: Me) -> frozenset[str]:
    """Who is in the channel, once the bot can post there. Raises FormRefusal."""
    try:
        info: dict[str, Any] = (await client.conversations_info(channel=channel))["channel"]
        shared = info.get("is_ext_shared") or info.get("is_pending_ext_shared")
        if info.get("is_archived") or info.get("is_im") or info.get("is_mpim") or shared:
            raise FormRefusal({"channel": CANT_POST})
        if not info.get("is_member"):
            if info.get("is_private"):
                raise FormRefusal({"channel": CANT_SEE})
            await client.conversations_join(channel=channel)
        members = await opening.members_of(client, channel)
    except SlackApiError as refused:
        raise FormRefusal({"channel": CANT_SEE}) from refused
    if me.person.slack_id not in members:
        raise FormRefusal({"channel": NOT_IN_IT})
    return members


async def _keep(
    session: AsyncSession,
    memory: Draft,
    form: NewPoll,
    options: Options,
    in_channel: frozenset[str],
    me: Me,
    now: datetime,
) -> Poll:
    """A draft of what the form says. Raises FormRefusal."""
    led = {team.id: team for team in await _led(session, me)}
    team_ids = [identifier(chosen) for chosen in form.teams]
    if not set(team_ids) <= led.keys():
        raise FormRefusal({"teams": NOT_YOURS})
    named = await people.by_slack_ids(session, me.person.workspace_id, form.people)
    if len(named) < len(set(form.people)) or not all(person.is_reachable for person in named):
        raise FormRefusal({"people": UNKNOWN_PERSON})
    asked = await opening.audience(
        session,
        me.person.workspace_id,
        team_ids=team_ids,
        named=[person.id for person in named],
        in_channel=in_channel,
    )
    pattern = PATTERNS[memory.template]
    mode = form.mode or pattern.mode
    if why := drafting.why_not_asked(mode, asked.number):
        raise FormRefusal({"mode" if memory.more and asked.number else "teams": why})
    poll = Poll(
        workspace_id=me.person.workspace_id,
        form_key=memory.key,
        team_id=team_ids[0] if team_ids else await _on_behalf_of(session, led, me),
        author_id=me.id,
        template=memory.template,
        title=form.title or title_of(memory.template, form.question),
        mode=mode,
        results=form.results or pattern.results,
        state=PollState.DRAFT,
        channel=form.channel,
        pass_mark=(form.pass_mark or drafting.PASS_MARK) if memory.template == Template.QUIZ else None,
        every_weeks=form.every_weeks,
        session_id=memory.session,
        created_at=now,
        closes_at=form.closes,
    )
    session.add(poll)
    await session.flush()
    begun = questions_of(memory.template, text=form.question, options=options.texts, right=options.right)
    for position, question in enumerate(begun):
        question.poll_id, question.position = poll.id, position
    session.add_all(begun)
    await polls.name_teams(session, poll.id, team_ids)
    await polls.ask(session, poll.id, [row for row in asked.rows if row["by_name"]])
    await session.flush()
    found = await polls.loaded(session, poll.id)
    assert found is not None
    return found


async def _on_behalf_of(session: AsyncSession, led: Mapping[int, Team], me: Me) -> int:
    """The author's own team among those that they lead, else the first of them."""
    own = [team.id for team in await teams.teams_of(session, me.id) if team.id in led]
    return own[0] if own else next(iter(led))


async def _editor(session: AsyncSession, poll: Poll, in_channel: frozenset[str] | None) -> Block:
    """The preview. `in_channel`: who is in the channel that is asked; None: not looked up."""
    asked_teams = await polls.teams_asked(session, poll.id)
    named = await opening.named_in(session, poll.id)
    number = None
    if poll.channel is None or in_channel is not None:
        asked = await opening.audience(
            session,
            poll.workspace_id,
            team_ids=[team.id for team in asked_teams],
            named=[one.person_id for one in named],
            in_channel=in_channel or (),
        )
        number = asked.number
    return views.editor(poll, asked_teams, len(named), number, Editing(poll=poll.id).kept())


async def _draft(session: AsyncSession, poll_id: int, me: Me) -> Poll:
    """A draft of this reader's own, locked. Raises Refusal."""
    poll = await polls.locked(session, poll_id)
    rights.require_draft(poll, me.id)
    assert poll is not None
    if poll.state != PollState.DRAFT:
        raise Refusal(SENT_ALREADY, poll.label)
    return poll


async def add_question(
    ack: Any, action: dict[str, Any], body: dict[str, Any], client: AsyncWebClient, store: Store, me: Me
) -> None:
    await ack()
    async with store.write() as session:
        poll = await _draft(session, identifier(action["value"]), me)
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
        poll = await _draft(session, found.poll_id, me)
        question = next(one for one in poll.questions if one.id == question_id)
        if verb == "remove" and len(poll.questions) > 1:
            await session.delete(question)
        elif verb == "up":
            _move_up(poll, question)
        await session.flush()
        changed = await polls.loaded(session, poll.id)
        assert changed is not None
        redrawn = await _editor(session, changed, None)
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
        poll = await _draft(session, memory.poll, me)
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
        redrawn = await _editor(session, changed, None)
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
        view=notice("Sent", SENT.format(f"*{said(poll.title, 100)}* ({poll.label})", poll.asked)),
    )


async def _send(session: AsyncSession, poll: Poll, in_channel: frozenset[str], me: Me, now: datetime) -> None:
    if poll.channel is not None and not in_channel:
        raise Refusal(CHANNEL_GONE)
    if why := drafting.why_not_sent(poll, now):
        raise Refusal(why)
    team_ids = [team.id for team in await polls.teams_asked(session, poll.id)]
    if not set(team_ids) <= {team.id for team in await polls.teams_led(session, me.id)}:
        raise Refusal(NOT_YOURS)
    named = [one.person_id for one in await opening.named_in(session, poll.id)]
    asked = await opening.audience(session, poll.workspace_id, team_ids=team_ids, named=named, in_channel=in_channel)
    if why := drafting.why_not_asked(poll.mode, asked.number):
        raise Refusal(why)
    await opening.open_poll(session, poll, asked, now=now)
    if poll.every_weeks:
        await opening.repeat(session, poll, me.person, now=now)
