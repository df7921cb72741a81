"""What stands in a form's fields; what no field of Slack's holds is refused."""

from datetime import UTC, datetime
from typing import Any

import pytest

from handlers.forms import Memory, clicked, identifier, its_message, values
from handlers.refusals import Refusal


def view(element: Any) -> dict[str, Any]:
    return {"state": {"values": {"field": {"element": element}}}}


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ({"type": "plain_text_input", "value": " a\x00b\r\nc "}, "ab\nc"),
        ({"type": "plain_text_input", "value": None}, None),
        ({"type": "static_select", "selected_option": {"value": "S2"}}, "S2"),
        ({"type": "static_select", "selected_option": None}, None),
        ({"type": "checkboxes", "selected_options": [{"value": "a"}, {"value": "b"}]}, ["a", "b"]),
        ({"type": "checkboxes"}, []),
        ({"type": "multi_users_select", "selected_users": ["U1"]}, ["U1"]),
        ({"type": "users_select", "selected_user": "U1"}, "U1"),
        ({"type": "conversations_select", "selected_conversation": "C1"}, "C1"),
        ({"type": "channels_select", "selected_channel": "C1"}, "C1"),
        ({"type": "datetimepicker", "selected_date_time": 1780390800}, datetime(2026, 6, 2, 9, tzinfo=UTC)),
        ({"type": "datetimepicker", "selected_date_time": None}, None),
        ({"type": "datepicker", "selected_date": "2026-06-02"}, "2026-06-02"),
        ({"type": "timepicker", "selected_time": "09:00"}, "09:00"),
        ({"type": "number_input", "value": "5"}, "5"),
    ],
)
def test_each_kind_of_field_has_its_value(element: Any, value: Any) -> None:
    assert values(view(element)) == {"field": value}


@pytest.mark.parametrize(
    "element",
    [
        "x",
        None,
        {"type": "plain_text_input", "value": 5},
        {"type": "static_select", "selected_option": {"value": ["x"]}},
        {"type": "static_select", "selected_option": {}},
        {"type": "checkboxes", "selected_options": [{"value": {"value": None}}]},
        {"type": "checkboxes", "selected_options": 5},
        {"type": "multi_users_select", "selected_users": [None, {}]},
        {"type": "users_select", "selected_user": ["U1"]},
        {"type": "datetimepicker", "selected_date_time": 4},
        {"type": "datetimepicker", "selected_date_time": 10**400},
        {"type": "datetimepicker", "selected_date_time": "soon"},
        {"type": "datepicker", "selected_date": 5},
        {"type": "number_input", "value": {}},
    ],
)
def test_what_no_field_of_slacks_holds_is_refused(element: Any) -> None:
    with pytest.raises(Refusal, match="can’t read that"):
        values(view(element))


@pytest.mark.parametrize("value", ["", "x", "0", "-1", "²", "99999999999999999999", None, "1e3"])
def test_a_button_that_names_no_row_of_ours_is_refused(value: object) -> None:
    with pytest.raises(Refusal):
        identifier(value)


@pytest.mark.parametrize("kept", ["", "{}", "[]", "5", '{"key": 5}', '{"key": "short"}', "[" * 100_000, None])
def test_a_memory_that_we_did_not_write_is_refused(kept: object) -> None:
    with pytest.raises(Refusal):
        Memory.of({"private_metadata": kept})


def test_a_button_without_a_value_has_an_empty_one_and_a_shortcut_without_a_message_none() -> None:
    assert clicked({"actions": [{"action_id": "a"}]}) == {"action_id": "a", "value": ""}
    assert clicked({}) is None
    with pytest.raises(Refusal):
        clicked({"actions": [{"action_id": "a", "value": 5}]})
    with pytest.raises(Refusal):
        its_message({"callback_id": "escalations.this_escalation"})
