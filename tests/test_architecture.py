"""The shape of the house, checked by reading it: who imports whom, who reads the clock, what is registered where."""

import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import Constraint, DateTime, Index, Time

from bot.app import furnish
from bot.manifest import read_manifest
from handlers import FEATURES
from handlers.house import HEARD, House
from storage.base import UtcDateTime
from storage.migrating import models

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("bot", "handlers", "storage", "simulator")
MAY_IMPORT = {
    "storage": {"storage"},
    "handlers": {"handlers", "storage"},
    "bot": {"bot", "handlers", "storage"},
    "simulator": {"simulator", "bot", "handlers", "storage"},
}
PURE = ("rules", "forms", "views")
"""Parts of a feature that decide and describe, and touch nothing."""
IMPURE = (
    "aiohttp",
    "apscheduler",
    "bot",
    "slack_bolt",
    "slack_sdk",
    "sqlalchemy.ext",
    "sqlalchemy.orm",
    "storage.store",
)
FOLDERS = {path.parent.name for path in (ROOT / "handlers").glob("*/__init__.py")}
"""Of the features."""


def sources(*packages: str) -> Iterator[Path]:
    for package in packages:
        yield from sorted((ROOT / package).rglob("*.py"))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """(module, line) for each import, wherever it stands; `from a import b` gives both a and a.b."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            assert node.module is not None
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def lies_in(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def at(path: Path, line: int, what: str) -> str:
    return f"{path.relative_to(ROOT)}:{line} {what}"


def feature_part(path: Path) -> tuple[str, str] | None:
    """(feature, part) of a file in handlers/<feature>/<part>…; None elsewhere."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return (parts[1], parts[2]) if parts[0] == "handlers" and len(parts) > 2 else None


def test_imports_run_one_way() -> None:
    wrong = [
        at(path, line, f"imports {module}")
        for package in PACKAGES
        for path in sources(package)
        for module, line in imported(path)
        if lies_in(module, *PACKAGES) and not lies_in(module, *MAY_IMPORT[package])
    ]
    assert not wrong


def test_help_desks_know_storage_only() -> None:
    wrong = [
        at(path, line, f"imports {module}")
        for path in sources("bot/helpdesks")
        for module, line in imported(path)
        if lies_in(module, *PACKAGES) and not lies_in(module, "storage", "bot.helpdesks")
    ]
    assert not wrong


def test_rules_forms_and_views_know_nouns_only() -> None:
    wrong = [
        at(path, line, f"imports {module}")
        for path in sources("handlers")
        if (part := feature_part(path)) is not None and part[1] in PURE
        for module, line in imported(path)
        if lies_in(module, *IMPURE)
    ]
    assert not wrong


def test_rules_forms_and_views_wait_for_nothing() -> None:
    wrong = [
        at(path, node.lineno, "is async")
        for path in sources("handlers")
        if (part := feature_part(path)) is not None and part[1] in PURE
        for node in ast.walk(tree_of(path))
        if isinstance(node, (ast.AsyncFunctionDef, ast.Await))
    ]
    assert not wrong


def test_every_rules_package_has_tests_of_its_own_which_mutants_are_held_against() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    tried = settings["tool"]["mutmut"]["pytest_add_cli_args_test_selection"]
    rules = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "handlers").glob("*/rules"))
    assert tried == [f"tests/{folder}" for folder in rules]
    assert not [folder for folder in tried if not list((ROOT / folder).glob("test_*.py"))]


def test_a_feature_imports_of_other_features_only_their_rules() -> None:
    wrong = []
    for path in sources("handlers"):
        part = feature_part(path)
        if part is None:
            continue
        for module, line in imported(path):
            steps = module.split(".")
            if steps[0] != "handlers" or steps[1] not in FOLDERS - {part[0]}:
                continue
            if len(steps) > 2 and steps[2] == "rules":
                continue
            wrong.append(at(path, line, f"imports {module}"))
    assert not wrong


