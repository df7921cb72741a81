"""The form that raises an escalation: from the first word to a case."""

import secrets
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from handlers.blocks import one_line
from handlers.escalations import cases, forms, raising
from handlers.escalations.forms import Metadata
from handlers.escalations.rules import policy
from handlers.escalations.views import forms as form_views
from handlers.forms import values
from handlers.house import Me
from handlers.refusals import FormRefusal, Refusal
from storage import escalations, people, teams
from storage.escalations import Draft
from storage.people import Person
from storage.store import Store
from storage.teams import Team

NO_TEAM = (
    "There is no team in Backstop yet, so nobody would hear this. "
    "Anyone can ask for one: `/{}backstop team create` takes a minute."
)
PAST = "That is in the past. Choose a time that is still to come."
NAME_SOMEBODY = "Name at least one person who may see it, besides you."
NOT_A_COLLEAGUE = "{} can’t be named: only members of this workspace can (no guests, no bots)."
GONE = "{} was resolved in the meantime. Raise yours as new, or reopen it from its card."
QUOTE_LENGTH = 1200


async def raise_from_shortcut(
    ack: Any, body: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, settings: Any
) -> None:
    await ack()
    await open_form(client, store, me, body, {}, prefix=settings.command_prefix)


async def escalate_message(
    ack: Any, shortcut: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, settings: Any
) -> None:
    """The message's link and its words, quoted; that it comes from a private place is said on the form."""
    await ack()
    message = shortcut["message"]
    channel = shortcut["channel"]["id"]
    workspace = f"https://{shortcut['team']['domain']}.slack.com/"
    quoted = {
        "quote": one_line(str(message.get("text") or ""), QUOTE_LENGTH) or None,
        "quote_link": f"{workspace}archives/{channel}/p{str(message['ts']).replace('.', '')}",
        "quote_private": channel.startswith(("D", "G")) or shortcut["channel"].get("name") == "privategroup",
    }
    await open_form(client, store, me, shortcut, {}, prefix=settings.command_prefix, **quoted)


async def open_form(
    client: AsyncWebClient,
    store: Store,
    me: Me,
    body: dict[str, Any],
    typed: dict[str, Any],
    *,
    prefix: str,
    **quoted: Any,
) -> None:
    async with store.read() as session:
        choices = await _teams_for(session, me.person)
    if not choices:
        raise Refusal(NO_TEAM.format(prefix))
    metadata = Metadata(key=secrets.token_hex(16), team=choices[0].id, **quoted)
    await client.views_open(trigger_id=body["trigger_id"], view=_form(metadata, choices[0], choices, typed))


async def _teams_for(session: Any, person: Person) -> list[Team]:
    """Somebody's own teams, first the primary one; somebody in none may choose any."""
    own = await teams.teams_of(session, person.id)
    primary = await teams.primary_team(session, person)
    own.sort(key=lambda team: (primary is None or team.id != primary.id, team.name))
    return own or await teams.active_teams(session, person.workspace_id)


def _form(metadata: Metadata, team: Team, choices: list[Team], typed: dict[str, Any]) -> dict[str, Any]:
    return form_views.raise_form(
        metadata=metadata.model_dump(exclude_none=True, exclude_defaults=True),
        team=team,
        teams=choices,
        terms=policy.terms_of(team),
        typed=typed,
        more=metadata.more,
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
    chosen = int(action["selected_option"]["value"])
    await _redraw(client, store, me, view, Metadata.of(view).model_copy(update={"team": chosen}))


async def _redraw(client: AsyncWebClient, store: Store, me: Me, view: dict[str, Any], metadata: Metadata) -> None:
    async with store.read() as session:
        choices = await _teams_for(session, me.person)
    team = _chosen(metadata, choices)
    redrawn = _form(metadata, team, choices, values(view))
    await client.views_update(view_id=view["id"], hash=view["hash"], view=redrawn)


def _chosen(metadata: Metadata, choices: list[Team]) -> Team:
    """The team of the form, if it is one that they may choose."""
    found = next((team for team in choices if team.id == metadata.team), None)
    if found is None:
        raise Refusal("That team isn’t there any more. Close the form and start again; copy your text first.")
    return found


async def submit_raise(ack: Any, view: dict[str, Any], store: Store, me: Me, now: Any) -> None:
    """Creates the case, or first asks whether it is one that is known."""
    metadata, typed = Metadata.of(view), values(view)
    form = forms.Raise.of(typed)
    if form.promise is not None and form.promise <= now:
        raise FormRefusal({"promise": PAST})
    async with store.write() as session:
        team = _chosen(metadata, await _teams_for(session, me.person))
        viewers = await _viewers(session, form, me.person)
        alike = await raising.similar(session, team, form, now)
        if not alike or await escalations.by_form_key(session, metadata.key):
            await raising.open_case(
                session, team=team, me=me.person, form=form, origin=_origin(metadata), viewers=viewers, now=now
            )
            offered = None
        else:
            await session.merge(
                Draft(
                    form_key=metadata.key,
                    workspace_id=team.workspace_id,
                    person_id=me.id,
                    typed={"form": form.model_dump(mode="json"), "metadata": metadata.model_dump(mode="json")},
                    created_at=now,
                )
            )
            offered = form_views.offer_form({"key": metadata.key}, alike)
    if offered:
        await ack(response_action="push", view=offered)
    else:
        await ack(response_action="clear")


async def submit_offer(ack: Any, view: dict[str, Any], store: Store, me: Me, now: Any) -> None:
    """It's new, or it is one that is known: joins it."""
    choice = forms.Offer.read(view).choice
    key = Metadata.of(view).key
    async with store.write() as session:
        draft = await session.get(Draft, key)
        if draft is not None and draft.person_id == me.id:
            form = forms.Raise.of(draft.typed["form"])
            metadata = Metadata.model_validate(draft.typed["metadata"])
            if choice == form_views.NEW:
                team = _chosen(metadata, await _teams_for(session, me.person))
                viewers = await _viewers(session, form, me.person)
                await raising.open_case(
                    session, team=team, me=me.person, form=form, origin=_origin(metadata), viewers=viewers, now=now
                )
            else:
                await _join(session, int(choice), me.person, form, now)
            await session.delete(draft)
    await ack(response_action="clear")


async def _join(session: Any, escalation_id: int, me: Person, form: forms.Raise, now: Any) -> None:
    case = await cases.load(session, escalation_id, now=now)
    if not escalations.is_open(case.escalation):
        raise FormRefusal({"choice": GONE.format(case.escalation.label)})
    await raising.join_ticket(session, case, me, now, ticket=form.ticket, customer=form.customer, note=form.what)


async def _viewers(session: Any, form: forms.Raise, me: Person) -> list[Person]:
    """The named people of a restricted escalation. Raises FormRefusal when there is nobody, or one who can't be."""
    if "restricted" not in form.restricted:
        return []
    return await named_people(session, form.viewers, me)


async def named_people(session: Any, slack_ids: list[str], me: Person) -> list[Person]:
    """The people chosen in a form's `viewers`. Raises FormRefusal for guests, bots and people it doesn't know."""
    named = await people.by_slack_ids(session, me.workspace_id, slack_ids)
    others = [person for person in named if person.id != me.id]
    if refused := next((person for person in named if not person.is_reachable), None):
        raise FormRefusal({"viewers": NOT_A_COLLEAGUE.format(refused.name)})
    if not others:
        raise FormRefusal({"viewers": NAME_SOMEBODY})
    return others


def _origin(metadata: Metadata) -> raising.Origin:
    return raising.Origin(metadata.key, metadata.quote, metadata.quote_link)
