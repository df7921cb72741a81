"""A team's check-in settings: its managers say when, only an admin turns on named answers."""

from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import notice
from handlers.checkins import rounds
from handlers.checkins.forms import SettingsForm
from handlers.checkins.rules import rights, windows
from handlers.checkins.rules.results import LEAST_ANSWERS
from handlers.checkins.steps import MIDNIGHT, PLAN
from handlers.checkins.views import settings as views
from handlers.forms import Memory, identifier, values
from handlers.house import Me
from handlers.refusals import FormRefusal, Refusal
from storage import checkins, memberships, schedule, team_facts, teams
from storage.checkins import CheckinSettings, Visibility
from storage.store import Store
from storage.team_facts import TeamFacts
from storage.teams import Team, TeamState

GONE = "That team isn’t there any more."
ONLY_MANAGERS = "Only the managers of {} and admins set up its check-ins: {}."
ONLY_ADMIN = (
    "Only an admin turns on named answers: members are told one working day before. Save it as private, or ask one."
)


async def open_form(
    ack: Any, action: dict[str, Any], body: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    await ack()
    async with store.read() as session:
        facts, settings = await _changeable(session, identifier(action["value"]), me, now)
    view = views.form(Memory(team=facts.team.id), facts.team, settings, members=len(facts.members))
    await client.views_open(trigger_id=body["trigger_id"], view=view)


async def open_more(
    ack: Any, body: dict[str, Any], view: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    """The same form with the rest of its fields; Slack keeps what was chosen in the others."""
    await ack()
    memory = Memory.of(view)
    async with store.read() as session:
        facts, settings = await _changeable(session, identifier(memory.team), me, now)
    fuller = memory.model_copy(update={"more": True})
    shown = views.form(fuller, facts.team, settings, members=len(facts.members))
    await client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=shown)


async def submit(ack: Any, view: dict[str, Any], store: Store, me: Me, now: datetime) -> None:
    form, memory = SettingsForm.of(values(view)), Memory.of(view)
    async with store.write() as session:
        await teams.locked(session, identifier(memory.team))
        facts, settings = await _changeable(session, identifier(memory.team), me, now)
        team = facts.team
        was_named = settings is not None and settings.visibility == Visibility.NAMED
        if form.visibility == Visibility.NAMED and not was_named and not me.is_admin:
            raise FormRefusal({"visibility": ONLY_ADMIN})
        settings = _written(form, settings, team, more=memory.more)
        settings.changed_by_id, settings.changed_at = me.id, now
        session.add(settings)
        team.checkins = form.use == views.ON
        await session.flush()
        if form.visibility == Visibility.NAMED and not was_named:
            await _announce_names(session, facts, settings, now=now)
        await _follow(session, team, settings, now=now)
        is_private = settings.visibility == Visibility.PRIVATE
        small = len(facts.members) if is_private and len(facts.members) < LEAST_ANSWERS else None
    await ack(response_action="update", view=notice("Saved", views.saved(team, settings, small=small, now=now)))


def _written(form: SettingsForm, settings: CheckinSettings | None, team: Team, *, more: bool) -> CheckinSettings:
    settings = settings or CheckinSettings(team_id=team.id, nudge_min=form.nudge_min, named_turn=0)
    settings.days, settings.lead_min, settings.visibility = list(form.days), form.lead, form.visibility
    if more:
        settings.nudge_min, settings.window_min = form.nudge_min, form.window_min
    elif settings.nudge_min >= settings.lead_min:
        settings.nudge_min = form.nudge_min
    return settings


async def _announce_names(session: AsyncSession, facts: TeamFacts, settings: CheckinSettings, *, now: datetime) -> None:
    """Members hear it; it counts from when each has known for a working day."""
    reachable = [person for person, _ in facts.members if person.is_reachable]
    homes = await memberships.primary_teams(session, reachable)
    settings.named_turn += 1
    settings.named_from = rounds.named_from([(one, homes[one.id] or facts.team) for one in reachable], now)
    await session.flush()
    await rounds.tell_named(session, facts.team, settings, now=now)


async def _follow(session: AsyncSession, team: Team, settings: CheckinSettings, *, now: datetime) -> None:
    """What is planned follows at once; a date that is under way somewhere is planned if somebody can still be asked."""
    zone = windows.ANYWHERE_FIRST.key
    days = settings.days
    await schedule.want_schedule(
        session,
        workspace_id=team.workspace_id,
        kind=PLAN,
        target_id=team.id,
        zone=zone,
        wall=MIDNIGHT,
        weekdays=days,
    )
    await schedule.change_schedule(session, kind=PLAN, target_id=team.id, zone=zone, wall=MIDNIGHT, weekdays=days)
    for round_ in await checkins.open_rounds(session, team.id):
        await rounds.plan_parts(session, round_, team, settings, now=now)
    if team.checkins:
        for day in windows.days_now(now):
            if day.weekday() in settings.days:
                await rounds.plan_round(session, team, settings, day, now=now)


async def _changeable(
    session: AsyncSession, team_id: int, me: Me, now: datetime
) -> tuple[TeamFacts, CheckinSettings | None]:
    """The team and how it is asked. Raises Refusal for who may not set it up."""
    team = await session.get(Team, team_id)
    if team is None or team.state != TeamState.ACTIVE or team.workspace_id != me.person.workspace_id:
        raise Refusal(GONE)
    facts = await team_facts.of_team(session, team, now=now)
    if not rights.may_set_up(facts, me.person, is_admin=me.is_admin):
        raise Refusal(ONLY_MANAGERS, team.name, ", ".join(one.name for one in facts.managers[:4]) or "nobody")
    return facts, await checkins.settings_of(session, team_id)
