"""What Slack never sends reaches no listener, is no error, and is answered so that nothing typed is lost."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.hearing import hear
from tests.office import Office

CLICK: dict[str, Any] = {
    "type": "block_actions",
    "user": {"id": "U1"},
    "trigger_id": "1.2",
    "container": {"type": "message"},
    "actions": [{"action_id": "teams.create"}],
}
FORM: dict[str, Any] = {"id": "V1", "type": "modal", "blocks": []}
JOINED: dict[str, Any] = {"type": "member_joined_channel", "user": "U1", "channel": "C1"}
NOT_SLACKS: list[tuple[dict[str, Any], str]] = [
    (CLICK | {"actions": []}, "actions"),
    (CLICK | {"actions": [{"action_id": "teams.create", "value": 5}]}, "actions.0.value"),
    (CLICK | {"user": {}}, "user.id"),
    (CLICK | {"user": {"id": "U1", "team_id": []}}, "user.team_id"),
    (CLICK | {"container": {"type": "view"}}, "the whole"),
    ({"type": "view_submission", "user": {"id": "U1"}}, "view"),
    ({"type": "view_submission", "user": {"id": "U1"}, "view": FORM | {"blocks": [{}]}}, "view.blocks.0.type"),
    ({"command": "/escalate", "user_id": "x" * 33, "channel_id": "C1"}, "user_id"),
]
NO_EVENTS: list[tuple[dict[str, Any], str]] = [
    (JOINED | {"channel": None}, "channel"),
    (JOINED | {"type": ["x"]}, "event.type"),
    ({"type": "user_change", "user": {"id": "U1", "profile": {"real_name": "\ud800"}}}, "user.profile.real_name"),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_payload_of_another_shape_than_slacks_wakes_nobody(office: Office) -> None:
    events = [({"team_id": "T0CARE", "type": "event_callback", "event": event}, at) for event, at in NO_EVENTS]
    for status, payloads in ((400, NOT_SLACKS), (200, events)):
        for body, at in payloads:
            with capture_logs() as logs:
                response = await hear(office.bot.bolt, mode="socket_mode", body=body)
            assert (response.status, response.body) == (status, ""), body
            assert [(line["log_level"], line["at"]) for line in logs] == [("warning", at)], body
    with capture_logs() as logs:
        torn = await hear(office.bot.bolt, mode="http", body="payload={", headers={})
        sender = await hear(office.bot.bolt, mode="socket_mode", body={"event": None, "authorizations": 5})
    assert (torn.status, sender.status) == (400, 400)
    assert {line["log_level"] for line in logs} == {"warning"}
