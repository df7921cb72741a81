"""What a person can read on the screen, as plain text: mrkdwn resolved, dates in the reader's zone."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from simulator.elements import options_of
from simulator.screens import OpenView, Typed
from simulator.typed_state import state_key
from simulator.workspace import Workspace

_ANGLED = re.compile(r"<([^<>]+)>")
_EMPHASIS = [
    re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])"),
    re.compile(r"(?<![\w_])_(?=\S)([^_\n]+?)(?<=\S)_(?![\w_])"),
    re.compile(r"(?<![\w~])~(?=\S)([^~\n]+?)(?<=\S)~(?![\w~])"),
]
_DATE_TOKEN = re.compile(r"\{(\w+)\}")
_OVERFLOW_LABEL = "⋯"


class Reader:
    """The eyes of one person."""

    def __init__(self, workspace: Workspace, user_id: str) -> None:
        self._workspace = workspace
        self._user_id = user_id

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._workspace.people[self._user_id].tz)

    def message(self, message: Mapping[str, Any]) -> str:
        lines = list(self.blocks(message.get("blocks") or (), {}))
        if not lines and message.get("text"):
            lines.append(self.mrkdwn(message["text"]))
        for attachment in message.get("attachments") or ():
            lines += [self.mrkdwn(attachment[key]) for key in ("pretext", "title", "text") if attachment.get(key)]
            lines += self.blocks(attachment.get("blocks") or (), {})
        lines += [shared["title"] for shared in message.get("files") or ()]
        return "\n".join(lines)

    def view(self, shown: OpenView) -> str:
        """Title, blocks with what is filled in, errors at their fields, and the buttons of a modal."""
        view = shown.view
        lines = [view["title"]["text"]] if view.get("title") else []
        lines += self.blocks(view["blocks"], shown.typed, shown.errors)
        lines += [view[key]["text"] for key in ("submit", "close") if view.get(key)]
        return "\n".join(lines)

    def blocks(
        self, blocks: Sequence[Mapping[str, Any]], typed: Typed, errors: Mapping[str, str] | None = None
    ) -> Iterator[str]:
        for block in blocks:
            yield from (line for line in self._block(block, typed) if line)
            if errors and block.get("block_id") in errors:
                yield errors[block["block_id"]]

    def text(self, text: Mapping[str, Any] | None) -> str:
        """A text object."""
        if not text:
            return ""
        return self.mrkdwn(text["text"]) if text["type"] == "mrkdwn" else str(text["text"])

    def mrkdwn(self, source: str) -> str:
        """Links by their labels, people and channels by name, dates in the reader's zone; no emphasis marks."""
        plain = _ANGLED.sub(self._angled, source)
        for emphasis in _EMPHASIS:
            plain = emphasis.sub(r"\1", plain)
        return html.unescape(plain.replace("`", ""))

    def labels(self, blocks: Sequence[Mapping[str, Any]]) -> list[str]:
        """What can be clicked: buttons by label, menus by placeholder, overflow entries each."""
        found: list[str] = []
        for block in blocks:
            for element in [block.get("accessory"), *(block.get("elements") or ())]:
                if not isinstance(element, Mapping) or "type" not in element:
                    continue
                if element["type"] == "button":
                    found.append(element["text"]["text"])
                elif element["type"] == "overflow" or element["type"] in {"radio_buttons", "checkboxes"}:
                    found += [self.text(option["text"]) for option in element["options"]]
                elif element.get("placeholder"):
                    found.append(element["placeholder"]["text"])
        return found

    def _block(self, block: Mapping[str, Any], typed: Typed) -> Iterator[str]:
        match block["type"]:
            case "section":
                yield self.text(block.get("text"))
                yield from (self.text(text) for text in block.get("fields") or ())
                if block.get("accessory"):
                    yield from self._element(block, block["accessory"], typed)
            case "header" | "alert":
                yield self.text(block["text"])
            case "markdown":
                yield block["text"].replace("**", "")
            case "context" | "actions":
                yield from (line for element in block["elements"] for line in self._element(block, element, typed))
            case "input":
                yield block["label"]["text"]
                yield from self._element(block, block["element"], typed)
                yield self.text(block.get("hint"))
            case "image":
                yield self.text(block.get("title"))
                yield block["alt_text"]
            case "rich_text":
                yield self._rich(block)
            case "table":
                yield from (" | ".join(self._cell(cell) for cell in row) for row in block["rows"])

    def _cell(self, cell: Mapping[str, Any]) -> str:
        return str(cell["text"]) if cell["type"] == "raw_text" else self._rich(cell)

    def _element(self, block: Mapping[str, Any], element: Mapping[str, Any], typed: Typed) -> Iterator[str]:
        match element["type"]:
            case "plain_text" | "mrkdwn":
                yield self.text(element)
            case "image":
                yield element["alt_text"]
            case "button":
                yield element["text"]["text"]
            case "overflow":
                yield _OVERFLOW_LABEL
            case "radio_buttons" | "checkboxes":
                for option in options_of(element):
                    yield self.text(option["text"])
                    yield self.text(option.get("description"))
            case kind:
                key = state_key(kind)
                value = typed.get(block.get("block_id", ""), {}).get(element.get("action_id", ""), {}).get(key or "")
                shown = self._value(value if value not in (None, []) else _initial(element))
                yield shown or self.text(element.get("placeholder"))

    def _value(self, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, list):
            return ", ".join(self._value(part) for part in value)
        if isinstance(value, Mapping):
            return self.text(value["text"]) if "text" in value and "value" in value else self._rich(value)
        if isinstance(value, int):
            return datetime.fromtimestamp(value, self._zone).strftime("%Y-%m-%d %H:%M")
        return self._name(value) if value[:1] in "UCDW" and self._known(value) else value

    def _known(self, any_id: str) -> bool:
        return any_id in self._workspace.people or any_id in self._workspace.channels

    def _name(self, any_id: str) -> str:
        if any_id in self._workspace.people:
            return f"@{self._workspace.people[any_id].name}"
        if any_id in self._workspace.channels:
            return f"#{self._workspace.channels[any_id].name}"
        return any_id

    def _angled(self, found: re.Match[str]) -> str:
        inside = found[1]
        target, _, label = inside.partition("|")
        if target.startswith("!date^"):
            return self._date(target, label)
        if target.startswith(("@", "#")):
            return self._name(target[1:]) if self._known(target[1:]) else label or inside
        if target.startswith("!"):
            return label or f"@{target[1:]}"
        return label or target.removeprefix("mailto:")

    def _date(self, target: str, fallback: str) -> str:
        parts = target.split("^")
        if len(parts) < 3 or not parts[1].isdigit():
            return fallback
        moment = datetime.fromtimestamp(int(parts[1]), self._zone)
        today = self._workspace.now().astimezone(UTC).astimezone(self._zone).date()
        return _DATE_TOKEN.sub(lambda token: _date_token(token[1], moment, today - moment.date()), parts[2])

    def _rich(self, node: Any) -> str:
        match node.get("type"):
            case "rich_text" | "rich_text_list":
                return "\n".join(self._rich(part) for part in node["elements"])
            case "rich_text_section" | "rich_text_quote" | "rich_text_preformatted":
                return "".join(self._rich(part) for part in node["elements"])
            case "text":
                return str(node["text"])
            case "link":
                return str(node.get("text") or node["url"])
            case "user":
                return self._name(node["user_id"])
            case "channel":
                return self._name(node["channel_id"])
            case "broadcast":
                return f"@{node['range']}"
            case "emoji":
                return f":{node['name']}:"
            case "date":
                return self._date(f"!date^{node['timestamp']}^{node['format']}", str(node.get("fallback", "")))
            case _:
                return ""


