"""From a draft to an open poll: who is asked, and the messages that ask them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.local_time import at_local, local_date, parse_zone
from handlers.polls.closing import PROMPT, close
from handlers.polls.rules import drafting
from handlers.polls.rules.secrecy import FIVE
from storage import memberships, people, poll_audiences, polls
from storage.counters import next_number
from storage.jobs import want_job
from storage.messages import Priority, refresh_subject, want
from storage.people import Person
from storage.poll_audiences import Asked
from storage.polls import Poll, PollState, Question
from storage.schedule import set_timer, want_schedule

ASK = "polls.ask"
CLOSE_STEP = "polls.close"
AGAIN = "polls.again"
OF_SESSION = "training.session"
"""Registered by training: a message about a session."""
MEMBERS_A_PAGE = 1000
PAGES_AT_MOST = 10
URGENCY = 2


@dataclass(frozen=True)
class Audience:
    """Who is asked: a row of storage.poll_audiences.Asked for each, without the poll."""

    rows: Sequence[dict[str, Any]]

    @property
    def number(self) -> int:
        return len(self.rows)


async def members_of(client: AsyncWebClient, channel: str) -> frozenset[str]:
    """Slack ids of everybody in a channel, the first ten thousand. Raises SlackApiError."""
    found: set[str] = set()
    cursor = ""
    for _ in range(PAGES_AT_MOST):
        page = await client.conversations_members(channel=channel, limit=MEMBERS_A_PAGE, cursor=cursor)
        found.update(page["members"])
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            break
    return frozenset(found)


async def audience(
    session: AsyncSession,
    workspace_id: str,
    *,
    team_ids: Sequence[int],
    named: Collection[int],
    in_channel: Collection[str],
) -> Audience:
    """Everybody who can be written to among the members of these teams, the people chosen by name and a channel's
    members (by Slack id), each once. Somebody in several of the teams is counted with the first."""
    rows: dict[int, dict[str, Any]] = {}

    def add(person: Person, **facts: Any) -> None:
        if person.is_reachable:
            row = {"person_id": person.id, "team_id": None, "by_name": False, "in_channel": False}
            rows[person.id] = row | rows.get(person.id, {}) | facts

    for team_id in team_ids:
        for person, _ in await memberships.members(session, team_id):
            if rows.get(person.id, {}).get("team_id") is None:
                add(person, team_id=team_id)
    for person in (await people.by_ids(session, named)).values():
        add(person, by_name=True)
    for person in await people.by_slack_ids(session, workspace_id, in_channel):
        add(person, in_channel=True)
    return Audience(list(rows.values()))


async def why_not(session: AsyncSession, poll: Poll, asked: Audience, team_ids: Sequence[int]) -> str | None:
    """Why this poll can't be sent to them, as a sentence."""
    leading = await polls.leading(session, poll.author_id, {poll.team_id, *team_ids})
    return drafting.why_not_asked(poll.mode, poll.results, [row["person_id"] for row in asked.rows], leading)


def _without_a_few_newcomers(asked: Audience, before: Collection[int]) -> Audience:
    """One to four who weren't asked the last time wait until there are more: the result with them, set against the last
    one, would show what they said, and so wouldn't be shown to anybody."""
    newcomers = [row for row in asked.rows if row["person_id"] not in before]
    if len(newcomers) >= FIVE:
        return asked
    return Audience([row for row in asked.rows if row["person_id"] in before])


async def open_poll(session: AsyncSession, poll: Poll, asked: Audience, *, now: datetime) -> None:
    """Sends a draft. The caller has checked that it may be sent, and to whom."""
    poll.number = await next_number(session, poll.workspace_id, "poll")
    poll.state, poll.opened_at = PollState.OPEN, now
    for row in await poll_audiences.asked_of(session, poll.id):
        await session.delete(row)
    await session.flush()
    await poll_audiences.ask(session, poll.id, asked.rows)
    poll.asked = asked.number
    poll.series_id = poll.series_id or (poll.id if poll.every_weeks else None)
    await session.flush()
    if poll.session_id is not None:  # its host's message offers the quiz no longer
        await refresh_subject(session, poll.session_id, OF_SESSION, now=now)
    await set_timer(
        session,
        workspace_id=poll.workspace_id,
        step=CLOSE_STEP,
        subject_id=poll.id,
        due_at=poll.closes_at,
        priority=URGENCY,
    )
    if poll.channel is not None:
        await want(
            session,
            workspace_id=poll.workspace_id,
            key=f"poll:{poll.id}:channel",
            renderer=PROMPT,
            subject_id=poll.id,
            destination=poll.channel,
            expires_at=poll.closes_at,
            priority=Priority.SCHEDULED,
            now=now,
        )
    await want_job(
        session, workspace_id=poll.workspace_id, kind=ASK, key=f"{ASK}:{poll.id}", run_at=now, details={"poll": poll.id}
    )


