"""What a person does at a screen, by ids: the page acts through this."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from simulator.conversations import Channel, Message
from simulator.errors import Impossible
from simulator.rendering import Reader
from simulator.screens import OpenView
from simulator.workspace import Workspace

if TYPE_CHECKING:
    from simulator.server import Simulator


class Hands:
    """One person's hands and eyes. Every method raises Impossible for what that person couldn't do."""

    def __init__(self, simulator: "Simulator", user_id: str) -> None:
        self.id = user_id
        self.workspace: Workspace = simulator.workspace
        self.member = self.workspace.person(user_id)
        self.reader = Reader(self.workspace, user_id)
        self._simulator = simulator

    @property
    def name(self) -> str:
        return self.member.name

    def channels(self) -> list[Channel]:
        """What stands in this person's sidebar: channels they are in and their DM with the bot."""
        return [channel for channel in self.workspace.channels.values() if self.id in channel.members]

    def has_open(self, shown: OpenView) -> bool:
        return any(shown is other for other in self.workspace.modals.get(self.id, ()))

    async def press_in_message(
        self, channel_id: str, ts: str, block_id: str, action_id: str, chosen: Mapping[str, Any] | None = None
    ) -> None:
        """A click or choice in a message (ephemerals too). `chosen` is the element's new state without `type`, e.g.
        {"selected_option": {...}}, {"selected_date": "2026-06-05"}; None for a button.

        Raises Impossible, NotAcknowledged.
        """
        place, message = self._message(channel_id, ts)
        await self._simulator.interactions.press_in_message(self.member, place, message, block_id, action_id, chosen)

    async def press_in_view(
        self, view_id: str, block_id: str, action_id: str, chosen: Mapping[str, Any] | None = None
    ) -> None:
        """The same in a modal or Home: elements of actions and section blocks, and inputs with dispatch_action."""
        shown = self._own_view(view_id)
        await self._simulator.interactions.press_in_view(self.member, shown, block_id, action_id, chosen)

    def choose(self, view_id: str, block_id: str, action_id: str, chosen: Mapping[str, Any]) -> None:
        """Types into or chooses in an input block: `chosen` as above, or {"value": "typed text"}. Sends nothing."""
        self._simulator.interactions.choose(self._own_view(view_id), block_id, action_id, chosen)

    async def submit(self, view_id: str) -> None:
        """Raises FormErrors (also kept in `OpenView.errors`), Impossible (empty required field…), NotAcknowledged."""
        await self._simulator.interactions.submit(self.member, self._top_modal(view_id))

    async def dismiss(self, view_id: str) -> None:
        """Closes that modal and shows the one under it."""
        await self._simulator.interactions.dismiss(self.member, self._top_modal(view_id))

    async def suggest(self, where: str, block_id: str, action_id: str, typed: str) -> list[dict[str, Any]]:
        """Options (or option groups) of an external select. `where` is a view id, or "C…/ts" for a message."""
        interactions = self._simulator.interactions
        if "/" in where:
            place, message = self._message(*where.split("/", 1))
            container = {"type": "message", "message_ts": message["ts"], "channel_id": place.id}
            named = {"id": place.id, "name": place.name}
            return await interactions.suggest(
                self.member, message["blocks"], block_id, action_id, typed, container=container, channel=named
            )
        shown = self._own_view(where)
        return await interactions.suggest(
            self.member,
            shown.view["blocks"],
            block_id,
            action_id,
            typed,
            container={"type": "view", "view_id": shown.id},
            view=shown.as_slack(),
        )

    async def shortcut_on(self, callback_id: str, channel_id: str, ts: str) -> None:
        """A message shortcut. Raises Impossible, NotAcknowledged."""
        callback_id = self._shortcut_id(callback_id, "message")
        place = self._readable(channel_id)
        if ts not in place.messages:
            raise Impossible(f"no message {ts} in {channel_id}")
        await self._simulator.interactions.message_shortcut(self.member, callback_id, place, place.messages[ts])

    async def open_home_tab(self) -> None:
        """Tells the app (app_home_opened) and returns; the view then stands in `workspace.homes[self.id]`."""
        self._must_be_active()
        if not self._simulator.app_manifest.home_tab:
            raise Impossible("the app has no Home tab")
        self.workspace.home_opened(self.member)

    def _must_be_active(self) -> None:
        if self.member.deleted:
            raise Impossible(f"{self.name} is deactivated")

    def _readable(self, which: str) -> Channel:
        bot = self.workspace.bot
        if which.startswith("@"):
            if self.workspace.people.get(bot.id) is not None and which[1:].lower() in {"bot", bot.name.lower()}:
                return self.workspace.im_with(self.member)
            raise Impossible(f"there are DMs with the bot only, not with {which}")
        try:
            channel = self.workspace.channel(which)
        except KeyError:
            raise Impossible(f"there is no channel {which}") from None
        if not self.workspace.can_see(self.member, channel):
            raise Impossible(f"{which} is not visible to {self.name}")
        return channel

    def _message(self, channel_id: str, ts: str) -> tuple[Channel, Message]:
        place = self._readable(channel_id)
        whispered = self.workspace.ephemerals.get(self.id, {}).get(ts)
        message = whispered.message if whispered else place.messages.get(ts)
        if message is None:
            raise Impossible(f"the message {ts} is gone")
        return place, message

    def _own_view(self, view_id: str) -> OpenView:
        for shown in self.workspace.modals.get(self.id, ()):
            if shown.id == view_id:
                return shown
        home = self.workspace.homes.get(self.id)
        if home is not None and home.id == view_id:
            return home
        raise Impossible(f"{self.name} has no view {view_id} open")

    def _top_modal(self, view_id: str) -> OpenView:
        shown = self._own_view(view_id)
        if self.workspace.modals.get(self.id, [])[-1:] != [shown]:
            raise Impossible("another modal lies on top of it")
        return shown

    def _shortcut_id(self, named: str, kind: str) -> str:
        for shortcut in self._simulator.app_manifest.shortcuts.values():
            if shortcut.kind == kind and named in (shortcut.callback_id, shortcut.name):
                return shortcut.callback_id
        raise Impossible(f"there is no {kind} shortcut {named!r}")
