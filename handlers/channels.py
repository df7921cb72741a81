"""Whether a channel that somebody chose can be used: asked of Slack before a transaction begins."""

from dataclasses import dataclass
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.refusals import FormRefusal

CANT_SEE = "I can’t see that channel. Invite me there first: /invite @Backstop"
ARCHIVED = "That channel is archived. Unarchive it, or choose another."
NOT_A_CHANNEL = "That is a conversation, not a channel. Choose a channel."
SHARED = "That channel is shared with another company, whose people would read along. Choose another."
CANT_JOIN = "Slack doesn’t let me join that channel. Invite me there: /invite @Backstop"


@dataclass(frozen=True)
class KnownChannel:
    """A channel in which the bot can post."""

    id: str
    name: str
    is_private: bool


async def usable_channel(client: AsyncWebClient, channel: str, *, field: str) -> KnownChannel:
    """The channel, once the bot can post there: it joins public ones by itself. Raises FormRefusal with the mend."""
    try:
        info: dict[str, Any] = (await client.conversations_info(channel=channel))["channel"]
    except SlackApiError as refused:
        if refused.response["error"] in {"channel_not_found", "missing_scope"}:
            raise FormRefusal({field: CANT_SEE}) from refused
        raise
    if info.get("is_im") or info.get("is_mpim"):
        raise FormRefusal({field: NOT_A_CHANNEL})
    if info.get("is_archived"):
        raise FormRefusal({field: ARCHIVED})
    if info.get("is_ext_shared") or info.get("is_pending_ext_shared"):
        raise FormRefusal({field: SHARED})
    if not info.get("is_member"):
        if info.get("is_private"):
            raise FormRefusal({field: CANT_SEE})
        try:
            await client.conversations_join(channel=channel)
        except SlackApiError as refused:
            raise FormRefusal({field: CANT_JOIN}) from refused
    return KnownChannel(info["id"], str(info.get("name") or "team"), bool(info.get("is_private")))
