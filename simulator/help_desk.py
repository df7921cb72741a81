"""The demo's help desk: it exports its tickets into a folder every hour, as one that can do nothing else would."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from simulator import tickets
from simulator.company import AGENTS, DUBLIN

TWO_MONTHS = timedelta(days=61)
AHEAD = timedelta(days=7)
"""How far the demo's time can be moved on before the desk falls silent."""
EVERY = timedelta(hours=1)
A_MINUTE = timedelta(minutes=1)


def fill(folder: Path, now: datetime, *, connected: datetime) -> None:
    """Two months of tickets up to when it is `connected`; then a file for every hour to come, and one just before
    `now`, when the planted problem is whole. Each is dated when it is to be there: until then it isn't looked at."""
    zone, agents = ZoneInfo(DUBLIN), [f"{name.lower()}@care.example" for name in AGENTS]
    start, end = (now - TWO_MONTHS).astimezone(zone).date(), now + AHEAD
    made = tickets.plant(tickets.make(start=start, until=end, zone=zone, agents=agents), until=now, agents=agents)
    shown = connected - A_MINUTE
    tickets.write_export(made, folder / "tickets.csv", shown)
    hours = int((end - connected) / EVERY)
    for at in sorted({now - A_MINUTE, *(connected + EVERY * hour for hour in range(1, hours + 1))}):
        tickets.write_export(made, folder / f"tickets-{at:%Y-%m-%d-%H%M}.csv", at, since=shown)
        shown = at
