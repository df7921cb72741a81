"""How a payload is broken: hypothesis chooses places in it, and what stands there instead.

What Slack carries for us as text but is JSON of ours (`private_metadata`, a button's value) is opened, broken inside,
and closed again.
"""

import copy
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from simulator.payloads import Payload

Path = tuple[Any, ...]

GONE = "(missing)"
"""Not a value: the field is left out."""
HUGE = "a" * 300_000
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
    "\ud800",
    "<!channel> <!here> <@U001OMAR> <!subteam^S1>",
    "a" * 4000,
    HUGE,
    "{}",
    "[]",
    "[" * 2000,
    '{"key": 5}',
    '{"id": "x", "team": {}}',
    0,
    -1,
    2**31,
    2**63,
    10**400,
    1.5,
    True,
    [],
    {},
    ["x"],
    [None],
    {"value": None},
    {"id": None},
    "2026-13-40",
    "0001-01-01",
    "9999-12-31",
    "25:99",
)
LEFT_ALONE = frozenset({"response_url", "trigger_id"})
"""Opaque, checked by Slack; without them nobody hears what is answered, and nothing is learnt."""
SLACK_ID = re.compile(r"[A-Z][A-Z0-9]{5,}|T0CARE")
NUMBER = re.compile(r"[0-9]+")


class Opened(dict[str, Any]):
    """JSON of ours inside a text: {"json": what it says}."""


@dataclass(frozen=True)
class Pool:
    """What a forger would try: ids of rows that exist, and of Slack's people, channels and workspaces."""

    rows: Sequence[int]
    slack: Sequence[str]


@dataclass(frozen=True)
class Breaks:
    """(where, what stands there instead) one after another."""

    made: tuple[tuple[Path, Any], ...] = field(default=())

    def of(self, payload: Payload) -> Payload:
        broken = opened(copy.deepcopy(payload))
        for path, value in self.made:
            _put(broken, path, copy.deepcopy(value))
        closed: Payload = _closed(broken)
        return closed

    def __str__(self) -> str:
        return "; ".join(f"{'.'.join(map(str, path))} = {value!r:.60}" for path, value in self.made) or "as it was"


def breaks(payload: Payload, pool: Pool, *, most: int = 3) -> st.SearchStrategy[Breaks]:
    """Up to `most` breaks of a payload, mostly where a person's own values stand."""
    shown = opened(copy.deepcopy(payload))
    everywhere = [path for path in places(shown) if not LEFT_ALONE & set(path)]
    own = [path for path in everywhere if is_own(path)] or everywhere

    @st.composite
    def one(draw: st.DrawFn) -> tuple[Path, Any]:
        path = draw(st.sampled_from(own if draw(st.integers(0, 3)) else everywhere))
        return path, draw(instead_of(_at(shown, path), pool))

    return st.lists(one(), min_size=1, max_size=most).map(lambda made: Breaks(tuple(made)))


def transplants(payload: Payload, pool: Pool) -> st.SearchStrategy[Breaks]:
    """The payload as it was, but about another row: each number that the bot gave out is that one's."""
    shown = opened(copy.deepcopy(payload))
    given = [path for path in places(shown) if path[0] == "actions" or path[:2] == ("view", "private_metadata")]
    named = [path for path in given if is_own(path) and NUMBER.fullmatch(str(_at(shown, path)))]
    kinds = [(path, type(_at(shown, path))) for path in named]
    return st.sampled_from(pool.rows).map(lambda row: Breaks(tuple((path, kind(row)) for path, kind in kinds)))


def is_own(path: Path) -> bool:
    """Where a person's own values stand: what was typed or clicked, what a form holds, what a view remembers."""
    return (
        (path[0] == "actions" and len(path) > 2 and path[2] in {"value", "selected_option", "selected_options"})
        or path[:2] == ("view", "private_metadata")
        or (path[:3] == ("view", "state", "values") and len(path) > 5)
        or path[0] in {"text", "value", "event", "message"}
    )


def instead_of(value: Any, pool: Pool) -> st.SearchStrategy[Any]:
    """Something else: missing, of another type, huge, nonsense; where ids stand, others' ids."""
    tried = [st.just(GONE), st.sampled_from(NASTY), anything]
    if isinstance(value, str):
        tried.append(typed)
        if NUMBER.search(value):
            tried += [st.sampled_from(pool.rows).map(lambda row: NUMBER.sub(str(row), value))] * 2
        if SLACK_ID.fullmatch(value):
            tried += [st.sampled_from(pool.slack)] * 2
    elif isinstance(value, int) and not isinstance(value, bool):
        tried += [st.sampled_from(pool.rows)] * 2
    elif isinstance(value, list):
        tried += [st.just(value * 200), st.just([*value, *value])]
    return st.one_of(tried)


typed = st.text(st.characters(exclude_categories=()), max_size=60)
"""Any characters: control, combining, other planes, and halves of a pair."""
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | typed,
    lambda part: st.lists(part, max_size=3) | st.dictionaries(typed, part, max_size=3),
    max_leaves=5,
)


def places(node: Any, path: Path = ()) -> Iterator[Path]:
    """The path of every leaf and branch below `node`."""
    parts = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, part in parts:
        yield (*path, key)
        yield from places(part, (*path, key))


def opened(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: opened(part) for key, part in node.items()}
    if isinstance(node, list):
        return [opened(part) for part in node]
    if isinstance(node, str) and node[:1] in {"{", "["}:
        try:
            return Opened(json=json.loads(node))
        except ValueError:
            return node
    return node


def _closed(node: Any) -> Any:
    if isinstance(node, Opened):
        return json.dumps(node["json"]) if "json" in node else ""
    if isinstance(node, dict):
        return {key: _closed(part) for key, part in node.items()}
    if isinstance(node, list):
        return [_closed(part) for part in node]
    return node


def _at(node: Any, path: Path) -> Any:
    for step in path:
        node = node[step]
    return node


def _put(node: Any, path: Path, value: Any) -> None:
    """Nothing happens where an earlier break has taken the place away."""
    try:
        parent = _at(node, path[:-1])
        if value == GONE and isinstance(parent, dict):
            del parent[path[-1]]
        elif isinstance(parent, dict | list):
            parent[path[-1]] = value
    except (KeyError, IndexError, TypeError):
        return
