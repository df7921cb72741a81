"""What Slack tells of people and channels. Hints: the nightly reconcile is the truth, so a lost one costs a day."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.house import Left
from handlers.teams.belonging import (
    follow_name,
    join_through_channel,
    leave_through_channel,
    let_go,
    want_to_follow_channel,
    want_welcomes,
)
from storage import memberships, messages, outbox, people, teams
from storage.messages import Attention, Priority
from storage.people import Person
from storage.store import Store
from storage.teams import Team
from storage.workspaces import Workspace

ARCHIVED = "teams.channel_archived"


class Following:
    """The listeners. One hint at a time reaches the database: a hundred colleagues who are added to a channel in one
    instant must not take the place of somebody who submits a form."""

    def __init__(self, when_somebody_left: Sequence[Left]) -> None:
        self._when_somebody_left = when_somebody_left
        self._in_line = asyncio.Lock()

    async def person_changed(self, event: dict[str, Any], workspace_id: str, store: Store, now: datetime) -> None:
        """team_join and user_change: a new colleague, a new name or zone, an account closed or opened again."""
        user = event["user"]
        async with self._in_line:
            async with store.read() as session:
                known = await people.by_slack_id(session, workspace_id, user["id"])
            if known is not None and not people.is_news(known, user):
                return
            async with store.write() as session:
                person = await people.keep(session, workspace_id, user, now=now)
                if not person.is_reachable:
                    await let_go(session, person, now=now)
                    for follow in self._when_somebody_left:
                        await follow(session, person, now)

    async def joined_channel(self, event: dict[str, Any], workspace_id: str, store: Store, now: datetime) -> None:
        """Somebody joined a channel that a team follows. The bot itself: what waited for the channel goes out."""
        channel, slack_id = event["channel"], event["user"]
        async with self._in_line:
            if await self._matters(channel, workspace_id, store):
                async with store.write() as session:
                    await _join(session, workspace_id, channel, slack_id, now)

    async def left_channel(self, event: dict[str, Any], workspace_id: str, store: Store, now: datetime) -> None:
        async with self._in_line:
            if await self._matters(event["channel"], workspace_id, store):
                async with store.write() as session:
                    await _leave(session, workspace_id, event["channel"], event["user"], now)

    async def channel_renamed(self, event: dict[str, Any], workspace_id: str, store: Store) -> None:
        """A team that nobody gave a name is called as its channel is."""
        async with self._in_line, store.write() as session:
            await follow_name(session, workspace_id, event["channel"]["id"], event["channel"]["name"])

    async def channel_archived(self, event: dict[str, Any], workspace_id: str, store: Store, now: datetime) -> None:
        """The managers hear once, before anything fails to arrive."""
        async with self._in_line, store.write() as session:
            for team in await teams.following(session, workspace_id, event["channel"]):
                for manager in await memberships.managers(session, team.id):
                    await _tell_of_archiving(session, team, event["channel"], manager, now)

    async def channel_unarchived(self, event: dict[str, Any], workspace_id: str, store: Store, now: datetime) -> None:
        """What waited for the channel goes out; what was said of it and not yet read falls."""
        channel = event["channel"]
        async with self._in_line, store.write() as session:
            await outbox.unpark(session, channel, now=now)
            for team in await teams.following(session, workspace_id, channel):
                for notice in await messages.unsent(session, team.id, ARCHIVED):
                    if notice.details["channel"] == channel:
                        await messages.cancel(session, notice.key)

    async def dnd_changed(self, event: dict[str, Any], workspace_id: str, store: Store) -> None:
        async with self._in_line, store.write() as session:
            person = await people.by_slack_id(session, workspace_id, event["user"])
            if person is not None:
                people.keep_dnd(person, event["dnd_status"])

    async def _matters(self, channel: str, workspace_id: str, store: Store) -> bool:
        """Most channels are no team's: nothing is written for those."""
        async with store.read() as session:
            return bool(await teams.following(session, workspace_id, channel))


async def _join(session: AsyncSession, workspace_id: str, channel: str, slack_id: str, now: datetime) -> None:
    if await _is_the_bot(session, workspace_id, slack_id):
        await outbox.unpark(session, channel, now=now)
        for team in await teams.following(session, workspace_id, channel):
            await want_to_follow_channel(session, team, now=now)
        return
    person = await people.by_slack_id(session, workspace_id, slack_id)
    if person is None:
        return
    for team in await _with_members_from(session, workspace_id, channel):
        if await join_through_channel(session, team, person, now=now):
            await want_welcomes(session, team, [person], now=now)


async def _leave(session: AsyncSession, workspace_id: str, channel: str, slack_id: str, now: datetime) -> None:
    person = await people.by_slack_id(session, workspace_id, slack_id)
    if person is None:
        return
    for team in await _with_members_from(session, workspace_id, channel):
        await leave_through_channel(session, team, person, now=now)


async def _with_members_from(session: AsyncSession, workspace_id: str, channel: str) -> list[Team]:
    found = await teams.following(session, workspace_id, channel)
    return [team for team in found if team.channel == channel and team.everyone_in_channel]


async def _tell_of_archiving(session: AsyncSession, team: Team, channel: str, manager: Person, now: datetime) -> None:
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


async def _is_the_bot(session: AsyncSession, workspace_id: str, slack_id: str) -> bool:
    query = select(Workspace.bot_user_id).where(Workspace.id == workspace_id)
    return (await session.execute(query)).scalar_one_or_none() == slack_id
