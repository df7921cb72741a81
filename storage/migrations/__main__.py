"""Writes the migration that leads from the newest one to the models as they are now.

python -m storage.migrations "escalations know their customer"
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from storage.migrating import draft


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        written = draft(sys.argv[1], scratch=Path(folder) / "at-head.sqlite3")
    if written is None:
        sys.exit("The models are what the migrations make: there is nothing to write.")
    for step in (["format", "--quiet"], ["check", "--fix", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *step, str(written)], check=True)  # noqa: S603  # our own file
    sys.stdout.write(f"{written}\nRead it: a rename looks like a loss and a gain.\n")


if __name__ == "__main__":
    main()
