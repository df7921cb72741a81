"""The people of the demo and of the tests: a support team in Dublin and Manila, those who lead it, and outsiders."""

from collections.abc import Callable
from datetime import datetime, time

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.attention import OFFICE_DAYS
from simulator.workspace import Workspace
from storage.departments import Department, Head
from storage.duty import RotaTurn
from storage.memberships import Membership
from storage.people import Person, by_slack_ids, keep_all
from storage.teams import Team, TeamState

DUBLIN, MANILA = "Europe/Dublin", "Asia/Manila"
AGENTS = {
    "Mei": MANILA,
    "Ramon": MANILA,
    "Lee": MANILA,
    "Isko": MANILA,
    "Tala": MANILA,
    "Ben": DUBLIN,
    "Cara": DUBLIN,
    "Niamh": DUBLIN,
    "Sean": DUBLIN,
    "Petra": DUBLIN,
    "Yusuf": DUBLIN,
}
LEADS = {"Aoife": DUBLIN}
PLATFORM = {"Tomas": DUBLIN, "Dana": DUBLIN}
DUTY = ("Ramon", "Ben", "Mei", "Cara")


def found_company(now: Callable[[], datetime]) -> Workspace:
    """The workspace: its people and channels, and nothing of Backstop yet."""
    workspace = Workspace(now=now, team_id="T0CARE", team_domain="care", name="Care Inc")
    workspace.add_person("Omar", tz=DUBLIN, email="omar@care.example", is_admin=True, real_name="Omar (admin)")
    for name, zone in (LEADS | AGENTS | PLATFORM).items():
        workspace.add_person(name, tz=zone, email=f"{name.lower()}@care.example")
    workspace.add_person("Jonas", tz=DUBLIN, email="jonas@care.example", real_name="Jonas (head of support)")
    workspace.add_person("Gwen", tz=DUBLIN, is_restricted=True, real_name="Gwen (guest)")
    workspace.add_person("Stella", tz=DUBLIN, is_stranger=True, real_name="Stella (Acme Inc)")
    everyone = [*LEADS, *AGENTS, *PLATFORM, "Omar", "Jonas"]
    care = [*LEADS, *AGENTS, "Jonas"]
    workspace.add_channel("general", members=[*everyone, "Gwen"])
    workspace.add_channel("care", members=[*care, "Gwen"], bot_is_member=True)
    workspace.add_channel("care-escalations", members=[*care, *PLATFORM], bot_is_member=True)
    workspace.add_channel("platform", members=[*PLATFORM, "Jonas"], bot_is_member=True)
    workspace.add_channel("acme-shared", members=["Ben", "Aoife", "Stella"], bot_is_member=True)
    workspace.add_channel("care-leads", members=["Aoife", "Jonas"], is_private=True, bot_is_member=True)
    workspace.add_channel("vip-customers", members=["Ben", "Aoife"], is_private=True)
    workspace.add_channel("launch-2024", members=everyone, is_archived=True)
    return workspace


async def found_teams(session: AsyncSession, workspace: Workspace, now: datetime) -> dict[str, Team]:
    """The two teams after their first days: Care with its rota, and Platform; Jonas leads their department."""
    members = [member for member in workspace.people.values() if not member.is_bot]
    await keep_all(session, workspace.team_id, [member.as_slack(now) for member in members], now=now)
    kept = await by_slack_ids(session, workspace.team_id, [member.id for member in members])
    people = {person.name: person for person in kept}
    department = Department(workspace_id=workspace.team_id, name="Support")
    session.add(department)
    await session.flush()
    session.add(Head(department_id=department.id, person_id=people["Jonas"].id))
    care = _team(workspace, "Care", "care", "care-escalations", department, now)
    platform = _team(workspace, "Platform", "platform", "platform", department, now)
    session.add_all([care, platform])
    await session.flush()
    _join(session, care, people, agents=AGENTS, leads=LEADS, now=now)
    _join(session, platform, people, agents={"Dana": DUBLIN}, leads={"Tomas": DUBLIN}, now=now)
    for position, name in enumerate(DUTY):
        session.add(RotaTurn(team_id=care.id, position=position, person_id=people[name].id))
    await session.flush()
    return {"Care": care, "Platform": platform}


def _team(
    workspace: Workspace, name: str, channel: str, escalations: str, department: Department, now: datetime
) -> Team:
    return Team(
        workspace_id=workspace.team_id,
        form_key=f"company-{name.lower()}",
        name=name,
        department_id=department.id,
        channel=workspace.channel(channel).id,
        escalation_channel=workspace.channel(escalations).id,
        zone=DUBLIN,
        days=list(OFFICE_DAYS),
        start=time(9),
        end=time(17, 30),
        country=None,
        policy={},
        duty_covers_nights=name == "Care",
        state=TeamState.ACTIVE,
        requested_at=now,
        decided_at=now,
        rota_since=now,
        handover_weekday=0,
        handover_at=time(9),
    )


def _join(
    session: AsyncSession,
    team: Team,
    people: dict[str, Person],
    *,
    agents: dict[str, str],
    leads: dict[str, str],
    now: datetime,
) -> None:
    for name in leads:
        session.add(Membership(team_id=team.id, person_id=people[name].id, is_manager=True, is_agent=False, since=now))
    for name in agents:
        session.add(Membership(team_id=team.id, person_id=people[name].id, since=now))
    for name in (*leads, *agents):
        people[name].welcomed_at = now
