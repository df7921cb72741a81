"""The people of the workspace, as Slack describes them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo


@dataclass
class Member:
    """One account. `tz` is an IANA name; `dnd_until` is aware UTC, None when notifications are on."""

    id: str
    name: str
    team_id: str
    tz: str
    email: str | None = None
    real_name: str = ""
    is_admin: bool = False
    is_owner: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    is_bot: bool = False
    deleted: bool = False
    status_text: str = ""
    status_emoji: str = ""
    dnd_until: datetime | None = None
    bot_id: str | None = None
    app_id: str | None = None
    updated: int = 0

    @property
    def is_guest(self) -> bool:
        return self.is_restricted or self.is_ultra_restricted

    @property
    def shown_name(self) -> str:
        return self.real_name or self.name

    def as_slack(self, at: datetime, *, with_email: bool = True) -> dict[str, Any]:
        """A user object; deactivated people lose `tz` and their flags, as in Slack."""
        zone = ZoneInfo(self.tz)
        profile: dict[str, Any] = {
            "real_name": self.shown_name,
            "real_name_normalized": self.shown_name,
            "display_name": self.name,
            "display_name_normalized": self.name,
            "status_text": self.status_text,
            "status_emoji": self.status_emoji,
            "status_expiration": 0,
            "avatar_hash": "",
            "team": self.team_id,
        }
        if with_email and self.email:
            profile["email"] = self.email
        if self.bot_id:
            profile |= {"bot_id": self.bot_id, "api_app_id": self.app_id}
        user: dict[str, Any] = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name.lower().replace(" ", "."),
            "deleted": self.deleted,
            "profile": profile,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": self.updated,
        }
        if self.deleted:
            return user
        offset = at.astimezone(UTC).astimezone(zone).utcoffset()
        return user | {
            "real_name": self.shown_name,
            "color": "9f69e7",
            "tz": self.tz,
            "tz_label": self.tz,
            "tz_offset": int(offset.total_seconds()) if offset else 0,
            "is_admin": self.is_admin or self.is_owner,
            "is_owner": self.is_owner,
            "is_primary_owner": False,
            "is_restricted": self.is_restricted or self.is_ultra_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            **({"is_stranger": True} if self.is_stranger else {}),
            "is_email_confirmed": True,
            "who_can_share_contact_card": "EVERYONE",
        }
