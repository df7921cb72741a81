"""The state of the local workspace and every rule about who sees what of it.

All of it is JSON-able: messages are Slack's message JSON, views are Slack's view JSON beside what was typed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from simulator.changes import Change
from simulator.conversations import Channel, Message, Thread
from simulator.notifying import Notification, who_hears
from simulator.people import Member
from simulator.rooms import Rooms
from simulator.roster import Event
from simulator.screens import OpenView

__all__ = ["Channel", "Ephemeral", "Event", "Member", "Message", "Notification", "OpenView", "StoredFile", "Workspace"]


@dataclass
class Ephemeral:
    """A message that one person sees in one channel. `message` is Slack's JSON with `is_ephemeral`."""

    channel_id: str
    user_id: str
    message: Message


@dataclass
class StoredFile:
    """An upload. `content` is None until the bytes came; `channels` are where it was shared."""

    id: str
    name: str
    title: str
    length: int
    alt_text: str = ""
    content: bytes | None = None
    complete: bool = False
    channels: tuple[str, ...] = ()
    created: int = 0


class Workspace(Rooms):
    """People, channels, messages, ephemerals, views, Homes and files of one Slack team with one app installed."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        team_id: str = "T0SUPPORT",
        team_domain: str = "support",
        name: str = "Support",
        bot_name: str = "Backstop",
    ) -> None:
        super().__init__(now=now, team_id=team_id, team_domain=team_domain, name=name)
        self.app_id = "A0BACKSTOP"
        self.bot_id = "B0BACKSTOP"
        self.ephemerals: dict[str, dict[str, Ephemeral]] = {}
        self.modals: dict[str, list[OpenView]] = {}
        self.homes: dict[str, OpenView] = {}
        self.files: dict[str, StoredFile] = {}
        self.notified: list[Notification] = []
        self.bot = self.add_person(bot_name, tz="UTC", is_bot=True, id="U0BACKSTOP")
        self.bot.bot_id, self.bot.app_id = self.bot_id, self.app_id

    # -- people -----------------------------------------------------------------------------------------------------

    def deactivate(self, who: "Member | str") -> None:
        """As an admin does: the account leaves its channels and can't be written to."""
        member = self.person(who)
        member.deleted = True
        for channel in self.channels.values():
            if not channel.is_im and member.id in channel.members:
                self.leave(channel, member)
        self.modals.pop(member.id, None)
        self._person_changed(member)

    # -- messages -------------------------------------------------------------------------------------------------

    def post(
        self,
        channel: Channel,
        author: Member,
        text: str,
        *,
        blocks: Sequence[Mapping[str, Any]] | None = None,
        attachments: Sequence[Mapping[str, Any]] | None = None,
        thread_ts: str | None = None,
        broadcast: bool = False,
        metadata: Mapping[str, Any] | None = None,
        files: Sequence[Mapping[str, Any]] | None = None,
        subtype: str | None = None,
    ) -> Message:
        """Says `text` in the channel; works out who hears of it; tells watchers and the app."""
        message: Message = {
            "type": "message",
            "user": author.id,
            "text": text,
            "ts": self.next_ts(),
            "team": author.team_id,
        }
        if author.is_bot:
            message |= {"bot_id": author.bot_id, "app_id": author.app_id}
        if blocks:
            message["blocks"] = list(blocks)
        if attachments:
            message["attachments"] = list(attachments)
        if metadata:
            message["metadata"] = dict(metadata)
        if files:
            message["files"] = list(files)
        if subtype:
            message["subtype"] = subtype
        if thread_ts:
            message["thread_ts"] = thread_ts
            parent = channel.messages.get(thread_ts)
            if parent is not None:
                message["parent_user_id"] = parent.get("user")
            if broadcast:
                message["subtype"] = "thread_broadcast"
        thread = channel.threads.setdefault(thread_ts, Thread()) if thread_ts else None
        heard, followers = who_hears(self, channel, message, thread)
        channel.keep(message)
        channel.threads.get(thread_ts or message["ts"], Thread()).followers.update(dict.fromkeys(followers))
        self.notified.extend(heard)
        self.announce(Change("message", channel_id=channel.id, ts=message["ts"]))
        event = {**message, "channel": channel.id, "channel_type": channel.kind, "event_ts": message["ts"]}
        event.pop("metadata", None)
        self._emit(event, channel)
        if f"<@{self.bot.id}>" in text and self.bot.id in channel.members and author.id != self.bot.id:
            mention = {key: value for key, value in event.items() if key != "channel_type"}
            self._emit(mention | {"type": "app_mention"}, channel)
        return message

    def edit(self, channel: Channel, ts: str, changed: Mapping[str, Any], *, by: Member) -> Message:
        """Replaces fields of a message; a field given as None goes away."""
        before = channel.messages[ts]
        after = before | dict(changed) | {"edited": {"user": by.id, "ts": self.next_ts()}}
        after = {key: value for key, value in after.items() if value is not None}
        channel.messages[ts] = after
        self.announce(Change("message_changed", channel_id=channel.id, ts=ts))
        self._emit(self._hidden_event("message_changed", channel, message=after, previous_message=before), channel)
        return after

    def delete(self, channel: Channel, ts: str) -> None:
        before = channel.drop(ts)
        self.announce(Change("message_deleted", channel_id=channel.id, ts=ts))
        self._emit(self._hidden_event("message_deleted", channel, deleted_ts=ts, previous_message=before), channel)

    def whisper(
        self,
        channel: Channel,
        listener: Member,
        text: str,
        *,
        blocks: Sequence[Mapping[str, Any]] | None = None,
        attachments: Sequence[Mapping[str, Any]] | None = None,
        thread_ts: str | None = None,
    ) -> Ephemeral:
        """An ephemeral message from the bot: one person sees it, nobody can look it up."""
        message: Message = {
            "type": "message",
            "user": self.bot.id,
            "bot_id": self.bot_id,
            "app_id": self.app_id,
            "text": text,
            "ts": self.next_ts(),
            "is_ephemeral": True,
        }
        if blocks:
            message["blocks"] = list(blocks)
        if attachments:
            message["attachments"] = list(attachments)
        if thread_ts:
            message["thread_ts"] = thread_ts
        ephemeral = Ephemeral(channel_id=channel.id, user_id=listener.id, message=message)
        self.ephemerals.setdefault(listener.id, {})[message["ts"]] = ephemeral
        self.announce(Change("ephemeral", channel_id=channel.id, ts=message["ts"], user_id=listener.id))
        return ephemeral

    def rewhisper(self, ephemeral: Ephemeral, changed: Mapping[str, Any]) -> None:
        after = ephemeral.message | dict(changed)
        ephemeral.message = {key: value for key, value in after.items() if value is not None}
        self._whisper_changed(ephemeral)

    def unwhisper(self, ephemeral: Ephemeral) -> None:
        self.ephemerals[ephemeral.user_id].pop(ephemeral.message["ts"], None)
        self._whisper_changed(ephemeral)

    def permalink(self, channel: Channel, ts: str) -> str:
        link = f"https://{self.team_domain}.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"
        thread_ts = channel.messages[ts].get("thread_ts")
        return link if thread_ts in {None, ts} else f"{link}?thread_ts={thread_ts}&cid={channel.id}"

    # -- modals and Home ------------------------------------------------------------------------------------------

    def modal_stack(self, user_id: str) -> list[OpenView]:
        return self.modals.setdefault(user_id, [])

    def open_view(self, view_id: str) -> OpenView | None:
        """The modal or Home with that id, if somebody has it open."""
        for stack in self.modals.values():
            for shown in stack:
                if shown.id == view_id:
                    return shown
        return next((home for home in self.homes.values() if home.id == view_id), None)

    def screen_changed(self, user_id: str, what: Literal["modals", "home"]) -> None:
        self.announce(Change(what, user_id=user_id))

    # -- the app --------------------------------------------------------------------------------------------------

    def home_opened(self, who: "Member | str", tab: Literal["home", "messages"] = "home") -> None:
        member = self.person(who)
        event: Event = {"type": "app_home_opened", "user": member.id, "channel": self.im_with(member).id, "tab": tab}
        if home := self.homes.get(member.id):
            event["view"] = home.as_slack()
        self._emit(event)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _hidden_event(self, subtype: str, channel: Channel, **fields: Any) -> Event:
        ts = self.next_ts()
        kind = channel.kind
        base = {"type": "message", "subtype": subtype, "hidden": True, "channel": channel.id, "channel_type": kind}
        return base | {"ts": ts, "event_ts": ts} | fields

    def _whisper_changed(self, ephemeral: Ephemeral) -> None:
        ts, user_id = ephemeral.message["ts"], ephemeral.user_id
        self.announce(Change("ephemeral", channel_id=ephemeral.channel_id, ts=ts, user_id=user_id))
