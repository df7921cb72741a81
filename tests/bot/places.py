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
    return {name for module in WIRING for name, at in _attributes(BOT / f"{module}.py") if _commits(at)}


def working() -> set[str]:
    """Where jobs of features commit, and what they consist of: as feature.function:line. (What a listener or a step
    writes is one transaction, which the wiring or the listener commits whole.)"""
    return {f"{feature}.{name}:{at.lineno}" for feature, name, at in _in_jobs() if _commits(at)}


def asking() -> set[str]:
    """Where jobs of features ask something of Slack, likewise."""
    return {f"{feature}.{name}:{at.lineno}" for feature, name, at in _in_jobs() if _asks_slack(at)}


def function_of(place: str) -> str:
    return place.partition(":")[0]


def _in_jobs() -> Iterator[tuple[str, str, ast.Attribute]]:
    for file in HANDLERS.rglob("*.py"):
        if "listeners" not in file.parts and file.name != "listeners.py":
            feature = file.relative_to(HANDLERS).parts[0].removesuffix(".py")
            yield from ((feature, name, at) for name, at in _attributes(file))


def calling() -> set[str]:
    """The methods of Slack's Web API that the wiring calls, as Slack spells them."""
    asked = (at for module in WIRING for _, at in _attributes(BOT / f"{module}.py") if _asks_slack(at))
    return {at.attr.replace("_", ".", 1) for at in asked}


def _attributes(file: Path) -> Iterator[tuple[str, ast.Attribute]]:
    """What is asked of an object, with the function that asks: called at once, or handed on to be called."""

    def within(node: ast.AST, names: tuple[str, ...]) -> Iterator[tuple[str, ast.Attribute]]:
        for child in ast.iter_child_nodes(node):
            inside = names
            if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                inside = (*names, child.name)
            if isinstance(child, ast.Attribute):
                yield ".".join(names), child
            yield from within(child, inside)

    return within(ast.parse(file.read_text()), ())


def _commits(at: ast.Attribute) -> bool:
    what, of = at.attr, ast.unparse(at.value)
    return (what in {"write", "transact"} and of.endswith("store")) or (what == "_transact" and of == "self")


def _asks_slack(at: ast.Attribute) -> bool:
    return ast.unparse(at.value).endswith("client") and at.attr in SLACKS_METHODS
