"""conversations.* and users.conversations: what the bot may know of channels and DMs."""

import re
from datetime import timedelta
from typing import Any

from simulator.arguments import Arguments, page_from, page_of
from simulator.conversations import Channel, Message, ts_between
from simulator.desk import HISTORY_SCOPES, READ_SCOPES, Answer, Desk, method
from simulator.errors import SlackError
from simulator.payloads import without_metadata

_KINDS = {"public_channel": "channel", "private_channel": "group", "im": "im"}
_TS = re.compile(r"\d{1,10}(\.\d{1,6})?")


def open_im(desk: Desk, args: Arguments) -> Answer:
    users, channel_id = args.names("users"), args.text("channel")
    if channel_id is not None:
        channel = desk.workspace.channels.get(channel_id)
        if channel is None or not channel.is_im:
            raise SlackError("channel_not_found")
        return {"no_op": True, "already_open": True, "channel": {"id": channel.id}}
    if not users:
        raise SlackError("users_list_not_supplied")
    if len(users) > 1:
        desk.surprise("conversations.open with several people: group DMs are not simulated")
        raise SlackError("not_enough_users")
    member = desk.workspace.people.get(users[0])
    if member is None:
        raise SlackError("user_not_found")
    if member.deleted:
        raise SlackError("user_disabled")
    if member.is_bot:
        raise SlackError("cannot_dm_bot")
    known = len(desk.workspace.channels)
    channel = desk.workspace.im_with(member)
    already = len(desk.workspace.channels) == known
    shown = _described(desk, channel) if args.flag("return_im") else {"id": channel.id}
    return {"no_op": already, "already_open": already, "channel": shown}


def info(desk: Desk, args: Arguments) -> Answer:
    channel = desk.channel_for_bot(args.need("channel"), READ_SCOPES)
    shown = _described(desk, channel)
    if args.flag("include_num_members"):
        shown["num_members"] = len(channel.members)
    return {"channel": shown}


def list_all(desk: Desk, args: Arguments) -> Answer:
    kinds = _kinds(desk, args)
    channels = [
        channel
        for channel in desk.workspace.channels.values()
        if channel.kind in kinds
        and not (channel.is_archived and args.flag("exclude_archived"))
        and (not channel.is_private or desk.workspace.bot.id in channel.members)
    ]
    page, more = page_of(channels, args, default=100, most=1000)
    described = [_described(desk, channel) | {"num_members": len(channel.members)} for channel in page]
    return {"channels": described, "response_metadata": more}


def of_user(desk: Desk, args: Arguments) -> Answer:
    """users.conversations: of another person only what the bot may see too."""
    kinds = _kinds(desk, args)
    bot_id = desk.workspace.bot.id
    user_id = args.text("user") or bot_id
    if user_id not in desk.workspace.people:
        raise SlackError("user_not_found")
    channels = [
        channel
        for channel in desk.workspace.channels.values()
        if channel.kind in kinds
        and user_id in channel.members
        and (not channel.is_private or bot_id in channel.members)
        and not (channel.is_archived and args.flag("exclude_archived"))
    ]
    page, more = page_of(channels, args, default=100, most=999)
    return {"channels": [_described(desk, channel) for channel in page], "response_metadata": more}


def members(desk: Desk, args: Arguments) -> Answer:
    channel = desk.channel_for_bot(args.need("channel"), READ_SCOPES)
    page, more = page_of(list(channel.members), args, default=100, most=1000)
    return {"members": page, "response_metadata": more}


def join(desk: Desk, args: Arguments) -> Answer:
    channel = desk.workspace.channels.get(args.need("channel"))
    bot = desk.workspace.bot
    if channel is None or (channel.is_private and bot.id not in channel.members):
        raise SlackError("channel_not_found")
    if channel.is_private:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    if bot.id in channel.members:
        return {
            "channel": _described(desk, channel),
            "warning": "already_in_channel",
            "response_metadata": {"warnings": ["already_in_channel"]},
        }
    desk.workspace.join(channel, bot)
    return {"channel": _described(desk, channel)}


def history(desk: Desk, args: Arguments) -> Answer:
    """Newest first; threads by their parents only."""
    channel = _readable(desk, args)
    found = _in_window(desk, channel.timeline, args)[::-1]
    page, more = page_from(found, args, default=100, most=999)
    return _page_of_messages(channel, page, more, args)


