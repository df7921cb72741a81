"""Limits and shape of messages and views, answered as Slack answers them.

`check_message` and `check_view` raise SlackError: `invalid_blocks` (messages) or `invalid_arguments` (views) with one
line a fault in `response_metadata.messages`, `msg_blocks_too_long`, `msg_too_long`, `no_text`, `view_too_large`. A
block or element type that isn't known here is refused, so that nothing is posted which the page can't show.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from simulator.elements import (
    ACCESSORY_ELEMENTS,
    ACTIONS_ELEMENTS,
    INPUT_ELEMENTS,
    check_element,
    check_image_source,
)
from simulator.errors import SlackError
from simulator.problems import Node, Problems
from simulator.rich_text import check_rich_text

Surface = Literal["message", "modal", "home"]

LONGEST_TEXT = 4_000
LONGEST_BLOCKS_TEXT = 13_000
LONGEST_MARKDOWN = 12_000
LARGEST_VIEW_BYTES = 250_000
MOST_BLOCKS: dict[Surface, int] = {"message": 50, "modal": 100, "home": 100}


def check_message(text: str | None, blocks: Sequence[Any] | None, attachments: Sequence[Any] | None = None) -> None:
    """Raises SlackError for a message that Slack (or we, being stricter: `text` over 4000) would refuse."""
    if not text and not blocks and not attachments:
        raise SlackError("no_text")
    if text and len(text) > LONGEST_TEXT:
        raise SlackError("msg_too_long")
    problems = Problems()
    if blocks is not None:
        _check_blocks(blocks, "/blocks", "message", problems)
    for index, attachment in enumerate(attachments or ()):
        if isinstance(attachment, Mapping) and attachment.get("blocks"):
            _check_blocks(attachment["blocks"], f"/attachments/{index}/blocks", "message", problems)
    if problems.lines:
        raise SlackError("invalid_blocks", response_metadata={"messages": problems.lines})
    everything = [*(blocks or ()), *(attachments or ())]
    if _length_of_texts(everything) > LONGEST_BLOCKS_TEXT:
        raise SlackError("msg_blocks_too_long")


def check_view(view: Any, *, surface: Surface) -> None:
    """`surface`: a modal (views.open, push, update) or a Home (views.publish)."""
    problems = Problems()
    if not isinstance(view, Mapping):
        raise _invalid_view(["[ERROR] must be an object [json-pointer:/view]"])
    if view.get("type") != surface:
        raise _invalid_view([f"[ERROR] must be {surface} [json-pointer:/view/type]"])
    fields = {"blocks", "private_metadata", "callback_id", "external_id"}
    if surface == "modal":
        fields |= {"title", "submit", "close", "clear_on_close", "notify_on_close", "submit_disabled"}
        problems.required(view, "/view", "title")
        for key in ("title", "submit", "close"):
            problems.text(view, key, "/view", 24, plain=True)
        problems.boolean(view, "/view", "clear_on_close", "notify_on_close")
    problems.only_fields(view, "/view", fields)
    problems.string(view, "callback_id", "/view", 255, shortest=0)
    problems.string(view, "external_id", "/view", 255, shortest=0)
    problems.string(view, "private_metadata", "/view", 3000, shortest=0)
    if problems.required(view, "/view", "blocks"):
        _check_blocks(view["blocks"], "/view/blocks", surface, problems)
        blocks = view["blocks"] if isinstance(view["blocks"], (list, tuple)) else ()
        has_input = any(_is(block, "input") for block in blocks)
        if surface == "modal" and has_input and not view.get("submit"):
            problems.add("/view", "missing required field: submit (there are input blocks)")
    if problems.lines:
        raise _invalid_view(problems.lines)
    if len(json.dumps(view, ensure_ascii=False).encode()) > LARGEST_VIEW_BYTES:
        raise SlackError("view_too_large")


def _invalid_view(lines: list[str]) -> SlackError:
    return SlackError("invalid_arguments", response_metadata={"messages": lines})


def _check_blocks(blocks: Any, pointer: str, surface: Surface, problems: Problems) -> None:
    if not isinstance(blocks, (list, tuple)):
        problems.add(pointer, "must be an array")
        return
    if len(blocks) > MOST_BLOCKS[surface]:
        problems.add(pointer, f"no more than {MOST_BLOCKS[surface]} items allowed")
    taken: set[str] = set()
    for index, block in enumerate(blocks):
        at = f"{pointer}/{index}"
        if not isinstance(block, Mapping):
            problems.add(at, "must be an object")
            continue
        kind = str(block.get("type"))
        if kind not in _BLOCKS:
            problems.add(f"{at}/type", f"unsupported type: {kind}")
            continue
        fields, surfaces, check = _BLOCKS[kind]
        if surface not in surfaces:
            problems.add(f"{at}/type", f"block of type {kind} is not allowed in a {surface}")
            continue
        problems.only_fields(block, at, fields | {"block_id"})
        problems.string(block, "block_id", at, 255)
        block_id = block.get("block_id")
        if isinstance(block_id, str) and block_id in taken:
            problems.add(f"{at}/block_id", f"block_id {block_id} already exists")
        taken.add(str(block_id))
        check(block, at, problems)
        _check_action_ids(block, at, problems)
    if sum(len(str(block.get("text", ""))) for block in blocks if _is(block, "markdown")) > LONGEST_MARKDOWN:
        problems.add(pointer, f"markdown blocks must be less than {LONGEST_MARKDOWN + 1} characters in all")
    if sum(1 for block in blocks if _is(block, "table")) > 1:
        problems.add(pointer, "only one table is allowed")


def _is(block: Any, kind: str) -> bool:
    return isinstance(block, Mapping) and block.get("type") == kind


def _check_action_ids(block: Node, pointer: str, problems: Problems) -> None:
    taken: set[str] = set()
    elements = block.get("elements")
    for index, element in enumerate(elements if isinstance(elements, list) else []):
        action_id = element.get("action_id") if isinstance(element, Mapping) else None
        if isinstance(action_id, str) and action_id in taken:
            problems.add(f"{pointer}/elements/{index}/action_id", f"action_id {action_id} already exists")
        taken.add(str(action_id))


def _section(block: Node, pointer: str, problems: Problems) -> None:
    if block.get("text") is None and block.get("fields") is None:
        problems.add(pointer, "missing required field: text or fields")
    problems.text(block, "text", pointer, 3000)
    if block.get("fields") is not None:
        for index, text in enumerate(problems.list_of(block, "fields", pointer, 1, 10)):
            problems.text_object(text, f"{pointer}/fields/{index}", 2000)
    if block.get("accessory") is not None:
        check_element(block["accessory"], f"{pointer}/accessory", ACCESSORY_ELEMENTS, problems)


def _header(block: Node, pointer: str, problems: Problems) -> None:
    problems.required(block, pointer, "text")
    problems.text(block, "text", pointer, 150, plain=True)


def _divider(_block: Node, _pointer: str, _problems: Problems) -> None:
    return


def _image(block: Node, pointer: str, problems: Problems) -> None:
    check_image_source(block, pointer, problems)
    problems.text(block, "title", pointer, 2000, plain=True)


def _context(block: Node, pointer: str, problems: Problems) -> None:
    for index, element in enumerate(problems.list_of(block, "elements", pointer, 1, 10)):
        at = f"{pointer}/elements/{index}"
        if _is(element, "image"):
            check_element(element, at, {"image"}, problems)
        else:
            problems.text_object(element, at, 3000)


def _actions(block: Node, pointer: str, problems: Problems) -> None:
    for index, element in enumerate(problems.list_of(block, "elements", pointer, 1, 25)):
        check_element(element, f"{pointer}/elements/{index}", ACTIONS_ELEMENTS, problems)


def _input(block: Node, pointer: str, problems: Problems) -> None:
    problems.required(block, pointer, "label", "element")
    problems.text(block, "label", pointer, 2000, plain=True)
    problems.text(block, "hint", pointer, 2000, plain=True)
    problems.boolean(block, pointer, "optional", "dispatch_action")
    if block.get("element") is not None:
        check_element(block["element"], f"{pointer}/element", INPUT_ELEMENTS, problems, in_input=True)


def _markdown(block: Node, pointer: str, problems: Problems) -> None:
    problems.required(block, pointer, "text")
    problems.string(block, "text", pointer, LONGEST_MARKDOWN)


def _alert(block: Node, pointer: str, problems: Problems) -> None:
    problems.required(block, pointer, "text")
    problems.text(block, "text", pointer, 200)
    if block.get("level") not in (None, "default", "info", "warning", "error", "success"):
        problems.add(f"{pointer}/level", "must be default, info, warning, error or success")


def _table(block: Node, pointer: str, problems: Problems) -> None:
    for index, row in enumerate(problems.list_of(block, "rows", pointer, 1, 100)):
        at = f"{pointer}/rows/{index}"
        if not isinstance(row, (list, tuple)) or not 1 <= len(row) <= 20:
            problems.add(at, "must be an array of 1 to 20 cells")
            continue
        for column, cell in enumerate(row):
            if _is(cell, "raw_text"):
                problems.only_fields(cell, f"{at}/{column}", {"text"})
                problems.required(cell, f"{at}/{column}", "text")
                problems.string(cell, "text", f"{at}/{column}", 3000)
            elif _is(cell, "rich_text"):
                check_rich_text(cell, f"{at}/{column}", problems)
            else:
                problems.add(f"{at}/{column}/type", "must be raw_text or rich_text")
    settings = problems.list_of(block, "column_settings", pointer, 0, 20) if block.get("column_settings") else []
    for index, column_settings in enumerate(settings):
        problems.only_fields(column_settings, f"{pointer}/column_settings/{index}", {"align", "is_wrapped"})


_EVERYWHERE: frozenset[Surface] = frozenset({"message", "modal", "home"})
_MESSAGE: frozenset[Surface] = frozenset({"message"})
_MODAL: frozenset[Surface] = frozenset({"modal"})

_BLOCKS: dict[str, tuple[set[str], frozenset[Surface], Callable[[Node, str, Problems], None]]] = {
    "section": ({"text", "fields", "accessory", "expand"}, _EVERYWHERE, _section),
    "header": ({"text"}, _EVERYWHERE, _header),
    "divider": (set(), _EVERYWHERE, _divider),
    "image": ({"image_url", "slack_file", "alt_text", "title"}, _EVERYWHERE, _image),
    "context": ({"elements"}, _EVERYWHERE, _context),
    "actions": ({"elements"}, _EVERYWHERE, _actions),
    "input": ({"label", "element", "hint", "optional", "dispatch_action"}, _EVERYWHERE, _input),
    "rich_text": ({"elements"}, _EVERYWHERE, check_rich_text),
    "markdown": ({"text"}, _MESSAGE, _markdown),
    "table": ({"rows", "column_settings"}, _MESSAGE, _table),
    "alert": ({"text", "level"}, _MODAL, _alert),
}


def _length_of_texts(node: Any) -> int:
    """Characters of all `text`, `alt_text` and `value` strings in a tree of blocks."""
    if isinstance(node, Mapping):
        own = sum(len(node[key]) for key in ("text", "alt_text") if isinstance(node.get(key), str))
        return own + sum(_length_of_texts(value) for value in node.values() if isinstance(value, (Mapping, list)))
    if isinstance(node, (list, tuple)):
        return sum(_length_of_texts(part) for part in node)
    return 0
