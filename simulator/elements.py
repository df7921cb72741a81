"""Limits and shape of what stands inside blocks: texts, options, confirm dialogs, interactive elements.

Source: Slack's Block Kit reference. Fields and types that it doesn't name are refused.
"""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from simulator.problems import Node, Problems

INPUT_ELEMENTS = frozenset(
    {
        "plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input", "file_input",
        "checkboxes", "radio_buttons", "datepicker", "timepicker", "datetimepicker",
        "static_select", "external_select", "users_select", "conversations_select", "channels_select",
        "multi_static_select", "multi_external_select", "multi_users_select", "multi_conversations_select",
        "multi_channels_select",
    }
)  # fmt: skip
_PICKERS = INPUT_ELEMENTS - {
    "plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input", "file_input",
}  # fmt: skip
ACTIONS_ELEMENTS = frozenset(_PICKERS | {"button", "overflow"}) | {"rich_text_input"}
ACCESSORY_ELEMENTS = frozenset(_PICKERS | {"button", "overflow", "image"})


def check_element(
    element: Any, pointer: str, allowed: Collection[str], problems: Problems, *, in_input: bool = False
) -> None:
    """One interactive element or image, where only the types in `allowed` may stand."""
    if not isinstance(element, Mapping):
        problems.add(pointer, "must be an object")
        return
    kind = str(element.get("type"))
    if kind not in _CHECKS:
        problems.add(f"{pointer}/type", f"unsupported type: {kind}")
        return
    if kind not in allowed:
        problems.add(f"{pointer}/type", f"element of type {kind} is not allowed here")
        return
    fields, check = _CHECKS[kind]
    problems.only_fields(element, pointer, fields)
    problems.string(element, "action_id", pointer, 255)
    problems.text(element, "placeholder", pointer, 150, plain=True)
    problems.boolean(element, pointer, "focus_on_load")
    if element.get("focus_on_load"):
        problems.focused += 1
        if problems.focused > 1:
            problems.add(pointer, "only one element may have focus_on_load")
    if element.get("confirm") is not None:
        if in_input:
            problems.add(f"{pointer}/confirm", "confirm is not allowed in input blocks")
        _check_confirm(element["confirm"], f"{pointer}/confirm", problems)
    check(element, pointer, problems)


def check_option(option: Any, pointer: str, problems: Problems, *, mrkdwn: bool = False, url: bool = False) -> None:
    if not problems.only_fields(option, pointer, {"text", "value", "description"} | ({"url"} if url else set())):
        return
    if problems.required(option, pointer, "text", "value"):
        problems.text(option, "text", pointer, 75, plain=not mrkdwn)
    problems.string(option, "value", pointer, 150)
    problems.text(option, "description", pointer, 75, plain=not mrkdwn)
    problems.string(option, "url", pointer, 3000)


def options_of(element: Node) -> list[dict[str, Any]]:
    """All options that a static element offers, those of groups too."""
    groups = element.get("option_groups") or []
    return [*(element.get("options") or []), *(option for group in groups for option in group.get("options", []))]


def _check_confirm(confirm: Any, pointer: str, problems: Problems) -> None:
    if not problems.only_fields(confirm, pointer, {"title", "text", "confirm", "deny", "style"}):
        return
    problems.required(confirm, pointer, "title", "text", "confirm", "deny")
    problems.text(confirm, "title", pointer, 100, plain=True)
    problems.text(confirm, "text", pointer, 300)
    problems.text(confirm, "confirm", pointer, 30, plain=True)
    problems.text(confirm, "deny", pointer, 30, plain=True)
    _check_style(confirm, pointer, problems)


def _check_style(node: Node, pointer: str, problems: Problems) -> None:
    if node.get("style") not in (None, "primary", "danger"):
        problems.add(f"{pointer}/style", "must be primary or danger")


def _button(element: Node, pointer: str, problems: Problems) -> None:
    problems.required(element, pointer, "text")
    problems.text(element, "text", pointer, 75, plain=True)
    problems.string(element, "value", pointer, 2000)
    problems.string(element, "url", pointer, 3000)
    problems.string(element, "accessibility_label", pointer, 75)
    _check_style(element, pointer, problems)


def _overflow(element: Node, pointer: str, problems: Problems) -> None:
    for index, option in enumerate(problems.list_of(element, "options", pointer, 1, 5)):
        check_option(option, f"{pointer}/options/{index}", problems, url=True)


def _choices(element: Node, pointer: str, problems: Problems) -> None:
    options = problems.list_of(element, "options", pointer, 1, 10)
    for index, option in enumerate(options):
        check_option(option, f"{pointer}/options/{index}", problems, mrkdwn=True)
    _check_initial(element, pointer, problems)


