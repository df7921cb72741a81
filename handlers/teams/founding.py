"""A team comes to be, changes, is approved or declined: inside the caller's transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import said
from handlers.channels import KnownChannel
from handlers.house import Me
from handlers.refusals import FormRefusal, Refusal
from handlers.teams.belonging import choose_people, want_to_follow_channel, want_welcomes
from handlers.teams.forms import KNOWN_DEPARTMENT, NEW_DEPARTMENT, TeamForm
from handlers.teams.rules import roles
from handlers.teams.views.team_form import filled_for
from handlers.teams.views.words import names
from storage import memberships, messages, people, team_facts, teams
from storage.departments import Department, Head, departments_of
from storage.messages import Attention, Priority
from storage.people import Person
from storage.team_facts import TeamFacts
from storage.teams import Team, TeamState

REQUEST = "teams.request"
OUTCOME = "teams.outcome"

CREATED = "*{}* is ready. Each member gets a welcome message in their working hours. Next: `/backstop duty`."
ASKED = "I asked the admins ({}) to approve the team. You hear as soon as one of them has decided."
SAVED = "*{}* is saved."
NAME_TAKEN = "A team is called {} already. Choose another name."
NAME_TAKEN_BY_CHANNEL = "A team is called {} already. Open More… to give this one another name."
CHANNEL_TAKEN = "The team {} works in this channel already. Choose another, or ask its managers to add you."
NO_ADMIN = (
    "I know no admin of this workspace yet, so nobody could approve it. Ask whoever runs Backstop to set "
    "BACKSTOP_ADMINS, and try again."
)
NO_DEPARTMENT = "Choose the department that these people lead."
NOT_YOURS = "Only the team’s managers and admins can change it. Its managers: {}."
GONE = "That team is not there any more. Look at `/backstop team`."


@dataclass(frozen=True)
class Checked:
    """A submitted form with what Slack said of its people and channels."""

    form: TeamForm
    channel: KnownChannel
    escalation_channel: KnownChannel
    people: dict[str, Person]
    more: bool

    @property
    def name(self) -> str:
        return self.form.name or self.channel.name[:80]

    @property
    def managers(self) -> list[Person]:
        return [self.people[slack_id] for slack_id in self.form.managers]

    @property
    def agents(self) -> list[Person]:
        return [self.people[slack_id] for slack_id in self.form.members]


async def create(session: AsyncSession, form_key: str, checked: Checked, me: Me, now: datetime) -> str:
    admins = await _admins(session, me.person.workspace_id)
    if (made := await teams.by_form_key(session, form_key)) is not None:
        return _answer(made, admins)
    if not me.is_admin and not admins:
        raise Refusal(NO_ADMIN)
    await _refuse_taken(session, checked, me.person.workspace_id)
    team = Team(
        workspace_id=me.person.workspace_id,
        form_key=form_key,
        requested_by_id=me.id,
        requested_at=now,
        state=TeamState.REQUESTED,
        policy={},
        **_hours_of_asker(me.person),
    )
    _fill(team, checked)
    session.add(team)
    await session.flush()
    await _place_in_department(session, team, checked, me)
    await choose_people(session, team, managers=checked.managers, agents=checked.agents, now=now)
    if me.is_admin:
        await activate(session, team, me, now)
    else:
        await _ask_admins(session, team, admins, now)
    return _answer(team, admins)


async def change(session: AsyncSession, team_id: int, checked: Checked, me: Me, now: datetime) -> str:
    team = await teams.locked(session, team_id)
    if team is None:
        raise Refusal(GONE)
    await manageable(session, team_id, me, now)
    await _refuse_taken(session, checked, team.workspace_id, but=team)
    _fill(team, checked)
    await _place_in_department(session, team, checked, me)
    newcomers = await choose_people(session, team, managers=checked.managers, agents=checked.agents, now=now)
    await want_welcomes(session, team, newcomers, now=now)
    await want_to_follow_channel(session, team, now=now)
    return SAVED.format(said(team.name))


def _hours_of_asker(asker: Person) -> dict[str, Any]:
    """What a new team is like where its form said nothing."""
    filled = filled_for(asker, channel=None)
    return {"zone": filled.zone, "days": list(filled.days), "start": filled.start, "end": filled.end}


def _fill(team: Team, checked: Checked) -> None:
    form = checked.form
    same_place = team.escalation_channel in {None, team.channel}
    team.channel = checked.channel.id
    team.everyone_in_channel = form.follows_channel
    if checked.more:
        team.escalation_channel = checked.escalation_channel.id
        team.escalates_privately = checked.escalation_channel.is_private
        team.zone = form.zone or team.zone
        team.days = list(form.days or team.days)
        team.start, team.end = form.start or team.start, form.end or team.end
        team.country = form.country
        team.fixed_hours = bool(form.fixed)
    elif same_place:
        team.escalation_channel = team.channel
        team.escalates_privately = checked.channel.is_private
    if checked.more or team.name is None or team.name_follows_channel:
        team.name = checked.name
        team.name_follows_channel = form.name is None


async def _place_in_department(session: AsyncSession, team: Team, checked: Checked, me: Me) -> None:
    if not checked.more:
        return
    department = await _department(session, checked.form.department, team.workspace_id)
    team.department_id = department.id if department else None
    if not me.is_admin:
        return
    if department is None:
        if checked.form.heads:
            raise FormRefusal({"department": NO_DEPARTMENT})
        return
    await session.execute(delete(Head).where(Head.department_id == department.id))
    for slack_id in dict.fromkeys(checked.form.heads or ()):
        session.add(Head(department_id=department.id, person_id=checked.people[slack_id].id))


async def _department(session: AsyncSession, choice: str | None, workspace_id: str) -> Department | None:
    if choice is None:
        return None
    known = await departments_of(session, workspace_id)
    if choice.startswith(KNOWN_DEPARTMENT):
        return next((one for one in known if f"{KNOWN_DEPARTMENT}{one.id}" == choice), None)
    name = choice.removeprefix(NEW_DEPARTMENT)[:80]
    same = next((one for one in known if one.name.casefold() == name.casefold()), None)
    if same is None:
        same = Department(workspace_id=workspace_id, name=name)
        session.add(same)
        await session.flush()
    return same


async def _refuse_taken(session: AsyncSession, checked: Checked, workspace_id: str, but: Team | None = None) -> None:
    """Names and channels are each one team's."""
    keeps_name = but is not None and not checked.more and not but.name_follows_channel
    name = None if keeps_name else checked.name
    for other in await teams.standing(session, workspace_id, name=name, channel=checked.channel.id):
        if but is not None and other.id == but.id:
            continue
        if other.channel == checked.channel.id:
            raise FormRefusal({"channel": CHANNEL_TAKEN.format(other.name)})
        if checked.more:
            raise FormRefusal({"name": NAME_TAKEN.format(other.name)})
        raise FormRefusal({"channel": NAME_TAKEN_BY_CHANNEL.format(other.name)})


