"""The app's manifest: with other command names, as YAML or JSON; and why it asks for each scope."""

import json
import re
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.settings import EVENTS, fits_slack

FILE = Path(__file__).with_name("manifest.yml")
"""In a checkout a link to the one at its top, where people look for it; in a wheel a copy."""

REASONS = {
    "app_mentions:read": "answers who writes @Backstop in a channel",
    "channels:history": "notices a word in a card's thread, and looks there for a message whose sending was cut off",
    "channels:join": "joins the public channels that a team names",
    "channels:read": "checks that a team's channel can be used, and who is in it",
    "chat:write": "posts cards and direct messages",
    "commands": "answers its slash commands and shortcuts",
    "dnd:read": "passes over who is in Do Not Disturb when it picks who is on duty",
    "files:read": "sees whether a chart that it drew can be shown yet",
    "files:write": "uploads its charts, and the file with what is kept about you, when you ask for it",
    "groups:history": "the same as channels:history, in private channels that it was invited to",
    "groups:read": "the same as channels:read, in private channels that it was invited to",
    "im:history": "hears what people write to it, and looks there for a message whose sending was cut off",
    "im:write": "opens the conversation in which it writes to somebody",
    "users:read": "knows names, time zones, admins and guests",
    "users:read.email": "matches people with the help desk's agents",
}
"""Every scope that the manifest asks for, with what Backstop does with it."""


def read_manifest(prefix: str = "", url: str = "") -> dict[str, Any]:
    """The manifest, each command's name beginning with `prefix`; with the bot's public `url` for HTTP mode, else for
    Socket Mode. Raises ValueError for what Slack refuses, with the option's name."""
    manifest = deepcopy(_written())
    if prefix:
        try:
            fits_slack(prefix)
        except ValueError as error:
            raise ValueError(f"--prefix {error}") from None
        for command in manifest["features"]["slash_commands"]:
            command["command"] = f"/{prefix}{command['command'].removeprefix('/')}"
    if url:
        _let_slack_call(manifest, url)
    return manifest


def _let_slack_call(manifest: dict[str, Any], url: str) -> None:
    if not re.fullmatch(r"https://[^\s/?#]+(/[^\s?#]*)?", url):
        raise ValueError("--url must be the https://… address at which Slack reaches the bot")
    called = url.rstrip("/") + EVENTS
    settings = manifest["settings"]
    settings["socket_mode_enabled"] = False
    settings["event_subscriptions"] = {"request_url": called, **settings["event_subscriptions"]}
    settings["interactivity"] |= {"request_url": called, "message_menu_options_url": called}
    for command in manifest["features"]["slash_commands"]:
        command["url"] = called


@cache
def _written() -> dict[str, Any]:
    manifest: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return manifest


def as_yaml(prefix: str = "", url: str = "") -> str:
    """What to paste at Slack; the file itself, comments and all, when nothing is to be changed."""
    if not prefix and not url:
        return FILE.read_text(encoding="utf-8")
    written: str = yaml.safe_dump(read_manifest(prefix, url), sort_keys=False, allow_unicode=True, width=120)
    return written


def as_json(prefix: str = "", url: str = "") -> str:
    return json.dumps(read_manifest(prefix, url), indent=2, ensure_ascii=False) + "\n"
