"""What the bot logs while tests run, at DEBUG: nothing that opens doors, and nothing that somebody typed, whatever the
test is."""

import io
import json
import logging
import re
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import SecretStr
from sqlalchemy.engine import make_url

from bot.logs import keep_logs
from bot.settings import Settings
from simulator.server import Simulator
from tests.office import Office

LISTENER = re.compile(r'"listener": "[\w.]+"')
"""Names what is at work by the words of the code, which somebody may type as well."""
LONG_ENOUGH = 10
"""Of what was typed, and of credentials: shorter words may well stand in a log for another reason."""


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

    def leaked(self, office: Office) -> list[str]:
        """What stands in the log of that which opens doors, or was typed."""
        log = LISTENER.sub("", self._written.getvalue())
        secrets = {office.sim.bot_token, office.sim.app_token, office.sim.signing_secret}
        if "bot" in vars(office):
            secrets |= credentials(office.bot.settings)
        return sorted(said for said in secrets | typed(office.sim) if said in log or json.dumps(said)[1:-1] in log)


def credentials(settings: Settings) -> set[str]:
    """Every setting that opens a door: a new one is among them by its type."""
    given = {name: value.get_secret_value() for name, value in settings if isinstance(value, SecretStr)}
    password = make_url(given.pop("database_url")).password
    return {secret for secret in (*given.values(), password or "") if len(secret) >= LONG_ENOUGH}


def typed(sim: Simulator) -> set[str]:
    """What people wrote into commands, forms and messages, where it is long enough to be known again."""
    put_in = (text for _, payload in sim.interactions.sent for text in _words(payload))
    said = (text for payload in sim.events.sent for text in _said(payload["event"]))
    return {text for text in (*put_in, *said) if len(text) >= LONG_ENOUGH}


def _words(payload: dict[str, Any]) -> Iterator[str]:
    if "command" in payload:
        yield payload["text"]
    if payload.get("type") == "block_suggestion":
        yield payload["value"]
    if payload.get("type") == "message_action":
        yield from _said(payload["message"])
    view = payload.get("view") or {}
    yield from _values(view.get("state", {}).get("values", {}).values())
    yield from _values([{action["action_id"]: action} for action in payload.get("actions", [])])


def _said(event: dict[str, Any]) -> Iterator[str]:
    """What a person said, in a channel or to the bot alone, and what they had said before they changed it."""
    if "text" in event and "bot_id" not in event:
        yield event["text"]
    for message in (event.get("message"), event.get("previous_message")):
        if message is not None:
            yield from _said(message)


def _values(blocks: Iterable[dict[str, Any]]) -> Iterator[str]:
    for block in blocks:
        for given in block.values():
            if given.get("type") == "plain_text_input" and given.get("value"):
                yield given["value"]
