"""What happens by itself: crowds are welcomed, channels followed, and every night Slack is asked how things are."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from datetime import datetime, time
from typing import Any, TypeVar

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.teams.belonging import (
    follow_name,
    follow_privacy,
    join_through_channel,
    leave_through_channel,
    let_go,
    tell_admins_without_managers,
    want_welcome,
    want_welcomes,
)
from storage import duty, memberships, people, teams
from storage.jobs import Job, holding, want_job
from storage.schedule import Schedule, want_schedule
from storage.store import Store
from storage.teams import Team

RECONCILE = "teams.reconcile"
AT_NIGHT = time(3)
"""UTC."""
PAGE = 200
A_FEW = 50
"""As many people as one transaction changes, and as many as Slack tells the Do Not Disturb of in one call."""
PATIENCE = 5
"""How often one page is asked for again when Slack asks for patience."""
LONGEST_WAIT_S = 60.0
"""Less than a job's lease, which is renewed after each page."""

T = TypeVar("T")
Now = Callable[[], datetime]


async def open_teams(session: AsyncSession, workspace_id: str, now: datetime) -> None:
    """The nightly reconcile stands as a schedule; the first one is due at once, so that admins are known."""
    await want_schedule(session, workspace_id=workspace_id, kind=RECONCILE, zone="UTC", wall=AT_NIGHT)
    await _want_reconcile(session, workspace_id, f"start:{now:%Y-%m-%d}", now)


async def at_night(session: AsyncSession, schedule: Schedule, due: datetime, now: datetime) -> None:
    await _want_reconcile(session, schedule.workspace_id, f"{due:%Y-%m-%d}", now)


async def _want_reconcile(session: AsyncSession, workspace_id: str, part: str, now: datetime) -> None:
    await want_job(session, workspace_id=workspace_id, kind=RECONCILE, key=f"{RECONCILE}:{part}", run_at=now)


async def welcome_everyone(
    job: Job,
    *,
    store: Store,
    client: AsyncWebClient,  # noqa: ARG001  # every job is given one; this one only wants messages
    now: Now,
) -> None:
    for some in _in_parts(job.details["people"]):
        async with store.write() as session:
            await holding(session, job, now=now())
            for person in (await people.by_ids(session, some)).values():
                await want_welcome(session, person, now=now())


async def follow_channel(job: Job, *, store: Store, client: AsyncWebClient, now: Now) -> None:
    """Makes the team's channel its members, as far as they may be; who is new here is asked of Slack."""
    async with store.read() as session:
        team = await session.get(Team, job.details["team"])
    if team is not None and team.everyone_in_channel:
        await _follow(team, job, store=store, client=client, now=now)


async def reconcile(job: Job, *, store: Store, client: AsyncWebClient, now: Now) -> None:
    """People, channels and Do Not Disturb as Slack has them now, whatever events were lost."""
    async for users in _pages(client.users_list, "members"):
        async with store.write() as session:
            await holding(session, job, now=now())
            await people.keep_all(session, job.workspace_id, users, now=now())
    async with store.write() as session:
        for person in await duty.on_duty_unreachable(session, job.workspace_id, now=now()):
            await let_go(session, person, now=now())
    async with store.read() as session:
        every = await teams.active_teams(session, job.workspace_id)
    for team in every:
        await _reconcile_team(team, job, store=store, client=client, now=now)
    await _ask_dnd(job, store=store, client=client, now=now)


async def _reconcile_team(team: Team, job: Job, *, store: Store, client: AsyncWebClient, now: Now) -> None:
    async with store.write() as session:
        await holding(session, job, now=now())
        await tell_admins_without_managers(session, team, now=now())
    channel = cards = await _channel(client, team.channel)
    if team.escalation_channel != team.channel:
        cards = await _channel(client, team.escalation_channel)
    async with store.write() as session:
        await holding(session, job, now=now())
        if channel is not None:
            await follow_name(session, team.workspace_id, team.channel, str(channel["name"]))
        if cards is not None:
            await follow_privacy(session, team.id, is_private=bool(cards.get("is_private")))
    followed = channel is not None and channel.get("is_member") and not channel.get("is_archived")
    if team.everyone_in_channel and followed:
        await _follow(team, job, store=store, client=client, now=now)