async def activate(session: AsyncSession, team: Team, me: Me, now: datetime) -> None:
    """An admin said yes: the members are welcomed, the channel is followed."""
    team.state, team.decided_by_id, team.decided_at = TeamState.ACTIVE, me.id, now
    await session.flush()
    newcomers = [person for person, _ in await memberships.members(session, team.id)]
    await want_welcomes(session, team, newcomers, now=now)
    await want_to_follow_channel(session, team, now=now)


async def _ask_admins(session: AsyncSession, team: Team, admins: list[Person], now: datetime) -> None:
    for admin in admins:
        await messages.want(
            session,
            workspace_id=team.workspace_id,
            key=f"teams:{team.id}:request:{admin.id}",
            renderer=REQUEST,
            subject_id=team.id,
            destination=admin.slack_id,
            person_id=admin.id,
            attention=Attention.UNREQUESTED,
            priority=Priority.INTERACTIVE,
            now=now,
        )


async def _admins(session: AsyncSession, workspace_id: str) -> list[Person]:
    found = await people.workspace_admins(session, workspace_id)
    return [person for person in found if person.is_reachable]


def _answer(team: Team, admins: list[Person]) -> str:
    if team.state == TeamState.ACTIVE:
        return CREATED.format(said(team.name))
    return ASKED.format(names(admins))


async def tell_asker(session: AsyncSession, team: Team, now: datetime) -> None:
    asker = await session.get(Person, team.requested_by_id) if team.requested_by_id else None
    if asker is None:
        return
    await messages.want(
        session,
        workspace_id=team.workspace_id,
        key=f"teams:{team.id}:outcome",
        renderer=OUTCOME,
        subject_id=team.id,
        destination=asker.slack_id,
        person_id=asker.id,
        attention=Attention.ASKED,
        priority=Priority.INTERACTIVE,
        now=now,
    )


async def manageable(session: AsyncSession, team_id: int, me: Me, now: datetime) -> tuple[TeamFacts, Department | None]:
    """The team with its people, if this person may change it. Raises Refusal."""
    team = await session.get(Team, team_id)
    if team is None or team.state != TeamState.ACTIVE or team.workspace_id != me.person.workspace_id:
        raise Refusal(GONE)
    facts = await team_facts.of_team(session, team, now=now)
    if not roles.may_manage(facts, me.person, is_admin=me.is_admin):
        raise Refusal(NOT_YOURS.format(names(facts.managers, none="none; ask an admin")))
    department = await session.get(Department, team.department_id) if team.department_id else None
    return facts, department