def test_what_features_share_knows_no_feature() -> None:
    wrong = [
        at(path, line, f"imports {module}")
        for path in (ROOT / "handlers").glob("*.py")
        for module, line in imported(path)
        if lies_in(module, *(f"handlers.{feature}" for feature in FEATURES))
    ]
    assert not wrong


def test_every_feature_is_in_the_table_of_features() -> None:
    assert set(FEATURES) == FOLDERS


CLOCK_READERS = frozenset(
    {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns", "time.gmtime"}
)


def test_only_the_clock_reads_the_time_of_day() -> None:
    wrong = [
        at(path, node.lineno, ast.unparse(node.func))
        for path in sources("bot", "handlers", "storage")
        if path != ROOT / "bot" / "clock.py"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func).removeprefix("datetime.") in CLOCK_READERS
    ]
    assert not wrong


def test_only_settings_read_the_environment() -> None:
    wrong = [
        at(path, node.lineno, ast.unparse(node))
        for path in sources(*PACKAGES)
        if path != ROOT / "bot" / "settings.py"
        for node in ast.walk(tree_of(path))
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv"})
        or (isinstance(node, ast.Name) and node.id in {"environ", "getenv"})
    ]
    assert not wrong


def test_the_simulator_is_imported_by_nobody_in_the_product() -> None:
    """The `demo` command loads it by name, when it is called."""
    wrong = [
        at(path, line, f"imports {module}")
        for path in sources("bot", "handlers", "storage")
        for module, line in imported(path)
        if lies_in(module, "simulator")
    ]
    assert not wrong
    asked = subprocess.run([sys.executable, "-c", ASKING], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (asked.stdout.strip(), asked.returncode) == ("False", 0), asked.stderr


ASKING = """
import sys, bot.__main__, bot.app, bot.doctor, bot.serving
bot.app.furnish()
print("simulator" in sys.modules)
"""

STARTING = """
import sys, bot.app
bot.app.furnish()
print(*sys.modules)
"""
SELDOM_NEEDED = {
    "alembic",
    "bot.doctor",
    "bot.importing",
    "difflib",
    "matplotlib",
    "stamina",
    "statistics",
    "typer",
    "yaml",
}
DESKS = {"csv_files", "freshdesk", "hubspot", "rt", "zendesk"}


def test_a_start_imports_no_help_desk_that_is_not_set_and_nothing_that_is_seldom_needed() -> None:
    """Each is imported where it is first used. What everybody waits for at a start is what everybody uses."""
    started = subprocess.run([sys.executable, "-c", STARTING], cwd=ROOT, capture_output=True, text=True, check=True)
    imported_by_then = set(started.stdout.split())
    assert "handlers.home" in imported_by_then
    assert not imported_by_then & (SELDOM_NEEDED | {f"bot.helpdesks.{desk}" for desk in DESKS})


IMPORTING = """
import importlib, logging, pkgutil, sys
REACHING_OUT = {"socket", "sqlite3", "subprocess"}
TOUCHING = {"os.system", "os.putenv", "os.mkdir", "os.remove", "os.rename", "_thread.start_new_thread"}
done = []
def listen(event, args):
    if event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
        done.append(f"opened {args[0]} to write")
    elif event in TOUCHING or (event.split(".")[0] in REACHING_OUT and event != "socket.gethostname"):
        done.append(event)
# what the libraries do when they are imported is theirs
import alembic, apscheduler.schedulers.asyncio, aiohttp, holidays, prometheus_client, rich.console, slack_bolt.async_app
import slack_sdk.web.async_client, sqlalchemy.ext.asyncio, structlog, typer, yaml
sys.dont_write_bytecode = True
loggers = list(logging.getLogger().handlers)
sys.addaudithook(listen)
for package in ("storage", "handlers", "bot", "simulator"):
    for module in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
        if module.name != "storage.migrations.env":  # Alembic's own way in
            importlib.import_module(module.name)
assert logging.getLogger().handlers == loggers, "logging was configured"
print("\\n".join(done))
"""


def test_importing_any_module_does_nothing() -> None:
    """No file is written, no connection opened, no process or thread started, logging left alone."""
    told = subprocess.run([sys.executable, "-c", IMPORTING], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert told.stdout.strip() == ""


@pytest.fixture(scope="module")
def house() -> House:
    return furnish()


def test_every_listener_asks_only_for_what_events_bring(house: House) -> None:
    listeners = [
        *house.actions.items(),
        *house.submissions.items(),
        *house.options.items(),
        *house.shortcuts.items(),
        *((command.name, command.listener) for command in house.commands.values()),
        *((kind, listener) for kind, several in house.events.items() for listener in several),
    ]
    wrong = [
        f"{name}: {unknown}"
        for name, listener in listeners
        if (unknown := set(inspect.signature(listener).parameters) - HEARD)
    ]
    assert listeners
    assert not wrong


def test_every_id_begins_with_the_feature_that_owns_it(house: House) -> None:
    owned = {
        **house.actions,
        **house.submissions,
        **house.options,
        **house.shortcuts,
        **house.renderers,
        **house.steps,
        **house.firings,
        **house.jobs,
    }
    wrong = [
        f"{name} of {listener.__module__}"
        for name, listener in owned.items()
        if listener.__module__.split(".")[1] != name.split(".")[0]
    ]
    assert owned
    assert not wrong


def test_the_manifest_names_every_command_and_no_other(house: House) -> None:
    manifest = read_manifest()["features"]["slash_commands"]
    standalone = {f"/{command.name}" for command in house.commands.values() if command.standalone}
    assert {entry["command"] for entry in manifest} == standalone | {"/backstop"}


def test_the_manifest_names_every_shortcut_and_no_other(house: House) -> None:
    manifest = read_manifest()["features"]["shortcuts"]
    assert {entry["callback_id"] for entry in manifest} == set(house.shortcuts)


def test_the_manifest_subscribes_to_every_event_that_is_heard_and_no_other(house: House) -> None:
    subscribed = set(read_manifest()["settings"]["event_subscriptions"]["bot_events"])
    # Slack sends message.channels and its like as events of the one type `message`
    assert {event.split(".")[0] for event in subscribed} == set(house.events)


def columns() -> Iterator[tuple[str, object]]:
    for table in models().sorted_tables:
        for column in table.columns:
            yield f"{table.name}.{column.name}", column.type


def test_every_instant_is_kept_with_its_zone() -> None:
    naive = [name for name, kind in columns() if isinstance(kind, DateTime) and not isinstance(kind, UtcDateTime)]
    instants = [name for name, kind in columns() if isinstance(kind, UtcDateTime)]
    assert instants
    assert not naive


def test_a_time_of_day_is_never_an_instant() -> None:
    zoned = [name for name, kind in columns() if isinstance(kind, Time) and kind.timezone]
    assert not zoned


def names_of_constraints() -> list[tuple[str, str | None]]:
    """(what, its name as the database would be given it), for every key, constraint and index."""
    named: list[Constraint | Index] = []
    for table in models().sorted_tables:
        named += [*table.constraints, *table.indexes]
    return [(repr(part), str(part.name) if part.name else None) for part in named]


def test_every_constraint_and_index_is_named() -> None:
    assert names_of_constraints()
    assert not [what for what, name in names_of_constraints() if name is None]


def test_no_name_is_longer_than_postgresql_keeps() -> None:
    assert not [name for _, name in names_of_constraints() if name is not None and len(name) > 63]


def test_no_relationship_loads_by_itself() -> None:
    from storage.base import Base

    models()
    lazy = [
        f"{mapper.class_.__name__}.{relation.key}"
        for mapper in Base.registry.mappers
        for relation in mapper.relationships
        if relation.lazy != "raise"
    ]
    assert not lazy


def test_storage_has_one_folder_of_migrations_and_no_model_outside_its_modules() -> None:
    storage = importlib.import_module("storage")
    homes = {f"storage.{module.name}" for module in pkgutil.iter_modules(storage.__path__)}
    from storage.base import Base

    models()
    strangers = {mapper.class_.__module__ for mapper in Base.registry.mappers} - homes
    assert not strangers
