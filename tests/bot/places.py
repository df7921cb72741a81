"""The code's own list of places at which a bot can die: read from the wiring, so that a new one is on it."""

import ast
from collections.abc import Iterator
from pathlib import Path

BOT = Path(__file__).resolve().parents[2] / "bot"
WIRING = (
    "app",
    "claiming",
    "delivery",
    "directory",
    "firing",
    "listening",
    "reconciling",
    "restoring",
    "sending",
    "ticking",
    "working",
)
"""What carries events, ticks and messages. What features write goes through it, one transaction at a time."""


def committing() -> set[str]:
    """The functions of the wiring that commit, by their names within their module."""
    return {name for module in WIRING for name, call in _calls(module) if _commits(call)}


def calling() -> set[str]:
    """The methods of Slack's Web API that the wiring calls, as Slack spells them."""
    asked = (call.func for module in WIRING for _, call in _calls(module) if _asks_slack(call))
    return {asks.attr.replace("_", ".", 1) for asks in asked if isinstance(asks, ast.Attribute)}


def _calls(module: str) -> Iterator[tuple[str, ast.Call]]:
    def within(node: ast.AST, names: tuple[str, ...]) -> Iterator[tuple[str, ast.Call]]:
        for child in ast.iter_child_nodes(node):
            inside = names
            if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                inside = (*names, child.name)
            if isinstance(child, ast.Call) and isinstance(child.func, ast.Attribute):
                yield ".".join(names), child
            yield from within(child, inside)

    return within(ast.parse((BOT / f"{module}.py").read_text()), ())


def _commits(call: ast.Call) -> bool:
    assert isinstance(call.func, ast.Attribute)
    what, of = call.func.attr, ast.unparse(call.func.value)
    return (what in {"write", "transact"} and of.endswith("store")) or (what == "_transact" and of == "self")


def _asks_slack(call: ast.Call) -> bool:
    assert isinstance(call.func, ast.Attribute)
    of = ast.unparse(call.func.value)
    return of.endswith("client") and call.func.attr.startswith(("chat_", "conversations_", "auth_", "users_", "files_"))
