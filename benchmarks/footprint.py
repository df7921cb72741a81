"""What the bot's own code adds to its libraries: seconds to import, and resident memory.

Ours: `bot.app` imported and every feature registered, as `backstop run` does before it connects. The floor: the
libraries that a bot of this make can't do without, imported by hand in the same kind of child process. That list is
written down here and not computed from what the bot imports: a library that somebody begins to import for nothing
must show. Slow ones that serve few (matplotlib, the countries of `holidays`, Alembic) are not in it.

Children are started in turn, ours and the floor's; ratios are of the medians of their CPU seconds (on a quiet machine
that is the time that it takes). Each kind has run once before: byte code is written, as after an installation, and
files are in the cache.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile

from benchmarks.figures import Figures, Target, figure, ratio, spread

CLAIM = "the bot starts about as fast, and as small, as its libraries"
TARGETS = {"import_ratio": Target(1.25), "memory_ratio": Target(1.25)}

LIBRARIES = """
import aiohttp, aiohttp.web
import aiosqlite
import apscheduler.schedulers.asyncio
import prometheus_client
import pydantic, pydantic_settings
import slack_bolt.app.async_app, slack_bolt.adapter.aiohttp, slack_bolt.adapter.socket_mode.aiohttp
import slack_sdk.web.async_client, slack_sdk.webhook.async_client
import sqlalchemy.ext.asyncio, sqlalchemy.orm
import sqlalchemy.dialects.postgresql, sqlalchemy.dialects.sqlite
import structlog
"""
OURS = """
import bot.app
bot.app.furnish()
import aiosqlite
"""
"""SQLAlchemy imports the driver when the store is opened."""
TELL = """
import json, time
began = time.process_time()
{imports}
took_s = time.process_time() - began
with open("/proc/self/status", encoding="ascii") as status:
    resident = next(line for line in status if line.startswith("VmRSS"))
print(json.dumps([took_s, int(resident.split()[1]) / 1024]))
"""


def measure(*, quick: bool) -> Figures:
    kinds = {"ours": OURS, "floor": LIBRARIES}
    took_s: dict[str, list[float]] = {kind: [] for kind in kinds}
    memory_mib: dict[str, list[float]] = {kind: [] for kind in kinds}
    with tempfile.TemporaryDirectory() as byte_code:
        for imports in kinds.values():
            _child(imports, byte_code)
        for _ in range(2 if quick else 25):
            for kind, imports in kinds.items():
                took, resident = _child(imports, byte_code)
                took_s[kind].append(took)
                memory_mib[kind].append(resident)
    times = {kind: statistics.median(samples) for kind, samples in took_s.items()}
    memory = {kind: statistics.median(samples) for kind, samples in memory_mib.items()}
    return {
        "import_ratio": ratio(times["ours"], times["floor"]),
        "memory_ratio": ratio(memory["ours"], memory["floor"]),
        "import_cpu_s": {kind: spread(samples) for kind, samples in took_s.items()},
        "memory_mib": {kind: figure(median) for kind, median in memory.items()},
    }


def _child(imports: str, byte_code: str) -> tuple[float, float]:
    """(CPU seconds that the imports took, MiB resident after them)."""
    surroundings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    ended = subprocess.run(
        [sys.executable, "-c", TELL.format(imports=imports.strip())],
        check=True,
        capture_output=True,
        text=True,
        env=surroundings | {"PYTHONPYCACHEPREFIX": byte_code},
    )
    took_s, resident_mib = json.loads(ended.stdout)
    return took_s, resident_mib
