"""The state of the local workspace and every rule about who sees what of it.

All of it is JSON-able: messages are Slack's message JSON, views are Slack's view JSON beside what was typed.
"""

import itertools
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from simulator.changes import Change, Changes
from simulator.conversations import Channel, Message, Thread
from simulator.errors import SlackError
from simulator.notifying import Notification, who_hears
from simulator.people import Member
from simulator.screens import OpenView

__all__ = ["Channel", "Ephemeral", "Event", "Member", "Message", "Notification", "OpenView", "StoredFile", "Workspace"]

Event = dict[str, Any]
"""The inner `event` of an Events API payload."""


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


class Workspace(Changes):
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
        super().__init__()
        self.now = now
        self.team_id = team_id
        self.team_domain = team_domain
        self.name = name
        self.app_id = "A0BACKSTOP"
        self.bot_id = "B0BACKSTOP"
        self.people: dict[str, Member] = {}
        self.channels: dict[str, Channel] = {}
        self.user_groups: dict[str, tuple[str, ...]] = {}
        self.ephemerals: dict[str, dict[str, Ephemeral]] = {}
        self.modals: dict[str, list[OpenView]] = {}
        self.homes: dict[str, OpenView] = {}
        self.files: dict[str, StoredFile] = {}
        self.notified: list[Notification] = []
        self._ims: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._numbers = itertools.count(1)
        self._last_microsecond = 0
        self._event_listeners: list[Callable[[Event, Channel | None], None]] = []
        self.bot = self.add_person(bot_name, tz="UTC", is_bot=True, id="U0BACKSTOP")
        self.bot.bot_id, self.bot.app_id = self.bot_id, self.app_id

    # -- people ---------------------------------------------------------------------------------------------------

    def add_person(
        self,
        name: str,
        *,
        tz: str,
        email: str | None = None,
        real_name: str = "",
        is_admin: bool = False,
        is_owner: bool = False,
        is_restricted: bool = False,
        is_ultra_restricted: bool = False,
        is_stranger: bool = False,
        is_bot: bool = False,
        deleted: bool = False,
        status_text: str = "",
        status_emoji: str = "",
        team_id: str | None = None,
        id: str | None = None,
    ) -> Member:
        """A new account. `is_restricted` is a multi-channel guest, `is_ultra_restricted` a single-channel one."""
        member = Member(
            id=id or self._new_id("U", name),
            name=name,
            team_id=team_id or ("T0ELSEWHERE" if is_stranger else self.team_id),
            tz=tz,
            email=email,
            real_name=real_name,
            is_admin=is_admin,
            is_owner=is_owner,
            is_restricted=is_restricted or is_ultra_restricted,
            is_ultra_restricted=is_ultra_restricted,
            is_stranger=is_stranger,
            is_bot=is_bot,
            deleted=deleted,
            status_text=status_text,
            status_emoji=status_emoji,
            updated=int(self.now().timestamp()),
        )
        if member.id in self.people:
            raise ValueError(f"{member.id} exists already")
        self.people[member.id] = member
        self._names.setdefault(name.lower(), member.id)
        self.announce(Change("people", user_id=member.id))
        self._emit({"type": "team_join", "user": member.as_slack(self.now())})
        return member

    def add_user_group(self, handle: str, members: Iterable["Member | str"]) -> str:
        """A user group that `<!subteam^ID>` notifies; its id."""
        group_id = self._new_id("S", handle)
        self.user_groups[group_id] = tuple(self.person(member).id for member in members)
        return group_id

    def person(self, who: "Member | str") -> Member:
        """By id or name (case doesn't matter). Raises KeyError."""
        if isinstance(who, Member):
            return who
        if found := self.people.get(who):
            return found
        return self.people[self._names[who.removeprefix("@").lower()]]

    def deactivate(self, who: "Member | str") -> None:
        """As an admin does: the account leaves its channels and can't be written to."""
        member = self.person(who)
        member.deleted = True
        for channel in self.channels.values():
            if not channel.is_im and member.id in channel.members:
                self.leave(channel, member)
        self.modals.pop(member.id, None)
        self._person_changed(member)

    def reactivate(self, who: "Member | str") -> None:
        member = self.person(who)
        member.deleted = False
        self._person_changed(member)

    def alter(self, who: "Member | str", **fields: Any) -> Member:
        """Sets profile fields (name, real_name, tz, email, status_text, is_admin, …) as a person or an admin would."""
        member = self.person(who)
        for field_name, value in fields.items():
            if field_name not in Member.__dataclass_fields__ or field_name in {"id", "bot_id", "app_id"}:
                raise ValueError(f"a person has no {field_name} to set")
            setattr(member, field_name, value)
        self._names.setdefault(member.name.lower(), member.id)
        self._person_changed(member)
        return member

    def set_dnd(self, who: "Member | str", on: bool, *, until: datetime | None = None) -> None:
        """Do Not Disturb, until `until` (aware) or for an hour."""
        member = self.person(who)
        member.dnd_until = (until or self.now() + timedelta(hours=1)) if on else None
        self.announce(Change("people", user_id=member.id))
        self._emit({"type": "dnd_updated_user", "user": member.id, "dnd_status": self.dnd_of(member)})

    def dnd_of(self, member: Member) -> dict[str, Any]:
        """Slack's `dnd_status`: in Do Not Disturb from `next_dnd_start_ts` to `next_dnd_end_ts`."""
        if member.dnd_until is None or member.dnd_until <= self.now():
            return {"dnd_enabled": False, "next_dnd_start_ts": 1, "next_dnd_end_ts": 1}
        started = int(self.now().timestamp()) - 60
        return {
            "dnd_enabled": True,
            "next_dnd_start_ts": started,
            "next_dnd_end_ts": int(member.dnd_until.timestamp()),
        }

    # -- channels -------------------------------------------------------------------------------------------------

    def add_channel(
        self,
        name: str,
        *,
        members: Iterable["Member | str"] = (),
        is_private: bool = False,
        is_archived: bool = False,
        bot_is_member: bool = False,
        id: str | None = None,
    ) -> Channel:
        name = name.removeprefix("#")
        ids = [self.person(member).id for member in members]
        channel = Channel(
            id=id or self._new_id("C", name),
            name=name,
            creator_id=ids[0] if ids else self.bot.id,
            created=int(self.now().timestamp()),
            is_private=is_private,
            is_archived=is_archived,
            members=dict.fromkeys(ids + ([self.bot.id] if bot_is_member else [])),
        )
        if channel.id in self.channels:
            raise ValueError(f"{channel.id} exists already")
        self.channels[channel.id] = channel
        self._names.setdefault(f"#{name}", channel.id)
        self.announce(Change("channels", channel_id=channel.id))
        if not is_private:
            described = {"id": channel.id, "name": name, "created": channel.created, "creator": channel.creator_id}
            self._emit({"type": "channel_created", "channel": described}, channel)
        return channel

    def channel(self, which: "Channel | str") -> Channel:
        """By id or name, with or without the #. Raises KeyError."""
        if isinstance(which, Channel):
            return which
        if found := self.channels.get(which):
            return found
        return self.channels[self._names[f"#{which.removeprefix('#')}"]]

    def im_with(self, who: "Member | str") -> Channel:
        """The DM between that person and the bot, opened on first use."""
        member = self.person(who)
        if channel_id := self._ims.get(member.id):
            return self.channels[channel_id]
        channel = Channel(
            id=self._new_id("D", member.name),
            name="",
            creator_id=self.bot.id,
            created=int(self.now().timestamp()),
            is_private=True,
            im_user_id=member.id,
            members={member.id: None, self.bot.id: None},
        )
        self.channels[channel.id] = channel
        self._ims[member.id] = channel.id
        self.announce(Change("channels", channel_id=channel.id))
        return channel

    def can_see(self, who: "Member | str", which: "Channel | str") -> bool:
        """Public channels are open to full members; everything else to those who are in it."""
        member, channel = self.person(who), self.channel(which)
        if member.deleted:
            return False
        if member.id in channel.members:
            return True
        return not (channel.is_private or member.is_guest or member.is_stranger or member.is_bot)

    def visible_channels(self, who: "Member | str") -> list[Channel]:
        return [channel for channel in self.channels.values() if self.can_see(who, channel)]

    def join(self, which: "Channel | str", who: "Member | str", *, inviter_id: str | None = None) -> None:
        channel, member = self.channel(which), self.person(who)
        if member.id in channel.members:
            return
        channel.members[member.id] = None
        self.announce(Change("channels", channel_id=channel.id))
        event = {
            "type": "member_joined_channel",
            "user": member.id,
            "channel": channel.id,
            "channel_type": "G" if channel.is_private else "C",
            "team": self.team_id,
        }
        self._emit(event | ({"inviter": inviter_id} if inviter_id else {}), channel)

    def leave(self, which: "Channel | str", who: "Member | str") -> None:
        channel, member = self.channel(which), self.person(who)
        if member.id not in channel.members:
            return
        event = {
            "type": "member_left_channel",
            "user": member.id,
            "channel": channel.id,
            "channel_type": "G" if channel.is_private else "C",
            "team": self.team_id,
        }
        if member.id == self.bot.id:
            event = {"type": "group_left" if channel.is_private else "channel_left", "channel": channel.id}
        self._emit(event, channel)
        del channel.members[member.id]
        self.announce(Change("channels", channel_id=channel.id))

    def invite_bot(self, which: "Channel | str", *, inviter: "Member | str | None" = None) -> None:
        self.join(which, self.bot, inviter_id=self.person(inviter).id if inviter else None)

    def remove_bot(self, which: "Channel | str") -> None:
        self.leave(which, self.bot)

    def archive(self, which: "Channel | str", *, by: "Member | str | None" = None) -> None:
        self._set_archived(self.channel(which), True, by)

    def unarchive(self, which: "Channel | str", *, by: "Member | str | None" = None) -> None:
        self._set_archived(self.channel(which), False, by)

    def rename(self, which: "Channel | str", name: str) -> None:
        channel = self.channel(which)
        channel.name = name.removeprefix("#")
        self._names.setdefault(f"#{channel.name}", channel.id)
        self.announce(Change("channels", channel_id=channel.id))
        described = {"id": channel.id, "name": channel.name, "created": channel.created}
        self._emit({"type": "group_rename" if channel.is_private else "channel_rename", "channel": described}, channel)

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

    def next_ts(self) -> str:
        """Unique in the workspace and increasing, also when the clock stands still or goes back."""
        moment = self.now().astimezone(UTC)
        microsecond = int(moment.timestamp()) * 1_000_000 + moment.microsecond
        self._last_microsecond = max(microsecond, self._last_microsecond + 1)
        seconds, rest = divmod(self._last_microsecond, 1_000_000)
        return f"{seconds:010d}.{rest:06d}"

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

    def on_event(self, listener: Callable[[Event, Channel | None], None]) -> None:
        """Calls `listener` with each inner event and the channel that it is about, visible to the bot or not."""
        self._event_listeners.append(listener)

    def home_opened(self, who: "Member | str", tab: Literal["home", "messages"] = "home") -> None:
        member = self.person(who)
        event: Event = {"type": "app_home_opened", "user": member.id, "channel": self.im_with(member).id, "tab": tab}
        if home := self.homes.get(member.id):
            event["view"] = home.as_slack()
        self._emit(event)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _emit(self, event: Event, channel: Channel | None = None) -> None:
        if not self._event_listeners:
            return
        event.setdefault("event_ts", self.next_ts())
        for listener in self._event_listeners:
            listener(event, channel)

    def _hidden_event(self, subtype: str, channel: Channel, **fields: Any) -> Event:
        ts = self.next_ts()
        kind = channel.kind
        base = {"type": "message", "subtype": subtype, "hidden": True, "channel": channel.id, "channel_type": kind}
        return base | {"ts": ts, "event_ts": ts} | fields

    def _whisper_changed(self, ephemeral: Ephemeral) -> None:
        ts, user_id = ephemeral.message["ts"], ephemeral.user_id
        self.announce(Change("ephemeral", channel_id=ephemeral.channel_id, ts=ts, user_id=user_id))

    def _person_changed(self, member: Member) -> None:
        member.updated = int(self.now().timestamp())
        self.announce(Change("people", user_id=member.id))
        self._emit({"type": "user_change", "user": member.as_slack(self.now()), "cache_ts": member.updated})

    def _set_archived(self, channel: Channel, archived: bool, by: "Member | str | None") -> None:
        if channel.is_im:
            raise SlackError("method_not_supported_for_channel_type")
        channel.is_archived = archived
        self.announce(Change("channels", channel_id=channel.id))
        kind = f"{'group' if channel.is_private else 'channel'}_{'archive' if archived else 'unarchive'}"
        actor = self.person(by).id if by else channel.creator_id
        self._emit({"type": kind, "channel": channel.id, "user": actor}, channel)

    def _new_id(self, letter: str, name: str) -> str:
        readable = "".join(character for character in name.upper() if character.isascii() and character.isalnum())
        return f"{letter}{next(self._numbers):03d}{readable[:8] or secrets.token_hex(2).upper()}"
