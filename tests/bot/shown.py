"""What came of it: what stands in the simulator for each obligation, and what is wrong with that."""

from collections import Counter
from dataclasses import dataclass, field

from simulator.server import Simulator


@dataclass(frozen=True)
class Verdict:
    """Nothing in it: every obligation was met, once."""

    doubled: dict[str, int] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    """Anything else that is not as it should be."""


def posts_by_key(sim: Simulator) -> Counter[str]:
    """How often each obligation stands in Slack."""
    places = sim.workspace.channels.values()
    payloads = [(post.get("metadata") or {}).get("event_payload") for at in places for post in at.messages.values()]
    return Counter(payload["key"] for payload in payloads if payload)


def doubled(sim: Simulator) -> dict[str, int]:
    return {key: count for key, count in posts_by_key(sim).items() if count > 1}
