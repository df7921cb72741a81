"""Making a poll: template → form → preview."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.forms import identifier, values
from handlers.house import Me
from handlers.local_time import at_local, local_date, parse_zone
from handlers.polls import drafts, opening
from handlers.polls.drafts import Askable
from handlers.polls.forms import Draft, NewPoll
from handlers.polls.rules import drafting, rights, topics
from handlers.polls.rules.drafting import Options
from handlers.polls.rules.templates import PATTERNS
from handlers.polls.views import draft as views
from handlers.refusals import FormRefusal, Refusal
from storage import escalation_lists, polls
from storage.people import Person
from storage.polls import PollState, Template
from storage.store import Store

GAPS_OF = timedelta(days=30)
GAPS_AT_MOST = 50
OPEN_FOR_WORKING_DAYS = 2
CLOSES_AT = time(17)
ASK_SOMEBODY = "Choose at least one team, or a channel or people under More."
CANT_SEE = "I can’t see that channel. Invite me there first: /invite @Backstop"
CANT_POST = "That is archived, shared with another company, or no channel. Choose another."
NOT_IN_IT = "You aren’t in that channel yourself. Choose one that you are in."
QUESTION_NEEDED = "This is needed."
QUIZ_AFTER = "Quiz: {}"


async def new(ack: Any, body: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime) -> None:
    await ack()
    await show_templates(body, client=client, store=store, me=me, now=now)


async def show_templates(body: dict[str, Any], *, client: AsyncWebClient, store: Store, me: Me, now: datetime) -> None:
    """Raises Refusal for who leads no team."""
    async with store.read() as session:
        await drafts.askable(session, me, None, now=now)
    await client.views_open(trigger_id=body["trigger_id"], view=views.templates())


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
    template = action.get("value")
    if template not in set(Template):
        raise Refusal(rights.UNKNOWN)
    view = await _form(store, me, Draft(template=Template(template)), {}, now)
    await client.views_update(view_id=body["view"]["id"], view=view)


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


async def quiz_for_session(
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    me: Me,
    now: datetime,
) -> None:
    """The form of a quiz for whoever came to a training session; its button stands there."""
    await ack()
    memory = Draft(template=Template.QUIZ, session=identifier(action["value"]), more=True)
    view = await _form(store, me, memory, {}, now)
    show = client.views_push if (body.get("view") or {}).get("type") == "modal" else client.views_open
    await show(trigger_id=body["trigger_id"], view=view)


async def _form(
    store: Store, me: Me, memory: Draft, typed: Mapping[str, Any], now: datetime, *, first: bool = True
) -> dict[str, Any]:
    """The form on what is typed; at `first` with what it proposes."""
    async with store.read() as session:
        allowed = await drafts.askable(session, me, memory.session, now=now)
        gaps: list[str] = []
        if first and memory.template == Template.TOPIC:
            gaps = await _gaps(session, [team.id for team in allowed.teams], now)
    proposed = _proposed(allowed, me.person, gaps, now) if first else {}
    return views.new_form(
        memory.kept(),
        memory.template,
        allowed.teams,
        {**proposed, **{name: value for name, value in typed.items() if value is not None}},
        more=memory.more,
        proposed=bool(gaps),
    )


def _proposed(allowed: Askable, person: Person, gaps: Sequence[str], now: datetime) -> dict[str, Any]:
    """What stands in the form before anything is typed."""
    proposed: dict[str, Any] = {"closes": closes_by_default(person, now)}
    if gaps:
        proposed["options"] = "\n".join(gaps)
    if allowed.session is None:
        return proposed | {"teams": [str(allowed.own)]}
    return proposed | {
        "title": QUIZ_AFTER.format(allowed.session.title)[:150],
        "people": [one.slack_id for one in allowed.came],
    }


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
            poll = await drafts.keep(session, memory, form, options, in_channel, me, now)
        rights.require_draft(poll, me.id)
        if poll.state != PollState.DRAFT:
            raise Refusal(drafts.SENT_ALREADY, poll.label)
        shown = await drafts.preview_of(session, poll, in_channel)
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
