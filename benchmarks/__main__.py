"""`python -m benchmarks NAME|all [--json] [--quick]`."""

import argparse
import gc
import importlib
import json
import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import NAMES
from benchmarks.figures import Figures, report


def main() -> int:
    arguments = _parser().parse_args()
    chosen = NAMES if arguments.name == "all" else (arguments.name,)
    reports = []
    for name in chosen:
        print(f"{name} …", file=sys.stderr, flush=True)
        reports.append(measured(name, quick=arguments.quick))
        gc.collect()
    if not arguments.json:
        console = Console()
        for one in reports:
            console.print(_table(one))
    if arguments.json:
        print(json.dumps(reports[0] if len(reports) == 1 else {one["benchmark"]: one for one in reports}))
    return 0 if arguments.quick or all(one["met"] for one in reports) else 1


def measured(name: str, *, quick: bool) -> Figures:
    """Runs the benchmark of that name."""
    benchmark: Any = importlib.import_module(f"benchmarks.{name}")
    return report(name, benchmark.measure(quick=quick), benchmark.TARGETS, quick=quick)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures what docs/performance.md says.")
    parser.add_argument("name", choices=(*NAMES, "all"))
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: does it run? Its figures mean nothing")
    return parser


def _table(one: Figures) -> Table:
    benchmark: Any = importlib.import_module(f"benchmarks.{one['benchmark']}")
    table = Table(title=f"{one['benchmark']}: {benchmark.CLAIM}", title_justify="left", title_style="bold")
    for column in ("figure", "value", "target", "met"):
        table.add_column(column)
    for key, value in _flat(one):
        held = one["targets"].get(key, {})
        met = {True: "yes", False: "NO", None: ""}[held.get("met")]
        table.add_row(key, "not measured" if value is None else f"{value}", held.get("target", ""), met)
    return table


def _flat(figures: Figures, prefix: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for key, value in figures.items():
        if not prefix and key in {"benchmark", "targets", "met"}:
            continue
        if isinstance(value, dict) and set(value) == {"min", "p50", "p99", "max", "n"}:
            shown = " · ".join(f"{part} {value[part]}" for part in value)
            rows.append((f"{prefix}{key}", shown))
        elif isinstance(value, dict):
            rows += _flat(value, f"{prefix}{key}.")
        else:
            rows.append((f"{prefix}{key}", value))
    return rows


if __name__ == "__main__":
    sys.exit(main())
