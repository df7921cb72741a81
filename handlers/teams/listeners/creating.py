"""The form that makes or changes a team."""

from datetime import datetime
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import IntegrityError

from handlers.blocks import option
from handlers.channels import usable_channel
from handlers.forms import Memory, identifier
from handlers.house import Me, Reply
from handlers.refusals import FormRefusal
from handlers.teams.forms import TeamForm
from handlers.teams.founding import Checked, change, create, manageable
from handlers.teams.listeners.asking import people_named
from handlers.teams.rules.places import countries_matching, country_label, zone_label, zones_matching
from handlers.teams.views import team_form as form_view
from storage.departments import departments_of
from storage.store import Store

TAKEN_JUST_NOW = "Somebody made a team with this name or channel in the same moment. Look at /backstop team."


async def open_new_team(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, me: Me, now: datetime) -> None:
    await ack()
    here = body.get("channel_id") or (body.get("channel") or {}).get("id")
    channel = here if here and here.startswith(("C", "G")) and not _is_private_talk(body) else None
    filled = form_view.filled_for(me.person, channel=channel)
    view = form_view.team_form(Memory(), filled, is_admin=me.is_admin, now=now)
    await client.views_open(trigger_id=body["trigger_id"], view=view)


async def open_edit_team(
    ack: AsyncAck,
    body: dict[str, Any],
    action: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    me: Me,
    now: datetime,
) -> None:
    await ack()
    await show_edit_form(body, identifier(action["value"]), client=client, store=store, me=me, now=now)


async def show_edit_form(
    body: dict[str, Any], team_id: int, *, client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    """Opens the form on a team as it is. Raises Refusal for who may not change it."""
    async with store.read() as session:
        facts, department = await manageable(session, team_id, me, now)
    filled = form_view.filled_from(facts, department)
    view = form_view.team_form(Memory(team=team_id), filled, is_admin=me.is_admin, now=now)
    await client.views_open(trigger_id=body["trigger_id"], view=view)


async def open_more(
    ack: AsyncAck,
    body: dict[str, Any],
    view: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    me: Me,
    now: datetime,
) -> None:
    """The same form with the rest of its fields; Slack keeps what was typed in the others."""
    await ack()
    memory = Memory.of(view)
    filled = form_view.filled_for(me.person, channel=None)
    if memory.team is not None:
        async with store.read() as session:
            filled = form_view.filled_from(*await manageable(session, memory.team, me, now))
    fuller = form_view.team_form(memory.model_copy(update={"more": True}), filled, is_admin=me.is_admin, now=now)
    await client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=fuller)


async def choose_zone(ack: AsyncAck, body: dict[str, Any], now: datetime) -> None:
    await ack(options=[option(zone_label(name, now), name) for name in zones_matching(body.get("value") or "")])


async def choose_country(ack: AsyncAck, body: dict[str, Any]) -> None:
    await ack(options=[option(country_label(code), code) for code in countries_matching(body.get("value") or "")])


async def choose_department(ack: AsyncAck, body: dict[str, Any], store: Store, me: Me) -> None:
    async with store.read() as session:
        known = await departments_of(session, me.person.workspace_id)
    await ack(options=form_view.department_options(known, body.get("value") or ""))


async def submit_team(
    view: dict[str, Any],
    reply: Reply,
    client: AsyncWebClient,
    store: Store,
    me: Me,
    now: datetime,
) -> None:
    memory = Memory.of(view)
    form = TeamForm.read(view)
    checked = await _check_with_slack(form, memory, client=client, store=store, me=me, now=now)
    try:
        async with store.write() as session:
            if memory.team is not None:
                answer = await change(session, memory.team, checked, me, now)
            else:
                answer = await create(session, memory.key, checked, me, now)
    except IntegrityError as clash:
        raise FormRefusal({"channel": TAKEN_JUST_NOW}) from clash
    await reply(answer)


async def _check_with_slack(
    form: TeamForm, memory: Memory, *, client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> Checked:
    heads = form.heads or () if me.is_admin else ()
    by_field = {"managers": form.managers, "members": form.members} | ({"heads": heads} if memory.more else {})
    named = await people_named(by_field, me.person.workspace_id, store=store, client=client, now=now)
    channel = await usable_channel(client, form.channel, field="channel")
    escalations = channel
    if form.escalation_channel not in {None, channel.id}:
        escalations = await usable_channel(client, str(form.escalation_channel), field="escalation_channel")
    return Checked(form, channel, escalations, named, memory.more)


def _is_private_talk(body: dict[str, Any]) -> bool:
    name = str(body.get("channel_name") or (body.get("channel") or {}).get("name"))
    return name == "directmessage" or name.startswith("mpdm-")
