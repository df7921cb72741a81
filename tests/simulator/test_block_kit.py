"""The limits at which Slack refuses, each just inside and just outside."""

from typing import Any

import pytest

from simulator.block_kit import check_message, check_view
from simulator.errors import SlackError
from tests.simulator.tiny_app import form, option, plain


def refused(*blocks: dict[str, Any], text: str = "x") -> list[str]:
    """The complaints about a message with these blocks; the error's code if there are none to read."""
    try:
        check_message(text, list(blocks))
    except SlackError as error:
        return list(error.more.get("response_metadata", {}).get("messages", [error.code]))
    return []


def refused_view(view: dict[str, Any], surface: Any = "modal") -> list[str]:
    try:
        check_view(view, surface=surface)
    except SlackError as error:
        return list(error.more.get("response_metadata", {}).get("messages", [error.code]))
    return []


def section(text: str = "x", **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(label: str = "Go", **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(label), **more}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def select(count: int, **more: Any) -> dict[str, Any]:
    return {"type": "static_select", "options": [option(f"{n:03}") for n in range(count)], **more}


def question(element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "input", "label": plain("Label"), "element": element, **more}


@pytest.mark.parametrize(
    ("inside", "outside", "says"),
    [
        (section("x" * 3000), section("x" * 3001), "must be less than 3001 characters"),
        (section("x"), section(""), "must be more than 0 characters"),
        (
            {"type": "section", "fields": [plain("x" * 2000)] * 5},
            {"type": "section", "fields": [plain("x" * 2001)]},
            "must be less than 2001 characters",
        ),
        (
            {"type": "section", "fields": [plain("x")] * 10},
            {"type": "section", "fields": [plain("x")] * 11},
            "no more than 10 items allowed",
        ),
        (
            {"type": "header", "text": plain("x" * 150)},
            {"type": "header", "text": plain("x" * 151)},
            "must be less than 151 characters",
        ),
        (
            {"type": "header", "text": plain("x")},
            {"type": "header", "text": {"type": "mrkdwn", "text": "x"}},
            "must be plain_text",
        ),
        (actions(button("x" * 75)), actions(button("x" * 76)), "must be less than 76 characters"),
        (actions(button(value="x" * 2000)), actions(button(value="x" * 2001)), "must be less than 2001 characters"),
        (actions(button(action_id="x" * 255)), actions(button(action_id="x" * 256)), "must be less than 256"),
        (actions(button(style="danger")), actions(button(style="warning")), "must be primary or danger"),
        (actions(*[button()] * 25), actions(*[button()] * 26), "no more than 25 items allowed"),
        (
            actions(button(action_id="a"), button(action_id="b")),
            actions(button(action_id="a"), button(action_id="a")),
            "action_id a already exists",
        ),
        (actions(select(100)), actions(select(101)), "no more than 100 items allowed"),
        (
            actions(select(2, initial_option=option("001"))),
            actions(select(2, initial_option=option("009"))),
            "initial_option must match one of the options",
        ),
        (
            actions({"type": "overflow", "options": [option("a")] * 5}),
            actions({"type": "overflow", "options": [option("a")] * 6}),
            "no more than 5 items allowed",
        ),
        (
            actions({"type": "radio_buttons", "options": [option("a")] * 10}),
            actions({"type": "radio_buttons", "options": [option("a")] * 11}),
            "no more than 10 items allowed",
        ),
        (actions(select(1, placeholder=plain("x" * 150))), actions(select(1, placeholder=plain("x" * 151))), "151"),
        (
            {"type": "context", "elements": [plain("x")] * 10},
            {"type": "context", "elements": [plain("x")] * 11},
            "no more than 10 items allowed",
        ),
        (
            {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a"},
            {"type": "image", "image_url": "https://example.com/a.png"},
            "missing required field: alt_text",
        ),
        (
            {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * 20] * 100},
            {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * 21]},
            "must be an array of 1 to 20 cells",
        ),
        (
            {"type": "markdown", "text": "x" * 12_000},
            {"type": "markdown", "text": "x" * 12_001},
            "must be less than 12001 characters",
        ),
        (section(), {"type": "alert", "text": plain("x")}, "not allowed in a message"),
        (section(block_id="x" * 255), section(block_id="x" * 256), "must be less than 256 characters"),
        (section(), section(colour="red"), "invalid additional property: colour"),
        (section(), {"type": "sektion"}, "unsupported type: sektion"),
        (section(), actions({"type": "slider"}), "unsupported type: slider"),
        (section(), actions({"type": "plain_text_input"}), "not allowed here"),
        (question(select(1)), question({**select(1), "confirm": {}}), "confirm is not allowed in input blocks"),
        (
            question({"type": "plain_text_input", "max_length": 3000}),
            question({"type": "plain_text_input", "max_length": 3001}),
            "must be between 1 and 3000",
        ),
    ],
)
def test_a_block_is_refused_just_beyond_its_limit(inside: dict[str, Any], outside: dict[str, Any], says: str) -> None:
    assert refused(inside) == []
    assert any(says in complaint for complaint in refused(outside)), refused(outside)


def test_a_message_holds_fifty_blocks_thirteen_thousand_characters_and_one_table() -> None:
    table = {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}
    assert refused(*[section()] * 50) == []
    assert refused(*[section()] * 51) == ["[ERROR] no more than 50 items allowed [json-pointer:/blocks]"]
    assert refused(*[section("x" * 2600)] * 5) == []
    assert refused(*[section("x" * 2601)] * 5) == ["msg_blocks_too_long"]
    assert refused(table, table) == ["[ERROR] only one table is allowed [json-pointer:/blocks]"]
    assert "already exists" in refused(section(block_id="a"), section(block_id="a"))[0]
    assert refused(section(), text="x" * 4001) == ["msg_too_long"]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"title": plain("x" * 25)}, "/view/title/text"),
        ({"submit": plain("x" * 25)}, "/view/submit/text"),
        ({"submit": None}, "missing required field: submit"),
        ({"private_metadata": "x" * 3001}, "must be less than 3001 characters"),
        ({"callback_id": "x" * 256}, "must be less than 256 characters"),
        ({"blocks": [section()] * 101}, "no more than 100 items allowed"),
        ({"blocks": [{"type": "markdown", "text": "x"}]}, "not allowed in a modal"),
        ({"blocks": [{"type": "alert", "text": plain("x" * 201)}]}, "must be less than 201 characters"),
        ({"subtitle": "x"}, "invalid additional property: subtitle"),
        ({"type": "home"}, "must be modal"),
        ({"blocks": [section("x" * 3000)] * 90}, "view_too_large"),
    ],
)
def test_a_view_is_refused_beyond_its_limits(changed: dict[str, Any], says: str) -> None:
    assert refused_view(form()) == []
    assert any(says in complaint for complaint in refused_view(form(**changed))), refused_view(form(**changed))


def test_a_home_has_no_title_and_a_modal_focuses_one_field() -> None:
    home = {"type": "home", "blocks": [section()]}
    assert refused_view(home, "home") == []
    assert "title" in refused_view(home | {"title": plain("x")}, "home")[0]
    focused = question({"type": "plain_text_input", "focus_on_load": True})
    assert refused_view(form(blocks=[focused])) == []
    assert "focus_on_load" in refused_view(form(blocks=[focused, focused]))[0]
