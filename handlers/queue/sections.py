"""What Home shows of the queue: for those who lead a team, how it stands, and the way to the rest."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import Block
from handlers.house import OnHome
from handlers.queue.looking import AT_RISK_WITHIN
from handlers.queue.rules import freshness
from handlers.queue.views import queue as views
from storage import memberships, queue_figures, sources
from storage.people import Person

TEAMS_AT_MOST = 4


async def on_home(session: AsyncSession, person: Person, now: datetime) -> OnHome:
    """Teams without a help desk are left out: there is nothing to say of their tickets."""
    further: list[Block] = []
    led = (await memberships.teams_led_by(session, person.id))[:TEAMS_AT_MOST]
    feeding = await sources.of_teams(session, [team.id for team in led]) if led else {}
    for team in led:
        if team.id not in feeding:
            continue
        fresh = freshness.judge(feeding[team.id], now)
        standing = None
        if fresh.as_of is not None:
            standing = await queue_figures.standing(session, [team.id], now=now, risk_until=now + AT_RISK_WITHIN)
        further.append(views.on_home(team, fresh, standing, now))
    return OnHome(further=further)
