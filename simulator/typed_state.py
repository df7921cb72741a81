"""Elements that hold what a person typed or chose, and `state.values` built from them."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simulator.screens import Typed

Block = dict[str, Any]
Element = dict[str, Any]

_STATE_KEY = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "file_input": ("files", "initial_files"),
}
HOLDS_LIST = frozenset(kind for kind, (key, _) in _STATE_KEY.items() if key.endswith("s") and key != "files") | {
    "file_input"
}


def state_key(element_type: str) -> str | None:
    """Under which key of `state.values` the element's value stands; None for what holds nothing (buttons)."""
    found = _STATE_KEY.get(element_type)
    return found[0] if found else None


def elements_in(blocks: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Block, Element]]:
    """Each interactive element with its block, top to bottom."""
    for block in blocks:
        match block.get("type"):
            case "section" if block.get("accessory"):
                found = [block["accessory"]]
            case "actions":
                found = block.get("elements", [])
            case "input":
                found = [block["element"]]
            case _:
                continue
        for element in found:
            if element.get("type") != "image":
                yield block, element  # type: ignore[misc]  # checked blocks are plain dicts


def with_ids(blocks: Sequence[Mapping[str, Any]]) -> list[Block]:
    """The blocks with a fresh `block_id` and `action_id` wherever the app gave none, as Slack does at each call."""
    return [_with_ids(block) for block in blocks]


def _with_ids(block: Mapping[str, Any]) -> Block:
    own: Block = {"block_id": secrets.token_urlsafe(4), **block}
    if own["block_id"] is None:
        own["block_id"] = secrets.token_urlsafe(4)
    match own.get("type"):
        case "section" if own.get("accessory") and own["accessory"].get("type") != "image":
            own["accessory"] = _named(own["accessory"])
        case "input":
            own["element"] = _named(own["element"])
        case "actions":
            own["elements"] = [_named(element) for element in own["elements"]]
    return own


def _named(element: Element) -> Element:
    return element if element.get("action_id") else element | {"action_id": secrets.token_urlsafe(4)}


def initial_state(blocks: Sequence[Mapping[str, Any]], kept: Typed | None = None) -> Typed:
    """`state.values` of freshly shown blocks; what was typed before under the same ids and element type stays."""
    state: Typed = {}
    for block, element in elements_in(blocks):
        kind = element["type"]
        keys = _STATE_KEY.get(kind)
        if keys is None:
            continue
        before = (kept or {}).get(block["block_id"], {}).get(element["action_id"])
        if before is not None and before["type"] == kind:
            value = before
        else:
            value = {"type": kind, keys[0]: element.get(keys[1], [] if kind in HOLDS_LIST else None)}
        state.setdefault(block["block_id"], {})[element["action_id"]] = value
    return state
