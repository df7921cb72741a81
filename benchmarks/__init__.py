"""Each file measures one claim of docs/performance.md, against a floor that is measured in the same run.

`python -m benchmarks NAME` prints a table, with `--json` one JSON object on the last line; `python -m benchmarks all`
runs them one after the other. `--quick` is for finding out whether a benchmark still works: its figures mean nothing.
"""

NAMES: tuple[str, ...] = (
    "ack",
    "roundtrip",
    "statements",
    "ticks",
    "lists",
    "digest",
    "trend",
    "home",
    "goals",
    "footprint",
    "votes",
    "fanout",
    "pull",
    "import",
)
