"""The form that raises an escalation: from the first word to a case."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import clean, clipped, notice, one_line, readable, said, section
from handlers.escalations import cases, forms, raising, tickets
from handlers.escalations.forms import Metadata
from handlers.escalations.rules import policy, references
from handlers.escalations.rules.moves import require_ahead
from handlers.escalations.rules.references import ticket_key
from handlers.escalations.rules.rights import UNKNOWN
from handlers.escalations.views import raise_form as form_views
from handlers.escalations.views import ticket as ticket_views
from handlers.forms import identifier, its_message, values
from handlers.helpdesks import DeskTroubleError, HelpDesks
from handlers.house import Limits, Me, Reply
from handlers.refusals import FormRefusal, Refusal
from storage import escalations, memberships, people, sources, teams
from storage.escalation_drafts import Draft
from storage.escalations import Escalation
from storage.people import Person
from storage.pulled import PulledTicket
from storage.store import Store
from storage.teams import Team
from storage.tickets import Ticket
from storage.together import look_together
from storage.workspaces import Workspace

NO_TEAM = (
    "There is no team in Backstop yet, so nobody would hear this. "
    "Anyone can ask for one: `/{}backstop team create` takes a minute."
)
NAME_SOMEBODY = "Name at least one person who may see it, besides you."
NOT_A_COLLEAGUE = "{} can’t be named: only members of this workspace can (no guests, no bots)."
NOBODY_KNOWN = "I don’t know one of these people. Choose members of this workspace."
RESOLVED_MEANWHILE = "{} was resolved in the meantime. Raise yours as new, or reopen it from its card."
TEAM_GONE = "That team isn’t there any more. Copy your text, close the form and start again."
WHICH_TEAM = "Choose the team that can help."
LACKS_SEVERITY = "{} doesn’t use {}. Choose another."
DRAFT_GONE = "I no longer have what you typed. Go back: it still stands in the form, and Raise asks again."
JOINED = "Joined to {}"
JOINED_TEXT = "Your report stands in the thread of *{}* now. Its owner and whoever raised it are told."
KNOWN_ALREADY = "That ticket stands on *{}* already. Nothing had to be added."
REST_OF_TEXT = "Your text was longer than the form’s field. This is the rest of it:"
QUOTE_LENGTH = 1200
FIELD_LENGTH = 3000
TICKET_LENGTH = 120
PART_LENGTH = 2900
PARTS_AT_MOST = 4


async def raise_from_shortcut(
    ack: Any, body: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, settings: Limits
) -> None:
    """By the global shortcut, or by a button: that one may carry the words that the form begins with."""
    await ack()
    words = str((body.get("actions") or [{}])[0].get("value") or "")
    ticket, what = references.ticket_and_rest(clean(readable(words)))
    await open_form(client, store, me, body, {"ticket": ticket, "what": what}, prefix=settings.command_prefix)


async def raise_ticket(
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    me: Me,
    settings: Limits,
    helpdesks: HelpDesks,
) -> None:
    """From a ticket that somebody is shown: the form begins with its number."""
    await ack()
    ticket = one_line(str(action["value"]), TICKET_LENGTH)
    prefix = settings.command_prefix
    await open_form(client, store, me, body, {"ticket": ticket}, prefix=prefix, helpdesks=helpdesks)


async def escalate_message(
    ack: Any, shortcut: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, settings: Limits
) -> None:
    """The message's link and its words, quoted; that it comes from a private place is said on the form."""
    await ack()
    message, channel = its_message(shortcut), shortcut["channel"]["id"]
    written = str(message.get("text") or "")
    async with store.read() as session:
        mentioned = await people.by_slack_ids(session, me.person.workspace_id, form_views.mentioned_in(written))
        workspace = await session.get(Workspace, me.person.workspace_id)
    names = {person.slack_id: person.name for person in mentioned}
    ts, thread = str(message["ts"]), message.get("thread_ts")
    quoted = {
        "quote": one_line(readable(written, names), QUOTE_LENGTH) or None,
        "quote_link": workspace.link(channel, ts, thread_ts=thread if thread != ts else None) if workspace else None,
        "quote_private": _is_private(shortcut["channel"]),
        "quote_from": channel,
    }
    await open_form(client, store, me, shortcut, {}, prefix=settings.command_prefix, **quoted)