def _initial(element: Mapping[str, Any]) -> Any:
    return next((value for key, value in element.items() if key.startswith("initial_")), None)


def _date_token(token: str, moment: datetime, ago: timedelta) -> str:
    """Slack's date tokens, in English; the pretty ones say yesterday, today, tomorrow."""
    nearby = {1: "yesterday", 0: "today", -1: "tomorrow"}.get(ago.days) if token.endswith("_pretty") else None
    if nearby:
        return nearby
    day, year = moment.day, moment.year
    match token.removesuffix("_pretty"):
        case "date_num":
            return moment.strftime("%Y-%m-%d")
        case "date_slash":
            return moment.strftime("%m/%d/%Y")
        case "date":
            return f"{moment:%B} {day}, {year}"
        case "date_short":
            return f"{moment:%b} {day}, {year}"
        case "date_long":
            return f"{moment:%A}, {moment:%B} {day}, {year}"
        case "day_divider":
            return f"{moment:%A}, {moment:%B} {day}"
        case "time":
            return f"{int(moment.strftime('%I'))}:{moment:%M %p}"
        case "time_secs":
            return f"{int(moment.strftime('%I'))}:{moment:%M:%S %p}"
        case "ago":
            return f"{ago.days} days ago" if ago.days > 0 else "today"
        case _:
            return f"{{{token}}}"
