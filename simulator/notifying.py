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
_BROADCASTS: dict[str, Why] = {"channel": "channel", "here": "here", "everyone": "everyone"}
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
    claims = list(_addressed(workspace, channel, message))
    followers = [author, *(user_id for user_id, why in claims if why == "mention")]
    if thread is not None:
        parent = channel.messages.get(message.get("thread_ts", ""), {})
        followers += [parent["user"]] if parent.get("user") else []
        followers += [target for kind, target in mentions_in(parent) if kind == "user"]
        claims += [(user_id, "thread") for user_id in (*thread.followers, *followers)]
    reasons: dict[str, Why] = {}
    for user_id, why in claims:
        if _STRENGTH[why] > _STRENGTH.get(reasons.get(user_id, ""), 0):
            reasons[user_id] = why
    heard = []
    for user_id, why in reasons.items():
        member = workspace.people.get(user_id)
        if member is None or member.is_bot or member.deleted or user_id == author or user_id not in channel.members:
            continue
        silent = bool(workspace.dnd_of(member)["dnd_enabled"])
        heard.append(Notification(user_id, channel.id, message["ts"], why, silent))
    return heard, followers


def _addressed(workspace: "Workspace", channel: Channel, message: Message) -> Iterator[tuple[str, Why]]:
    for kind, target in mentions_in(message):
        if kind == "user":
            yield target, "mention"
        elif kind == "group":
            yield from ((user_id, "group") for user_id in workspace.user_groups.get(target, ()))
        else:
            yield from ((user_id, _BROADCASTS[target]) for user_id in channel.members)
    if channel.is_im:
        yield from ((user_id, "dm") for user_id in channel.members)


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
        yield from _in_node(node)
        for key in ("blocks", "text", "fields", "elements", "accessory", "rows"):
            yield from _in_tree(node.get(key))


def _in_node(node: dict[str, Any]) -> Iterator[tuple[str, str]]:
    match node.get("type"):
        case "mrkdwn" | "markdown":
            yield from _in_mrkdwn(str(node.get("text", "")))
        case "user":
            yield "user", node["user_id"]
        case "usergroup":
            yield "group", node["usergroup_id"]
        case "broadcast":
            yield "all", node["range"]
        case None:  # an attachment: its strings are mrkdwn
            for key in ("text", "pretext"):
                if isinstance(node.get(key), str):
                    yield from _in_mrkdwn(node[key])


def _in_mrkdwn(text: str) -> Iterator[tuple[str, str]]:
    for found in _MENTION.finditer(text):
        kind = found.lastgroup
        if kind:
            yield kind, found[kind]