def _is_private(channel: Mapping[str, Any]) -> bool:
    """A private channel, a direct message or a group of them: Slack hides their names."""
    name = str(channel.get("name") or "")
    return str(channel["id"]).startswith(("D", "G")) or name == "privategroup" or name.startswith("mpdm-")


async def open_form(
    client: AsyncWebClient,
    store: Store,
    me: Me,
    body: dict[str, Any],
    typed: dict[str, Any],
    *,
    prefix: str,
    cut: bool = False,
    helpdesks: HelpDesks | None = None,
    **quoted: Any,
) -> None:
    """Opens the form on `typed`; `quoted`: what Metadata keeps of a quoted message. With `helpdesks`, what these tell
    of the ticket follows once it is open. Raises Refusal without a team."""
    choices, own = await look_together(store, _teams_for, me.person)
    if not choices:
        raise Refusal(NO_TEAM.format(prefix))
    chosen = choices[0] if own or len(choices) == 1 else None
    metadata = Metadata(key=secrets.token_hex(16), team=chosen.id if chosen else None, cut=cut, **quoted)
    opened = await client.views_open(trigger_id=body["trigger_id"], view=_form(metadata, chosen, choices, own, typed))
    if helpdesks is None or not (about := await _told_of(store, helpdesks, me, typed.get("ticket"))):
        return
    told = metadata.model_copy(
        update={
            "about": ticket_views.about(about),
            "customer": about.customer_name,
            "vip": bool(about.customer_is_vip),
        }
    )
    shown = opened["view"]
    try:
        # the same fields under the same ids: what was typed meanwhile stays
        await client.views_update(
            view_id=shown["id"], hash=shown["hash"], view=_form(told, chosen, choices, own, typed)
        )
    except SlackApiError as refused:
        if refused.response["error"] not in {"hash_conflict", "not_found"}:  # they were faster: nothing to fill
            raise


async def _told_of(store: Store, helpdesks: HelpDesks, me: Me, written: str | None) -> Ticket | PulledTicket | None:
    """The ticket as the tables have it, else as a help desk that is connected tells: to people of the teams whose
    tickets these are. None: there is nothing to tell."""
    if not written:
        return None
    async with store.read() as session:
        own = {team.id for team in await memberships.teams_seen_by(session, me.id)}
        if (found := await tickets.known(session, me.person.workspace_id, written)) is not None:
            return found[0] if found[0].team_id in own else None
        fed = [source for team_id in own for source in await sources.of_team(session, team_id)]
        kinds = {source.kind for source in fed}
    for kind, _name in helpdesks.available():
        if kind in kinds:
            try:
                if (told := await helpdesks.ticket(kind, ticket_key(written))) is not None:
                    return told
            except DeskTroubleError:
                continue  # the form is complete without it
    return None


async def open_on_words(
    client: AsyncWebClient,
    store: Store,
    me: Me,
    body: dict[str, Any],
    words: str,
    reply: Reply,
    *,
    prefix: str,
    helpdesks: HelpDesks,
) -> None:
    """The form begins with what was typed: its ticket, where it begins with one, and the words. What doesn't fit into
    their field comes back privately: nothing is lost."""
    ticket, text = references.ticket_and_rest(clean(readable(words)), marked=True)
    rest = text[FIELD_LENGTH:]
    typed = {"ticket": ticket, "what": text[:FIELD_LENGTH]}
    await open_form(client, store, me, body, typed, prefix=prefix, cut=bool(rest), helpdesks=helpdesks)
    if rest:
        parts = [rest[at : at + PART_LENGTH] for at in range(0, len(rest), PART_LENGTH)]
        for start in range(0, len(parts), PARTS_AT_MOST)[:4]:
            blocks = [section(said(part, FIELD_LENGTH)) for part in parts[start : start + PARTS_AT_MOST]]
            await reply(REST_OF_TEXT, blocks=[section(REST_OF_TEXT), *blocks] if start == 0 else blocks)


async def _teams_for(session: AsyncSession, asking: Sequence[Person]) -> list[tuple[list[Team], bool]]:
    """Of each (the teams that they may raise in, whether these are their own): the primary one first; all for somebody
    in none."""
    owned = await memberships.teams_primary_first(session, *asking)
    everybodys = [] if all(owned) else await teams.active_teams(session, asking[0].workspace_id)
    return [(own or everybodys, bool(own)) for own in owned]


