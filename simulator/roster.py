"""Who is in the workspace: accounts, user groups, Do Not Disturb. Beneath it the clock, ids and events of the team."""

import itertools
import secrets
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from simulator.changes import Change, Changes
from simulator.conversations import Channel
from simulator.people import Member

Event = dict[str, Any]
"""The inner `event` of an Events API payload."""


class Team(Changes):
    """One Slack team: its name, its clock, ids that never repeat, and the events that it tells the app."""

    def __init__(self, *, now: Callable[[], datetime], team_id: str, team_domain: str, name: str) -> None:
        super().__init__()
        self.now = now
        self.team_id = team_id
        self.team_domain = team_domain
        self.name = name
        self._names: dict[str, str] = {}
        self._numbers = itertools.count(1)
        self._last_microsecond = 0
        self._event_listeners: list[Callable[[Event, Channel | None], None]] = []

    def on_event(self, listener: Callable[[Event, Channel | None], None]) -> None:
        """Calls `listener` with each inner event and the channel that it is about, visible to the bot or not."""
        self._event_listeners.append(listener)

    def next_ts(self) -> str:
        """Unique in the workspace and increasing, also when the clock stands still or goes back."""
        moment = self.now().astimezone(UTC)
        microsecond = int(moment.timestamp()) * 1_000_000 + moment.microsecond
        self._last_microsecond = max(microsecond, self._last_microsecond + 1)
        seconds, rest = divmod(self._last_microsecond, 1_000_000)
        return f"{seconds:010d}.{rest:06d}"

    def _emit(self, event: Event, channel: Channel | None = None) -> None:
        if not self._event_listeners:
            return
        event.setdefault("event_ts", self.next_ts())
        for listener in self._event_listeners:
            listener(event, channel)

    def _new_id(self, letter: str, name: str) -> str:
        readable = "".join(character for character in name.upper() if character.isascii() and character.isalnum())
        return f"{letter}{next(self._numbers):03d}{readable[:8] or secrets.token_hex(2).upper()}"


class Roster(Team):
    """The people of a team."""

    def __init__(self, *, now: Callable[[], datetime], team_id: str, team_domain: str, name: str) -> None:
        super().__init__(now=now, team_id=team_id, team_domain=team_domain, name=name)
        self.people: dict[str, Member] = {}
        self.user_groups: dict[str, tuple[str, ...]] = {}

    def add_person(
        self,
        name: str,
        *,
        tz: str,
        email: str | None = None,
        real_name: str = "",
        is_admin: bool = False,
        is_owner: bool = False,
        is_restricted: bool = False,
        is_ultra_restricted: bool = False,
        is_stranger: bool = False,
        is_bot: bool = False,
        deleted: bool = False,
        status_text: str = "",
        status_emoji: str = "",
        team_id: str | None = None,
        id: str | None = None,  # noqa: A002 - Slack's own name for it
    ) -> Member:
        """A new account. `is_restricted` is a multi-channel guest, `is_ultra_restricted` a single-channel one."""
        member = Member(
            id=id or self._new_id("U", name),
            name=name,
            team_id=team_id or ("T0ELSEWHERE" if is_stranger else self.team_id),
            tz=tz,
            email=email,
            real_name=real_name,
            is_admin=is_admin,
            is_owner=is_owner,
            is_restricted=is_restricted or is_ultra_restricted,
            is_ultra_restricted=is_ultra_restricted,
            is_stranger=is_stranger,
            is_bot=is_bot,
            deleted=deleted,
            status_text=status_text,
            status_emoji=status_emoji,
            updated=int(self.now().timestamp()),
        )
        if member.id in self.people:
            raise ValueError(f"{member.id} exists already")
        self.people[member.id] = member
        self._names.setdefault(name.lower(), member.id)
        self.announce(Change("people", user_id=member.id))
        self._emit({"type": "team_join", "user": member.as_slack(self.now())})
        return member

    def add_user_group(self, handle: str, members: Iterable["Member | str"]) -> str:
        """A user group that `<!subteam^ID>` notifies; its id."""
        group_id = self._new_id("S", handle)
        self.user_groups[group_id] = tuple(self.person(member).id for member in members)
        return group_id

    def person(self, who: "Member | str") -> Member:
        """By id or name (case doesn't matter). Raises KeyError."""
        if isinstance(who, Member):
            return who
        if found := self.people.get(who):
            return found
        return self.people[self._names[who.removeprefix("@").lower()]]

    def reactivate(self, who: "Member | str") -> None:
        member = self.person(who)
        member.deleted = False
        self._person_changed(member)

    def alter(self, who: "Member | str", **fields: Any) -> Member:
        """Sets profile fields (name, real_name, tz, email, status_text, is_admin, …) as a person or an admin would."""
        member = self.person(who)
        before = member.name
        for field_name, value in fields.items():
            if field_name not in Member.__dataclass_fields__ or field_name in {"id", "bot_id", "app_id"}:
                raise ValueError(f"a person has no {field_name} to set")
            setattr(member, field_name, value)
        if self._names.get(before.lower()) == member.id:
            del self._names[before.lower()]
        self._names.setdefault(member.name.lower(), member.id)
        self._person_changed(member)
        return member

    def set_dnd(self, who: "Member | str", on: bool, *, until: datetime | None = None) -> None:
        """Do Not Disturb, until `until` (aware) or for an hour."""
        member = self.person(who)
        member.dnd_until = (until or self.now() + timedelta(hours=1)) if on else None
        self.announce(Change("people", user_id=member.id))
        self._emit({"type": "dnd_updated_user", "user": member.id, "dnd_status": self.dnd_of(member)})

    def dnd_of(self, member: Member) -> dict[str, Any]:
        """Slack's `dnd_status`: in Do Not Disturb from `next_dnd_start_ts` to `next_dnd_end_ts`."""
        if member.dnd_until is None or member.dnd_until <= self.now():
            return {"dnd_enabled": False, "next_dnd_start_ts": 1, "next_dnd_end_ts": 1}
        started = int(self.now().timestamp()) - 60
        return {
            "dnd_enabled": True,
            "next_dnd_start_ts": started,
            "next_dnd_end_ts": int(member.dnd_until.timestamp()),
        }

    def _person_changed(self, member: Member) -> None:
        member.updated = int(self.now().timestamp())
        self.announce(Change("people", user_id=member.id))
        self._emit({"type": "user_change", "user": member.as_slack(self.now()), "cache_ts": member.updated})
