"""Who would be notified by a message: DMs, mentions, broadcasts, groups and thread followers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from simulator.conversations import Channel, Message, Thread

if TYPE_CHECKING:
    from simulator.workspace import Workspace

Why = Literal["dm", "mention", "group", "channel", "here", "everyone", "thread"]

_MENTION = re.compile(
    r"<(?:@(?P<user>[UW][A-Z0-9]+)|!subteam\^(?P<group>S[A-Z0-9]+)|!(?P<all>channel|here|everyone))(?:\|[^>]*)?>"
)
_STRENGTH: dict[str, int] = {"dm": 6, "mention": 5, "group": 4, "here": 3, "channel": 2, "everyone": 2, "thread": 1}


@dataclass(frozen=True, slots=True)
class Notification:
    """One person's phone buzzing. `silent` when that person is in Do Not Disturb."""

    user_id: str
    channel_id: str
    ts: str
    why: Why
    silent: bool = False


def who_hears(
    workspace: "Workspace", channel: Channel, message: Message, thread: Thread | None
) -> tuple[list[Notification], list[str]]:
    """Notifications of a new message, one a person with the strongest reason, and who follows its thread from now on.

    People outside a channel, bots, the deactivated and the author hear nothing.
    """
    author = message["user"]
    reasons: dict[str, Why] = {}

    def reason(user_id: str | None, why: Why) -> None:
        if user_id and _STRENGTH[why] > _STRENGTH.get(reasons.get(user_id, ""), 0):
            reasons[user_id] = why

    for kind, target in mentions_in(message):
        if kind == "user":
            reason(target, "mention")
        elif kind == "group":
            for user_id in workspace.user_groups.get(target, ()):
                reason(user_id, "group")
        else:
            for user_id in channel.members:
                reason(user_id, target)  # type: ignore[arg-type]  # the pattern allows only these three words
    mentioned = [user_id for user_id, why in reasons.items() if why == "mention"]
    followers = [author, *mentioned]
    if thread is not None:
        parent = channel.messages.get(message.get("thread_ts", ""))
        if parent is not None and parent.get("user"):
            followers += [parent["user"], *(target for kind, target in mentions_in(parent) if kind == "user")]
        for user_id in (*thread.followers, *followers):
            if user_id != author:
                reason(user_id, "thread")
    if channel.is_im:
        for user_id in channel.members:
            reason(user_id, "dm")
    heard = []
    for user_id, why in reasons.items():
        member = workspace.people.get(user_id)
        if member is None or member.is_bot or member.deleted or user_id == author or user_id not in channel.members:
            continue
        silent = bool(workspace.dnd_of(member)["dnd_enabled"])
        heard.append(Notification(user_id, channel.id, message["ts"], why, silent))
    return heard, followers


def mentions_in(message: Message) -> Iterator[tuple[str, str]]:
    """("user", id), ("group", id) or ("all", "channel"|"here"|"everyone") in every place where Slack parses them."""
    yield from _in_mrkdwn(message.get("text") or "")
    yield from _in_tree(message.get("blocks"))
    yield from _in_tree(message.get("attachments"))


def _in_tree(node: Any) -> Iterator[tuple[str, str]]:
    if isinstance(node, list):
        for part in node:
            yield from _in_tree(part)
    elif isinstance(node, dict):
        match node.get("type"):
            case "mrkdwn" | "markdown":
                yield from _in_mrkdwn(str(node.get("text", "")))
            case "user" if "user_id" in node:
                yield "user", node["user_id"]
            case "usergroup" if "usergroup_id" in node:
                yield "group", node["usergroup_id"]
            case "broadcast" if "range" in node:
                yield "all", node["range"]
        for key in ("blocks", "text", "fields", "elements", "accessory", "rows", "pretext", "fallback"):
            if isinstance(node.get(key), (list, dict)):
                yield from _in_tree(node[key])
        if "type" not in node:  # an attachment: its strings are mrkdwn
            for key in ("text", "pretext"):
                if isinstance(node.get(key), str):
                    yield from _in_mrkdwn(node[key])


def _in_mrkdwn(text: str) -> Iterator[tuple[str, str]]:
    for found in _MENTION.finditer(text):
        kind = found.lastgroup
        if kind:
            yield kind, found[kind]