def _static_select(element: Node, pointer: str, problems: Problems) -> None:
    if (element.get("options") is None) == (element.get("option_groups") is None):
        problems.add(pointer, "must have either options or option_groups")
    if element.get("options") is not None:
        for index, option in enumerate(problems.list_of(element, "options", pointer, 1, 100)):
            check_option(option, f"{pointer}/options/{index}", problems)
    if element.get("option_groups") is not None:
        for index, group in enumerate(problems.list_of(element, "option_groups", pointer, 1, 100)):
            at = f"{pointer}/option_groups/{index}"
            if not problems.only_fields(group, at, {"label", "options"}):
                continue
            problems.required(group, at, "label")
            problems.text(group, "label", at, 75, plain=True)
            for number, option in enumerate(problems.list_of(group, "options", at, 1, 100)):
                check_option(option, f"{at}/options/{number}", problems)
    _check_initial(element, pointer, problems)
    _several(element, pointer, problems)


def _check_initial(element: Node, pointer: str, problems: Problems) -> None:
    if problems.lines:
        return  # the options themselves may have no shape to compare with
    offered = options_of(element)
    single = element.get("initial_option")
    if single is not None and single not in offered:
        problems.add(f"{pointer}/initial_option", "initial_option must match one of the options")
    if element.get("initial_options") is not None:
        for index, option in enumerate(problems.list_of(element, "initial_options", pointer, 1, 100)):
            if option not in offered:
                problems.add(f"{pointer}/initial_options/{index}", "initial_options must match the options")


def _external_select(element: Node, pointer: str, problems: Problems) -> None:
    problems.whole_number(element, "min_query_length", pointer, 0, 255)
    if element.get("initial_option") is not None:
        check_option(element["initial_option"], f"{pointer}/initial_option", problems)
    initial = problems.list_of(element, "initial_options", pointer, 1, 100) if element.get("initial_options") else []
    for index, option in enumerate(initial):
        check_option(option, f"{pointer}/initial_options/{index}", problems)
    _several(element, pointer, problems)


def _several(element: Node, pointer: str, problems: Problems) -> None:
    problems.whole_number(element, "max_selected_items", pointer, 1, 100)


def _ids(element: Node, pointer: str, problems: Problems) -> None:
    for key, pattern in _ID_FIELDS.items():
        values = element.get(key)
        for value in values if isinstance(values, list) else [values] if values is not None else []:
            if not isinstance(value, str) or not re.fullmatch(pattern, value):
                problems.add(f"{pointer}/{key}", f"{value!r} is not a valid id")
    if (kept := element.get("filter")) is not None:
        problems.only_fields(
            kept, f"{pointer}/filter", {"include", "exclude_bot_users", "exclude_external_shared_channels"}
        )
    _several(element, pointer, problems)


_ID_FIELDS = {
    "initial_user": "[UW][A-Z0-9]+",
    "initial_users": "[UW][A-Z0-9]+",
    "initial_channel": "C[A-Z0-9]+",
    "initial_channels": "C[A-Z0-9]+",
    "initial_conversation": "[CDGUW][A-Z0-9]+",
    "initial_conversations": "[CDGUW][A-Z0-9]+",
}


def _datepicker(element: Node, pointer: str, problems: Problems) -> None:
    _matches(element, "initial_date", r"\d{4}-\d{2}-\d{2}", pointer, problems)


def _timepicker(element: Node, pointer: str, problems: Problems) -> None:
    _matches(element, "initial_time", r"([01]\d|2[0-3]):[0-5]\d", pointer, problems)
    problems.string(element, "timezone", pointer, 255)


def _datetimepicker(element: Node, pointer: str, problems: Problems) -> None:
    value = element.get("initial_date_time")
    if value is not None and not (isinstance(value, int) and len(str(value)) == 10):
        problems.add(f"{pointer}/initial_date_time", "must be a Unix time of 10 digits")


def _plain_text_input(element: Node, pointer: str, problems: Problems) -> None:
    problems.boolean(element, pointer, "multiline")
    problems.whole_number(element, "min_length", pointer, 0, 3000)
    problems.whole_number(element, "max_length", pointer, 1, 3000)
    problems.string(element, "initial_value", pointer, 3000, shortest=0)
    _typed(element, pointer, problems)
    initial = element.get("initial_value")
    longest = element.get("max_length")
    if isinstance(initial, str) and isinstance(longest, int) and len(initial) > longest:
        problems.add(f"{pointer}/initial_value", f"must be less than {longest + 1} characters")


