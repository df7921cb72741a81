"""A company made of desks: each a team of its own with its own channel, one agent who raises and one on duty, at any
hour. So fifty people can raise at once and none of them waits for another's channel (Slack takes one post a second)."""

from collections.abc import Callable
from datetime import datetime, time
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from simulator.workspace import Workspace
from storage.duty import RotaTurn
from storage.memberships import Membership
from storage.people import keep
from storage.teams import Team, TeamState

EVERY_DAY = [0, 1, 2, 3, 4, 5, 6]


def agent_of(desk: int) -> str:
    return f"Agent{desk:03}"


def on_duty_at(desk: int) -> str:
    return f"Duty{desk:03}"


def channel_of(desk: int) -> str:
    return f"desk-{desk:03}"


def found_company(desks: int, now: Callable[[], datetime]) -> Workspace:
    workspace = Workspace(now=now, team_id="T0DESKS", team_domain="desks", name="Desks Inc")
    for desk in range(desks):
        for name in (agent_of(desk), on_duty_at(desk)):
            workspace.add_person(name, tz="UTC", email=f"{name.lower()}@desks.example")
        workspace.add_channel(channel_of(desk), members=[agent_of(desk), on_duty_at(desk)], bot_is_member=True)
    return workspace


async def found_teams(session: AsyncSession, workspace: Workspace, now: datetime) -> list[Team]:
    """One team a desk, after its first day."""
    teams = []
    members = [member for member in workspace.people.values() if not member.is_bot]
    people = {member.name: await keep(session, workspace.team_id, member.as_slack(now), now=now) for member in members}
    for desk in range(len(people) // 2):
        channel = workspace.channel(channel_of(desk)).id
        team = Team(**_facts(f"Desk {desk}", workspace.team_id, channel, now))
        session.add(team)
        await session.flush()
        teams.append(team)
        agent, duty = people[agent_of(desk)], people[on_duty_at(desk)]
        session.add(Membership(team_id=team.id, person_id=agent.id, since=now))
        session.add(Membership(team_id=team.id, person_id=duty.id, is_manager=True, since=now))
        session.add(RotaTurn(team_id=team.id, position=0, person_id=duty.id))
        agent.welcomed_at = duty.welcomed_at = now
    await session.flush()
    return teams


def _facts(name: str, workspace_id: str, channel: str, now: datetime) -> dict[str, Any]:
    return {
        "workspace_id": workspace_id,
        "form_key": name,
        "name": name,
        "channel": channel,
        "escalation_channel": channel,
        "zone": "UTC",
        "days": EVERY_DAY,
        "start": time(0),
        "end": time(0),
        "policy": {},
        "duty_covers_nights": True,
        "state": TeamState.ACTIVE,
        "requested_at": now,
        "decided_at": now,
        "rota_since": now,
        "handover_weekday": 0,
        "handover_at": time(9),
    }
