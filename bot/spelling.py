"""An installation may give its commands a prefix (`/care-escalate`): sentences name them without it, and this puts it
into everything that goes to Slack."""

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse


class Spelling:
    """Commands as this installation names them; without a prefix, nothing is touched.

    Where text is mrkdwn a command stands in backticks; errors at a form's fields are plain.
    """

    def __init__(self, commands: Iterable[str], prefix: str) -> None:
        names = "|".join(sorted(map(re.escape, commands), key=len, reverse=True))
        self._quoted = re.compile(rf"`/(?=(?:{names})\b(?!-))")
        self._plain = re.compile(rf"(?<![^\s`(])/(?=(?:{names})\b(?!-))")
        self.prefix = prefix

    def text(self, sentence: str) -> str:
        return self._quoted.sub(f"`/{self.prefix}", sentence) if self.prefix else sentence

    def payload(self, node: Any) -> Any:
        """A message or view with every text in it so spelled; what people typed into fields stays."""
        if not self.prefix:
            return node
        if isinstance(node, dict):
            return {name: self._part(name, part) for name, part in node.items()}
        return [self.payload(part) for part in node] if isinstance(node, (list, tuple)) else node

    def _part(self, name: str, part: Any) -> Any:
        if name == "text" and isinstance(part, str):
            return self.text(part)
        if name == "errors" and isinstance(part, dict):
            return {field: self._plain.sub(f"/{self.prefix}", str(sentence)) for field, sentence in part.items()}
        return self.payload(part)

    def client(self, client: AsyncWebClient) -> AsyncWebClient:
        """The same client, spelling what it sends."""
        if not self.prefix:
            return client
        spelling = _SpellingClient.__new__(_SpellingClient)
        vars(spelling).update(vars(client), spelling=self)
        return spelling

    def ack(self, ack: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """The same acknowledgement, spelling what it answers with."""
        if not self.prefix:
            return ack

        async def spelled(*args: Any, **kwargs: Any) -> Any:
            return await ack(*map(self.payload, args), **self.payload(kwargs))

        return spelled


class _SpellingClient(AsyncWebClient):
    spelling: Spelling

    async def api_call(self, api_method: str, *, json: dict[str, Any] | None = None, **rest: Any) -> AsyncSlackResponse:
        return await super().api_call(api_method, json=self.spelling.payload(json), **rest)
