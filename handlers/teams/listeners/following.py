"""What Slack tells of people and channels. Hints: the nightly reconcile is the truth, so a lost one costs a day."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.house import Limits
from handlers.teams.belonging import (
    follow_name,
    join_through_channel,
    leave_through_channel,
    let_go,
    want_to_follow_channel,
    want_welcomes,
)
from storage import messages, outbox, people, teams
from storage.messages import Attention, MessageState, Priority
from storage.store import Store
from storage.teams import Team
from storage.workspaces import Workspace

ARCHIVED = "teams.channel_archived"


async def person_changed(
    event: dict[str, Any], body: dict[str, Any], store: Store, settings: Limits, now: datetime
) -> None:
    """team_join and user_change: a new colleague, a new name or zone, an account closed or opened again."""
    async with store.write() as session:
        person = await people.keep(session, body["team_id"], event["user"], now=now)
        if not person.is_reachable:
            await let_go(session, person, admins=settings.admins, now=now)


async def joined_channel(event: dict[str, Any], body: dict[str, Any], store: Store, now: datetime) -> None:
    """Somebody joined a channel that a team follows. The bot itself: what waited for the channel goes out."""
    channel, slack_id = event["channel"], event["user"]
    async with store.write() as session:
        if await _is_me(session, body, slack_id):
            await outbox.unpark(session, channel, now=now)
            for team in await teams.following(session, body["team_id"], channel):
                await want_to_follow_channel(session, team, now=now)
            return
        followers = await _followers(session, body, channel)
        person = await people.by_slack_id(session, body["team_id"], slack_id)
        if person is None:
            return
        for team in followers:
            if await join_through_channel(session, team, person, now=now):
                await want_welcomes(session, team, [person], now=now)


async def left_channel(event: dict[str, Any], body: dict[str, Any], store: Store, now: datetime) -> None:
    async with store.write() as session:
        person = await people.by_slack_id(session, body["team_id"], event["user"])
        if person is None:
            return
        for team in await _followers(session, body, event["channel"]):
            await leave_through_channel(session, team, person, now=now)


async def channel_renamed(event: dict[str, Any], body: dict[str, Any], store: Store) -> None:
    """A team that nobody gave a name is called as its channel is."""
    async with store.write() as session:
        await follow_name(session, body["team_id"], event["channel"]["id"], event["channel"]["name"])


async def channel_archived(event: dict[str, Any], body: dict[str, Any], store: Store, now: datetime) -> None:
    """The managers hear once, before anything fails to arrive."""
    channel = event["channel"]
    async with store.write() as session:
        for team in await teams.following(session, body["team_id"], channel):
            for manager in await teams.managers(session, team.id):
                await messages.want(
                    session,
                    workspace_id=team.workspace_id,
                    key=f"teams:{team.id}:archived:{channel}:{now:%Y-%m-%d}:{manager.id}",
                    renderer=ARCHIVED,
                    subject_id=team.id,
                    details={"channel": channel},
                    destination=manager.slack_id,
                    person_id=manager.id,
                    attention=Attention.UNREQUESTED,
                    priority=Priority.SCHEDULED,
                    now=now,
                )


async def channel_unarchived(event: dict[str, Any], body: dict[str, Any], store: Store, now: datetime) -> None:
    """What waited for the channel goes out; what was said of it and not yet read falls."""
    channel = event["channel"]
    async with store.write() as session:
        await outbox.unpark(session, channel, now=now)
        for team in await teams.following(session, body["team_id"], channel):
            for notice in await messages.unsent(session, team.id, ARCHIVED):
                if notice.details["channel"] == channel:
                    notice.state = MessageState.CANCELLED


async def dnd_changed(event: dict[str, Any], body: dict[str, Any], store: Store) -> None:
    async with store.write() as session:
        person = await people.by_slack_id(session, body["team_id"], event["user"])
        if person is not None:
            people.keep_dnd(person, event["dnd_status"])


async def _followers(session: AsyncSession, body: dict[str, Any], channel: str) -> list[Team]:
    """The teams whose members are the channel's."""
    found = await teams.following(session, body["team_id"], channel)
    return [team for team in found if team.channel == channel and team.everyone_in_channel]


async def _is_me(session: AsyncSession, body: dict[str, Any], slack_id: str) -> bool:
    query = select(Workspace.bot_user_id).where(Workspace.id == body["team_id"])
    return (await session.execute(query)).scalar_one_or_none() == slack_id
