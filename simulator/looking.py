"""What one person's screen shows, as JSON for the page: their channels, one of them opened, a thread, modals, Home."""

import asyncio
from bisect import bisect_right
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from simulator.changes import Change
from simulator.conversations import Channel, Message
from simulator.doing import BUILT_IN
from simulator.people import Member

if TYPE_CHECKING:
    from simulator.server import Simulator

MESSAGES_SHOWN = 300
_TOGETHER_S = 0.02
"""Changes that come within this time are sent as one state."""
_CLOCK_EVERY_S = 5.0


class Look(BaseModel):
    """What a screen asks to show. People and channels by id or name; `channel` "@bot" is the DM with the bot."""

    model_config = ConfigDict(extra="forbid")

    who: str | None = Field(default=None, alias="as")
    channel: str | None = None
    thread: str | None = None
    tab: Literal["home", "messages"] | None = None
    asked: int = 0


class ReadMarks:
    """Up to where each person has read each channel; whatever stood there when the marks were made counts as read."""

    def __init__(self, simulator: "Simulator") -> None:
        self._workspace = simulator.workspace
        self._start = simulator.workspace.next_ts()
        self._marks: dict[tuple[str, str], str] = {}
        self._heard: dict[tuple[str, str], list[str]] = {}
        self._counted = len(simulator.workspace.notified)

    def of(self, person_id: str, channel_id: str) -> str:
        return self._marks.get((person_id, channel_id), self._start)

    def read(self, person_id: str, channel: Channel) -> None:
        """Everything in the channel, its threads too. Tells the other screens when that settles somebody's news."""
        newest = [
            *channel.timeline[-1:],
            *(thread.replies[-1] for thread in channel.threads.values() if thread.replies),
        ]
        if not newest or max(newest) <= self.of(person_id, channel.id):
            return
        settles = self.news(person_id, channel.id) > 0
        self._marks[person_id, channel.id] = max(newest)
        if settles:
            self._workspace.announce(Change("people", user_id=person_id))

    def news(self, person_id: str, channel_id: str) -> int:
        """How many messages there notified that person since they last looked."""
        for notification in self._workspace.notified[self._counted :]:
            self._heard.setdefault((notification.user_id, notification.channel_id), []).append(notification.ts)
        self._counted = len(self._workspace.notified)
        heard = self._heard.get((person_id, channel_id), [])
        return len(heard) - bisect_right(heard, self.of(person_id, channel_id))

    def unread(self, person_id: str, channel: Channel) -> bool:
        since = channel.between(self.of(person_id, channel.id), None)
        return any(channel.messages[ts].get("user") != person_id for ts in since)