def _form(
    metadata: Metadata, team: Team | None, choices: Sequence[Team], own: bool, typed: Mapping[str, Any]
) -> dict[str, Any]:
    kept = metadata.model_dump(exclude_none=True, exclude_defaults=True)
    if team is not None and metadata.quote_from == team.escalation_channel:
        kept.pop("quote_private", None)  # it stays where it was said
    return form_views.raise_form(
        metadata=kept,
        team=team,
        teams=choices,
        terms=policy.terms_of(team) if team else policy.DEFAULTS,
        typed=typed,
        more=metadata.more,
        must_choose=not own and len(choices) > 1,
        cut=metadata.cut,
    )


async def more_fields(ack: Any, view: dict[str, Any], client: AsyncWebClient, store: Store, me: Me) -> None:
    """The rest of the form; what was typed stays."""
    await ack()
    await _redraw(client, store, me, view, Metadata.of(view).model_copy(update={"more": True}))


async def choose_team(
    ack: Any, view: dict[str, Any], action: dict[str, Any], client: AsyncWebClient, store: Store, me: Me
) -> None:
    """Another team: its channel and its deadlines."""
    await ack()
    chosen = identifier((action.get("selected_option") or {}).get("value"))
    await _redraw(client, store, me, view, Metadata.of(view).model_copy(update={"team": chosen}))


async def _redraw(client: AsyncWebClient, store: Store, me: Me, view: dict[str, Any], metadata: Metadata) -> None:
    choices, own = await look_together(store, _teams_for, me.person)
    team = _chosen(metadata, choices) if metadata.team is not None else None
    typed = values(view)
    if "customer" not in typed:  # the fields appear with what the help desk told
        typed |= {"customer": metadata.customer, "vip": ["vip"] if metadata.vip else []}
    redrawn = _form(metadata, team, choices, own, typed)
    await client.views_update(view_id=view["id"], hash=view["hash"], view=redrawn)


def _chosen(metadata: Metadata, choices: Sequence[Team]) -> Team:
    """The team of the form, if it is one that they may choose. Raises Refusal."""
    if metadata.team is None:
        raise FormRefusal({"team": WHICH_TEAM})
    found = next((team for team in choices if team.id == metadata.team), None)
    if found is None:
        raise Refusal(TEAM_GONE)
    return found


