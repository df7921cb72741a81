"""What the app's manifest promises, as far as the workspace holds the app to it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

SCOPES_OF_EVENTS: dict[str, tuple[str, ...]] = {
    "app_home_opened": (),
    "app_mention": ("app_mentions:read",),
    "app_uninstalled": (),
    "tokens_revoked": (),
    "app_rate_limited": (),
    "channel_archive": ("channels:read",),
    "channel_unarchive": ("channels:read",),
    "channel_created": ("channels:read",),
    "channel_deleted": ("channels:read",),
    "channel_rename": ("channels:read",),
    "channel_left": ("channels:read",),
    "channel_id_changed": ("channels:read",),
    "group_archive": ("groups:read",),
    "group_unarchive": ("groups:read",),
    "group_deleted": ("groups:read",),
    "group_rename": ("groups:read",),
    "group_left": ("groups:read",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "member_left_channel": ("channels:read", "groups:read"),
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "message.im": ("im:history",),
    "user_change": ("users:read",),
    "user_profile_changed": ("users:read",),
    "user_status_changed": ("users:read",),
    "team_join": ("users:read",),
    "team_rename": ("team:read",),
    "team_domain_change": ("team:read",),
    "subteam_created": ("usergroups:read",),
    "subteam_updated": ("usergroups:read",),
    "subteam_members_changed": ("usergroups:read",),
    "dnd_updated_user": ("dnd:read",),
    "file_shared": ("files:read",),
    "file_deleted": ("files:read",),
}
"""Events that an app may subscribe to → scopes of which it needs one."""

RESERVED_COMMANDS = frozenset(
    {
        "/active", "/archive", "/away", "/call", "/collapse", "/dm", "/dnd", "/expand", "/feed", "/feedback", "/help",
        "/huddle", "/invite", "/invite_people", "/join", "/kick", "/leave", "/me", "/msg", "/mute", "/open", "/part",
        "/remind", "/remove", "/rename", "/search", "/shortcuts", "/shrug", "/status", "/topic", "/who",
    }
)  # fmt: skip
"""Slack's own."""


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
    socket_mode: bool
    options_url: str | None

    @classmethod
    def read(cls, manifest: Mapping[str, Any]) -> "AppManifest":
        features = manifest.get("features") or {}
        settings = manifest.get("settings") or {}
        interactivity = settings.get("interactivity") or {}
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
            interactivity=bool(interactivity.get("is_enabled", False)),
            socket_mode=bool(settings.get("socket_mode_enabled", False)),
            options_url=interactivity.get("message_menu_options_url"),
        )

    def contradictions(self) -> Iterator[str]:
        """What Slack would refuse to install, or would silently never send."""
        if self.commands and "commands" not in self.scopes:
            yield "the manifest has commands without the scope commands"
        if len(self.commands) > 50 or len(self.shortcuts) > 10 or len(self.bot_events) > 100:
            yield "the manifest has more than 50 commands, 10 shortcuts or 100 events"
        for command in self.commands.values():
            if command.name in RESERVED_COMMANDS:
                yield f"the command {command.name} is Slack's own"
            if not command.name.startswith("/") or len(command.name) > 32 or command.name != command.name.lower():
                yield f"the command {command.name} is no slash and up to 31 lower-case characters"
        for event in sorted(self.bot_events):
            scopes = SCOPES_OF_EVENTS.get(event)
            if scopes is None:
                yield f"the event {event} is unknown here"
            elif scopes and not self.scopes.intersection(scopes):
                yield f"the event {event} needs the scope {' or '.join(scopes)}"
        if self.shortcuts and not self.interactivity:
            yield "the manifest has shortcuts without interactivity"
