"""What people do: the one way in which tests, the demo and the page act on the workspace.

`Actor` speaks a person's words (labels, names, what is visible). The page, which knows ids, uses the second half of it:
`press_in_message`, `press_in_view`, `choose`, `submit`, `dismiss`, `suggest`, `shortcut_on`, `open_home_tab`.
"""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from simulator.addressing import said
from simulator.changes import Change
from simulator.conversations import Channel, Message
from simulator.errors import FormErrors, Impossible, NotAcknowledged
from simulator.rendering import Reader
from simulator.screens import OpenView
from simulator.shown import Home, Modal, Shown, chosen_for, target_of
from simulator.workspace import Ephemeral, Workspace

if TYPE_CHECKING:
    from simulator.server import Simulator

__all__ = ["Actor", "FormErrors", "Home", "Impossible", "Modal", "NotAcknowledged", "Shown"]


class Actor:
    """One person at a screen. Every method raises Impossible for what that person couldn't do.

    What waits says `within` in real seconds and raises NeverHappened (an AssertionError).
    """

    def __init__(self, simulator: "Simulator", user_id: str) -> None:
        self.id = user_id
        self.workspace: Workspace = simulator.workspace
        self.member = self.workspace.person(user_id)
        self.reader = Reader(self.workspace, user_id)
        self._simulator = simulator
        self._heard_privately: set[str] = set()

    @property
    def name(self) -> str:
        return self.member.name

    # -- in a person's words --------------------------------------------------------------------------------------

    async def types(self, text: str, *, channel: str, thread: str | None = None) -> Shown | None:
        """Says `text`, or sends it as a command if it starts with /. `channel`: "#name", "C…", "D…", "@bot".

        Commands raise NotAcknowledged and can't be typed in threads. A spoken message is returned as shown.
        """
        place = self._writable(channel)
        if text.startswith("/"):
            if thread is not None:
                raise Impossible("slash commands can't be sent from threads")
            name, _, words = text.partition(" ")
            command = self._simulator.app_manifest.commands.get(name)
            if command is None:
                raise Impossible(
                    f"{name} is not a command here; there are {sorted(self._simulator.app_manifest.commands)}"
                )
            await self._simulator.interactions.command(self.member, place, command, words.strip())
            return None
        if not text.strip():
            raise Impossible("an empty message can't be sent")
        if thread is not None and thread not in place.messages:
            raise Impossible(f"no message {thread} to reply to")
        message = self.workspace.post(place, self.member, said(self.workspace, text), thread_ts=thread)
        return Shown(self, place.id, message)

    async def edits(self, shown: Shown, text: str) -> None:
        """Changes an own message."""
        if shown.author != self.id:
            raise Impossible("only own messages can be edited")
        place = self._readable(shown.channel)
        self.workspace.edit(place, shown.ts, {"text": said(self.workspace, text)}, by=self.member)

    async def deletes(self, shown: Shown) -> None:
        """Deletes an own message; admins may delete any."""
        if shown.author != self.id and not (self.member.is_admin or self.member.is_owner):
            raise Impossible("only own messages can be deleted")
        self.workspace.delete(self._readable(shown.channel), shown.ts)

    def sees(self, channel: str, *, thread: str | None = None) -> list[Shown]:
        """Messages of a channel (or of one thread, its parent first) and ephemerals to this person there, by time."""
        place = self._readable(channel)
        if thread is None:
            found: list[Message] = [place.messages[ts] for ts in place.timeline]
        else:
            replies = place.threads[thread].replies if thread in place.threads else []
            found = [place.messages[ts] for ts in (thread, *replies) if ts in place.messages]
        private = [
            whispered.message
            for whispered in self.workspace.ephemerals.get(self.id, {}).values()
            if whispered.channel_id == place.id and whispered.message.get("thread_ts") == thread
        ]
        if private:
            found = sorted([*found, *private], key=lambda message: str(message["ts"]))
        return [Shown(self, place.id, message) for message in found]

    async def finds(self, channel: str, containing: str, *, thread: str | None = None, within: float = 5.0) -> Shown:
        """The newest message there whose visible text contains that; waits until there is one."""
        place = self._readable(channel)

        def look() -> Shown | None:
            shown = self.sees(place.id, thread=thread)
            return next((one for one in reversed(shown) if containing in one.text), None)

        def here(change: Change) -> bool:
            return change.channel_id == place.id

        return await self.workspace.wait_until(
            look, within, concerning=here, missing=lambda: self._unseen(containing, self.sees(place.id, thread=thread))
        )

    async def privately(self, containing: str = "", within: float = 5.0) -> Shown:
        """The next ephemeral to this person (not returned before) whose visible text contains that."""

        def look() -> Shown | None:
            for ts, whispered in self.workspace.ephemerals.get(self.id, {}).items():
                shown = Shown(self, whispered.channel_id, whispered.message)
                if ts not in self._heard_privately and containing in shown.text:
                    self._heard_privately.add(ts)
                    return shown
            return None

        return await self.workspace.wait_until(
            look,
            within,
            concerning=lambda change: change.what == "ephemeral" and change.user_id == self.id,
            missing=lambda: self._unseen(containing, [Shown(self, e.channel_id, e.message) for e in self._whispers()]),
        )

    async def modal(self, within: float = 5.0, *, titled: str | None = None) -> Modal:
        """The top of this person's modals; with `titled`, waits until the top has that title."""

        def look() -> Modal | None:
            stack = self.workspace.modals.get(self.id)
            if not stack or (titled is not None and stack[-1].view["title"]["text"] != titled):
                return None
            return Modal(self, stack[-1])

        def missing() -> str:
            stack = self.workspace.modals.get(self.id) or []
            titles = [shown.view["title"]["text"] for shown in stack]
            return (
                f"{self.name} has no modal {titled or ''}; open: {titles}; refused: {self._simulator.refusals()[-3:]}"
            )

        return await self.workspace.wait_until(
            look,
            within,
            concerning=lambda change: change.what == "modals" and change.user_id == self.id,
            missing=missing,
        )

    async def clicks(
        self,
        where: Shown | Modal | Home,
        what: str,
        *,
        option: str | list[str] | None = None,
        stale: bool = False,
    ) -> None:
        """Clicks a button, or chooses `option` in a menu. `what`: visible label or action id (`action_id=value` when
        several are alike). Confirm dialogs are confirmed. In a message the person sees its present state, or with `stale`
        still the one in `where`. Raises Impossible, NotAcknowledged.
        """
        if isinstance(where, Shown):
            message = where.message if stale else self._present(where)
            blocks = list(message.get("blocks") or [])
            place = self._readable(where.channel)
        else:
            if isinstance(where, Modal) and not where.is_open:
                raise Impossible(f"{where.title!r} is not on the screen any more")
            blocks = where.shown.view["blocks"]
        single = option if isinstance(option, str) else None
        block, element, entry = target_of(self.reader, blocks, what, single)
        chosen = self._chosen(element, entry, option)
        ids = block["block_id"], element["action_id"]
        if isinstance(where, Shown):
            await self._simulator.interactions.press_in_message(self.member, place, message, *ids, chosen)
        else:
            await self._simulator.interactions.press_in_view(self.member, where.shown, *ids, chosen)

    async def shortcut(self, callback_id: str) -> None:
        """A global shortcut, by callback id or name."""
        await self._simulator.interactions.shortcut(self.member, self._shortcut_id(callback_id, "global"))

    async def message_shortcut(self, callback_id: str, message: Shown) -> None:
        """A message shortcut, by callback id or name, on a message that isn't ephemeral."""
        if message.is_ephemeral:
            raise Impossible("ephemeral messages have no shortcuts")
        await self.shortcut_on(callback_id, message.channel, message.ts)

    async def opens_home(self, within: float = 5.0) -> Home:
        """Opens the app's Home and waits for its publication."""
        published = asyncio.Event()

        def listen(change: Change) -> None:
            if change.what == "home" and change.user_id == self.id:
                published.set()

        unsubscribe = self.workspace.subscribe(listen)
        try:
            await self.open_home_tab()
            return await self.workspace.wait_until(
                lambda: Home(self, self.workspace.homes[self.id]) if published.is_set() else None,
                within,
                missing=f"nothing was published on the Home of {self.name}",
            )
        finally:
            unsubscribe()

    # -- by ids, for the page -------------------------------------------------------------------------------------

    def channels(self) -> list[Channel]:
        """What stands in this person's sidebar: channels they are in and their DM with the bot."""
        return [channel for channel in self.workspace.channels.values() if self.id in channel.members]

    def has_open(self, shown: OpenView) -> bool:
        return any(shown is other for other in self.workspace.modals.get(self.id, ()))

    async def press_in_message(
        self, channel_id: str, ts: str, block_id: str, action_id: str, chosen: Mapping[str, Any] | None = None
    ) -> None:
        """A click or choice in a message (ephemerals too). `chosen` is the element's new state without `type`, e.g.
        {"selected_option": {...}}, {"selected_date": "2026-06-05"}; None for a button. Raises Impossible, NotAcknowledged.
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
        if not self._simulator.app_manifest.home_tab:
            raise Impossible("the app has no Home tab")
        self.workspace.home_opened(self.member)

    # -- inside ---------------------------------------------------------------------------------------------------

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

    def _writable(self, which: str) -> Channel:
        channel = self._readable(which)
        if self.member.deleted:
            raise Impossible(f"{self.name} is deactivated")
        if self.id not in channel.members:
            raise Impossible(f"{self.name} is not in {which}: one joins before one writes")
        if channel.is_archived:
            raise Impossible(f"{which} is archived")
        manifest = self._simulator.app_manifest
        if channel.is_im and not (manifest.messages_tab and not manifest.messages_tab_read_only):
            raise Impossible("sending messages to this app has been turned off (messages_tab in the manifest)")
        return channel

    def _message(self, channel_id: str, ts: str) -> tuple[Channel, Message]:
        place = self._readable(channel_id)
        whispered = self.workspace.ephemerals.get(self.id, {}).get(ts)
        message = whispered.message if whispered else place.messages.get(ts)
        if message is None:
            raise Impossible(f"the message {ts} is gone")
        return place, message

    def _present(self, shown: Shown) -> Message:
        return self._message(shown.channel, shown.ts)[1]

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

    def _chosen(
        self, element: Mapping[str, Any], entry: Mapping[str, Any] | None, option: str | list[str] | None
    ) -> dict[str, Any] | None:
        kind = element["type"]
        if kind == "button":
            return None
        if entry is not None:
            return {"selected_options": [entry]} if kind == "checkboxes" else {"selected_option": entry}
        if option is None:
            raise Impossible(f"a {kind} needs an option to choose")
        if kind == "overflow":
            offered = {self.reader.text(entry["text"]): entry for entry in element["options"]}
            offered |= {entry["value"]: entry for entry in element["options"]}
            if option not in offered:
                raise Impossible(f"{option!r} is not in the menu {sorted(offered)}")
            return {"selected_option": offered[str(option)]}
        return chosen_for(self.workspace, dict(element), option)

    def _shortcut_id(self, named: str, kind: str) -> str:
        for shortcut in self._simulator.app_manifest.shortcuts.values():
            if shortcut.kind == kind and named in (shortcut.callback_id, shortcut.name):
                return shortcut.callback_id
        raise Impossible(f"there is no {kind} shortcut {named!r}")

    def _whispers(self) -> list[Ephemeral]:
        return list(self.workspace.ephemerals.get(self.id, {}).values())

    def _unseen(self, containing: str, there: list[Shown]) -> str:
        texts = [shown.text for shown in there[-5:]]
        return f"{self.name} never saw {containing!r}; last there: {texts}; refused: {self._simulator.refusals()[-3:]}"
