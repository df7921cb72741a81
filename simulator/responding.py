"""What an answer to a response URL (or a command's own acknowledgement) does in the workspace."""

import json
from collections.abc import Mapping
from typing import Any

from simulator.block_kit import check_message
from simulator.conversations import Channel
from simulator.desk import Desk
from simulator.errors import SlackError
from simulator.interactivity import ResponseUrl
from simulator.methods.chat import check_files
from simulator.typed_state import with_ids

_FIELDS = frozenset(
    [
        "text",
        "blocks",
        "attachments",
        "response_type",
        "replace_original",
        "delete_original",
        "thread_ts",
        "mrkdwn",
        "unfurl_links",
        "unfurl_media",
        "metadata",
    ]
)


def parsed_response(body: str) -> dict[str, Any]:
    """Raises SlackError("invalid_payload")."""
    try:
        parsed = json.loads(body)
    except json.JSONDecodeError:
        parsed = None
    if not isinstance(parsed, dict):
        raise SlackError("invalid_payload")
    return parsed


def respond(desk: Desk, target: ResponseUrl, body: Mapping[str, Any]) -> None:
    """Replaces or deletes the clicked message, or says something new: privately unless `in_channel`.

    Works where the bot is no member. Raises SlackError for content over a limit, and for a clicked message that is gone
    or isn't the app's.
    """
    if body.get("response_type") not in {None, "ephemeral", "in_channel"}:
        raise SlackError("invalid_response_type")
    if unread := set(body) - _FIELDS:
        desk.surprise(f"an answer carries what nobody reads: {', '.join(sorted(unread))}")
    workspace = desk.workspace
    channel = workspace.channels[target.channel_id]
    if body.get("delete_original"):
        _delete_original(desk, target, channel)
        return
    content = _content(desk, body)
    if body.get("replace_original") and target.message_ts is not None:
        _replace_original(desk, target, channel, content)
        return
    thread_ts = body.get("thread_ts")  # without it the answer stands in the channel, also after a click in a thread
    if body.get("response_type") == "in_channel":
        workspace.post(channel, workspace.bot, **content, thread_ts=thread_ts)
    else:
        workspace.whisper(channel, workspace.people[target.user_id], **content, thread_ts=thread_ts)


def _content(desk: Desk, body: Mapping[str, Any]) -> dict[str, Any]:
    text, blocks, attachments = str(body.get("text") or ""), body.get("blocks"), body.get("attachments")
    check_message(text, blocks, attachments)
    check_files(desk, blocks)
    if not text:
        desk.surprise("a response_url answer without top-level text: screen readers would say nothing")
    return {"text": text, "blocks": with_ids(blocks) if blocks else None, "attachments": attachments}


def _replace_original(desk: Desk, target: ResponseUrl, channel: Channel, content: Mapping[str, Any]) -> None:
    ts = target.message_ts or ""
    if target.is_ephemeral:
        whispered = desk.workspace.ephemerals.get(target.user_id, {}).get(ts)
        if whispered is not None:  # one that the person's client has dropped is replaced without effect
            desk.workspace.rewhisper(whispered, content)
        return
    _own(desk, channel, ts)
    desk.workspace.edit(channel, ts, content, by=desk.workspace.bot)


def _delete_original(desk: Desk, target: ResponseUrl, channel: Channel) -> None:
    ts = target.message_ts or ""
    if target.is_ephemeral:
        whispered = desk.workspace.ephemerals.get(target.user_id, {}).get(ts)
        if whispered is not None:
            desk.workspace.unwhisper(whispered)
        return
    _own(desk, channel, ts)
    desk.workspace.delete(channel, ts)


def _own(desk: Desk, channel: Channel, ts: str) -> None:
    message = channel.messages.get(ts)
    if message is None or message.get("bot_id") != desk.workspace.bot_id:
        raise SlackError("message_not_found")
