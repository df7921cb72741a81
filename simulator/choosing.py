"""What a person can put into an element, and when a form lets itself be submitted: Slack's client-side rules."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from simulator.elements import options_of
from simulator.errors import Impossible
from simulator.screens import OpenView
from simulator.typed_state import Element, elements_in, state_key
from simulator.workspace import Workspace

LONGEST_TYPED = 3000


def settled(workspace: Workspace, element: Element, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """The element's new `state.values` entry. Raises Impossible for what its widget doesn't offer."""
    kind = element["type"]
    key = state_key(kind)
    if key is None:
        raise Impossible(f"a {kind} holds no value")
    if set(chosen) - {"type"} != {key}:
        raise Impossible(f"a {kind} takes {key}, not {', '.join(sorted(chosen))}")
    value = chosen[key]
    several = value if isinstance(value, list) else [value] if value is not None else []
    if len(several) > element.get("max_selected_items", len(several)):
        raise Impossible(f"no more than {element['max_selected_items']} can be chosen")
    for part in several:
        _check_part(workspace, element, part)
    if value == "":
        value = None
    return {"type": kind, key: value}


def _check_part(workspace: Workspace, element: Element, part: Any) -> None:
    kind = element["type"].removeprefix("multi_")
    match kind:
        case "static_select" | "radio_buttons" | "checkboxes":
            possible = part in options_of(element)
        case "users_select":
            possible = part in workspace.people and not workspace.people[part].deleted
        case "channels_select":
            possible = part in workspace.channels and workspace.channels[part].kind == "channel"
        case "conversations_select":
            possible = part in workspace.people or _passes_filter(workspace, element, part)
        case "datepicker":
            possible = _is_date(part)
        case "timepicker":
            possible = bool(re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", str(part)))
        case "datetimepicker":
            possible = isinstance(part, int)
        case _:
            longest = element.get("max_length", LONGEST_TYPED)
            if isinstance(part, str) and len(part) > longest:
                raise Impossible(f"the field takes {longest} characters, not {len(part)}")
            possible = True
    if not possible:
        raise Impossible(f"a {kind} does not offer {part!r}")


def _passes_filter(workspace: Workspace, element: Element, channel_id: str) -> bool:
    channel = workspace.channels.get(channel_id)
    if channel is None:
        return False
    include = (element.get("filter") or {}).get("include")
    return not include or {"channel": "public", "group": "private", "im": "im"}[channel.kind] in include


def _is_date(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def hindrances(shown: OpenView) -> dict[str, str]:
    """Why the client would not submit this form: block id → sentence. Empty when it would."""
    found: dict[str, str] = {}
    for block, element in elements_in(shown.view["blocks"]):
        if block["type"] != "input":
            continue
        key = state_key(element["type"])
        value = shown.typed[block["block_id"]][element["action_id"]].get(key or "")
        if value in (None, "", []):
            if not block.get("optional"):
                found[block["block_id"]] = f"Please complete this required field: {block['label']['text']}"
            continue
        if isinstance(value, str) and (wrong := _wrong_text(element, value)):
            found[block["block_id"]] = wrong
    return found


def _wrong_text(element: Element, value: str) -> str | None:
    match element["type"]:
        case "plain_text_input":
            shortest = element.get("min_length", 0)
            return f"Please enter at least {shortest} characters." if len(value) < shortest else None
        case "email_text_input":
            return None if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value) else "Please enter a valid email address."
        case "url_text_input":
            return (
                None if re.fullmatch(r"[a-z][a-z0-9+.-]*://\S+", value, re.IGNORECASE) else "Please enter a valid URL."
            )
        case "number_input":
            return _wrong_number(element, value)
        case _:
            return None


def _wrong_number(element: Element, value: str) -> str | None:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return "Please enter a number."
    if not element["is_decimal_allowed"] and number != number.to_integral_value():
        return "Please enter a whole number."
    if "min_value" in element and number < Decimal(element["min_value"]):
        return f"Please enter a number of at least {element['min_value']}."
    if "max_value" in element and number > Decimal(element["max_value"]):
        return f"Please enter a number of at most {element['max_value']}."
    return None
