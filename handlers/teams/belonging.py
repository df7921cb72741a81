"""Joining and leaving a team, inside the caller's transaction: memberships, the welcome, the rota, who hears of it."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.teams.rules.duty import in_turn
from storage import duty, escalations, memberships, messages, people, team_facts, teams
from storage.duty import DutyOverride, set_rota
from storage.jobs import want_job
from storage.memberships import Departure, Membership
from storage.messages import Attention, Priority
from storage.people import Person
from storage.teams import Team, TeamState

WELCOME = "teams.welcome"
NO_MANAGERS = "teams.no_managers"
WELCOME_JOB = "teams.welcome_everyone"
FOLLOW_JOB = "teams.follow_channel"
WELCOMED_AT_ONCE = 25
"""More newcomers than this are welcomed by a job, so that no transaction grows long."""


async def choose_people(
    session: AsyncSession, team: Team, *, managers: Sequence[Person], agents: Sequence[Person], now: datetime
) -> list[Person]:
    """Makes these the team's managers and named members; returns who is new.

    Who was in the team by name and isn't chosen any more leaves it, unless the team follows its channel: then they are
    in it as long as they are in the channel. Who is in it through the channel only leaves when it stops following.
    """
    before = await _memberships(session, team.id)
    managing, working = {person.id for person in managers}, {person.id for person in agents}
    chosen = {person.id: person for person in (*managers, *agents)}
    new = [person for person in chosen.values() if person.id not in before]
    for person in chosen.values():
        membership = before.get(person.id)
        if membership is None:
            membership = Membership(team_id=team.id, person_id=person.id, since=now, is_agent=False, named=True)
            session.add(membership)
        through_channel = not membership.named and team.everyone_in_channel
        membership.is_manager = person.id in managing
        membership.is_agent = person.id in working or (through_channel and membership.is_agent)
        membership.named = True
    await bring_back(session, team, chosen)
    for person_id, membership in before.items():
        if person_id in chosen:
            continue
        if team.everyone_in_channel:
            membership.is_manager, membership.named, membership.is_agent = False, False, True
        else:
            await _take_out(session, team, membership, now=now)
    return new


async def join_through_channel(session: AsyncSession, team: Team, person: Person, *, now: datetime) -> bool:
    """Somebody is in the channel that the team follows; True if that makes them a member."""
    if not person.is_reachable or await session.get(Membership, (team.id, person.id)) is not None:
        return False
    if await session.get(Departure, (team.id, person.id)) is not None:
        return False
    session.add(Membership(team_id=team.id, person_id=person.id, since=now, is_agent=True, named=False))
    return True


async def leave_through_channel(session: AsyncSession, team: Team, person: Person, *, now: datetime) -> None:
    """Somebody left the channel that the team follows: who was named stays, and coming back makes a member again."""
    membership = await session.get(Membership, (team.id, person.id))
    if membership is not None and not membership.named:
        await _take_out(session, team, membership, now=now)
    await bring_back(session, team, [person.id])


async def leave_team(session: AsyncSession, team: Team, person: Person, *, now: datetime) -> None:
    """By their own wish: also the channel doesn't bring them back."""
    membership = await session.get(Membership, (team.id, person.id))
    if membership is None:
        return
    await _take_out(session, team, membership, now=now)
    if team.everyone_in_channel:
        session.add(Departure(team_id=team.id, person_id=person.id, at=now))


async def bring_back(session: AsyncSession, team: Team, person_ids: Iterable[int]) -> None:
    """Forgets that these people left by their own wish."""
    gone = (Departure.team_id == team.id) & Departure.person_id.in_(list(person_ids))
    await session.execute(delete(Departure).where(gone))


async def leave_duty(session: AsyncSession, team: Team, person: Person | int, *, now: datetime) -> None:
    """Out of the rota and of what they stand in for; whoever's turn it is keeps it."""
    person_id = person if isinstance(person, int) else person.id
    facts = await team_facts.of_team(session, team, now=now)
    if any(turn.id == person_id for turn in facts.rota):
        rest = [turn for turn in in_turn(facts, now) if turn.id != person_id]
        await set_rota(session, team, rest, now=now)
    theirs = (DutyOverride.team_id == team.id) & (DutyOverride.person_id == person_id) & (DutyOverride.until > now)
    await session.execute(delete(DutyOverride).where(theirs))


