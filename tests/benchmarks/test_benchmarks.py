"""Each benchmark still runs and says what it promises to say. How long anything took is for `make bench` to tell."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from benchmarks import NAMES
from benchmarks.figures import Target, percentile, report, spread

ROOT = Path(__file__).parents[2]
TARGETS = {
    "ack": {"p50_ratio", "p99_ratio", "throughput_ratio"},
    "roundtrip": {"p50_ratio", "failed"},
    "statements": {"form", "raising", "three_messages", "claiming", "card_follows"},
    "ticks": {"claim_p99_s", "idle_percent", "failed"},
    "lists": {"growth_ratio"},
    "digest": {"growth_ratio"},
    "home": {"growth_ratio", "p50_ratio"},
    "goals": {"ratio"},
    "trend": {"growth_ratio"},
    "footprint": {"import_ratio", "memory_ratio"},
    "votes": {"lost", "doubled", "refused", "right_after_s"},
    "fanout": {"utilisation", "lost", "doubled"},
    "pull": {"ratio", "lost"},
    "import": {"ratio", "lost"},
}
SPREAD = {"min", "p50", "p99", "max", "n"}


def test_every_benchmark_has_its_targets_here() -> None:
    assert set(TARGETS) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_says_its_figures_as_one_json_object_on_the_last_line(name: str) -> None:
    told = _run_quickly(name)
    assert told["benchmark"] == name
    assert told["quick"] is True
    assert set(told["targets"]) == TARGETS[name]
    assert told["met"] == all(one["met"] for one in told["targets"].values())
    assert all(isinstance(told[target], (int, float)) for target in TARGETS[name])
    assert told.get("failed", 0) == 0
    assert told.get("refused", 0) == 0


def test_ack_counts_every_form_that_was_opened() -> None:
    told = _run_quickly("ack")
    for side in ("ours", "floor"):
        assert set(told["acknowledged_ms"][side]) == SPREAD
        assert told["acknowledged_ms"][side]["n"] == 5


def test_an_unknown_benchmark_is_refused_with_the_names_of_those_there_are() -> None:
    ended = _started("nonsense")
    assert ended.returncode == 2
    assert "footprint" in ended.stderr


def test_a_missed_target_is_told_and_an_unmeasured_one_is_not_called_missed() -> None:
    targets = {"failed": Target(0), "speed": Target(0.5, at_least=True), "other": Target(1)}
    told = report("any", {"failed": 1, "speed": 0.7, "other": None}, targets, quick=False)
    assert [told["targets"][name]["met"] for name in targets] == [False, True, None]
    assert told["met"] is False


def test_percentiles_are_samples_that_really_happened() -> None:
    ordered = [float(number) for number in range(1, 101)]
    assert percentile(ordered, 99) == 99.0
    assert percentile([3.0], 99) == 3.0
    assert spread(reversed(ordered)) == {"min": 1.0, "p50": 50.5, "p99": 99.0, "max": 100.0, "n": 100}


def _run_quickly(name: str) -> Mapping[str, Any]:
    ended = _started(name, "--quick", "--json")
    assert ended.returncode == 0, ended.stderr
    told: Mapping[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return told


def _started(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
