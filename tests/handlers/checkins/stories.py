"""What people do with check-ins over and over, in one line each."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from simulator.acting import Actor
from simulator.company import AGENTS
from simulator.shown import Shown
from storage import checkins
from storage.checkins import Round, Visibility
from storage.memberships import Membership
from storage.people import Person
from tests.office import Office

EVERY_DAY = [str(day) for day in range(7)]
QUESTION = "How is your load today?"


async def settings(office: Office, who: Actor, team: str = "Care", *, more: bool = False) -> Any:
    """The form behind *Check-ins…*."""
    await who.types(f"/backstop team {team}", channel="#general" if who.name == "Omar" else "#care")
    await who.clicks(await who.privately(team), "Check-ins…")
    await office.settles()
    if more:
        await who.clicks(await who.modal(), "More…")
        await office.settles()
    return await who.modal()


async def enables(office: Office, who: Actor | None = None, team: str = "Care", **fields: Any) -> None:
    """Switches check-ins on, for every day unless it says otherwise."""
    who = who or office.aoife
    more = bool(fields.keys() & {"nudge", "window"})
    form = await settings(office, who, team, more=more)
    for field, value in {"use": "on", "days": EVERY_DAY, **fields}.items():
        form.fill(field, value)
    await form.submit()
    await office.settles()


async def at(office: Office, wall: str, zone: str = "Europe/Dublin") -> None:
    """Time goes by until clocks there show this next."""
    here = office.now.astimezone(ZoneInfo(zone))
    hours, minutes = map(int, wall.split(":"))
    there = here.replace(hour=hours, minute=minutes, second=0, microsecond=0)
    ahead = (there - here).total_seconds()
    await office.passes(seconds=ahead if ahead > 0 else ahead + 86400)


def prompts(actor: Actor, containing: str = QUESTION) -> list[Shown]:
    """The check-ins that somebody has before their eyes."""
    return [shown for shown in actor.sees("@bot") if containing in shown.text]


async def taps(office: Office, who: Actor, *labels: str) -> None:
    """Answers in the message."""
    for label in labels:
        await who.clicks(await who.finds("@bot", QUESTION), label)
        await office.settles()


async def everybody_taps(office: Office, *loads: str, people: tuple[str, ...] = tuple(AGENTS)) -> None:
    """The first so many people say this, in the order in which the company lists them."""
    for name, load in zip(people, loads, strict=False):
        await taps(office, office.sim.acts_as(name), load)


async def round_of(office: Office, team: str = "Care", *, last: int = 1) -> Round:
    """The team's last round (or the one before)."""
    async with office.bot.store.read() as session:
        day = office.now.date()
        closed = await checkins.closed_rounds(session, office.teams[team].id, since=day.replace(year=day.year - 1))
    return closed[-last]


async def lived(office: Office, weeks: Mapping[int, list[int] | None], team: str = "Care") -> None:
    """Rounds of earlier weeks with their loads, by how many weeks ago; None: too few answers."""
    async with office.bot.store.write() as session:
        for ago, load in weeks.items():
            session.add(
                Round(
                    workspace_id=office.teams[team].workspace_id,
                    team_id=office.teams[team].id,
                    day=office.now.date() - timedelta(weeks=ago),
                    visibility=Visibility.PRIVATE,
                    created_at=office.now,
                    closed_at=office.now - timedelta(weeks=ago),
                    asked=12,
                    answered=sum(load or [3]),
                    load=load,
                )
            )


async def grows(office: Office, team: str, *names: str, now: datetime) -> None:
    """These people join the team."""
    async with office.bot.store.write() as session:
        for name in names:
            person = await person_of(office, name)
            session.add(Membership(team_id=office.teams[team].id, person_id=person.id, since=now))


async def person_of(office: Office, name: str) -> Person:
    from storage.people import by_slack_id

    async with office.bot.store.read() as session:
        found = await by_slack_id(session, office.sim.workspace.team_id, office.sim.workspace.person(name).id)
    assert found is not None
    return found
