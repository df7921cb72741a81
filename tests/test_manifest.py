"""manifest.yml against what Slack takes; tests/test_architecture.py ties it to the listeners."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.manifest import FILE, REASONS, as_json, as_yaml, read_manifest

SCOPE_OF_EVENT = {
    "app_home_opened": None,
    "app_mention": "app_mentions:read",
    "channel_archive": "channels:read",
    "channel_rename": "channels:read",
    "channel_unarchive": "channels:read",
    "dnd_updated_user": "dnd:read",
    "group_archive": "groups:read",
    "group_rename": "groups:read",
    "group_unarchive": "groups:read",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "team_join": "users:read",
    "user_change": "users:read",
}
"""Every event that Backstop may subscribe to, with the scope that Slack wants for it."""
COMMANDS_OF_SLACK = frozenset(
    {
        "/active", "/apps", "/archive", "/away", "/call", "/collapse", "/dm", "/dnd", "/expand", "/feed", "/help",
        "/invite", "/join", "/kick", "/leave", "/me", "/msg", "/mute", "/open", "/part", "/prefs", "/remind", "/remove",
        "/rename", "/search", "/shortcuts", "/shrug", "/star", "/status", "/topic", "/who",
    }
)  # fmt: skip
"""Slack keeps these for itself and refuses them in a manifest."""


@pytest.fixture
def manifest() -> dict[str, Any]:
    return read_manifest()


def test_scopes_are_exactly_those_with_a_reason(manifest: dict[str, Any]) -> None:
    scopes = manifest["oauth_config"]["scopes"]
    assert list(scopes) == ["bot"]
    assert scopes["bot"] == sorted(REASONS)


def test_the_operators_read_the_same_reasons() -> None:
    """docs/operations.md, § Scopes: a row for each, in words that the manifest's own table has."""
    page = (Path(__file__).parents[1] / "docs" / "operations.md").read_text(encoding="utf-8")
    scopes = page.partition("## Scopes")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([a-z_:.]+)` \| (.+) \|$", scopes, re.MULTILINE)
    assert dict(rows) == REASONS


def test_events_are_known_and_their_scopes_asked_for(manifest: dict[str, Any]) -> None:
    events = manifest["settings"]["event_subscriptions"]["bot_events"]
    assert set(events) <= set(SCOPE_OF_EVENT)
    assert len(events) == len(set(events)) <= 100
    needed = {SCOPE_OF_EVENT[event] for event in events} - {None}
    assert needed <= set(manifest["oauth_config"]["scopes"]["bot"])


def test_commands_fit_slack_and_turn_names_into_ids(manifest: dict[str, Any]) -> None:
    commands = manifest["features"]["slash_commands"]
    assert len(commands) <= 50
    for command in commands:
        assert re.fullmatch(r"/[a-z0-9_-]{1,31}", command["command"])
        assert command["command"] not in COMMANDS_OF_SLACK
        assert 0 < len(command["description"]) <= 2000
        assert len(command["usage_hint"]) <= 1000
        assert command["should_escape"] is True


def test_shortcuts_fit_slack(manifest: dict[str, Any]) -> None:
    shortcuts = manifest["features"]["shortcuts"]
    assert len(shortcuts) <= 10
    for shortcut in shortcuts:
        assert shortcut["type"] in {"message", "global"}
        assert 0 < len(shortcut["name"]) <= 24
        assert 0 < len(shortcut["description"]) <= 150
        assert len(shortcut["callback_id"]) <= 255


def test_the_description_fits_slack(manifest: dict[str, Any]) -> None:
    information = manifest["display_information"]
    assert len(information["name"]) <= 35
    assert len(information["description"]) <= 140
    assert 175 <= len(information["long_description"]) <= 4000
    assert re.fullmatch(r"#[0-9a-f]{6}", information["background_color"])


def test_people_can_write_to_it_and_it_needs_no_address(manifest: dict[str, Any]) -> None:
    home = manifest["features"]["app_home"]
    assert home == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": False,
    }
    settings = manifest["settings"]
    assert settings["socket_mode_enabled"] is True
    assert settings["interactivity"] == {"is_enabled": True}
    assert settings["token_rotation_enabled"] is False
    assert settings["org_deploy_enabled"] is False


def test_unprefixed_it_is_the_file_itself() -> None:
    assert as_yaml() == FILE.read_text(encoding="utf-8")


def test_a_prefix_changes_the_commands_names_and_nothing_else(manifest: dict[str, Any]) -> None:
    prefixed = yaml.safe_load(as_yaml("care-"))
    names = [entry["command"] for entry in prefixed["features"]["slash_commands"]]
    assert names == ["/care-" + entry["command"][1:] for entry in manifest["features"]["slash_commands"]]
    for command in (*prefixed["features"]["slash_commands"], *manifest["features"]["slash_commands"]):
        del command["command"]
    assert prefixed == manifest


def test_json_says_the_same_as_yaml() -> None:
    assert json.loads(as_json("care-")) == yaml.safe_load(as_yaml("care-"))


def test_a_prefix_that_slack_refuses_is_refused() -> None:
    with pytest.raises(ValueError, match="--prefix may hold a–z"):
        as_yaml("Care ")


def test_with_an_address_slack_calls_there_and_nothing_else_changes(manifest: dict[str, Any]) -> None:
    called = "https://bot.example.com/care/slack/events"
    by_http = yaml.safe_load(as_yaml(url="https://bot.example.com/care/"))
    assert by_http == json.loads(as_json(url="https://bot.example.com/care"))
    settings = by_http["settings"]
    assert settings.pop("socket_mode_enabled") is False
    assert settings["event_subscriptions"].pop("request_url") == called
    assert settings["interactivity"].pop("request_url") == called
    assert settings["interactivity"].pop("message_menu_options_url") == called
    assert {command.pop("url") for command in by_http["features"]["slash_commands"]} == {called}
    settings["socket_mode_enabled"] = True
    assert by_http == manifest


@pytest.mark.parametrize(
    "url", ["bot.example.com", "http://bot.example.com", "https://", "https://a b", "https://a/?x=1"]
)
def test_an_address_that_slack_cannot_call_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="--url must be the https://"):
        as_yaml(url=url)
