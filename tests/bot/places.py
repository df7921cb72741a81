"""The code's own list of places at which a bot can die: read from the wiring, so that a new one is on it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from slack_sdk.web.async_client import AsyncWebClient

SLACKS_METHODS = {name for name in vars(AsyncWebClient) if not name.startswith("_")}
BOT = Path(__file__).resolve().parents[2] / "bot"
HANDLERS = BOT.parent / "handlers"
NOT_AT_WORK = {
    "answering": "a private answer, which nobody relies on",
    "doctor": "a command of its own",
    "importing": "a command of its own; a file that is imported again changes nothing: test_import",
    "pushed": "a hint to look at a help desk; the desk calls again, and is looked at every few minutes anyway",
    "skew": "a question that changes nothing",
}
"""The rest of `bot`, and why a death in it is no matter."""
WIRING = tuple(sorted({path.stem for path in BOT.glob("*.py")} - NOT_AT_WORK.keys()))
"""What carries events, ticks and messages. What features write goes through it, one transaction at a time."""


def committing() -> set[str]:
    """The functions of the wiring that commit, by their names within their module."""
    return {name for module in WIRING for name, call in _calls(BOT / f"{module}.py") if _commits(call)}


def working() -> set[str]:
    """The functions of features that commit by themselves, as feature.function: jobs, and what they consist of. (What a
    listener or a step writes is one transaction, which the wiring or the listener commits whole.)"""
    return {
        f"{file.relative_to(HANDLERS).parts[0].removesuffix('.py')}.{name}"
        for file in HANDLERS.rglob("*.py")
        if "listeners" not in file.parts and file.name != "listeners.py"
        for name, call in _calls(file)
        if _commits(call)
    }


def calling() -> set[str]:
    """The methods of Slack's Web API that the wiring calls, as Slack spells them."""
    asked = (call.func for module in WIRING for _, call in _calls(BOT / f"{module}.py") if _asks_slack(call))
    return {asks.attr.replace("_", ".", 1) for asks in asked if isinstance(asks, ast.Attribute)}


def _calls(file: Path) -> Iterator[tuple[str, ast.Call]]:
    def within(node: ast.AST, names: tuple[str, ...]) -> Iterator[tuple[str, ast.Call]]:
        for child in ast.iter_child_nodes(node):
            inside = names
            if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                inside = (*names, child.name)
            if isinstance(child, ast.Call) and isinstance(child.func, ast.Attribute):
                yield ".".join(names), child
            yield from within(child, inside)

    return within(ast.parse(file.read_text()), ())


def _commits(call: ast.Call) -> bool:
    assert isinstance(call.func, ast.Attribute)
    what, of = call.func.attr, ast.unparse(call.func.value)
    return (what in {"write", "transact"} and of.endswith("store")) or (what == "_transact" and of == "self")


def _asks_slack(call: ast.Call) -> bool:
    assert isinstance(call.func, ast.Attribute)
    of = ast.unparse(call.func.value)
    return of.endswith("client") and call.func.attr in SLACKS_METHODS