async def _channel(client: AsyncWebClient, channel: str) -> dict[str, Any] | None:
    """None where the bot was taken out of a private channel: delivery tells the managers when something is to be
    posted there."""
    try:
        found: dict[str, Any] = (await _patiently(lambda: client.conversations_info(channel=channel)))["channel"]
    except SlackApiError as refused:
        if refused.response["error"] != "channel_not_found":
            raise
        return None
    return found


async def _follow(team: Team, job: Job, *, store: Store, client: AsyncWebClient, now: Now) -> None:
    present: list[str] = []
    async for page in _pages(client.conversations_members, "members", channel=team.channel):
        present += page
    await _learn_unknown(present, job, store=store, client=client, now=now)
    for some in _in_parts(present):
        async with store.write() as session:
            await holding(session, job, now=now())
            found = await people.by_slack_ids(session, team.workspace_id, some)
            new = [person for person in found if await join_through_channel(session, team, person, now=now())]
            await want_welcomes(session, team, new, now=now())
    async with store.write() as session:
        for person in await memberships.following_members(session, team.id):
            if person.slack_id not in present:
                await leave_through_channel(session, team, person, now=now())


async def _learn_unknown(slack_ids: Sequence[str], job: Job, *, store: Store, client: AsyncWebClient, now: Now) -> None:
    for some in _in_parts(slack_ids):
        async with store.read() as session:
            known = {person.slack_id for person in await people.by_slack_ids(session, job.workspace_id, some)}
        users = [await _user(client, slack_id) for slack_id in some if slack_id not in known]
        if users:
            async with store.write() as session:
                await holding(session, job, now=now())
                await people.keep_all(session, job.workspace_id, users, now=now())


async def _user(client: AsyncWebClient, slack_id: str) -> dict[str, Any]:
    user: dict[str, Any] = (await _patiently(lambda: client.users_info(user=slack_id)))["user"]
    return user


async def _ask_dnd(job: Job, *, store: Store, client: AsyncWebClient, now: Now) -> None:
    """Of whoever may be paged; Slack tells the current or next stretch, so once a night is enough beside the events."""
    async with store.read() as session:
        paged = await duty.whoever_is_paged(session, job.workspace_id)
    for some in _in_parts([person.slack_id for person in paged]):
        answer = await _patiently(lambda some=some: client.dnd_teamInfo(users=some))  # type: ignore[misc]  # mypy can’t type a default
        async with store.write() as session:
            await holding(session, job, now=now())
            for person in await people.by_slack_ids(session, job.workspace_id, some):
                if (status := answer["users"].get(person.slack_id)) is not None:
                    people.keep_dnd(person, status)


async def _pages(method: Callable[..., Awaitable[Any]], key: str, **asked: Any) -> AsyncIterator[list[Any]]:
    cursor = ""
    while True:
        answer = await _patiently(lambda at=cursor: method(limit=PAGE, cursor=at, **asked))  # type: ignore[misc]  # mypy can’t type a default
        yield answer[key]
        cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return


async def _patiently(call: Callable[[], Awaitable[Any]]) -> Any:
    """The answer, after as many waits as Slack asks for, within reason; then the job itself comes again."""
    for _ in range(PATIENCE):
        try:
            return await call()
        except SlackApiError as refused:
            if refused.response["error"] != "ratelimited":
                raise
            headers = refused.response.headers
            await asyncio.sleep(min(float(headers.get("Retry-After") or LONGEST_WAIT_S), LONGEST_WAIT_S))
    return await call()


def _in_parts(whole: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(whole), A_FEW):
        yield whole[start : start + A_FEW]
