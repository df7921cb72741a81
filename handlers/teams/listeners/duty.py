"""`/backstop duty`: who is on duty, the rota, who stands in."""

from datetime import datetime
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import one_line
from handlers.forms import Memory, identifier
from handlers.house import Me, Reply
from handlers.refusals import FormRefusal, Refusal
from handlers.teams.forms import OverrideForm, RotaForm
from handlers.teams.founding import GONE, NOT_YOURS
from handlers.teams.listeners.asking import people_named
from handlers.teams.rules import roles
from handlers.teams.views import duty as views
from handlers.teams.views.words import names
from handlers.verbs import DID_YOU_MEAN, NearMiss, Parsed, nothing, parse
from storage import memberships, messages, team_facts, teams
from storage.duty import DutyOverride, set_rota
from storage.messages import Attention, Priority
from storage.people import Person
from storage.store import Store
from storage.team_facts import TeamFacts
from storage.teams import Team, TeamState

COMMAND = "/backstop duty"
STANDS_IN = "teams.stands_in"
VERBS = {"help": nothing}
NO_SUCH_TEAM = "I know no team called “{}” that you are in. `/backstop duty` shows all of yours."
NOT_IN_TEAM = "{} is not in this team. Add them first: /backstop team edit."
NOT_YOUR_TURN = "That isn’t your turn alone. Choose times within your own turn, or ask a manager."
NOT_YOURS_TO_GIVE = "Only whoever is in the rota and the managers can let somebody stand in."
TAKEN_BACK = "Taken back: the rota holds again for that time."
NOT_YOURS_TO_DROP = "Only the managers and whoever set it up can take this back."
ALREADY_GONE = "That was taken back already, or is over. `/backstop duty` shows what holds."
TO_ONESELF = "That is you already. Choose somebody else."


async def duty(words: str, reply: Reply, store: Store, me: Me, now: datetime) -> None:
    match parse(words, VERBS):
        case Parsed(verb="help"):
            await reply(views.HELP)
        case NearMiss() as near:
            raise Refusal(DID_YOU_MEAN, near.meant(COMMAND))
        case rest:
            await _show(getattr(rest, "text", ""), reply, store=store, me=me, now=now)


async def _show(name: str, reply: Reply, *, store: Store, me: Me, now: datetime) -> None:
    async with store.read() as session:
        seen = await memberships.teams_seen_by(session, me.id)
        if me.is_admin:
            seen += [one for one in await teams.active_teams(session, me.person.workspace_id) if one not in seen]
        if name:
            seen = [one for one in seen if one.name.casefold().startswith(name.casefold())]
            if not seen:
                raise Refusal(NO_SUCH_TEAM, one_line(name, 80))
        every = [await team_facts.of_team(session, one, now=now) for one in seen]
    await reply("Who is on duty", blocks=views.duty_of_teams(every, me=me.person, is_admin=me.is_admin, now=now))


async def open_rota(
    ack: AsyncAck,
    body: dict[str, Any],
    action: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    me: Me,
    now: datetime,
) -> None:
    await ack()
    async with store.read() as session:
        facts = await _facts(session, identifier(action["value"]), now)
    _refuse_unless_manager(facts, me)
    view = views.rota_form(Memory(team=facts.team.id), facts, now)
    await client.views_open(trigger_id=body["trigger_id"], view=view)


