"""Commands as an installation names them, in everything that goes to Slack."""

from bot.spelling import Spelling

CARE = Spelling(("escalate", "goal", "backstop"), "care-")


def test_commands_in_backticks_get_the_prefix_once() -> None:
    once = CARE.text("`/goal list` and `/care-goal`, `/backstop my-data`; not `/goals` nor `/poll` nor /goal")
    assert once == "`/care-goal list` and `/care-goal`, `/care-backstop my-data`; not `/goals` nor `/poll` nor /goal"
    assert CARE.text(once) == once


def test_every_text_of_a_view_is_spelled_and_what_was_typed_is_not() -> None:
    typed = {"type": "plain_text_input", "initial_value": "`/goal`"}
    view = {"blocks": [{"text": {"type": "mrkdwn", "text": "`/goal`"}, "value": "`/goal`"}, {"element": typed}]}
    spelled = CARE.payload(view)
    assert spelled["blocks"][0] == {"text": {"type": "mrkdwn", "text": "`/care-goal`"}, "value": "`/goal`"}
    assert spelled["blocks"][1]["element"] == typed


def test_errors_at_fields_are_plain_text() -> None:
    told = CARE.payload({"response_action": "errors", "errors": {"who": "Look at /backstop team. https://x.y/goal"}})
    assert told["errors"] == {"who": "Look at /care-backstop team. https://x.y/goal"}


def test_without_a_prefix_nothing_is_touched() -> None:
    node = {"text": "`/goal`"}
    assert Spelling(("goal",), "").payload(node) is node
