"""`/backstop team`: whose teams, who is in them, leaving one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import Block, said, section
from handlers.forms import identifier
from handlers.helpdesks import HelpDesks
from handlers.house import Listener, Me, Reply, TeamSetting
from handlers.refusals import Refusal
from handlers.teams.belonging import leave_team
from handlers.teams.founding import GONE
from handlers.teams.listeners.creating import open_new_team, show_edit_form
from handlers.teams.rules import roles
from handlers.teams.views import teams as views
from handlers.teams.views.words import team_name
from handlers.verbs import DID_YOU_MEAN, NearMiss, Parsed, anything, nothing, parse
from storage import memberships, team_facts, teams
from storage.store import Store
from storage.team_facts import TeamFacts
from storage.teams import Team, TeamState

COMMAND = "/backstop team"
VERBS = {"create": nothing, "edit": anything, "members": anything, "leave": anything, "list": nothing, "help": nothing}
NOT_IN_IT = "You are not in {}, so there is nothing to leave."
IN_NO_TEAM = "You are in no team. `/backstop team create` makes one."
NOTHING_TO_EDIT = "You manage no team. Its managers or an admin can change one: `/backstop team` shows whom to ask."
WHICH = "Which team?"
NO_SUCH_TEAM = "I know no team called “{}”. `/backstop team` shows yours."
LEFT = "You left *{}*. Its escalations and duty no longer come to you."
LAST_MANAGER = "You are the last manager of *{}*. Name another one first (`/backstop team edit`), then leave."


def team_with(settings: Sequence[TeamSetting]) -> Listener:
    """The listener, with what the other features let managers set; the table is read when it is shown."""

    async def team(
        ack: AsyncAck,
        body: dict[str, Any],
        words: str,
        reply: Reply,
        client: AsyncWebClient,
        store: Store,
        helpdesks: HelpDesks,
        me: Me,
        now: datetime,
    ) -> None:
        await _answer(ack, body, words, reply, client, store, helpdesks, me, now, settings)

    return team


async def _answer(
    ack: AsyncAck,
    body: dict[str, Any],
    words: str,
    reply: Reply,
    client: AsyncWebClient,
    store: Store,
    helpdesks: HelpDesks,
    me: Me,
    now: datetime,
    settings: Sequence[TeamSetting],
) -> None:
    of_others = {setting.verb: setting for setting in settings if setting.verb is not None}
    match parse(words, {**VERBS, **dict.fromkeys(of_others, anything)}):
        case Parsed(verb=verb, arguments=name) if verb in of_others:
            await ack()
            view = await _choose(of_others[verb], name, reply, store=store, helpdesks=helpdesks, me=me, now=now)
            if view is not None:
                await client.views_open(trigger_id=body["trigger_id"], view=view)
        case Parsed(verb="create"):
            await open_new_team(ack, body, client, me, now)
        case Parsed(verb="help"):
            await reply(views.HELP)
        case Parsed(verb="edit", arguments=name):
            await ack()
            await _edit(body, name, reply, client=client, store=store, me=me, now=now)
        case Parsed(verb="members", arguments=name):
            await ack()
            await _members(name, reply, store=store, me=me, now=now)
        case Parsed(verb="leave", arguments=name):
            await ack()
            await _leave(name, reply, store=store, me=me)
        case NearMiss() as near:
            raise Refusal(DID_YOU_MEAN, near.meant(COMMAND))
        case Parsed(verb="list"):
            await _list("", reply, store=store, me=me, now=now, settings=settings)
        case rest:
            await _list(getattr(rest, "text", ""), reply, store=store, me=me, now=now, settings=settings)


async def _list(
    name: str, reply: Reply, *, store: Store, me: Me, now: datetime, settings: Sequence[TeamSetting]
) -> None:
    async with store.read() as session:
        seen = await _visible(session, me)
        if name:
            seen = _called(name, seen)
        every = [await team_facts.of_team(session, one, now=now) for one in seen[: views.MOST_TEAMS]]
        asked_by = None if me.is_admin else me.id
        waiting = [] if name else await teams.requested(session, me.person.workspace_id, by=asked_by)
    shown = views.team_list(
        every, me=me.person, is_admin=me.is_admin, waiting=waiting, total=len(seen), settings=settings
    )
    await reply("Your teams", blocks=shown)


async def _edit(
    body: dict[str, Any], name: str, reply: Reply, *, client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    async with store.read() as session:
        # by name also what one may not change, so that the answer says who may
        chosen = _called(name, await _visible(session, me)) if name else await _managed(session, me, now)
    if not chosen:
        raise Refusal(NOTHING_TO_EDIT)
    if len(chosen) > 1:
        await reply(WHICH, blocks=views.choose_team(WHICH, chosen, views.EDIT))
        return
    await show_edit_form(body, chosen[0].id, client=client, store=store, me=me, now=now)


async def _choose(
    setting: TeamSetting, name: str, reply: Reply, *, store: Store, helpdesks: HelpDesks, me: Me, now: datetime
) -> Block | None:
    """What another feature sets: its form, if there is only one team that it can be for; else the teams, as buttons."""
    async with store.read() as session:
        managed = await _managed(session, me, now)
        if not managed:
            raise Refusal(NOTHING_TO_EDIT)
        chosen = _called(name, managed) if name else managed
        if len(chosen) == 1 and setting.form is not None:
            return await setting.form(session, chosen[0], helpdesks)
    await reply(WHICH, blocks=views.choose_team(WHICH, chosen, setting.action_id))
    return None


async def _members(name: str, reply: Reply, *, store: Store, me: Me, now: datetime) -> None:
    async with store.read() as session:
        seen = await _visible(session, me)
        chosen = _called(name, seen) if name else seen
        if not chosen:
            raise Refusal(IN_NO_TEAM)
        facts = await team_facts.of_team(session, chosen[0], now=now)
    if len(chosen) > 1:
        await reply(WHICH, blocks=views.choose_team(WHICH, chosen, views.MEMBERS))
        return
    await _show_members(facts, reply, me)


async def show_members(
    ack: AsyncAck, action: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime
) -> None:
    await ack()
    async with store.read() as session:
        chosen = await session.get(Team, identifier(action["value"]))
        if chosen is None or chosen.state != TeamState.ACTIVE:
            raise Refusal(GONE)
        facts = await team_facts.of_team(session, chosen, now=now)
    manages = roles.may_manage(facts, me.person, is_admin=me.is_admin)
    if not (manages or roles.is_member(facts, me.person) or roles.is_head(facts, me.person)):
        raise Refusal(GONE)
    await _show_members(facts, reply, me)


async def _show_members(facts: TeamFacts, reply: Reply, me: Me) -> None:
    manages = roles.may_manage(facts, me.person, is_admin=me.is_admin)
    await reply(f"Members of {facts.team.name}", blocks=views.member_list(facts, manages=manages))


async def _leave(name: str, reply: Reply, *, store: Store, me: Me) -> None:
    async with store.read() as session:
        mine = await memberships.teams_of(session, me.id)
    chosen = _called(name, mine) if name else mine
    if not chosen:
        raise Refusal(IN_NO_TEAM)
    question = [section(WHICH)] if len(chosen) > 1 else []
    rows = [section(team_name(one), accessory=views.leave_button(one)) for one in chosen[:20]]
    await reply("Leave a team", blocks=question + rows)


async def leave(ack: AsyncAck, action: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime) -> None:
    async with store.write() as session:
        left = await teams.locked(session, identifier(action["value"]))
        if left is None or left.state != TeamState.ACTIVE:
            raise Refusal(GONE)
        facts = await team_facts.of_team(session, left, now=now)
        if not roles.is_member(facts, me.person):
            raise Refusal(NOT_IN_IT, left.name)
        if [manager.id for manager in facts.managers] == [me.id]:
            raise Refusal(LAST_MANAGER, left.name)
        await leave_team(session, left, me.person, now=now)
    await ack()
    await reply(LEFT.format(said(left.name)))


async def _visible(session: AsyncSession, me: Me) -> list[Team]:
    """One's own teams and those of the departments one leads; an admin's: all."""
    if me.is_admin:
        return await teams.active_teams(session, me.person.workspace_id)
    return await memberships.teams_seen_by(session, me.id)


async def _managed(session: AsyncSession, me: Me, now: datetime) -> list[Team]:
    every = [await team_facts.of_team(session, one, now=now) for one in await _visible(session, me)]
    return [facts.team for facts in every if roles.may_manage(facts, me.person, is_admin=me.is_admin)]


def _called(name: str, among: Sequence[Team]) -> list[Team]:
    """The team with this name, else those whose name begins with it. Raises Refusal when there is none."""
    wanted = name.casefold().strip()
    found = [one for one in among if one.name.casefold() == wanted]
    found = found or [one for one in among if one.name.casefold().startswith(wanted)]
    if not found:
        raise Refusal(NO_SUCH_TEAM, name[:80])
    return found
