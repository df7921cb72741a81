"""Shape of rich text: sections, lists, quotes and preformatted text, down to mentions, links, emoji and dates."""

from collections.abc import Mapping
from typing import Any

from simulator.problems import Node, Problems

LONGEST = 13_000

_RICH_CONTAINERS: dict[str, set[str]] = {
    "rich_text_section": {"elements"},
    "rich_text_list": {"elements", "style", "indent", "offset", "border"},
    "rich_text_preformatted": {"elements", "border", "language"},
    "rich_text_quote": {"elements", "border"},
}
_RICH_LEAVES: dict[str, set[str]] = {
    "text": {"text", "style"},
    "link": {"url", "text", "unsafe", "style"},
    "user": {"user_id", "style"},
    "channel": {"channel_id", "style"},
    "usergroup": {"usergroup_id", "style"},
    "broadcast": {"range", "style"},
    "emoji": {"name", "unicode", "style"},
    "date": {"timestamp", "format", "url", "fallback", "style"},
    "color": {"value", "style"},
}

_RICH_REQUIRED: dict[str, tuple[str, ...]] = {
    "text": ("text",),
    "link": ("url",),
    "user": ("user_id",),
    "channel": ("channel_id",),
    "usergroup": ("usergroup_id",),
    "broadcast": ("range",),
    "emoji": ("name",),
    "date": ("timestamp", "format"),
    "color": ("value",),
}


def check_rich_text(block: Node, pointer: str, problems: Problems) -> None:
    """A rich_text block, or a cell of a table."""
    for index, part in enumerate(problems.list_of(block, "elements", pointer, 0, 1000)):
        _rich_container(part, f"{pointer}/elements/{index}", problems)


def _rich_container(part: Any, pointer: str, problems: Problems) -> None:
    kind = str(part.get("type")) if isinstance(part, Mapping) else "none"
    if kind not in _RICH_CONTAINERS:
        problems.add(f"{pointer}/type", f"unsupported type: {kind}")
        return
    problems.only_fields(part, pointer, _RICH_CONTAINERS[kind])
    if kind == "rich_text_list" and part.get("style") not in ("bullet", "ordered"):
        problems.add(f"{pointer}/style", "must be bullet or ordered")
    for index, leaf in enumerate(problems.list_of(part, "elements", pointer, 0, 1000)):
        at = f"{pointer}/elements/{index}"
        if kind == "rich_text_list":
            _rich_container(leaf, at, problems)
        else:
            _rich_leaf(leaf, at, problems)


def _rich_leaf(leaf: Any, pointer: str, problems: Problems) -> None:
    kind = str(leaf.get("type")) if isinstance(leaf, Mapping) else "none"
    if kind not in _RICH_LEAVES:
        problems.add(f"{pointer}/type", f"unsupported type: {kind}")
        return
    problems.only_fields(leaf, pointer, _RICH_LEAVES[kind])
    if problems.required(leaf, pointer, *_RICH_REQUIRED[kind]):
        for key in _RICH_REQUIRED[kind]:
            if key == "timestamp":
                problems.whole_number(leaf, key, pointer, 0, 9_999_999_999)
            else:
                problems.string(leaf, key, pointer, LONGEST)
    problems.string(leaf, "text", pointer, LONGEST)
    if kind == "broadcast" and leaf.get("range") not in ("channel", "here", "everyone"):
        problems.add(f"{pointer}/range", "must be channel, here or everyone")