class Screen:
    """A browser's window on the workspace: whom it acts as, and where it is."""

    def __init__(self, simulator: "Simulator", marks: ReadMarks, look: Look) -> None:
        self._simulator = simulator
        self._workspace = simulator.workspace
        self._marks = marks
        self.problem: str | None = None
        self.look = look
        self.me = self._person(look)
        self.channel = self._channel(look)
        on_home = (
            look.tab == "home" and self.channel is not None and self.channel.is_im and simulator.app_manifest.home_tab
        )
        self.tab: Literal["home", "messages"] = "home" if on_home else "messages"
        self.thread = look.thread if self.channel and look.thread in self.channel.messages else None
        self.read_before = self._marks.of(self.me.id, self.channel.id) if self.channel else None

    def state(self, *, clock_moves: list[str], fresh: bool) -> dict[str, Any]:
        """All that the page draws. Marks the open channel as read. `fresh`: the person has just come here."""
        channel = self.channel if self.channel and self._workspace.can_see(self.me, self.channel) else None
        if channel and self.tab == "messages":
            self._marks.read(self.me.id, channel)
        home = self._workspace.homes.get(self.me.id)
        problem, self.problem = self.problem, None
        return {
            "type": "state",
            "asked": self.look.asked,
            "fresh": fresh,
            "problem": problem,
            "now": self._simulator.now().timestamp(),
            "clock_moves": clock_moves,
            "workspace": {"name": self._workspace.name, "domain": self._workspace.team_domain},
            "bot": self._bot_shown(),
            "me": self.me.id,
            "people": [
                self._person_shown(member, place) for place, member in enumerate(self._workspace.people.values())
            ],
            "channels": [self._channel_shown(other) for other in self._places()],
            "channel": channel.id if channel else None,
            "tab": self.tab,
            "read_before": self.read_before,
            "messages": self._messages(channel) if channel else [],
            "thread": {"ts": self.thread, "messages": self._replies(channel)} if channel and self.thread else None,
            "modals": [
                {"view": shown.view, "typed": shown.typed, "errors": shown.errors}
                for shown in self._workspace.modals.get(self.me.id, [])
            ],
            "home": home.view if home else None,
            **offers(self._simulator.manifest),
        }

    # -- finding what was asked for -----------------------------------------------------------------------------

    def _person(self, look: Look) -> Member:
        people = [member for member in self._workspace.people.values() if not member.is_bot]
        if look.who:
            wanted = look.who.removeprefix("@").lower()
            for member in people:
                if wanted in {member.id.lower(), member.name.lower(), member.real_name.lower()} and not member.deleted:
                    return member
            self.problem = f"Nobody active is called “{look.who}”."
        return next((member for member in people if not (member.deleted or member.is_guest)), people[0])

    def _channel(self, look: Look) -> Channel | None:
        rooms = [place for place in self._workspace.visible_channels(self.me) if not place.is_im]
        if look.channel:
            wanted = look.channel.removeprefix("#")
            if wanted.startswith("@"):
                return self._workspace.im_with(self.me)
            for channel in [*rooms, self._workspace.im_with(self.me)]:
                if wanted == channel.id or (channel.name and wanted == channel.name):
                    return channel
            # Coming from another person's screen to a channel that this one can't see is no mistake worth words.
            if look.asked == 0 and self.problem is None:
                self.problem = f"{self.me.name} can't see “{look.channel}”."
        mine = [room for room in rooms if self.me.id in room.members and not room.is_archived]
        return next(iter(mine or rooms), None)

    def _places(self) -> list[Channel]:
        own_im = self._workspace.im_with(self.me)
        return [place for place in self._workspace.visible_channels(self.me) if not place.is_im or place is own_im]

    # -- describing it ------------------------------------------------------------------------------------------

    def _bot_shown(self) -> dict[str, Any]:
        manifest = self._simulator.app_manifest
        return {
            "id": self._workspace.bot.id,
            "name": self._workspace.bot.name,
            "home": manifest.home_tab,
            "takes_messages": manifest.messages_tab and not manifest.messages_tab_read_only,
        }

    def _person_shown(self, member: Member, place: int) -> dict[str, Any]:
        channels = [channel.id for channel in self._workspace.channels.values() if member.id in channel.members]
        return {
            "id": member.id,
            "name": member.name,
            "real_name": member.shown_name,
            "tz": member.tz,
            # The golden angle keeps neighbours' colours apart, however many there are.
            "hue": round(place * 137.508) % 360,
            "is_admin": member.is_admin,
            "is_owner": member.is_owner,
            "is_restricted": member.is_guest,
            "is_stranger": member.is_stranger,
            "is_bot": member.is_bot,
            "deleted": member.deleted,
            "status_text": member.status_text,
            "dnd": bool(self._workspace.dnd_of(member)["dnd_enabled"]),
            "waiting": 0 if member.is_bot else sum(self._marks.news(member.id, channel) for channel in channels),
        }

    def _channel_shown(self, channel: Channel) -> dict[str, Any]:
        return {
            "id": channel.id,
            "name": channel.name,
            "kind": channel.kind,
            "is_private": channel.is_private,
            "is_archived": channel.is_archived,
            "is_member": self.me.id in channel.members,
            "members": len(channel.members),
            "unread": self._marks.unread(self.me.id, channel) if self.me.id in channel.members else False,
            "news": self._marks.news(self.me.id, channel.id),
        }

    def _messages(self, channel: Channel) -> list[Message]:
        shown = [channel.messages[ts] for ts in channel.timeline[-MESSAGES_SHOWN:]]
        return self._with_whispers(shown, channel, thread=None)

    def _replies(self, channel: Channel) -> list[Message]:
        ts = str(self.thread)
        replies = channel.threads[ts].replies if ts in channel.threads else []
        shown = [channel.messages[reply] for reply in (ts, *replies) if reply in channel.messages]
        return self._with_whispers(shown, channel, thread=ts)

    def _with_whispers(self, shown: list[Message], channel: Channel, *, thread: str | None) -> list[Message]:
        whispers = [
            kept.message
            for kept in self._workspace.ephemerals.get(self.me.id, {}).values()
            if kept.channel_id == channel.id and kept.message.get("thread_ts") == thread
        ]
        return sorted([*shown, *whispers], key=lambda message: str(message["ts"]))


class Window:
    """One WebSocket: remembers where it looks, and sends the state again when something there may have changed."""

    def __init__(
        self, sim: "Simulator", marks: ReadMarks, socket: web.WebSocketResponse, *, clock_moves: list[str]
    ) -> None:
        self._sim = sim
        self._marks = marks
        self._socket = socket
        self._clock_moves = clock_moves
        self._screen: Screen | None = None
        self._stirred = asyncio.Event()

    def notice(self, change: Change) -> None:
        if (self._screen and change.user_id in {None, self._screen.me.id}) or change.what == "people":
            self._stirred.set()

    async def look(self, look: Look) -> None:
        before = self._screen
        screen = self._screen = Screen(self._sim, self._marks, look)
        moved = before is None or (before.me, before.channel, before.tab) != (screen.me, screen.channel, screen.tab)
        await self._send(fresh=moved)
        if moved and screen.channel and screen.channel.is_im:
            if screen.tab == "home":
                await self._sim.acts_as(screen.me.id).open_home_tab()
            else:
                self._sim.workspace.home_opened(screen.me, "messages")

    async def keep_sending(self) -> None:
        while not self._socket.closed:
            try:
                async with asyncio.timeout(_CLOCK_EVERY_S):
                    await self._stirred.wait()
            except TimeoutError:
                now = self._sim.now().timestamp()
                await self._socket.send_json({"type": "clock", "now": now, "clock_moves": self._clock_moves})
                continue
            await asyncio.sleep(_TOGETHER_S)
            self._stirred.clear()
            await self._send(fresh=False)

    async def _send(self, *, fresh: bool) -> None:
        if self._screen is not None and not self._socket.closed:
            await self._socket.send_json(self._screen.state(clock_moves=self._clock_moves, fresh=fresh))


def offers(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Commands and shortcuts as the app's manifest describes them."""
    features = manifest.get("features") or {}
    commands = sorted(features.get("slash_commands") or [], key=lambda command: str(command["command"]))
    return {"commands": commands, "built_in": list(BUILT_IN), "shortcuts": features.get("shortcuts") or []}
