"""What people do, in a person's words: labels, names, what is visible. Tests and the demo act through `Actor`.

The page, which knows ids, uses what `Actor` inherits from `Hands`.
"""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from simulator.addressing import said
from simulator.changes import Change
from simulator.conversations import Channel, Message
from simulator.errors import FormErrors, Impossible, NotAcknowledged
from simulator.hands import Hands
from simulator.notifying import Notification
from simulator.shown import Home, Modal, Shown, chosen_for, target_of
from simulator.workspace import Ephemeral

if TYPE_CHECKING:
    from simulator.server import Simulator

__all__ = ["Actor", "FormErrors", "Home", "Impossible", "Modal", "NotAcknowledged", "Shown"]


class Actor(Hands):
    """One person at a screen. Every method raises Impossible for what that person couldn't do.

    What waits says `within` in real seconds and raises NeverHappened (an AssertionError).
    """

    def __init__(self, simulator: "Simulator", user_id: str) -> None:
        super().__init__(simulator, user_id)
        self._heard_privately: dict[str, Message] = {}

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

    def notifications(self, why: str | None = None) -> list[Notification]:
        """What buzzed this person's phone so far (for that reason), oldest first."""
        mine = [heard for heard in self.workspace.notified if heard.user_id == self.id]
        return [heard for heard in mine if why in (None, heard.why)]

    def joins(self, channel: str) -> None:
        """Joins a public channel."""
        self.workspace.join(self._readable(channel), self.member)

    def leaves(self, channel: str) -> None:
        self.workspace.leave(self._readable(channel), self.member)

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

        news: set[str] | None = None

        def look() -> Shown | None:
            nonlocal news
            shown = self.sees(place.id, thread=thread) if news is None else self._shown_of(place, news, thread)
            news = set()
            return next((one for one in reversed(shown) if containing in one.text), None)

        def here(change: Change) -> bool:
            if change.channel_id != place.id or change.ts is None or news is None:
                return False
            news.add(change.ts)
            return True

        return await self.workspace.wait_until(
            look, within, concerning=here, missing=lambda: self._unseen(containing, self.sees(place.id, thread=thread))
        )

    async def privately(self, containing: str = "", within: float = 5.0) -> Shown:
        """The next ephemeral to this person (not returned before) whose visible text contains that."""

        def look() -> Shown | None:
            for ts, whispered in self.workspace.ephemerals.get(self.id, {}).items():
                shown = Shown(self, whispered.channel_id, whispered.message)
                if self._heard_privately.get(ts) is not whispered.message and containing in shown.text:
                    self._heard_privately[ts] = whispered.message
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
        """Clicks a button, or chooses `option` in a menu. Confirm dialogs are confirmed.

        `what`: visible label or action id (`action_id=value` when several are alike). In a message the person sees its
        present state, or with `stale` still the one in `where`. Raises Impossible, NotAcknowledged.
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
        ids = block["block_id"], element["action_id"]
        offered: list[dict[str, Any]] = []
        if single is not None and element["type"].endswith("external_select"):
            view_or_message = f"{where.channel}/{where.ts}" if isinstance(where, Shown) else where.shown.id
            found = await self.suggest(view_or_message, *ids, single)
            offered = [one for group in found for one in group.get("options", [group])]
        chosen = self._chosen(element, entry, option, offered)
        if isinstance(where, Shown):
            await self._simulator.interactions.press_in_message(self.member, place, message, *ids, chosen)
        else:
            await self._simulator.interactions.press_in_view(self.member, where.shown, *ids, chosen)

    async def shortcut(self, callback_id: str) -> None:
        """A global shortcut, by callback id or name."""
        self._must_be_active()
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

    def _shown_of(self, place: Channel, some_ts: set[str], thread: str | None) -> list[Shown]:
        """Those of the messages that stand in the channel (or thread) before this person's eyes."""
        whispers = self.workspace.ephemerals.get(self.id, {})
        found = [place.messages.get(ts) or (whispers[ts].message if ts in whispers else None) for ts in sorted(some_ts)]
        return [Shown(self, place.id, message) for message in found if message and _stands_in(message, thread)]

    def _writable(self, which: str) -> Channel:
        channel = self._readable(which)
        self._must_be_active()
        if self.id not in channel.members:
            raise Impossible(f"{self.name} is not in {which}: one joins before one writes")
        if channel.is_archived:
            raise Impossible(f"{which} is archived")
        manifest = self._simulator.app_manifest
        if channel.is_im and not (manifest.messages_tab and not manifest.messages_tab_read_only):
            raise Impossible("sending messages to this app has been turned off (messages_tab in the manifest)")
        return channel

    def _present(self, shown: Shown) -> Message:
        return self._message(shown.channel, shown.ts)[1]

    def _chosen(
        self,
        element: Mapping[str, Any],
        entry: Mapping[str, Any] | None,
        option: str | list[str] | None,
        offered: list[dict[str, Any]],
    ) -> dict[str, Any] | None:
        kind = element["type"]
        if kind == "button":
            return None
        if entry is not None:
            return {"selected_options": [entry]} if kind == "checkboxes" else {"selected_option": entry}
        if option is None:
            raise Impossible(f"a {kind} needs an option to choose")
        if kind == "overflow":
            labels = {self.reader.text(entry["text"]): entry for entry in element["options"]}
            labels |= {entry["value"]: entry for entry in element["options"]}
            if option not in labels:
                raise Impossible(f"{option!r} is not in the menu {sorted(labels)}")
            return {"selected_option": labels[str(option)]}
        return chosen_for(self.workspace, dict(element), option, offered)

    def _whispers(self) -> list[Ephemeral]:
        return list(self.workspace.ephemerals.get(self.id, {}).values())

    def _unseen(self, containing: str, there: list[Shown]) -> str:
        texts = [shown.text for shown in there[-5:]]
        return f"{self.name} never saw {containing!r}; last there: {texts}; refused: {self._simulator.refusals()[-3:]}"


def _stands_in(message: Message, thread: str | None) -> bool:
    parent = message.get("thread_ts")
    if thread is not None:
        return thread in (parent, message["ts"])
    return parent in (None, message["ts"]) or message.get("subtype") == "thread_broadcast"
