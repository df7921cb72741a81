"""chat.*: posting, editing, deleting, whispering, linking."""

import json
from typing import Any

from simulator.arguments import Arguments
from simulator.block_kit import check_message
from simulator.conversations import Channel, Message
from simulator.desk import Answer, Desk, method
from simulator.errors import SlackError
from simulator.typed_state import with_ids

LARGEST_METADATA_BYTES = 16_000


def post_message(desk: Desk, args: Arguments) -> Answer:
    channel = postable_channel(desk, args.need("channel"))
    text, blocks, attachments = checked_content(desk, args, "chat.postMessage")
    thread_ts = args.text("thread_ts")
    if thread_ts is not None and not _is_there(channel, thread_ts):
        thread_ts = None  # as Slack does with a reply to what was deleted: it stands in the channel, by itself
    message = desk.workspace.post(
        channel,
        desk.workspace.bot,
        text,
        blocks=blocks,
        attachments=attachments,
        thread_ts=thread_ts,
        broadcast=args.flag("reply_broadcast"),
        metadata=_metadata(args),
    )
    return {"channel": channel.id, "ts": message["ts"], "message": message}


def update(desk: Desk, args: Arguments) -> Answer:
    channel = desk.channel_for_bot(args.need("channel"), _ANY_KIND)
    ts = args.need("ts")
    message = channel.messages.get(ts)
    if message is None or message.get("subtype") == "tombstone":
        raise SlackError("message_not_found")
    if message.get("bot_id") != desk.workspace.bot_id:
        raise SlackError("cant_update_message")
    if channel.is_archived:
        raise SlackError("is_inactive")
    text, blocks, attachments = checked_content(desk, args, "chat.update")
    changed: dict[str, Any] = {"text": text}
    if args.given("blocks"):
        changed["blocks"] = blocks or None
    if args.given("attachments"):
        changed["attachments"] = attachments or None
    if args.given("metadata"):
        changed["metadata"] = _metadata(args)
    after = desk.workspace.edit(channel, ts, changed, by=desk.workspace.bot)
    return {"channel": channel.id, "ts": ts, "text": text, "message": after}


def delete(desk: Desk, args: Arguments) -> Answer:
    channel = desk.channel_for_bot(args.need("channel"), _ANY_KIND)
    ts = args.need("ts")
    message = channel.messages.get(ts)
    if message is None or message.get("subtype") == "tombstone":
        raise SlackError("message_not_found")
    if message.get("bot_id") != desk.workspace.bot_id:
        raise SlackError("cant_delete_message")
    desk.workspace.delete(channel, ts)
    return {"channel": channel.id, "ts": ts}


def post_ephemeral(desk: Desk, args: Arguments) -> Answer:
    channel_id = args.need("channel")
    if channel_id[:1] in {"U", "W"}:
        raise SlackError("channel_not_found")
    channel = postable_channel(desk, channel_id)
    listener = desk.workspace.people.get(args.need("user"))
    if listener is None or listener.id not in channel.members:
        raise SlackError("user_not_in_channel")
    text, blocks, attachments = checked_content(desk, args, "chat.postEphemeral")
    whispered = desk.workspace.whisper(
        channel, listener, text, blocks=blocks, attachments=attachments, thread_ts=args.text("thread_ts")
    )
    return {"message_ts": whispered.message["ts"]}


def get_permalink(desk: Desk, args: Arguments) -> Answer:
    channel = desk.channel_for_bot(args.need("channel"), _ANY_KIND)
    ts = args.need("message_ts")
    if ts not in channel.messages:
        raise SlackError("message_not_found")
    return {"channel": channel.id, "permalink": desk.workspace.permalink(channel, ts)}


