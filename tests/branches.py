"""How many branches of the rules and of storage were taken, each by itself; fails where it is less than LEAST.

Coverage's own total counts lines too, of which there are seven times as many: it hides branches that nobody takes.
"""

import json
import sys
from pathlib import Path

LEAST = 95.0
"""Per cent."""


def taken(report: Path, folder: str) -> tuple[int, int]:
    """(branches taken, branches) of a folder's files, in a report that `coverage json` wrote."""
    files = json.loads(report.read_text(encoding="utf-8"))["files"]
    found = [one["summary"] for name, one in files.items() if name.startswith(f"{folder}/")]
    return sum(one["covered_branches"] for one in found), sum(one["num_branches"] for one in found)


def main(report: Path) -> None:
    enough = True
    for folder, name in (("handlers", "rules"), ("storage", "storage")):
        covered, branches = taken(report, folder)
        percent = 100 * covered / branches
        enough &= percent >= LEAST
        sys.stdout.write(f"Branches of {name}: {covered} of {branches}, {percent:.1f} %\n")
    sys.exit(0 if enough else f"Less than {LEAST:.0f} % are taken.")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
