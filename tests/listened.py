"""What listeners do for an event, in which order, whatever the test is: ask Slack, commit once, answer. Whoever dies in
between has done what was asked, or nothing of it; and who is run again, as the database asks, has told nobody yet."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from slack_sdk.web.async_base_client import AsyncBaseClient
from slack_sdk.webhook.async_client import AsyncWebhookClient
from sqlalchemy import Engine, event
from structlog.contextvars import get_contextvars

COMMITS = "commits"
ANSWERS = "answers by response_url"
LEARNS = ["users.info", COMMITS]
"""Whoever isn't known yet is asked about and kept, before the listener begins."""
ASKED_FIRST = {"conversations.info", "conversations.members", "conversations.join", "users.info"}
"""What changes nothing in Slack, or nothing the second time."""
ANSWERED_THEN = {
    ANSWERS,
    "views.open",
    "views.push",
    "views.update",
    "views.publish",
    "conversations.open",
    "files.getUploadURLExternal",
    "files.completeUploadExternal",
}
"""What shows the one person what came of it, who may ask again. What people rely on is a row that delivery sends."""
TWICE = {
    "home.listeners.Home.follow": "Home is written down as shown once Slack has it; until then it is shown again",
    "home.listeners.Home.open": "likewise",
    "teams.listeners.creating.submit_team": "whom Slack was asked about is kept first, as the directory keeps people",
}
"""Listeners that commit more than once for an event, and why a death in between is harmless."""


class Listened:
    """`steps` of each event's listeners: commits, and the methods of Slack's that they called."""

    def __init__(self) -> None:
        self._steps: dict[tuple[str, str], list[str]] = defaultdict(list)

    def begin(self) -> None:
        """Forgets what was done before."""
        self._steps.clear()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Every engine and every client of Slack's in this process, as long as it lasts."""
        call, send = AsyncBaseClient.api_call, AsyncWebhookClient.send_dict

        async def api_call(client: AsyncBaseClient, api_method: str, **given: Any) -> Any:
            self._note(api_method)
            return await call(client, api_method, **given)

        async def send_dict(client: AsyncWebhookClient, *given: Any, **named: Any) -> Any:
            self._note(ANSWERS)
            return await send(client, *given, **named)

        def committed(_: Any) -> None:
            self._note(COMMITS)

        event.listen(Engine, "commit", committed)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(AsyncBaseClient, "api_call", api_call)
            patch.setattr(AsyncWebhookClient, "send_dict", send_dict)
            yield
        event.remove(Engine, "commit", committed)

    def _note(self, step: str) -> None:
        event_of = get_contextvars()
        if "listener" in event_of:
            self._steps[event_of["reference"], event_of["listener"]].append(step)

    def committed(self) -> set[str]:
        """The listeners that have written something."""
        return {name for (_, name), steps in self._steps.items() if COMMITS in steps}

    def out_of_order(self) -> list[str]:
        """Listeners that told somebody before they committed, did more than answer afterwards, or committed again."""
        return sorted(
            {
                f"{name}: {', '.join(steps)}"
                for (_, name), steps in self._steps.items()
                if name not in TWICE and not is_one_transaction(steps)
            }
        )


def is_one_transaction(steps: list[str]) -> bool:
    """Whether nothing is half done, wherever it stops: all questions, one commit, all answers. (Who commits nothing may
    ask and answer in turn.)"""
    own = steps[len(LEARNS) :] if steps[: len(LEARNS)] == LEARNS else steps
    if COMMITS not in own:
        return True
    before, after = own[: own.index(COMMITS)], own[own.index(COMMITS) + 1 :]
    return ASKED_FIRST.issuperset(before) and ANSWERED_THEN.issuperset(after)