async def repeat(session: AsyncSession, poll: Poll, author: Person, *, now: datetime) -> None:
    """Wants the poll asked again on this weekday and time of its author's zone."""
    local = now.astimezone(parse_zone(author.zone))
    await want_schedule(
        session,
        workspace_id=poll.workspace_id,
        kind=AGAIN,
        target_id=poll.id,
        zone=author.zone,
        wall=local.time().replace(second=0, microsecond=0, tzinfo=None, fold=0),
        weekdays=[local.weekday()],
    )


def is_its_week(first: Poll, on: datetime, zone: str) -> bool:
    """Whether a poll that repeats every so many weeks is asked in the week of `on`."""
    if first.opened_at is None or not first.every_weeks:
        return False
    there = parse_zone(zone)
    weeks = (local_date(on, there) - local_date(first.opened_at, there)).days // 7
    return weeks > 0 and weeks % first.every_weeks == 0


async def next_round(
    session: AsyncSession, first: Poll, key: str, in_channel: Collection[str], *, now: datetime
) -> str | None:
    """Asks the poll again, as it was asked last: why not, or None. One that is still open is closed before."""
    last = await polls.latest_of_series(session, first.id)
    if last is None or last.opened_at is None or await polls.by_form_key(session, key) is not None:
        return None
    before = await polls.locked(session, last.id)
    assert before is not None
    await close(session, before, by=None, now=now)
    team_ids = [team.id for team in await poll_audiences.teams_asked(session, before.id)]
    last_asked = await poll_audiences.asked_of(session, before.id)
    named = [one.person_id for one in last_asked if one.by_name]
    asked = await audience(session, before.workspace_id, team_ids=team_ids, named=named, in_channel=in_channel)
    if before.is_anonymous:
        asked = _without_a_few_newcomers(asked, {one.person_id for one in last_asked})
    if why := await why_not(session, before, asked, team_ids):
        return why
    author = await session.get(Person, before.author_id)
    assert author is not None
    again = _copy(before, key, now, parse_zone(author.zone))
    session.add(again)
    await session.flush()
    await poll_audiences.name_teams(session, again.id, team_ids)
    session.add_all(_copy_question(one, again.id) for one in before.questions)
    await session.flush()
    await open_poll(session, again, asked, now=now)
    return None


def _copy(poll: Poll, key: str, now: datetime, zone: ZoneInfo) -> Poll:
    """`zone`: of the clock that says, to the minute, how long it is open: as long as before."""
    assert poll.opened_at is not None
    opened, closes, begins = (
        at.astimezone(zone).replace(second=0, microsecond=0, tzinfo=None)
        for at in (poll.opened_at, poll.closes_at, now)
    )
    shown = begins + (closes - opened)
    return Poll(
        workspace_id=poll.workspace_id,
        form_key=key,
        team_id=poll.team_id,
        author_id=poll.author_id,
        template=poll.template,
        title=poll.title,
        mode=poll.mode,
        results=poll.results,
        state=PollState.DRAFT,
        channel=poll.channel,
        pass_mark=poll.pass_mark,
        every_weeks=poll.every_weeks,
        series_id=poll.series_id,
        created_at=now,
        closes_at=at_local(shown.date(), shown.time(), zone),
    )


def _copy_question(one: Question, poll_id: int) -> Question:
    return Question(
        poll_id=poll_id,
        position=one.position,
        kind=one.kind,
        text=one.text,
        options=list(one.options),
        most=one.most,
        right=list(one.right),
        sameness=one.sameness,
    )


async def in_sight(client: AsyncWebClient, channel: str) -> frozenset[str]:
    """The channel's members, nobody if the bot doesn't see it any more."""
    try:
        return await members_of(client, channel)
    except SlackApiError as refused:
        if refused.response["error"] in {"channel_not_found", "not_in_channel", "missing_scope", "is_archived"}:
            return frozenset()
        raise


async def named_in(session: AsyncSession, poll_id: int) -> list[Asked]:
    """Those chosen by name in a draft."""
    return [one for one in await poll_audiences.asked_of(session, poll_id) if one.by_name]
