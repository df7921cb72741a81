"""What the app's manifest promises, as far as the workspace holds the app to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Command:
    name: str
    description: str
    usage_hint: str
    should_escape: bool


@dataclass(frozen=True)
class Shortcut:
    name: str
    callback_id: str
    kind: Literal["global", "message"]


@dataclass(frozen=True)
class AppManifest:
    """A parsed manifest.yml. Missing parts mean what they mean for an app newly made in Slack."""

    bot_name: str
    commands: Mapping[str, Command]
    shortcuts: Mapping[str, Shortcut]
    bot_events: frozenset[str]
    scopes: frozenset[str]
    home_tab: bool
    messages_tab: bool
    messages_tab_read_only: bool
    interactivity: bool

    @classmethod
    def read(cls, manifest: Mapping[str, Any]) -> "AppManifest":
        features = manifest.get("features") or {}
        settings = manifest.get("settings") or {}
        home = features.get("app_home") or {}
        scopes = ((manifest.get("oauth_config") or {}).get("scopes") or {}).get("bot") or []
        name = (features.get("bot_user") or {}).get("display_name") or manifest["display_information"]["name"]
        return cls(
            bot_name=name,
            commands={
                entry["command"]: Command(
                    name=entry["command"],
                    description=entry.get("description", ""),
                    usage_hint=entry.get("usage_hint", ""),
                    should_escape=bool(entry.get("should_escape", False)),
                )
                for entry in features.get("slash_commands") or []
            },
            shortcuts={
                entry["callback_id"]: Shortcut(entry["name"], entry["callback_id"], entry["type"])
                for entry in features.get("shortcuts") or []
            },
            bot_events=frozenset((settings.get("event_subscriptions") or {}).get("bot_events") or []),
            scopes=frozenset(scopes),
            home_tab=bool(home.get("home_tab_enabled", False)),
            messages_tab=bool(home.get("messages_tab_enabled", True)),
            messages_tab_read_only=bool(home.get("messages_tab_read_only_enabled", True)),
            interactivity=bool((settings.get("interactivity") or {}).get("is_enabled", False)),
        )
