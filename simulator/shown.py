"""A message, a modal, a Home, as one person has them before their eyes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from simulator.conversations import Message
from simulator.elements import options_of
from simulator.errors import FormErrors, Impossible
from simulator.rendering import Reader
from simulator.screens import OpenView, Typed
from simulator.typed_state import HOLDS_LIST, Block, Element, elements_in, state_key
from simulator.workspace import Workspace

if TYPE_CHECKING:
    from simulator.acting import Actor


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
    def author(self) -> str:
        return str(self.message["user"])

    @property
    def text(self) -> str:
        """Everything visible, joined by line ends. (With blocks, the top-level text is seen in notifications only.)"""
        return self.actor.reader.message(self.message)

    @property
    def notification(self) -> str:
        """What a notification or a screen reader says: the top-level text."""
        return self.actor.reader.mrkdwn(self.message["text"])

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
        """Labels of what can be clicked, in order: buttons, entries of menus, placeholders of selects."""
        return self.actor.reader.labels(self.blocks)


@dataclass(frozen=True)
class Modal:
    """The modal with that id, live: it shows what the app makes of it while it is open."""

    actor: "Actor"
    shown: OpenView

    @property
    def title(self) -> str:
        return str(self.shown.view["title"]["text"])

    @property
    def callback_id(self) -> str:
        return str(self.shown.view["callback_id"])

    @property
    def text(self) -> str:
        """Everything visible, joined by line ends, errors at fields included."""
        return self.actor.reader.view(self.shown)

    @property
    def fields(self) -> list[str]:
        """Labels of the inputs, top to bottom."""
        return [block["label"]["text"] for block in self.shown.view["blocks"] if block["type"] == "input"]

    @property
    def errors(self) -> dict[str, str]:
        """Sentences at fields, by block id."""
        return dict(self.shown.errors)

    @property
    def typed(self) -> Typed:
        """`state.values` as a submission would carry it."""
        return self.shown.typed

    @property
    def is_open(self) -> bool:
        return self.actor.has_open(self.shown)

    def value(self, field: str) -> Any:
        """What stands in a field, as the option's label(s), the id(s) or the text."""
        block, element = field_of(self.shown.view["blocks"], field)
        entry = self.shown.typed[block["block_id"]][element["action_id"]]
        value = entry.get(state_key(element["type"]) or "")
        if isinstance(value, Mapping) and "value" in value:
            return value["text"]["text"]
        if isinstance(value, list):
            return [part["text"]["text"] if isinstance(part, Mapping) else part for part in value]
        return value

    def buttons(self) -> list[str]:
        return self.actor.reader.labels(self.shown.view["blocks"])

    def options(self, field: str) -> list[str]:
        """Labels that a static menu, radio group or checkbox group offers."""
        _, element = field_of(self.shown.view["blocks"], field)
        return [option["text"]["text"] for option in options_of(element)]

    def fill(self, field: str, value: Any) -> "Modal":
        """Types or chooses. `field`: block id or visible label; `value`: text, option label or value, person or channel
        by name or id, "2026-06-05", "10:45", an aware datetime, a list for multi-selects; None empties.

        Raises Impossible.
        """
        if not self.is_open:
            raise Impossible(f"{self.title!r} is not on the screen of {self.actor.name} any more")
        block, element = field_of(self.shown.view["blocks"], field)
        offered = self.shown.suggested.get((block["block_id"], element["action_id"]), [])
        chosen = chosen_for(self.actor.workspace, element, value, offered)
        self.actor.choose(self.shown.id, block["block_id"], element["action_id"], chosen)
        return self

    async def submit(self) -> None:
        """Raises FormErrors (each sentence under its visible label and its block id), Impossible, NotAcknowledged."""
        try:
            await self.actor.submit(self.shown.id)
        except FormErrors as refused:
            labels = {b["block_id"]: b["label"]["text"] for b in self.shown.view["blocks"] if b["type"] == "input"}
            named = {labels[block_id]: sentence for block_id, sentence in refused.errors.items() if block_id in labels}
            raise FormErrors(named | refused.errors) from None

    async def close(self) -> None:
        await self.actor.dismiss(self.shown.id)

    async def suggestions(self, field: str, typed: str) -> list[str]:
        """Labels that an external select offers after `typed`; `fill` then takes one of them."""
        block, element = field_of(self.shown.view["blocks"], field)
        found = await self.actor.suggest(self.shown.id, block["block_id"], element["action_id"], typed)
        options = [option for entry in found for option in entry.get("options", [entry])]
        self.shown.suggested[block["block_id"], element["action_id"]] = options
        return [option["text"]["text"] for option in options]


