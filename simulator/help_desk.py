"""The demo's help desk: it exports its tickets into a folder every hour, as one that can do nothing else would."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.app import Backstop
from handlers.desks.steps import aim
from simulator import tickets
from simulator.company import AGENTS, DUBLIN
from storage import sources, teams
from storage.sources import EVERYTHING_ELSE, FOLDER

TWO_MONTHS = timedelta(days=61)
AHEAD = timedelta(days=7)
"""How far the demo's time can be moved on before the desk falls silent."""
EVERY = timedelta(hours=1)


def fill(folder: Path, now: datetime) -> None:
    """Two months of tickets up to `now`, with the planted problem; then a file for every hour to come, each dated when
    it is to be there: until then it isn't looked at."""
    zone, agents = ZoneInfo(DUBLIN), [f"{name.lower()}@care.example" for name in AGENTS]
    start, end = (now - TWO_MONTHS).astimezone(zone).date(), now + AHEAD
    made = tickets.plant(tickets.make(start=start, until=end, zone=zone, agents=agents), until=now, agents=agents)
    first = now - timedelta(minutes=1)
    tickets.write_export(made, folder / "tickets.csv", first)
    shown, at = first, now + EVERY
    while at <= end:
        tickets.write_export(made, folder / f"tickets-{at:%Y-%m-%d-%H%M}.csv", at, since=shown)
        shown, at = at, at + EVERY


async def connect(bot: Backstop, now: datetime) -> None:
    """The folder feeds Care, as if a manager had connected it."""
    async with bot.store.write() as session:
        [care] = [team for team in await teams.active_teams(session, bot.directory.workspace_id) if team.name == "Care"]
        source = await sources.connect(
            session,
            workspace_id=care.workspace_id,
            kind=FOLDER,
            name=dict(bot.house.helpdesks.available())[FOLDER],
            since=now - TWO_MONTHS,
            by_id=None,
            now=now,
        )
        await sources.link(session, source.id, care.id, [EVERYTHING_ELSE])
        await aim(session, source, now=now)
