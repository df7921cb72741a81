"""doctor on help desks: whether their credentials work, and how fresh what they feed is."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import aiohttp

from bot.clock import Clock
from bot.delivery import HTTP_TIMEOUT_S
from bot.desks import open_desks
from bot.findings import Finding, bad, good, warning
from bot.helpdesks import DeskError, DeskRefusedError
from bot.settings import Settings
from storage import sources
from storage.sources import IMPORTED, Source, SourceAgent
from storage.store import Store
from storage.teams import Team

QUIET = timedelta(hours=2)
"""A source that is pulled and told nothing for so long stands still, whatever the reason."""
CREDENTIALS = "Set its credentials right: docs/helpdesks.md."
AWAY = "Check the network, and the help desk’s own status page."
GOES_ON = "It is asked again by itself. If its credentials are right (above), see the help desk’s own status page."
STANDS_STILL = "Nothing pulls it: is `backstop run` running, and are its credentials still set?"
MATCH = "*Help desk…* in /backstop team names them by hand; what they do counts for nobody until then."


async def of_credentials(settings: Settings, clock: Clock) -> list[Finding]:
    """Each help desk whose credentials are set, asked whether they work."""
    findings = []
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=HTTP_TIMEOUT_S)) as http:
        for desk in open_desks(settings, http=http, now=clock.now).values():
            try:
                checked = await desk.check()
            except DeskRefusedError as refused:
                findings.append(bad(desk.name, str(refused), CREDENTIALS))
            except DeskError as trouble:
                findings.append(bad(desk.name, str(trouble), AWAY))
            else:
                findings.append(good(desk.name, checked.account))
                findings += [warning(desk.name, lacks, "Give its account that right.") for lacks in checked.missing]
    return findings


async def of_sources(store: Store, now: datetime) -> list[Finding]:
    """Each source that feeds a team: how far it is filled, how fresh, how many of its agents are matched."""
    findings = []
    async with store.read() as session:
        for source in await sources.feeding(session):
            feeds = await sources.linked_teams(session, source.id)
            agents = [one for one in await sources.agents(session, source.id) if one.active]
            findings.append(_of_source(source, feeds, agents, now))
    return findings


def _of_source(source: Source, feeds: Sequence[Team], agents: Sequence[SourceAgent], now: datetime) -> Finding:
    fed = f"feeds {', '.join(team.name for team in feeds)}"
    good_at = f"last good {_ago(source.last_good_at, now)}"
    if source.is_failing:
        return bad(source.name, f"{fed}; failing, {good_at}: {source.last_error}", GOES_ON)
    if source.filled_at is None:
        return good(source.name, f"{fed}; being filled, {source.pulled:,} tickets so far")
    matched = sum(1 for one in agents if one.person_id is not None)
    whom = f", {matched} of {len(agents)} agents matched" if agents else ""
    says = f"{fed}; filled since {source.since:%-d %B}, {good_at}{whom}"
    if source.kind != IMPORTED and (source.last_good_at is None or now - source.last_good_at > QUIET):
        return warning(source.name, says, STANDS_STILL)
    if any(one.person_id is None and not one.by_hand for one in agents):
        return warning(source.name, says, MATCH)
    return good(source.name, says)


def _ago(at: datetime | None, now: datetime) -> str:
    return f"{(now - at).total_seconds() / 60:,.0f} min ago" if at is not None else "never"
