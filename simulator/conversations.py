"""Channels and DMs with their messages, indexed by `ts`."""

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass, field
from typing import Any, Literal

Message = dict[str, Any]
"""A message as Slack's JSON (as in `conversations.history`), `metadata` included. Replaced, never edited in place."""


@dataclass
class Thread:
    """Replies under one parent, oldest first, and who would hear of the next one."""

    replies: list[str] = field(default_factory=list)
    followers: dict[str, None] = field(default_factory=dict)


@dataclass
class Channel:
    """A channel, or a DM between `im_user_id` and the bot. `members` keeps the order of joining."""

    id: str
    name: str
    creator_id: str
    created: int
    is_private: bool = False
    is_archived: bool = False
    im_user_id: str | None = None
    members: dict[str, None] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    timeline: list[str] = field(default_factory=list)
    threads: dict[str, Thread] = field(default_factory=dict)

    @property
    def is_im(self) -> bool:
        return self.im_user_id is not None

    @property
    def kind(self) -> Literal["im", "group", "channel"]:
        """Slack's `channel_type`."""
        if self.is_im:
            return "im"
        return "group" if self.is_private else "channel"

    def keep(self, message: Message) -> None:
        ts = message["ts"]
        self.messages[ts] = message
        parent_ts = message.get("thread_ts")
        if parent_ts is None or parent_ts == ts:
            insort(self.timeline, ts)
            return
        thread = self.threads.setdefault(parent_ts, Thread())
        insort(thread.replies, ts)
        if message.get("subtype") == "thread_broadcast":
            insort(self.timeline, ts)
        self._recount(parent_ts)

    def drop(self, ts: str) -> Message:
        """Takes a message away; a parent with replies leaves a tombstone, as in Slack."""
        message = self.messages[ts]
        if ts in self.threads and self.threads[ts].replies:
            kept = ("ts", "thread_ts", "reply_count", "reply_users_count", "latest_reply", "reply_users")
            self.messages[ts] = {
                "type": "message",
                "subtype": "tombstone",
                "text": "This message was deleted.",
                "user": "USLACKBOT",
                "hidden": True,
            } | {key: message[key] for key in kept if key in message}
            return message
        del self.messages[ts]
        self.threads.pop(ts, None)
        _remove(self.timeline, ts)
        parent_ts = message.get("thread_ts")
        if parent_ts and parent_ts != ts and parent_ts in self.threads:
            _remove(self.threads[parent_ts].replies, ts)
            self._recount(parent_ts)
        return message

    def between(self, oldest: str | None, latest: str | None, *, inclusive: bool = False) -> list[str]:
        """Top-level `ts` after `oldest` and before `latest`, oldest first."""
        return ts_between(self.timeline, oldest, latest, inclusive=inclusive)

    def _recount(self, parent_ts: str) -> None:
        parent = self.messages.get(parent_ts)
        if parent is None:
            return
        replies = self.threads[parent_ts].replies
        if not replies:
            self.messages[parent_ts] = {
                key: value
                for key, value in parent.items()
                if key not in {"thread_ts", "reply_count", "reply_users_count", "latest_reply", "reply_users"}
            }
            return
        authors = list(dict.fromkeys([*parent.get("reply_users", []), self.messages[replies[-1]].get("user", "")]))
        self.messages[parent_ts] = parent | {
            "thread_ts": parent_ts,
            "reply_count": len(replies),
            "reply_users_count": len(authors),
            "latest_reply": replies[-1],
            "reply_users": authors,
        }


def ts_between(ordered: list[str], oldest: str | None, latest: str | None, *, inclusive: bool) -> list[str]:
    start = 0
    end = len(ordered)
    if oldest is not None:
        start = bisect_left(ordered, oldest) if inclusive else bisect_right(ordered, oldest)
    if latest is not None:
        end = bisect_right(ordered, latest) if inclusive else bisect_left(ordered, latest)
    return ordered[start:end]


def _remove(ordered: list[str], ts: str) -> None:
    place = bisect_left(ordered, ts)
    if place < len(ordered) and ordered[place] == ts:
        del ordered[place]