def replies(desk: Desk, args: Arguments) -> Answer:
    """The parent, then its replies, oldest first."""
    channel = _readable(desk, args)
    ts = args.need("ts")
    shown = _in_window(desk, [ts], args, whole=True)
    if ts not in channel.messages or not shown:
        raise SlackError("thread_not_found")
    thread = channel.threads.get(ts)
    found = [ts, *_in_window(desk, thread.replies if thread else [], args)]
    page, more = page_from(found, args, default=1000, most=1000)
    return _page_of_messages(channel, page, more, args)


def _readable(desk: Desk, args: Arguments) -> Channel:
    channel = desk.channel_for_bot(args.need("channel"), HISTORY_SCOPES)
    if desk.workspace.bot.id not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _in_window(desk: Desk, ordered: list[str], args: Arguments, *, whole: bool = False) -> list[str]:
    oldest, latest = (None, None) if whole else (_ts(args, "oldest"), _ts(args, "latest"))
    inclusive = args.flag("inclusive")
    if desk.faults.history_lag > timedelta(0):
        horizon = desk.workspace.now() - desk.faults.history_lag
        shown_until = f"{int(horizon.timestamp()):010d}.{horizon.microsecond:06d}"
        latest = min(latest, shown_until) if latest else shown_until
    return ts_between(ordered, oldest, latest, inclusive=inclusive)


def _ts(args: Arguments, name: str) -> str | None:
    """A `ts` bound, filled up so that text order is time order."""
    value = args.text(name)
    if value is None or value in {"0", "now"}:
        return None
    if not _TS.fullmatch(value):
        raise SlackError(f"invalid_ts_{name}")
    seconds, _, rest = value.partition(".")
    return f"{int(seconds):010d}.{rest:<06}"


def _page_of_messages(channel: Channel, page: list[str], more: dict[str, Any], args: Arguments) -> Answer:
    with_metadata = args.flag("include_all_metadata")
    shown: list[Message] = [
        channel.messages[ts] if with_metadata else without_metadata(channel.messages[ts]) for ts in page
    ]
    answer: Answer = {"messages": shown, "has_more": bool(more["next_cursor"]), "pin_count": 0}
    return answer | ({"response_metadata": more} if more["next_cursor"] else {})


def _kinds(desk: Desk, args: Arguments) -> set[str]:
    """Raises SlackError: invalid_types, missing_scope."""
    asked = args.names("types") or ["public_channel"]
    if "mpim" in asked:
        desk.need_scope("mpim:read")
        asked.remove("mpim")
    if unknown := set(asked) - set(_KINDS):
        raise SlackError("invalid_types", unknown=sorted(unknown))
    kinds = {_KINDS[kind] for kind in asked}
    for kind in kinds:
        desk.need_scope(READ_SCOPES[kind])
    return kinds


def _described(desk: Desk, channel: Channel) -> dict[str, Any]:
    base = {
        "id": channel.id,
        "created": channel.created,
        "is_archived": channel.is_archived,
        "is_im": channel.is_im,
        "is_org_shared": False,
        "context_team_id": desk.workspace.team_id,
    }
    if channel.im_user_id:
        deleted = desk.workspace.people[channel.im_user_id].deleted
        return base | {"user": channel.im_user_id, "is_user_deleted": deleted, "priority": 0}
    return base | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_mpim": False,
        "is_private": channel.is_private,
        "is_general": False,
        "is_shared": False,
        "is_ext_shared": False,
        "is_pending_ext_shared": False,
        "is_member": desk.workspace.bot.id in channel.members,
        "creator": channel.creator_id,
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "previous_names": [],
    }


_PAGED = "limit cursor"
_WINDOW = f"channel {_PAGED} oldest latest inclusive include_all_metadata"

METHODS = {
    "conversations.open": method(open_im, "users channel return_im prevent_creation", "im:write"),
    "conversations.info": method(info, "channel include_num_members include_locale"),
    "conversations.list": method(list_all, f"types exclude_archived team_id {_PAGED}"),
    "conversations.members": method(members, f"channel {_PAGED}"),
    "conversations.join": method(join, "channel", "channels:join"),
    "conversations.history": method(history, _WINDOW),
    "conversations.replies": method(replies, f"{_WINDOW} ts"),
    "users.conversations": method(of_user, f"user types exclude_archived team_id {_PAGED}"),
}