async def want_welcomes(session: AsyncSession, team: Team, newcomers: Sequence[Person], *, now: datetime) -> None:
    """One welcome per person, ever; a crowd is welcomed by a job."""
    if len(newcomers) <= WELCOMED_AT_ONCE:
        for person in newcomers:
            await want_welcome(session, person, now=now)
        return
    await want_job(
        session,
        workspace_id=team.workspace_id,
        kind=WELCOME_JOB,
        key=f"teams:{team.id}:welcome:{secrets.token_hex(8)}",
        run_at=now,
        details={"people": [person.id for person in newcomers]},
    )


async def want_welcome(session: AsyncSession, person: Person, *, now: datetime) -> None:
    if person.welcomed_at is not None or not person.is_reachable:
        return
    person.welcomed_at = now
    await messages.want(
        session,
        workspace_id=person.workspace_id,
        key=f"teams:welcome:{person.id}",
        renderer=WELCOME,
        subject_id=person.id,
        destination=person.slack_id,
        person_id=person.id,
        attention=Attention.UNREQUESTED,
        priority=Priority.SCHEDULED,
        now=now,
    )


async def want_to_follow_channel(session: AsyncSession, team: Team, *, now: datetime) -> None:
    """The channel's people are read by a job, page by page."""
    if team.everyone_in_channel and team.state == TeamState.ACTIVE:
        await want_job(
            session,
            workspace_id=team.workspace_id,
            kind=FOLLOW_JOB,
            key=f"teams:{team.id}:follow:{secrets.token_hex(8)}",
            run_at=now,
            details={"team": team.id},
        )


async def tell_admins_without_managers(session: AsyncSession, team: Team, *, now: datetime) -> None:
    """A team that nobody leads: admins are told, once a day at most."""
    if team.state != TeamState.ACTIVE or any(one.is_reachable for one in await memberships.managers(session, team.id)):
        return
    for admin in await people.workspace_admins(session, team.workspace_id):
        if admin.is_reachable:
            await messages.want(
                session,
                workspace_id=team.workspace_id,
                key=f"teams:{team.id}:no-managers:{now:%Y-%m-%d}:{admin.id}",
                renderer=NO_MANAGERS,
                subject_id=team.id,
                destination=admin.slack_id,
                person_id=admin.id,
                attention=Attention.UNREQUESTED,
                priority=Priority.SCHEDULED,
                now=now,
            )


async def let_go(session: AsyncSession, person: Person, *, now: datetime) -> None:
    """Somebody can't be reached any more: out of the rotas; a team that thereby has no manager tells the admins."""
    for team in await duty.teams_with_turns_of(session, person.id):
        await leave_duty(session, team, person, now=now)
        await tell_admins_without_managers(session, team, now=now)


async def follow_name(session: AsyncSession, workspace_id: str, channel: str, name: str) -> None:
    """A team that nobody gave a name is called as its channel is; it takes no other team's name."""
    for team in await teams.following(session, workspace_id, channel):
        if team.channel != channel or not team.name_follows_channel or team.name == name[:80]:
            continue
        others = await teams.standing(session, workspace_id, name=name[:80])
        if all(other.id == team.id for other in others):
            team.name = name[:80]


async def follow_privacy(session: AsyncSession, team_id: int, *, is_private: bool) -> None:
    """Who sees an escalation follows its card: once the channel of the cards is private, all that stands there is the
    team's alone. What was private stays so, whatever becomes of the channel."""
    team = await teams.locked(session, team_id)
    if team is None or team.escalates_privately == is_private:
        return
    team.escalates_privately = is_private
    if is_private:
        await escalations.keep_to_the_team(session, team.id, team.escalation_channel)


async def _take_out(session: AsyncSession, team: Team, membership: Membership, *, now: datetime) -> None:
    await leave_duty(session, team, membership.person_id, now=now)
    await session.delete(membership)


async def _memberships(session: AsyncSession, team_id: int) -> dict[int, Membership]:
    query = select(Membership).where(Membership.team_id == team_id)
    return {membership.person_id: membership for membership in (await session.execute(query)).scalars()}