def postable_channel(desk: Desk, channel_id: str) -> Channel:
    """Where the bot may say something; a user id opens the DM by itself. Raises SlackError."""
    workspace = desk.workspace
    if channel_id[:1] in {"U", "W"} and channel_id in workspace.people:
        member = workspace.people[channel_id]
        if member.is_bot:
            raise SlackError("cannot_dm_bot")
        channel = None if member.deleted else workspace.im_with(member)
    else:
        channel = desk.channel_for_bot(channel_id, _ANY_KIND)
    if channel is None or (channel.im_user_id and workspace.people[channel.im_user_id].deleted):
        raise SlackError("user_disabled")
    if channel.is_im and not desk.manifest.messages_tab:
        raise SlackError("messages_tab_disabled")
    if channel.is_archived:
        raise SlackError("is_archived")
    if workspace.bot.id not in channel.members and "chat:write.public" not in desk.manifest.scopes:
        raise SlackError("not_in_channel")
    return channel


def checked_content(
    desk: Desk, args: Arguments, where: str
) -> tuple[str, list[dict[str, Any]] | None, list[dict[str, Any]] | None]:
    """Text, blocks (with ids filled in) and attachments, all within limits. Raises SlackError."""
    text = args.text("text") or ""
    blocks, attachments = args.structures("blocks"), args.structures("attachments")
    check_message(text, blocks, attachments)
    if not text:
        desk.surprise(f"{where} without top-level text: notifications and screen readers would say nothing")
    if args.flag("link_names") or args.text("parse") == "full":
        desk.surprise(f"{where} with link_names or parse=full: what people typed would notify others")
    check_files(desk, blocks)
    return text, with_ids(blocks) if blocks else blocks, attachments


def check_files(desk: Desk, blocks: Any) -> None:
    """Images that name a Slack file need one that was uploaded. Raises SlackError("invalid_blocks")."""
    for index, block in enumerate(blocks if isinstance(blocks, list) else ()):
        for image in (block, block.get("accessory")) if isinstance(block, dict) else ():
            source = image.get("slack_file") if isinstance(image, dict) else None
            if not isinstance(source, dict) or not source.get("id"):
                continue
            stored = desk.workspace.files.get(source["id"])
            if stored is None or not stored.complete or desk.faults.unshown_files > 0:
                line = f"[ERROR] invalid slack file [json-pointer:/blocks/{index}/slack_file]"
                raise SlackError("invalid_blocks", response_metadata={"messages": [line]})


def _is_there(channel: Channel, thread_ts: str) -> bool:
    """Whether there is a message to reply to. Raises SlackError if it is a reply itself."""
    parent: Message | None = channel.messages.get(thread_ts)
    if parent is not None and parent.get("thread_ts") not in {None, thread_ts}:
        raise SlackError("cannot_reply_to_message")
    return parent is not None


def _metadata(args: Arguments) -> dict[str, Any] | None:
    metadata = args.structure("metadata")
    if metadata is None or metadata == {}:
        return None
    if (
        not isinstance(metadata, dict)
        or set(metadata) != {"event_type", "event_payload"}
        or not isinstance(metadata["event_type"], str)
        or not isinstance(metadata["event_payload"], dict)
    ):
        raise SlackError("invalid_metadata_format")
    if len(json.dumps(metadata).encode()) > LARGEST_METADATA_BYTES:
        raise SlackError("metadata_too_large")
    return metadata


_ANY_KIND = dict.fromkeys(("channel", "group", "im"), "chat:write")
_CONTENT = "channel text blocks attachments thread_ts link_names parse as_user username icon_emoji icon_url mrkdwn"

METHODS = {
    "chat.postMessage": method(
        post_message, f"{_CONTENT} metadata reply_broadcast unfurl_links unfurl_media", "chat:write"
    ),
    "chat.update": method(update, f"{_CONTENT} ts metadata reply_broadcast file_ids", "chat:write"),
    "chat.delete": method(delete, "channel ts as_user", "chat:write"),
    "chat.postEphemeral": method(post_ephemeral, f"{_CONTENT} user", "chat:write"),
    "chat.getPermalink": method(get_permalink, "channel message_ts"),
}
