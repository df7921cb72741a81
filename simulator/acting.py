"""What people do: the one way in which tests, the demo and the page act on the workspace.

`Actor` speaks a person's words (labels, names, what is visible). The page, which knows ids, uses the second half of it:
`press`, `choose`, `submit`, `dismiss`, `suggest`, which name block ids and action ids.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.conversations import Channel, Message
from simulator.errors import FormErrors, Impossible, NotAcknowledged
from simulator.screens import OpenView

if TYPE_CHECKING:
    from simulator.server import Simulator

__all__ = ["Actor", "FormErrors", "Home", "Impossible", "Modal", "NotAcknowledged", "Shown"]


@dataclass(frozen=True)
class Shown:
    """A message as that person saw it at that moment."""

    actor: "Actor"
    channel: str
    message: Message

    @property
    def ts(self) -> str:
        return str(self.message["ts"])

    @property
    def thread_ts(self) -> str | None:
        return self.message.get("thread_ts")

    @property
    def text(self) -> str:
        """Everything visible, joined by line ends."""
        raise NotImplementedError

    @property
    def blocks(self) -> list[dict[str, Any]]:
        return list(self.message.get("blocks", []))

    @property
    def metadata(self) -> dict[str, Any] | None:
        return self.message.get("metadata")

    @property
    def edited(self) -> bool:
        return "edited" in self.message

    @property
    def is_ephemeral(self) -> bool:
        return bool(self.message.get("is_ephemeral"))

    def buttons(self) -> list[str]:
        """Labels of what can be clicked, in order."""
        raise NotImplementedError


@dataclass(frozen=True)
class Modal:
    actor: "Actor"
    shown: OpenView

    def fill(self, field: str, value: Any) -> "Modal":
        raise NotImplementedError

    async def submit(self) -> None:
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError

    async def suggestions(self, field: str, typed: str) -> list[str]:
        raise NotImplementedError


@dataclass(frozen=True)
class Home:
    actor: "Actor"
    shown: OpenView


class Actor:
    """One person at a screen. Every method raises Impossible for what that person couldn't do."""

    def __init__(self, simulator: "Simulator", user_id: str) -> None:
        self.id = user_id
        self.name = simulator.workspace.person(user_id).name
        self._simulator = simulator

    # -- in a person's words ---------------------------------------------------------------------------------------

    async def types(self, text: str, *, channel: str, thread: str | None = None) -> None: ...
    def sees(self, channel: str, *, thread: str | None = None) -> list[Shown]: ...
    async def finds(self, channel: str, containing: str, *, thread: str | None = None, within: float = 5.0) -> Shown: ...
    async def privately(self, containing: str = "", within: float = 5.0) -> Shown: ...
    async def modal(self, within: float = 5.0) -> Modal: ...
    async def clicks(self, where: Shown | Modal | Home, what: str, *, option: str | None = None) -> None: ...
    async def shortcut(self, callback_id: str) -> None: ...
    async def message_shortcut(self, callback_id: str, message: Shown) -> None: ...
    async def opens_home(self, within: float = 5.0) -> Home: ...

    # -- by ids, for the page --------------------------------------------------------------------------------------

    def channels(self) -> list[Channel]:
        """What stands in this person's sidebar."""
        raise NotImplementedError

    async def press_in_message(
        self, channel_id: str, ts: str, block_id: str, action_id: str, chosen: Mapping[str, Any] | None = None
    ) -> None:
        """A click or choice in a message (ephemerals too). `chosen` is the element's new state without `type`, e.g.
        {"selected_option": {...}}, {"selected_date": "2026-06-05"}; None for a button. Raises Impossible, NotAcknowledged.
        """

    async def press_in_view(
        self, view_id: str, block_id: str, action_id: str, chosen: Mapping[str, Any] | None = None
    ) -> None:
        """The same in a modal or Home: elements of actions and section blocks, and inputs with dispatch_action."""

    def choose(self, view_id: str, block_id: str, action_id: str, chosen: Mapping[str, Any]) -> None:
        """Types into or chooses in an input block: `chosen` as above, or {"value": "typed text"}. Sends nothing."""

    async def submit(self, view_id: str) -> None:
        """Raises FormErrors (also kept in `OpenView.errors`), Impossible (empty required field…), NotAcknowledged."""

    async def dismiss(self, view_id: str) -> None:
        """Closes that modal and shows the one under it."""

    async def suggest(self, where: str, block_id: str, action_id: str, typed: str) -> list[dict[str, Any]]:
        """Options (or option groups) of an external select. `where` is a view id, or "C…/ts" for a message."""
        raise NotImplementedError

    async def shortcut_on(self, callback_id: str, channel_id: str, ts: str) -> None:
        """A message shortcut."""

    async def open_home_tab(self) -> None:
        """Tells the app (app_home_opened) and returns; the view then stands in `workspace.homes[self.id]`."""
