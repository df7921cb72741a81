"""What an answer to a response URL (or a command's own acknowledgement) does in the workspace."""

from collections.abc import Mapping
from typing import Any

from simulator.desk import Desk
from simulator.errors import SlackError
from simulator.interactivity import ResponseUrl
from simulator.typed_state import with_ids


def respond(desk: Desk, target: ResponseUrl, body: Mapping[str, Any]) -> None:
    """Replaces or deletes the clicked message, or says something new: privately unless `in_channel`.

    Works where the bot is no member. Raises SlackError for a clicked message that is gone or isn't the app's.
    """
    workspace = desk.workspace
    channel = workspace.channels[target.channel_id]
    member = workspace.people[target.user_id]
    blocks = with_ids(body["blocks"]) if body.get("blocks") else None
    text, attachments = str(body.get("text") or ""), body.get("attachments")
    content = {"text": text, "blocks": blocks, "attachments": attachments}
    if body.get("response_type") not in {None, "ephemeral", "in_channel"}:
        raise SlackError("invalid_response_type")
    if not text and not body.get("delete_original"):
        desk.surprise("a response_url answer without top-level text: screen readers would say nothing")
    whispered = workspace.ephemerals.get(target.user_id, {}).get(target.message_ts or "")
    if body.get("delete_original") or body.get("replace_original"):
        if target.message_ts is not None and target.is_ephemeral:
            if whispered is not None and body.get("delete_original"):
                workspace.unwhisper(whispered)
            elif whispered is not None:
                workspace.rewhisper(whispered, content)
            return
        if target.message_ts is not None:
            message = channel.messages.get(target.message_ts)
            if message is None or message.get("bot_id") != workspace.bot_id:
                raise SlackError("message_not_found")
            if body.get("delete_original"):
                workspace.delete(channel, target.message_ts)
            else:
                workspace.edit(channel, target.message_ts, content, by=workspace.bot)
            return
    thread_ts = body.get("thread_ts") or target.thread_ts
    if body.get("response_type") == "in_channel":
        workspace.post(
            channel,
            workspace.bot,
            text,
            blocks=blocks,
            attachments=attachments,
            thread_ts=thread_ts,
        )
    else:
        workspace.whisper(channel, member, text, blocks=blocks, attachments=attachments, thread_ts=thread_ts)
