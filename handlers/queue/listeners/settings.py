"""*Digest…* and *Figures…* in `/backstop team`: its managers and admins change them; only an admin widens who sees
figures about one person."""

from datetime import datetime
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import notice
from handlers.channels import usable_channel
from handlers.forms import NOT_OURS, Memory, identifier
from handlers.house import Me
from handlers.queue import forms, steps, widening
from handlers.queue.forms import DigestForm, FiguresForm
from handlers.queue.rules.rights import PersonalMetrics, is_wider
from handlers.queue.views import settings as views
from handlers.refusals import FormRefusal, Refusal
from handlers.teams.rules import roles
from storage import digests, personal_metrics, team_facts, teams
from storage.store import Store
from storage.teams import Team, TeamState

TEAM_GONE = "That team isn’t there any more. `/backstop team` shows yours."
NOBODY = "it has none"
ONLY_ADMINS = "Only an admin can let more people see figures about one person. Ask one; narrowing is open to you."
CHANGES_TEAMS = ("teams.form", "teams.approve")
"""What people press that gives a team another zone, other days, or life: the schedules follow at once."""


async def open_form(
    ack: AsyncAck,
    action: dict[str, Any],
    body: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    me: Me,
    now: datetime,
) -> None:
    await ack()
    async with store.read() as session:
        team = await changeable(session, identifier(action["value"]), me, now)
        settings = await digests.settings_of(session, team.id)
    await client.views_open(trigger_id=body["trigger_id"], view=views.form(team, settings, Memory(team=team.id)))


async def submit(
    ack: AsyncAck, view: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    form, team_id = DigestForm.read(view), Memory.of(view).team
    if team_id is None:
        raise Refusal(NOT_OURS)
    async with store.read() as session:
        await changeable(session, team_id, me, now)  # before Slack is asked anything on their behalf
    channel = (await usable_channel(client, form.channel, field="channel")).id if form.channel else None
    async with store.write() as session:
        team = await changeable(session, team_id, me, now)
        wanted = {
            "at": form.at,
            "in_channel": forms.CHANNEL in form.where,
            "to_managers": forms.MANAGERS in form.where,
            "weekly": forms.WEEKLY in form.where,
            "channel": None if channel == team.channel else channel,
        }
        await digests.keep_settings(session, team.id, **wanted)
        await session.flush()
        await steps.follow_teams(session, team.workspace_id)
        settings = await digests.settings_of(session, team.id)
    await ack(response_action="update", view=notice("Saved", views.saved(team, settings)))


async def open_figures(
    ack: AsyncAck,
    action: dict[str, Any],
    body: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    me: Me,
    now: datetime,
) -> None:
    await ack()
    async with store.read() as session:
        team = await changeable(session, identifier(action["value"]), me, now)
        settings = await digests.settings_of(session, team.id)
    view = views.figures_form(team, settings, Memory(team=team.id))
    await client.views_open(trigger_id=body["trigger_id"], view=view)


async def submit_figures(
    ack: AsyncAck, view: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    form, team_id = FiguresForm.read(view), Memory.of(view).team
    if team_id is None:
        raise Refusal(NOT_OURS)
    async with store.read() as session:
        await changeable(session, team_id, me, now)
    product = (await usable_channel(client, form.product, field="product")).id if form.product else None
    async with store.write() as session:
        await changeable(session, team_id, me, now)
        team = await teams.locked(session, team_id)
        assert team is not None, "it was found to be changeable"
        stood = PersonalMetrics(team.personal_metrics)
        change = None
        if is_wider(form.personal, stood):
            if not me.is_admin:
                raise FormRefusal({"personal": ONLY_ADMINS})
            change = await widening.widen(session, team, form.personal, me.person, now)
        elif form.personal != stood:
            await personal_metrics.cancel(session, team.id, now=now)
            team.personal_metrics = form.personal.value
        await digests.keep_settings(session, team.id, product_channel=product, active_customers=form.customers)
    narrowed = change is None and form.personal != stood
    await ack(response_action="update", view=notice("Saved", views.figures_saved(team, change, narrowed=narrowed)))


async def follow_own_action(body: dict[str, Any], store: Store, me: Me) -> None:
    """After a team was made or changed."""
    view = body.get("view") or {}
    pressed = {str(action.get("action_id")) for action in body.get("actions") or ()}
    if view.get("callback_id") in CHANGES_TEAMS or pressed & set(CHANGES_TEAMS):
        async with store.write() as session:
            await steps.follow_teams(session, me.person.workspace_id)


async def changeable(session: AsyncSession, team_id: int, me: Me, now: datetime) -> Team:
    """The team, if this person may change its settings. Raises Refusal."""
    team = await session.get(Team, team_id)
    if team is None or team.state != TeamState.ACTIVE or team.workspace_id != me.person.workspace_id:
        raise Refusal(TEAM_GONE)
    facts = await team_facts.of_team(session, team, now=now)
    if not roles.may_manage(facts, me.person, is_admin=me.is_admin):
        managers = ", ".join(manager.name for manager in facts.managers[:4])
        raise Refusal(views.ONLY_MANAGERS, team.name, managers or NOBODY)
    return team
