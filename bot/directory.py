"""People as Slack knows them: looked up once, kept as rows, corrected by events and the nightly reconcile."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from storage import people
from storage.base import insertion
from storage.people import Person
from storage.store import Store


class Directory:
    """Knows the workspace the bot is installed in. `workspace_id` is Slack's team id, read from auth.test at start."""

    def __init__(self, *, store: Store, client: AsyncWebClient, now: Callable[[], datetime], workspace_id: str) -> None:
        self.workspace_id = workspace_id
        self._store = store
        self._client = client
        self._now = now

    async def person(self, slack_id: str) -> Person | None:
        """The person, asked of Slack if they are new here; None when Slack doesn't know them either."""
        async with self._store.read() as session:
            known = await people.by_slack_id(session, self.workspace_id, slack_id)
        return known or await self.ask_slack(slack_id)

    async def ask_slack(self, slack_id: str) -> Person | None:
        """Asks Slack and keeps what it says."""
        try:
            answer = await self._client.users_info(user=slack_id)
        except SlackApiError as refused:
            if refused.response["error"] in {"user_not_found", "user_not_visible"}:
                return None
            raise
        async with self._store.write() as session:
            return await keep(session, self.workspace_id, answer["user"], now=self._now())


async def keep(session: AsyncSession, workspace_id: str, user: Mapping[str, Any], *, now: datetime) -> Person:
    """Writes what Slack says of a user (a `user` object; any field may be missing) and returns the row."""
    profile = user.get("profile") or {}
    name = profile.get("display_name") or profile.get("real_name") or user.get("real_name") or user.get("name")
    facts: dict[str, Any] = {
        "name": (name or user["id"])[:255],
        "email": profile.get("email"),
        "zone": user.get("tz") or "UTC",
        "is_admin": bool(user.get("is_admin") or user.get("is_owner")),
        "is_guest": bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        "is_bot": bool(user.get("is_bot")) or user["id"] == "USLACKBOT",
        "is_stranger": bool(user.get("is_stranger")) or user.get("team_id", workspace_id) != workspace_id,
        "deactivated": bool(user.get("deleted")),
        "seen_at": now,
    }
    statement = insertion(session, Person).values(workspace_id=workspace_id, slack_id=user["id"], **facts)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["workspace_id", "slack_id"], set_=facts)
    )
    person = await people.by_slack_id(session, workspace_id, user["id"])
    assert person is not None
    await session.refresh(person)
    return person
