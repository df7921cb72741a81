"""What the bot logs while tests run, at DEBUG: never a token, and nothing that somebody typed, whatever the test is."""

import io
import json
import logging
from collections.abc import Iterable, Iterator
from typing import Any

from bot.logs import keep_logs
from simulator.server import Simulator

LONG_ENOUGH = 10
"""Of what was typed: shorter words may well stand in a log for another reason."""


class Overhearing:
    """The bot's log from here on, as it would be written in service."""

    def __init__(self) -> None:
        self._written = io.StringIO()
        keep_logs(level="DEBUG", as_json=True, to=self._written)
        for handler in logging.getLogger().handlers:
            handler.addFilter(lambda record: not record.name.startswith("simulator"))

    def begin(self) -> None:
        """Forgets what was written before."""
        self._written.seek(0)
        self._written.truncate()

    def leaked(self, sim: Simulator) -> list[str]:
        """What stands in the log of that which opens doors, or was typed."""
        log = self._written.getvalue()
        secrets = {sim.bot_token, sim.app_token, sim.signing_secret}
        return sorted(secret for secret in secrets | typed(sim) if secret in log or json.dumps(secret)[1:-1] in log)


def typed(sim: Simulator) -> set[str]:
    """What people wrote into commands, forms and messages, where it is long enough to be known again."""
    return {text for _, payload in sim.interactions.sent for text in _words(payload) if len(text) >= LONG_ENOUGH}


def _words(payload: dict[str, Any]) -> Iterator[str]:
    if "command" in payload:
        yield payload["text"]
    view = payload.get("view") or {}
    yield from _values(view.get("state", {}).get("values", {}).values())
    yield from _values([{action["action_id"]: action} for action in payload.get("actions", [])])


def _values(blocks: Iterable[dict[str, Any]]) -> Iterator[str]:
    for block in blocks:
        for given in block.values():
            if given.get("type") == "plain_text_input" and given.get("value"):
                yield given["value"]
