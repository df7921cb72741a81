"""What several listeners ask before they act: which teams somebody leads, whom a field names, where to show a view."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import Block
from handlers.house import Me
from handlers.refusals import FormRefusal, Refusal
from handlers.training.rules import rights
from storage import memberships, people, team_facts
from storage.people import Person
from storage.team_facts import TeamFacts
from storage.teams import Team, TeamState

LEADS_NOTHING = (
    "Who leads a team plans its training, and you lead none. `/training` shows what your teams learn; "
    "ask your manager for what is missing."
)
NOT_IN_TEAM = "{} isn’t in {}. Choose somebody of the team."
NOT_REACHABLE = "{} can’t be reached: a guest, a bot, or an account that is closed. Choose somebody else."
NOT_KNOWN = "I don’t know that person here. Choose a member of this workspace."
CHOOSE_TEAM = "Choose one of the teams that you lead."


async def led_by(session: AsyncSession, me: Me) -> list[Team]:
    """The teams whose training somebody leads. Raises Refusal when there is none."""
    led = await memberships.teams_led_by(session, me.id)
    if not led:
        raise Refusal(LEADS_NOTHING)
    return led


def chosen_team(led: Sequence[Team], chosen: int | None) -> Team:
    """The team that a form means. Raises FormRefusal for one that they don't lead."""
    if chosen is None and led:
        return led[0]
    found = next((team for team in led if team.id == chosen), None)
    if found is None:
        raise FormRefusal({"team": CHOOSE_TEAM})
    return found


async def facts_of(session: AsyncSession, team_id: int, now: datetime) -> TeamFacts:
    """The team with its people. Raises Refusal when it isn't there."""
    team = await session.get(Team, team_id)
    if team is None or team.state != TeamState.ACTIVE:
        raise Refusal(rights.UNKNOWN)
    return await team_facts.of_team(session, team, now=now)


async def led_facts(session: AsyncSession, team_id: int, me: Me, now: datetime) -> TeamFacts:
    """The team with its people, if this person leads its training. Raises Refusal."""
    facts = await facts_of(session, team_id, now)
    rights.require_lead(facts, me.person)
    return facts


async def colleague(session: AsyncSession, facts: TeamFacts, slack_id: str, *, field: str) -> Person:
    """Whom a form's field names, of this team or leading it. Raises FormRefusal at that field."""
    found = await people.by_slack_id(session, facts.team.workspace_id, slack_id)
    if found is None:
        raise FormRefusal({field: NOT_KNOWN})
    if not found.is_reachable:
        raise FormRefusal({field: NOT_REACHABLE.format(found.name)})
    if not rights.may_see(facts, found):
        raise FormRefusal({field: NOT_IN_TEAM.format(found.name, facts.team.name)})
    return found


async def put_on_screen(client: AsyncWebClient, body: dict[str, Any], view: Block) -> None:
    """Opens a form or a window; on top of the window that was clicked in, if it was one."""
    show = client.views_push if (body.get("view") or {}).get("type") == "modal" else client.views_open
    await show(trigger_id=body["trigger_id"], view=view)


async def redraw(client: AsyncWebClient, view_id: str | None, view: Block) -> None:
    """Shows a window anew; nothing, if it was closed in the meantime."""
    if view_id is None:
        return
    try:
        await client.views_update(view_id=view_id, view=view)
    except SlackApiError as refused:
        if refused.response["error"] != "not_found":
            raise


def window_clicked_in(body: dict[str, Any], callback_id: str) -> str | None:
    """The id of the window with this callback that was clicked in, if it was that one."""
    view = body.get("view") or {}
    return view.get("id") if view.get("callback_id") == callback_id else None


async def only_opens(ack: Any) -> None:
    """A button that leads to a web page: Slack tells of the click all the same."""
    await ack()