@dataclass(frozen=True)
class Home:
    """The app's Home tab, live."""

    actor: "Actor"
    shown: OpenView

    @property
    def text(self) -> str:
        return self.actor.reader.view(self.shown)

    @property
    def blocks(self) -> list[dict[str, Any]]:
        return list(self.shown.view["blocks"])

    def buttons(self) -> list[str]:
        return self.actor.reader.labels(self.shown.view["blocks"])


def field_of(blocks: Sequence[Block], field: str) -> tuple[Block, Element]:
    """The input named by its block id, label or action id. Raises Impossible if there is none, or several."""
    found = [(block, element) for block, element in elements_in(blocks) if block["block_id"] == field]
    found = found or [
        (block, element)
        for block, element in elements_in(blocks)
        if field in (block["label"]["text"] if block["type"] == "input" else "", element["action_id"])
    ]
    if len(found) != 1:
        labels = [block["label"]["text"] for block in blocks if block["type"] == "input"]
        raise Impossible(f"{len(found)} fields are called {field!r}; there are {labels}")
    return found[0]


def target_of(
    reader: Reader, blocks: Sequence[Block], what: str, option: str | None
) -> tuple[Block, Element, dict[str, Any] | None]:
    """The clickable thing called `what`: a label, placeholder, action id, `action_id=value`, or a menu entry's label;
    where nothing is, what a screen reader calls so.

    With `option`, something to choose from. Raises Impossible.
    """
    candidates: list[tuple[Block, Element, dict[str, Any] | None]] = []
    for block, element in elements_in(blocks):
        names = {element["action_id"], f"{element['action_id']}={element.get('value')}"}
        if element["type"] == "button":
            names.add(element["text"]["text"])
        if element.get("placeholder"):
            names.add(element["placeholder"]["text"])
        if block["type"] == "input":
            names.add(block["label"]["text"])
        if what in names:
            candidates.append((block, element, None))
        elif option is None:
            entries = [o for o in element.get("options") or () if reader.text(o["text"]) == what]
            candidates += [(block, element, entry) for entry in entries]
    if not candidates:
        spoken = [pair for pair in elements_in(blocks) if pair[1].get("accessibility_label") == what]
        candidates = [(block, element, None) for block, element in spoken]
    if len(candidates) != 1:
        there = reader.labels(blocks)
        raise Impossible(f"{what!r} is there {len(candidates)} times; what can be clicked: {there}")
    return candidates[0]


def chosen_for(
    workspace: Workspace, element: Element, value: Any, offered: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """A person's words for a value → the element's state, without `type`. Raises Impossible.

    `offered`: what an external select suggested.
    """
    kind = element["type"]
    key = state_key(kind)
    if key is None:
        raise Impossible(f"a {kind} can't be filled in")
    if kind in HOLDS_LIST:
        several = value if isinstance(value, (list, tuple, set)) else [] if value is None else [value]
        return {key: [_one(workspace, element, part, offered) for part in several]}
    return {key: None if value is None else _one(workspace, element, value, offered)}


def _one(workspace: Workspace, element: Element, value: Any, offered: Sequence[Mapping[str, Any]]) -> Any:
    kind = element["type"].removeprefix("multi_")
    try:
        match kind:
            case "static_select" | "radio_buttons" | "checkboxes":
                return _option(options_of(element), value)
            case "external_select":
                return _option(offered, value)
            case "users_select":
                return workspace.person(value).id
            case "channels_select":
                return workspace.channel(value).id
            case "conversations_select":
                by_name = str(value).startswith("@") or value in workspace.people
                return workspace.person(value).id if by_name else workspace.channel(value).id
            case "datetimepicker":
                return int(value.timestamp()) if isinstance(value, datetime) else int(value)
            case "rich_text_input":
                section = {"type": "rich_text_section", "elements": [{"type": "text", "text": str(value)}]}
                return {"type": "rich_text", "elements": [section]}
            case _:
                return value if isinstance(value, Mapping) else str(value)
    except KeyError:
        raise Impossible(f"{value!r} is nobody and nothing in this workspace") from None


def _option(options: Sequence[Mapping[str, Any]], value: Any) -> Mapping[str, Any]:
    for option in options:
        if value == option or value in (option["value"], option["text"]["text"]):
            return option
    raise Impossible(f"{value!r} is not offered; there are {[option['text']['text'] for option in options]}")
