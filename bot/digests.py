"""`backstop digest --team X --dry-run`: what a team's digest would say now, on the terminal; nothing is sent."""

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from bot.app import furnish
from bot.clock import Clock
from handlers.queue import composing
from handlers.queue.listeners.previewing import report_until
from handlers.queue.views.digest import title
from storage.store import open_store
from storage.teams import Team, TeamState

LINK = re.compile(r"<([^<>|]+)\|([^<>]*)>|<([^<>|]+)>")
EMOJI = re.compile(r":[a-z0-9_+-]+: ?")
ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}


class NoSuchTeamError(LookupError):
    """No active team is called so."""


async def print_digest(url: str, clock: Clock, name: str, *, weekly: bool, copy: str) -> str:
    """The copy (channel or managers) as plain text. Raises NoSuchTeamError, which names the teams there are;
    DatabaseAwayError."""
    house = furnish()
    store = open_store(url)
    try:
        async with store.read() as session:
            found = select(Team).where(Team.state == TeamState.ACTIVE).order_by(Team.name)
            teams = (await session.execute(found)).scalars().all()
            team = next((one for one in teams if one.name.casefold() == name.casefold()), None)
            if team is None:
                known = ", ".join(one.name for one in teams) or "none yet"
                raise NoSuchTeamError(f"No active team is called {name}. There are: {known}.")
            report = await report_until(session, team, clock.now(), weekly=weekly)
            made = await composing.compose(session, house.report_sections, report, copy=copy)
    finally:
        await store.close()
    since = f"{report.since:%Y-%m-%d %H:%M} to {report.until:%Y-%m-%d %H:%M} UTC"
    needs = [f"  • {plainly(line['text'])}" for line in made["lines"]]
    lines = [title(team, weekly=weekly), since, *(["Needs you today:", *needs] if needs else [])]
    return "\n".join([*lines, *_texts(made["blocks"])])


def plainly(mrkdwn: str) -> str:
    """Slack's mrkdwn as a terminal shows it: links by their words, dates as UTC, no emoji, no signs of
    emphasis."""
    text = LINK.sub(lambda found: found[2] if found[1] else found[3], mrkdwn)
    for entity, char in ENTITIES.items():
        text = text.replace(entity, char)
    return EMOJI.sub("", text).replace("*", "").replace("`", "")


def _texts(blocks: Iterable[dict[str, Any]]) -> Iterable[str]:
    for block in blocks:
        texts = [block["text"]] if "text" in block else [*block.get("fields", ()), *block.get("elements", ())]
        for text in texts:
            if text.get("type") in {"mrkdwn", "plain_text"}:
                yield plainly(text["text"])
