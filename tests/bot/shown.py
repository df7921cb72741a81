"""What stands in the simulator for each obligation."""

from collections import Counter

from simulator.server import Simulator


def posts_by_key(sim: Simulator) -> Counter[str]:
    """How often each obligation stands in Slack."""
    places = sim.workspace.channels.values()
    payloads = [(post.get("metadata") or {}).get("event_payload") for at in places for post in at.messages.values()]
    return Counter(payload["key"] for payload in payloads if payload)