def _number_input(element: Node, pointer: str, problems: Problems) -> None:
    problems.required(element, pointer, "is_decimal_allowed")
    problems.boolean(element, pointer, "is_decimal_allowed")
    for key in ("initial_value", "min_value", "max_value"):
        _matches(element, key, r"-?\d+(\.\d+)?", pointer, problems)
    _typed(element, pointer, problems)


def _typed(element: Node, pointer: str, problems: Problems) -> None:
    problems.string(element, "initial_value", pointer, 3000, shortest=0)
    config = element.get("dispatch_action_config")
    if config is None:
        return
    at = f"{pointer}/dispatch_action_config"
    if not problems.only_fields(config, at, {"trigger_actions_on"}):
        return
    for trigger in problems.list_of(config, "trigger_actions_on", at, 1, 2):
        if trigger not in ("on_enter_pressed", "on_character_entered"):
            problems.add(at, f"unknown trigger: {trigger}")


def _file_input(element: Node, pointer: str, problems: Problems) -> None:
    problems.whole_number(element, "max_files", pointer, 1, 10)


def _image(element: Node, pointer: str, problems: Problems) -> None:
    check_image_source(element, pointer, problems)


def check_image_source(node: Node, pointer: str, problems: Problems) -> None:
    problems.required(node, pointer, "alt_text")
    problems.string(node, "alt_text", pointer, 2000)
    if (node.get("image_url") is None) == (node.get("slack_file") is None):
        problems.add(pointer, "must have either image_url or slack_file")
    problems.string(node, "image_url", pointer, 3000)
    source = node.get("slack_file")
    if source is not None and not (isinstance(source, Mapping) and (source.get("id") or source.get("url"))):
        problems.add(f"{pointer}/slack_file", "must have id or url")


def _matches(element: Node, key: str, pattern: str, pointer: str, problems: Problems) -> None:
    value = element.get(key)
    if value is not None and not (isinstance(value, str) and re.fullmatch(pattern, value)):
        problems.add(f"{pointer}/{key}", "has a wrong format")


def _nothing_more(_element: Node, _pointer: str, _problems: Problems) -> None:
    return


_COMMON = {"action_id", "confirm", "focus_on_load"}
_SELECT = _COMMON | {"placeholder"}
_TYPED = {"action_id", "initial_value", "dispatch_action_config", "focus_on_load", "placeholder"}
_CONVERSATIONS = {"default_to_current_conversation", "filter"}

_CHECKS: dict[str, tuple[set[str], Callable[[Node, str, Problems], None]]] = {
    "button": ({"action_id", "confirm", "text", "value", "url", "style", "accessibility_label"}, _button),
    "overflow": ({"action_id", "confirm", "options"}, _overflow),
    "image": ({"image_url", "slack_file", "alt_text"}, _image),
    "checkboxes": (_COMMON | {"options", "initial_options"}, _choices),
    "radio_buttons": (_COMMON | {"options", "initial_option"}, _choices),
    "datepicker": (_SELECT | {"initial_date"}, _datepicker),
    "timepicker": (_SELECT | {"initial_time", "timezone"}, _timepicker),
    "datetimepicker": (_COMMON | {"initial_date_time"}, _datetimepicker),
    "static_select": (_SELECT | {"options", "option_groups", "initial_option"}, _static_select),
    "multi_static_select": (
        _SELECT | {"options", "option_groups", "initial_options", "max_selected_items"},
        _static_select,
    ),
    "external_select": (_SELECT | {"initial_option", "min_query_length"}, _external_select),
    "multi_external_select": (
        _SELECT | {"initial_options", "min_query_length", "max_selected_items"},
        _external_select,
    ),
    "users_select": (_SELECT | {"initial_user"}, _ids),
    "multi_users_select": (_SELECT | {"initial_users", "max_selected_items"}, _ids),
    "channels_select": (_SELECT | {"initial_channel", "response_url_enabled"}, _ids),
    "multi_channels_select": (_SELECT | {"initial_channels", "max_selected_items"}, _ids),
    "conversations_select": (_SELECT | _CONVERSATIONS | {"initial_conversation", "response_url_enabled"}, _ids),
    "multi_conversations_select": (
        _SELECT | _CONVERSATIONS | {"initial_conversations", "max_selected_items"},
        _ids,
    ),
    "plain_text_input": (_TYPED | {"multiline", "min_length", "max_length"}, _plain_text_input),
    "email_text_input": (_TYPED, _typed),
    "url_text_input": (_TYPED, _typed),
    "number_input": (_TYPED | {"is_decimal_allowed", "min_value", "max_value"}, _number_input),
    "rich_text_input": (_TYPED, _nothing_more),
    "file_input": ({"action_id", "filetypes", "max_files"}, _file_input),
}
