"""A small team, a small app, and the simulator between them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from simulator.server import Simulator
from simulator.workspace import Workspace
from tests.simulator.tiny_app import TinyApp

MANIFEST: dict[str, Any] = {
    "display_information": {"name": "Tiny"},
    "features": {
        "bot_user": {"display_name": "Tiny"},
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "slash_commands": [
            {"command": "/form", "description": "Opens a form", "should_escape": True},
            {"command": "/raw", "description": "Repeats", "should_escape": False},
            {"command": "/slow", "description": "Never acknowledges"},
        ],
        "shortcuts": [
            {"name": "Tell", "callback_id": "tell", "type": "global", "description": "Opens a form"},
            {"name": "Quote", "callback_id": "quote", "type": "message", "description": "Quotes"},
        ],
    },
    "oauth_config": {
        "scopes": {
            "bot": [
                "commands", "chat:write", "im:write", "im:history", "users:read", "users:read.email", "channels:read",
                "channels:join", "channels:history", "groups:read", "groups:history", "files:read", "files:write",
            ]
        }
    },
    "settings": {
        "event_subscriptions": {
            "bot_events": ["app_home_opened", "message.channels", "message.im", "channel_archive", "user_change"]
        },
        "interactivity": {"is_enabled": True},
        "socket_mode_enabled": True,
    },
}  # fmt: skip


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 6, 2, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, by: timedelta) -> None:
        self.at += by


class RealClock(Clock):
    """For what is checked against the real time by others."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def workspace(clock: Clock) -> Workspace:
    """Ben and Cara in public #care with the bot, Aoife in private #leads without it, Gus a guest, Dan deactivated."""
    workspace = Workspace(now=clock)
    workspace.add_person("Ben", tz="Europe/Dublin", email="ben@example.com")
    workspace.add_person("Cara", tz="Asia/Manila")
    workspace.add_person("Aoife", tz="Europe/Dublin", is_admin=True)
    workspace.add_person("Gus", tz="Europe/Berlin", is_restricted=True)
    workspace.add_person("Dan", tz="Europe/Berlin", deleted=True)
    workspace.add_channel("care", members=["Ben", "Cara", "Aoife"], bot_is_member=True)
    workspace.add_channel("random", members=["Ben", "Cara"])
    workspace.add_channel("leads", members=["Aoife"], is_private=True)
    return workspace


@pytest.fixture
async def simulator(workspace: Workspace, clock: Clock) -> AsyncIterator[Simulator]:
    simulator = Simulator(workspace, now=clock, manifest=MANIFEST)
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def app(simulator: Simulator) -> AsyncIterator[TinyApp]:
    """Connected through Socket Mode."""
    app = TinyApp(simulator)
    await app.connect()
    yield app
    await app.disconnect()
