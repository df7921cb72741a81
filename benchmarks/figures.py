"""What a benchmark says: figures by name, and the targets that they are held to."""

import asyncio
import math
import os
import statistics
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot import garbage

Figures = dict[str, Any]
"""By name, in the order in which they are shown. Times end in their unit (`_ms`, `_s`); `_ratio` is ours ÷ the
floor's. None: not measured."""


@dataclass(frozen=True)
class Target:
    """A figure at least this large (`at_least`), or at most this large."""

    bound: float
    at_least: bool = False

    def met_by(self, value: float | None) -> bool | None:
        """None: not measured."""
        if value is None:
            return None
        return value >= self.bound if self.at_least else value <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.bound:g}"


def spread(samples: Iterable[float]) -> Figures:
    """Minimum, median, 99th percentile and maximum, and how many there were."""
    ordered = sorted(samples)
    return {
        "min": figure(ordered[0]),
        "p50": figure(statistics.median(ordered)),
        "p99": figure(percentile(ordered, 99)),
        "max": figure(ordered[-1]),
        "n": len(ordered),
    }


def percentile(ordered: Sequence[float], rank: float) -> float:
    """The nearest-rank percentile of samples in ascending order: the smallest that `rank` % don't exceed."""
    return ordered[max(0, math.ceil(len(ordered) * rank / 100) - 1)]


def ratio(ours: float, floor: float) -> float:
    return round(ours / floor, 3)


def figure(value: float) -> float:
    """Four significant digits: the rest is noise."""
    return float(f"{value:.4g}")


def report(name: str, figures: Figures, targets: Mapping[str, Target], *, quick: bool) -> Figures:
    """The JSON object of one benchmark: its figures beside the targets, and whether each is met."""
    held = {key: {"target": str(target), "met": target.met_by(figures.get(key))} for key, target in targets.items()}
    met = all(one["met"] is not False for one in held.values())
    return {"benchmark": name, "quick": quick, "cores": os.cpu_count(), **figures, "targets": held, "met": met}


def run(measuring: Coroutine[Any, Any, Figures]) -> Figures:
    """Runs one measurement in a loop of its own, in a process that looks for garbage as the bot does in service."""
    garbage.looked_for_seldom()
    return asyncio.run(measuring)
