"""Whether Slack has a message whose sending had no clear end: its own history is asked for the message's key.

A reply to what was deleted Slack posts into the channel, as a message of its own, and says so only by leaving the
thread out of its answer: it is *astray*.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.refused import NO_CLEAR_ANSWER, read_refusal
from bot.skew import slack_time
from storage.messages import Message

LOOK_BACK = timedelta(minutes=5)
IN_DOUBT_OF_THE_CLOCK = timedelta(days=1)
UNNOTICED = timedelta(minutes=1)
"""A clock that is no further ahead of Slack's is covered by looking back."""
ASK_AGAIN_S = 30.0
UNREADABLE_ERRORS = frozenset(
    {"channel_not_found", "not_in_channel", "missing_scope", "user_not_found", "user_disabled"}
)
THREAD_IS_GONE = "thread_not_found"


class Reconciliation(Enum):
    FOUND = auto()
    ABSENT = auto()
    """It isn't where it belongs."""
    LATER = auto()
    UNREADABLE = auto()


@dataclass(frozen=True)
class Finding:
    outcome: Reconciliation
    channel: str = ""
    ts: str = ""
    head_key: str | None = None
    """Whose post it is: the message's own, or that of the one it was merged into."""
    after_s: float = ASK_AGAIN_S
    error: str | None = None
    astray_ts: str | None = None
    """Where the reply stands in the channel, by itself."""
    thread_is_gone: bool = False


def payload_of(keys: Sequence[str]) -> dict[str, str]:
    """What a post says of the obligations that it meets: the head's key, and those that are merged into it."""
    return {"key": keys[0]} | ({"merged": "\n".join(keys[1:])} if keys[1:] else {})


def keys_shown(post: Mapping[str, Any]) -> list[str]:
    """The keys that a post says it meets, the head's first; none if it is not ours."""
    payload = (post.get("metadata") or {}).get("event_payload") or {}
    return [payload["key"], *str(payload.get("merged", "")).split("\n")] if "key" in payload else []


async def find_in_history(client: AsyncWebClient, message: Message, thread_ts: str | None, *, now: datetime) -> Finding:
    """Looks from five minutes before the first claim to now for the message's key in the posts' metadata; from earlier
    if the clock by which it was claimed is or was ahead of Slack's."""
    oldest = _from(message, now)
    try:
        channel = message.slack_channel or await _conversation(client, message.destination)
        if thread_ts is None:
            return await _look_through(client, message, channel, None, oldest, now)
        found = await _look_in_thread(client, message, channel, thread_ts, oldest, now)
        if found.outcome == Reconciliation.FOUND:
            return found
        alone = await _look_through(client, message, channel, None, oldest, now)
        return replace(found, channel=channel, astray_ts=alone.ts or None)
    except SlackApiError as refused:
        said = read_refusal(refused)
        if said.error in UNREADABLE_ERRORS:
            return Finding(Reconciliation.UNREADABLE, error=said.error)
        after_s = said.retry_after_s if said.is_rate_limit else ASK_AGAIN_S
        return Finding(Reconciliation.LATER, error=said.error, after_s=after_s)
    except NO_CLEAR_ANSWER as lost:
        return Finding(Reconciliation.LATER, error=repr(lost))


async def _look_through(
    client: AsyncWebClient, message: Message, channel: str, thread_ts: str | None, oldest: datetime, now: datetime
) -> Finding:
    """FOUND or ABSENT. Raises what the client raises."""
    cursor: str | None = None
    while True:
        page = await _page(client, channel, thread_ts, oldest, cursor)
        their_time = slack_time(page.headers)
        if cursor is None and their_time is not None and now - their_time > UNNOTICED:
            oldest -= now - their_time
            page = await _page(client, channel, thread_ts, oldest, cursor)
        for post in page["messages"]:
            if message.key in (shown := keys_shown(post)):
                return Finding(Reconciliation.FOUND, channel, post["ts"], head_key=shown[0])
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return Finding(Reconciliation.ABSENT)


async def _look_in_thread(
    client: AsyncWebClient, message: Message, channel: str, thread_ts: str, oldest: datetime, now: datetime
) -> Finding:
    try:
        return await _look_through(client, message, channel, thread_ts, oldest, now)
    except SlackApiError as refused:
        if read_refusal(refused).error != THREAD_IS_GONE:
            raise
        return Finding(Reconciliation.ABSENT, thread_is_gone=True)


async def is_thread_gone(client: AsyncWebClient, channel: str, thread_ts: str) -> bool:
    """Whether there is nothing left to reply to: a parent that was deleted beneath its replies still is a thread.
    Raises what the client raises."""
    try:
        await client.conversations_replies(channel=channel, ts=thread_ts, limit=1)
    except SlackApiError as refused:
        if read_refusal(refused).error == THREAD_IS_GONE:
            return True
        raise
    return False


async def take_back(client: AsyncWebClient, channel: str, ts: str) -> None:
    """Deletes what went astray. Raises what the client raises."""
    try:
        await client.chat_delete(channel=channel, ts=ts)
    except SlackApiError as refused:
        if read_refusal(refused).error != "message_not_found":
            raise


def _from(message: Message, now: datetime) -> datetime:
    assert message.first_claimed_at is not None
    if message.first_claimed_at > now:  # the clock was set back since, nobody knows how far and when
        return now - IN_DOUBT_OF_THE_CLOCK
    return message.first_claimed_at - LOOK_BACK


async def _page(
    client: AsyncWebClient, channel: str, thread_ts: str | None, oldest: datetime, cursor: str | None
) -> Any:
    begins = f"{oldest.timestamp():.6f}"
    window: dict[str, Any] = {"channel": channel, "oldest": begins, "limit": 200, "include_all_metadata": True}
    if cursor:
        window["cursor"] = cursor
    if thread_ts is None:
        return await client.conversations_history(**window)
    return await client.conversations_replies(ts=thread_ts, **window)


async def _conversation(client: AsyncWebClient, destination: str) -> str:
    """The D-id of the conversation with a person; any other destination is one already."""
    if not destination.startswith(("U", "W")):
        return destination
    opened = await client.conversations_open(users=destination)
    channel_id: str = opened["channel"]["id"]
    return channel_id
