"""`/escalate policy`: what a team promises per severity. Anyone may look; its managers change it."""

import secrets
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import notice, said
from handlers.escalations import forms
from handlers.escalations.forms import Metadata
from handlers.escalations.rules import policy
from handlers.escalations.rules.lengths import minutes_of
from handlers.escalations.rules.policy import Terms
from handlers.escalations.views import policy as policy_views
from handlers.forms import NOT_OURS, identifier, values
from handlers.house import Me, Reply
from handlers.refusals import FormRefusal, Refusal
from handlers.teams.rules import roles
from storage import memberships, team_facts, teams
from storage.escalations import Severity
from storage.store import Store
from storage.team_facts import TeamFacts
from storage.teams import Team, TeamState

NO_TEAM = "There is no team yet, so there is nothing to promise. `/backstop team create` asks for one."
ONLY_MANAGERS = "Only the managers of {} change its deadlines: {}."
TEAM_GONE = "That team isn’t there any more."
TOO_SOON = "That is sooner than it must be claimed. Resolved takes at least as long."
AT_LEAST_ONE = "A team uses at least one severity."
OUT_OF_RANGE = "That is too short or too long for a deadline."
FIELDS = {"acknowledge": "acknowledge_min", "resolve": "resolve_min", "update": "update_min", "repeat": "repeat_min"}
TEAMS_AT_MOST = 6


async def show(_arguments: None, *, reply: Reply, store: Store, me: Me, now: datetime, **_: Any) -> None:
    """The policy of somebody's teams; of all teams for somebody in none."""
    blocks = []
    async with store.read() as session:
        found = await memberships.teams_seen_by(session, me.id) or await teams.active_teams(
            session, me.person.workspace_id
        )
        for team in found[:TEAMS_AT_MOST]:
            blocks += _shown(await team_facts.of_team(session, team, now=now), me)
    if not blocks:
        raise Refusal(NO_TEAM)
    await reply("What your team promises, by severity", blocks=blocks)


def _shown(facts: TeamFacts, me: Me) -> list[dict[str, Any]]:
    team = facts.team
    return policy_views.shown(
        team,
        policy.written_terms(team),
        policy.terms_of(team),
        may_change=_may_change(facts, me),
        managers=_managers(facts),
    )


async def open_form(
    ack: Any, action: dict[str, Any], body: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    await ack()
    team_id, _, written = str(action["value"]).partition(":")
    severity = _severity(written)
    async with store.read() as session:
        team = await _changeable(session, await session.get(Team, identifier(team_id)), me, now)
    own = policy.written_terms(team).get(severity)
    kept = {"key": secrets.token_hex(16), "team": team.id, "severity": severity.value}
    view = policy_views.form(team, severity, own, policy.DEFAULTS[severity], kept)
    await client.views_open(trigger_id=body["trigger_id"], view=view)


async def submit(ack: Any, view: dict[str, Any], store: Store, me: Me, now: datetime) -> None:
    """Kept in the team; what is open keeps the terms that it was raised under."""
    form, memory = forms.Policy.of(values(view)), Metadata.of(view)
    severity = _severity(memory.severity or "")
    terms = terms_written(form) if form.used else None
    async with store.write() as session:
        team = await _changeable(session, await teams.locked(session, identifier(memory.team)), me, now)
        changed = {**team.policy, severity.value: terms.model_dump() if terms else policy.UNUSED}
        if all(changed.get(one.value, ...) is policy.UNUSED for one in Severity):
            raise FormRefusal({"used": AT_LEAST_ONE})
        team.policy = changed
        own, effective = policy.written_terms(team).get(severity), policy.terms_of(team).get(severity)
    told = policy_views.SAVED.format(severity.value, said(team.name, 80), policy_views.described(own, effective))
    await ack(response_action="update", view=notice("Saved", told))


def terms_written(form: forms.Policy) -> Terms:
    """The terms that the form means. Raises FormRefusal, each sentence at its field."""
    always = form.counts == "always"
    minutes: dict[str, int] = {}
    errors: dict[str, str] = {}
    for field, column in FIELDS.items():
        if written := getattr(form, field):
            try:
                minutes[column] = minutes_of(written, every_minute=always)
            except ValueError as wrong:
                errors[field] = str(wrong)
    if errors:
        raise FormRefusal(errors)
    if minutes["resolve_min"] < minutes["acknowledge_min"]:
        raise FormRefusal({"resolve": TOO_SOON})
    try:
        return Terms(always=always, **({"update_min": None, "repeat_min": None} | minutes))
    except ValidationError as wrong:
        named = {column: field for field, column in FIELDS.items()}
        raise FormRefusal({named[str(one["loc"][0])]: OUT_OF_RANGE for one in wrong.errors()}) from None


async def _changeable(session: AsyncSession, team: Team | None, me: Me, now: datetime) -> Team:
    """The team, if this person may change it. Raises Refusal."""
    if team is None or team.state != TeamState.ACTIVE:
        raise Refusal(TEAM_GONE)
    facts = await team_facts.of_team(session, team, now=now)
    if not _may_change(facts, me):
        raise Refusal(ONLY_MANAGERS, team.name, _managers(facts) or policy_views.NOBODY)
    return team


def _may_change(facts: TeamFacts, me: Me) -> bool:
    return roles.may_manage(facts, me.person, is_admin=me.is_admin)


def _managers(facts: TeamFacts) -> str:
    return ", ".join(manager.name for manager in facts.managers[:4])


def _severity(written: str) -> Severity:
    try:
        return Severity(written)
    except ValueError:
        raise Refusal(NOT_OURS) from None