async def submit_raise(
    ack: Any, view: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    """Creates the case, or first asks whether it is one that is known."""
    metadata, typed = Metadata.of(view), values(view)
    if chosen := typed.get("team"):
        metadata = metadata.model_copy(update={"team": identifier(chosen)})
    if "customer" not in typed:  # nobody looked behind More fields
        typed |= {"customer": metadata.customer, "vip": ["vip"] if metadata.vip else []}
    form = forms.Raise.of(typed)
    if form.promise is not None:
        require_ahead("promise", form.promise, now)
    await _learn_of(client, store, me, form.viewers, now)
    async with store.write() as session:
        team = await _team(session, form, metadata, me.person)
        # searched for in here, so that of many who raise the same thing in one minute only the first makes it
        alike = await _alike(session, form, metadata, me.person, now)
        if alike:
            await _keep_draft(session, form, metadata, me.person, now)
        else:
            await _create(session, team, form, metadata, me.person, now)
    if alike:
        await ack(response_action="push", view=form_views.offer_form({"key": metadata.key}, alike))
    else:
        await ack(response_action="clear")


async def _alike(
    session: AsyncSession, form: forms.Raise, metadata: Metadata, me: Person, now: datetime
) -> Sequence[Escalation]:
    """What may be the same problem. Nothing for a restricted one (joining would tell its words to everyone), nor for a
    form that was submitted before."""
    alike = [] if form.is_restricted else await raising.similar(session, me, form, now)
    return [] if alike and await escalations.by_form_key(session, metadata.key) else alike


async def _team(session: AsyncSession, form: forms.Raise, metadata: Metadata, me: Person) -> Team:
    """The team that it goes to. Raises FormRefusal for a severity that it doesn't use."""
    [(choices, _)] = await _teams_for(session, [me])
    team = _chosen(metadata, choices)
    if form.severity not in policy.terms_of(team):
        raise FormRefusal({"severity": LACKS_SEVERITY.format(team.name, form.severity.value)})
    return team


async def _create(
    session: AsyncSession, team: Team, form: forms.Raise, metadata: Metadata, me: Person, now: datetime
) -> None:
    viewers = await named_people(session, form.viewers, me) if form.is_restricted else []
    origin = raising.Origin(metadata.key, metadata.quote, metadata.quote_link)
    await raising.open_case(session, team=team, me=me, form=form, origin=origin, viewers=viewers, now=now)


async def _keep_draft(session: AsyncSession, form: forms.Raise, metadata: Metadata, me: Person, now: datetime) -> None:
    """While it is asked whether it is the same problem."""
    await session.merge(
        Draft(
            form_key=metadata.key,
            workspace_id=me.workspace_id,
            person_id=me.id,
            typed={"form": form.model_dump(mode="json"), "metadata": metadata.model_dump(mode="json")},
            created_at=now,
        )
    )


async def submit_offer(ack: Any, view: dict[str, Any], store: Store, me: Me, now: datetime) -> None:
    """It's new, or it is one that is known: joins it, and says so."""
    choice, key = forms.Offer.read(view).choice, Metadata.of(view).key
    answer = None
    async with store.write() as session:
        draft = await session.get(Draft, key, with_for_update=True)
        if draft is None or draft.person_id != me.id:
            raise Refusal(DRAFT_GONE)
        if "answer" not in draft.typed:
            form = forms.Raise.of(draft.typed["form"])
            if choice == form_views.NEW:
                metadata = Metadata.model_validate(draft.typed["metadata"])
                team = await _team(session, form, metadata, me.person)
                await _create(session, team, form, metadata, me.person, now)
                draft.typed = {"answer": ""}
            else:
                # kept instead of deleted, so that a second submission is answered as the first
                draft.typed = {"answer": await _join(session, identifier(choice), me.person, form, now)}
        answer = draft.typed["answer"]
    if answer:
        await ack(response_action="update", view=notice("Thank you", answer))
    else:
        await ack(response_action="clear")


async def _join(session: AsyncSession, escalation_id: int, me: Person, form: forms.Raise, now: datetime) -> str:
    """Joins it to a case that is known; what to tell whoever raised it."""
    case = await cases.load(session, escalation_id, now=now)
    label = case.escalation.label
    if case.escalation.restricted:  # since it was offered
        raise FormRefusal({"choice": UNKNOWN})
    if not escalations.is_open(case.escalation):
        raise FormRefusal({"choice": RESOLVED_MEANWHILE.format(label)})
    joined = await raising.join_ticket(
        session, case, me, now, ticket=form.ticket, customer=form.customer, note=clipped(form.what, 1500)
    )
    return (JOINED_TEXT if joined else KNOWN_ALREADY).format(label)


async def _learn_of(client: AsyncWebClient, store: Store, me: Me, slack_ids: Iterable[str], now: datetime) -> None:
    """Asks Slack for people that nobody here has met yet; before the transaction, as nothing waits for Slack in one."""
    wanted = set(slack_ids)
    if not wanted:
        return
    async with store.read() as session:
        known = {person.slack_id for person in await people.by_slack_ids(session, me.person.workspace_id, wanted)}
    for slack_id in sorted(wanted - known)[:10]:
        try:
            answer = await client.users_info(user=slack_id)
        except SlackApiError as refused:
            if refused.response["error"] in {"user_not_found", "user_not_visible"}:
                continue
            raise
        async with store.write() as session:
            await people.keep(session, me.person.workspace_id, answer["user"], now=now)


async def named_people(session: AsyncSession, slack_ids: Sequence[str], me: Person) -> list[Person]:
    """The people chosen in a form's `viewers`. Raises FormRefusal for guests, bots and people it doesn't know."""
    named = await people.by_slack_ids(session, me.workspace_id, slack_ids)
    if len(named) < len(set(slack_ids)):
        raise FormRefusal({"viewers": NOBODY_KNOWN})
    if refused := next((person for person in named if not person.is_reachable), None):
        raise FormRefusal({"viewers": NOT_A_COLLEAGUE.format(refused.name)})
    if all(person.id == me.id for person in named):
        raise FormRefusal({"viewers": NAME_SOMEBODY})
    return named
