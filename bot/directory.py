"""People as Slack knows them: looked up once, kept as rows, corrected by events and the nightly reconcile."""

from collections.abc import Callable, Sequence
from datetime import datetime

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from storage import people
from storage.people import Person
from storage.store import Store
from storage.together import look_together


class Directory:
    """Knows the workspace the bot is installed in. `workspace_id` is Slack's team id, read from auth.test at start."""

    def __init__(self, *, store: Store, client: AsyncWebClient, now: Callable[[], datetime], workspace_id: str) -> None:
        self.workspace_id = workspace_id
        self._store = store
        self._client = client
        self._now = now

    async def person(self, slack_id: str) -> Person | None:
        """The person, asked of Slack if they are new here; None when Slack doesn't know them either."""
        return await look_together(self._store, self._look, slack_id) or await self.ask_slack(slack_id)

    async def _look(self, session: AsyncSession, slack_ids: Sequence[str]) -> list[Person | None]:
        found = await people.by_slack_ids(session, self.workspace_id, slack_ids)
        known = {person.slack_id: person for person in found}
        return [known.get(slack_id) for slack_id in slack_ids]

    async def ask_slack(self, slack_id: str) -> Person | None:
        """Asks Slack and keeps what it says."""
        try:
            answer = await self._client.users_info(user=slack_id)
        except SlackApiError as refused:
            if refused.response["error"] in {"user_not_found", "user_not_visible"}:
                return None
            raise
        async with self._store.write() as session:
            return await people.keep(session, self.workspace_id, answer["user"], now=self._now())
