"""Blocks and inputs of every kind that the page draws."""

from typing import Any

Block = dict[str, Any]


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}


def option(text: str, value: str) -> Block:
    return {"text": plain(text), "value": value}


def section(*elements: Block) -> Block:
    return {"type": "rich_text_section", "elements": list(elements)}


def words(text: str, **style: bool) -> Block:
    return {"type": "text", "text": text} | ({"style": style} if style else {})


_PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
_OPTIONS = [option("First", "1"), option("Second", "2")]

EVERY_BLOCK: list[Block] = [
    {"type": "header", "block_id": "header", "text": plain("A header")},
    {"type": "section", "block_id": "text", "text": mrkdwn("A *section* :tada:")},
    {"type": "section", "block_id": "fields", "fields": [mrkdwn("*Owner*\nnobody"), plain("plain")]},
    {
        "type": "section",
        "block_id": "accessory",
        "text": plain("With a menu"),
        "accessory": {
            "type": "static_select",
            "action_id": "choose",
            "placeholder": plain("Choose"),
            "option_groups": [{"label": plain("Group"), "options": _OPTIONS}],
        },
    },
    {
        "type": "section",
        "block_id": "picture",
        "text": plain("With a picture"),
        "accessory": {"type": "image", "image_url": _PIXEL, "alt_text": "a pixel"},
    },
    {"type": "divider", "block_id": "divider"},
    {
        "type": "actions",
        "block_id": "actions",
        "elements": [
            {"type": "button", "action_id": "press", "style": "primary", "text": plain("Press"), "value": "1"},
            {"type": "button", "action_id": "link", "text": plain("Open"), "url": "https://example.com"},
            {"type": "overflow", "action_id": "overflow", "options": _OPTIONS},
            {"type": "users_select", "action_id": "user", "placeholder": plain("Who")},
            {"type": "datepicker", "action_id": "date", "initial_date": "2026-06-05"},
            {"type": "timepicker", "action_id": "time", "initial_time": "10:45"},
            {"type": "datetimepicker", "action_id": "moment", "initial_date_time": 1780627500},
            {"type": "checkboxes", "action_id": "flags", "options": _OPTIONS},
            {"type": "radio_buttons", "action_id": "way", "options": _OPTIONS, "initial_option": _OPTIONS[0]},
        ],
    },
    {
        "type": "context",
        "block_id": "context",
        "elements": [{"type": "image", "image_url": _PIXEL, "alt_text": "a pixel"}, mrkdwn("small _print_")],
    },
    {"type": "image", "block_id": "image", "image_url": _PIXEL, "alt_text": "a pixel", "title": plain("A title")},
    {
        "type": "rich_text",
        "block_id": "rich",
        "elements": [
            section(
                words("bold", bold=True), words(" and "), words("code", code=True), {"type": "emoji", "name": "wave"}
            ),
            {"type": "rich_text_list", "style": "bullet", "elements": [section(words("outer"))]},
            {"type": "rich_text_list", "style": "ordered", "indent": 1, "elements": [section(words("inner"))]},
            {"type": "rich_text_quote", "elements": [words("quoted")]},
            {"type": "rich_text_preformatted", "elements": [words("as it is")]},
        ],
    },
    {
        "type": "table",
        "block_id": "table",
        "column_settings": [{"align": "left"}, {"align": "right"}],
        "rows": [
            [{"type": "raw_text", "text": "Severity"}, {"type": "raw_text", "text": "Met"}],
            [{"type": "rich_text", "elements": [section(words("S1"))]}, {"type": "raw_text", "text": "96 %"}],
        ],
    },
    {
        "type": "markdown",
        "block_id": "markdown",
        "text": "## Title\n\n- **one**\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |",
    },
]


def _input(block_id: str, label: str, kind: str, **more: Any) -> Block:
    element = {"type": kind, "action_id": "value", **more}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element}


EVERY_INPUT: list[Block] = [
    _input("words", "Words", "plain_text_input", multiline=True, min_length=3, max_length=200),
    _input("number", "Number", "number_input", is_decimal_allowed=False, min_value="1", max_value="9"),
    _input("email", "E-mail", "email_text_input"),
    _input("link", "Link", "url_text_input"),
    _input("date", "Date", "datepicker"),
    _input("time", "Time", "timepicker"),
    _input("moment", "Moment", "datetimepicker"),
    _input("way", "Way", "radio_buttons", options=[option("First way", "1"), option("Second way", "2")]),
    _input("flags", "Flags", "checkboxes", options=[option("Loud", "loud"), option("Late", "late")]),
    _input("people", "People", "multi_users_select"),
    _input("person", "Person", "users_select"),
    _input("place", "Place", "conversations_select"),
    _input("public", "Public", "multi_channels_select"),
]
