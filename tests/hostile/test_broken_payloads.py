"""Payloads that Slack would never send, made of those that it does: fields missing, of another type, huge, full of
control characters, of rows that aren't there. Each is answered with a sentence or with nothing, and none is a bug."""

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest
from slack_bolt.request.async_request import AsyncBoltRequest
from structlog.testing import capture_logs

from simulator.payloads import Payload
from tests.hostile.forging import Forger
from tests.hostile.rights import MEMBERS
from tests.hostile.test_permissions import MANAGERS_WORDS, doors
from tests.hostile.touring import Visitor
from tests.office import Office

NASTY: tuple[Any, ...] = (
    None,
    "",
    "x",
    "0",
    "-1",
    "1e9",
    "99999999999999999999",
    "²",
    "\x00\x1b[2J\u202e",
    "<!channel>",
    "a" * 4000,
    "{}",
    "[]",
    '{"key": 5}',
    '{"id": "x", "team": {}}',
    0,
    -1,
    2**63,
    1.5,
    True,
    [],
    {},
    ["x"],
    {"value": None},
    "2026-13-40",
    "25:99",
)


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every leaf and branch below `node`."""
    if isinstance(node, dict):
        for key, part in node.items():
            yield (*path, key)
            yield from places(part, (*path, key))
    elif isinstance(node, list):
        for at, part in enumerate(node):
            yield (*path, at)
            yield from places(part, (*path, at))


def fragile(payload: Payload) -> list[tuple[Any, ...]]:
    """Where a person's own values stand: what was clicked, what a form holds, what a view remembers."""
    found = []
    for path in places(payload):
        if path[0] == "actions" and len(path) > 2 and path[2] in {"value", "selected_option", "selected_options"}:
            found.append(path)
        if path[:2] == ("view", "private_metadata") or (path[:3] == ("view", "state", "values") and len(path) > 5):
            found.append(path)
    return found


def broken(payload: Payload, path: tuple[Any, ...], value: Any) -> Payload:
    made = copy.deepcopy(payload)
    node: Any = made
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return made


@pytest.mark.timeout(240)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_no_broken_value_is_a_bug(office: Office) -> None:
    forger = Forger(office, dict.fromkeys(doors(), MEMBERS), most=0)
    visitor = Visitor(office, office.aoife, colleague="Ben")
    for command in MANAGERS_WORDS:
        await visitor.types(command)
    await visitor.looks("#care-escalations")
    forger.close()
    chance = random.Random(20260602)  # the same each time: a failure can be looked at again
    failed = set()
    for door, (_, payload) in sorted(forger.payloads.items()):
        spots = fragile(payload)
        for path in chance.sample(spots, min(len(spots), 4)):
            for value in chance.sample(NASTY, 4):
                with capture_logs() as logs:
                    sent = broken(forger.sent_by(payload, payload["user"]["id"]), path, value)
                    await office.bot.bolt.async_dispatch(AsyncBoltRequest(body=sent, mode="socket_mode"))
                    await office.bot.listening.drain(at_most_s=10)
                failed |= {
                    f"{door} {path} {value!r:.60}: {line.get('error')} {line.get('where', [''])[-1]}"
                    for line in logs
                    if line["log_level"] == "error" and line["event"] in {"listener failed", "bolt failed"}
                }
    assert "\n".join(sorted(failed)) == ""
