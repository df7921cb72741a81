"""What happens to a bot and to its Slack, at random: deaths, and calls that go wrong in every way."""

import random
from collections.abc import Callable, Mapping
from typing import Any

from simulator.faults import Fault
from tests.bot.crashing import Fate

UNHARMED = Fate(spared=None)


def random_deaths(chance: random.Random, many: int) -> Callable[[], Fate]:
    """So many processes die early, the next lives."""
    left = many

    def fate() -> Fate:
        nonlocal left
        left -= 1
        return Fate(spared=None, dies_at=chance.randint(1, 12)) if left >= 0 else UNHARMED

    return fate


class BadDay:
    """One call in six of those that change Slack goes wrong, in every way that calls go wrong."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def __call__(self, method: str, _args: Mapping[str, Any]) -> Fault | None:
        if not method.startswith(("chat.", "conversations.")) or self._chance.random() > 1 / 6:
            return None
        return self._chance.choice(
            [
                Fault("drop"),
                Fault("drop", accepted=True),
                Fault("http_status", status=503),
                Fault("http_status", status=502, accepted=True),
                Fault(
                    "error",
                    status=429,
                    answer={"ok": False, "error": "ratelimited"},
                    headers={"Retry-After": "3"},
                ),
            ]
        )
