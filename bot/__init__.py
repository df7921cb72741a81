"""The wiring: how events, ticks and messages travel. Nothing here knows what an escalation is."""