async def submit_rota(
    view: dict[str, Any], reply: Reply, client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    form = RotaForm.read(view)
    named = await people_named({"people": form.people}, me.person.workspace_id, store=store, client=client, now=now)
    async with store.write() as session:
        team = await teams.locked(session, Memory.of(view).team or 0)
        facts = await _facts(session, team.id if team else 0, now)
        _refuse_unless_manager(facts, me)
        people = [named[slack_id] for slack_id in form.people]
        _refuse_outsiders(facts, people)
        await set_rota(session, facts.team, people, now=now)
        facts.team.handover_weekday, facts.team.handover_at = form.weekday, form.at
        facts.team.duty_covers_nights = bool(form.nights)
        await session.flush()
        after = await team_facts.of_team(session, facts.team, now=now)
    await reply(views.rota_saved(after, now))


async def open_stand_in(
    ack: AsyncAck,
    body: dict[str, Any],
    action: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    me: Me,
    now: datetime,
) -> None:
    await ack()
    async with store.read() as session:
        facts = await _facts(session, identifier(action["value"]), now)
    manages = roles.may_manage(facts, me.person, is_admin=me.is_admin)
    if not (manages or roles.in_rota(facts, me.person)):
        raise Refusal(NOT_YOURS_TO_GIVE)
    view = views.stand_in_form(Memory(team=facts.team.id), facts, me.person, now, manages=manages)
    await client.views_open(trigger_id=body["trigger_id"], view=view)


async def submit_stand_in(
    view: dict[str, Any], reply: Reply, client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    form = OverrideForm.read(view)
    form.refuse_impossible(now)
    memory = Memory.of(view)
    named = await people_named({"person": [form.person]}, me.person.workspace_id, store=store, client=client, now=now)
    person = named[form.person]
    async with store.write() as session:
        await teams.locked(session, memory.team or 0)
        facts = await _facts(session, memory.team or 0, now)
        made = await _by_form_key(session, memory.key)
        if made is None:
            _refuse_stand_in(facts, form, person, me)
            made = DutyOverride(
                team_id=facts.team.id,
                person_id=person.id,
                since=form.since,
                until=form.until,
                form_key=memory.key,
                set_by_id=me.id,
            )
            session.add(made)
            await session.flush()
            await _tell(session, facts.team, made, person, me, now)
    await reply(views.stand_in_saved(person, made))


def _refuse_stand_in(facts: TeamFacts, form: OverrideForm, person: Person, me: Me) -> None:
    if not roles.may_stand_in(facts, person):
        raise FormRefusal({"person": NOT_IN_TEAM.format(one_line(person.name, 60))})
    if roles.may_manage(facts, me.person, is_admin=me.is_admin):
        return
    if not roles.in_rota(facts, me.person):
        raise Refusal(NOT_YOURS_TO_GIVE)
    if person.id == me.id:
        raise FormRefusal({"person": TO_ONESELF})
    if not roles.may_give_away(facts, me.person, form.since, form.until, is_admin=me.is_admin):
        raise FormRefusal({"since": NOT_YOUR_TURN})


async def _tell(
    session: AsyncSession, team: Team, override: DutyOverride, person: Person, me: Me, now: datetime
) -> None:
    if person.id == me.id:
        return
    await messages.want(
        session,
        workspace_id=team.workspace_id,
        key=f"teams:{team.id}:stands-in:{override.id}",
        renderer=STANDS_IN,
        subject_id=override.id,
        destination=person.slack_id,
        person_id=person.id,
        attention=Attention.UNREQUESTED,
        priority=Priority.SCHEDULED,
        now=now,
        expires_at=override.until,
    )


async def drop_override(
    ack: AsyncAck, action: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime
) -> None:
    async with store.write() as session:
        override = await session.get(DutyOverride, identifier(action["value"]), with_for_update=True)
        if override is None or override.until <= now:
            raise Refusal(ALREADY_GONE)
        facts = await _facts(session, override.team_id, now)
        if override.set_by_id != me.id and not roles.may_manage(facts, me.person, is_admin=me.is_admin):
            raise Refusal(NOT_YOURS_TO_DROP)
        if override.since < now:
            override.until = now  # what was, was: the history of who had duty stays
        else:
            await session.delete(override)
    await ack()
    await reply(TAKEN_BACK)


def _refuse_unless_manager(facts: TeamFacts, me: Me) -> None:
    if not roles.may_manage(facts, me.person, is_admin=me.is_admin):
        raise Refusal(NOT_YOURS.format(names(facts.managers, none="none; ask an admin")))


def _refuse_outsiders(facts: TeamFacts, people: list[Person]) -> None:
    for person in people:
        if not roles.may_stand_in(facts, person):
            raise FormRefusal({"people": NOT_IN_TEAM.format(one_line(person.name, 60))})


async def _facts(session: AsyncSession, team_id: int, now: datetime) -> TeamFacts:
    team = await session.get(Team, team_id)
    if team is None or team.state != TeamState.ACTIVE:
        raise Refusal(GONE)
    return await team_facts.of_team(session, team, now=now)


async def _by_form_key(session: AsyncSession, form_key: str) -> DutyOverride | None:
    query = select(DutyOverride).where(DutyOverride.form_key == form_key)
    return (await session.execute(query)).scalar_one_or_none()
