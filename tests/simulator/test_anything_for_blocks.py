"""Whatever an app sends as blocks, it gets Slack's answer and never our own crash."""

from contextlib import suppress
from copy import deepcopy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.block_kit import check_message, check_view
from simulator.errors import SlackError
from simulator.rendering import Reader
from simulator.screens import OpenView
from simulator.typed_state import initial_state, with_ids
from simulator.workspace import Workspace
from tests.simulator.test_acting import CARD, EVERY_FIELD
from tests.simulator.tiny_app import form, option, plain

KINDS = [
    "section", "header", "divider", "image", "context", "actions", "input", "rich_text", "markdown", "table", "alert",
    "plain_text", "mrkdwn", "button", "overflow", "static_select", "multi_static_select", "external_select",
    "users_select", "conversations_select", "radio_buttons", "checkboxes", "datepicker", "timepicker",
    "datetimepicker",
    "plain_text_input", "number_input", "rich_text_input", "rich_text_section", "rich_text_list", "text", "user",
    "link", "raw_text",
]  # fmt: skip
KEYS = [
    "text", "fields", "accessory", "elements", "element", "label", "hint", "options", "option_groups", "placeholder",
    "initial_option", "initial_options", "initial_value", "initial_user", "value", "action_id", "block_id", "confirm",
    "alt_text", "image_url", "slack_file", "rows", "filter", "max_length", "optional", "dispatch_action_config",
    "level",
    "is_decimal_allowed", "user_id", "url", "style", "title", "description",
]  # fmt: skip

GOOD: list[dict[str, Any]] = [
    *EVERY_FIELD,
    *CARD,
    *form()["blocks"],
    {"type": "alert", "text": plain("careful"), "level": "warning"},
    {"type": "context", "elements": [plain("x"), {"type": "image", "image_url": "https://x.y", "alt_text": "a"}]},
    {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "a", "title": plain("t")},
    {"type": "section", "fields": [plain("x"), {"type": "mrkdwn", "text": "<!date^1780000000^{date_pretty}|x>"}]},
    {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]], "column_settings": [{"align": "right"}]},
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_list",
                "style": "bullet",
                "elements": [
                    {
                        "type": "rich_text_section",
                        "elements": [
                            {"type": "text", "text": "x"},
                            {"type": "user", "user_id": "U1"},
                            {"type": "link", "url": "https://x.y"},
                            {"type": "emoji", "name": "eyes"},
                            {"type": "date", "timestamp": 1780000000, "format": "{date}"},
                        ],
                    }
                ],
            }
        ],
    },
    {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "text": plain("x"),
                "confirm": {"title": plain("t"), "text": plain("x"), "confirm": plain("y"), "deny": plain("n")},
            },
            {
                "type": "static_select",
                "option_groups": [{"label": plain("g"), "options": [option("a1")]}],
                "initial_option": option("a1"),
            },
        ],
    },
]

leaves = st.none() | st.booleans() | st.integers(-1, 4000) | st.sampled_from(["", "x", "primary", "<!channel>", *KINDS])
texts = st.builds(lambda kind, text: {"type": kind, "text": text}, st.sampled_from(["plain_text", "mrkdwn"]), st.text())


def grown(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    typed = st.builds(
        lambda kind, more: {"type": kind, **more},
        st.sampled_from(KINDS),
        st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    )
    return typed | texts | st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)


anything = st.recursive(leaves | texts, grown, max_leaves=20)


@st.composite
def damaged(draw: st.DrawFn) -> list[Any]:
    """Good blocks of every kind in which one thing somewhere is replaced by anything, or is missing."""
    blocks: list[Any] = deepcopy([draw(st.sampled_from(GOOD))])
    place: Any = blocks
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = draw(st.sampled_from(keys))
        if not place[key] or not isinstance(place[key], (dict, list)) or draw(st.integers(0, 3)) == 0:
            break
        place = place[key]
    if isinstance(place, dict) and draw(st.booleans()):
        del place[key]
    else:
        place[key] = draw(anything)
    return blocks


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(blocks=st.lists(anything, max_size=4) | damaged())
def test_blocks_are_refused_or_can_be_shown(workspace: Workspace, blocks: list[Any]) -> None:
    reader = Reader(workspace, workspace.person("Ben").id)
    with suppress(SlackError):
        check_message("x", blocks)
        shown = with_ids(blocks)
        reader.message({"blocks": shown, "text": "x"})
        reader.labels(shown)
    with suppress(SlackError):
        check_view(form(blocks=blocks), surface="modal")
        shown = with_ids(blocks)
        reader.view(OpenView(user_id="U1", view=form(blocks=shown), typed=initial_state(shown)))


def test_the_good_blocks_are_good() -> None:
    for block in GOOD:
        try:
            check_message("x", [block])
        except SlackError:
            check_view(form(blocks=[block]), surface="modal")
