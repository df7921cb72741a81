"""Channels and DMs: who is in them, who sees them, what happens to them."""

from collections.abc import Callable, Iterable
from datetime import datetime

from simulator.changes import Change
from simulator.conversations import Channel
from simulator.errors import SlackError
from simulator.people import Member
from simulator.roster import Roster


class Rooms(Roster):
    """The conversations of a team in which one app is installed: `bot` is its account."""

    bot: Member

    def __init__(self, *, now: Callable[[], datetime], team_id: str, team_domain: str, name: str) -> None:
        super().__init__(now=now, team_id=team_id, team_domain=team_domain, name=name)
        self.channels: dict[str, Channel] = {}
        self._ims: dict[str, str] = {}

    def add_channel(
        self,
        name: str,
        *,
        members: Iterable["Member | str"] = (),
        is_private: bool = False,
        is_archived: bool = False,
        bot_is_member: bool = False,
        id: str | None = None,  # noqa: A002 - Slack's own name for it
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
        self._names.pop(f"#{channel.name}", None)
        channel.name = name.removeprefix("#")
        self._names.setdefault(f"#{channel.name}", channel.id)
        self.announce(Change("channels", channel_id=channel.id))
        described = {"id": channel.id, "name": channel.name, "created": channel.created}
        self._emit({"type": "group_rename" if channel.is_private else "channel_rename", "channel": described}, channel)

    def _set_archived(self, channel: Channel, archived: bool, by: "Member | str | None") -> None:
        if channel.is_im:
            raise SlackError("method_not_supported_for_channel_type")
        channel.is_archived = archived
        self.announce(Change("channels", channel_id=channel.id))
        kind = f"{'group' if channel.is_private else 'channel'}_{'archive' if archived else 'unarchive'}"
        actor = self.person(by).id if by else channel.creator_id
        self._emit({"type": kind, "channel": channel.id, "user": actor}, channel)
