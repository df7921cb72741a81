"""A team's tickets of eight weeks and of today, as a help desk told them."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.helpdesks.counting import count_marked_days
from handlers.local_time import at_local, local_date
from simulator.acting import Actor
from storage import sources, ticket_pages
from storage.pulled import Priority, PulledAgent, PulledRating, PulledTicket, RatingKind, Status
from storage.sources import EVERYTHING_ELSE
from storage.teams import Team
from tests.office import Office

DUBLIN = ZoneInfo("Europe/Dublin")
HOURS = (1, 8, 9, 10, 11, 13, 14, 15, 16, 20)
"""When a day's tickets come: ten on weekdays, the half at weekends."""
DAYS = 60
TAGS = ("billing", "login", "refund")


def history(team_now: datetime, *, days: int = DAYS) -> list[PulledTicket]:
    """Ten tickets a day, solved four hours after they came, answered half an hour after; the same every week."""
    today = local_date(team_now, DUBLIN)
    pulled = []
    for back in range(days, 0, -1):
        day = today - timedelta(days=back)
        for number, hour in enumerate(HOURS if day.weekday() < 5 else HOURS[::2]):
            created = at_local(day, time(hour), DUBLIN)
            pulled.append(
                PulledTicket(
                    external_id=f"{day:%m%d}{number}",
                    created_at=created,
                    updated_at=created + timedelta(hours=4),
                    status=Status.SOLVED,
                    subject=f"About {TAGS[number % 3]}",
                    customer_key=f"customer-{number}",
                    tags=(TAGS[number % 3],),
                    first_agent_reply_at=created + timedelta(minutes=30),
                    solved_at=created + timedelta(hours=4),
                    replies=1 + number % 2,
                    reopened=0,
                    assignee_external_id="ben" if number % 2 else "cara",
                )
            )
    return pulled


def waiting(at: datetime, number: int, **facts: object) -> PulledTicket:
    """An open ticket that came then."""
    given: dict[str, object] = {"status": Status.OPEN, "subject": "Still open", "priority": Priority.NORMAL}
    return PulledTicket(external_id=f"9{number:03}", created_at=at, updated_at=at, **given | facts)  # type: ignore[arg-type]  # facts are of the ticket's own fields


def planted(at: datetime, *, tickets: int = 9, customers: int = 8, tag: str = "login-loop") -> list[PulledTicket]:
    """Tickets of one tag in the hour before `at`."""
    return [
        waiting(
            at - timedelta(minutes=4 * number + 1),
            100 + number,
            tags=(tag,),
            subject="Signing in leads back to the sign-in page",
            customer_key=f"hit-{number % customers}",
            url=f"https://desk.example/tickets/9{100 + number}",
        )
        for number in range(tickets)
    ]


def rating(ticket: str, at: datetime, *, good: bool) -> PulledRating:
    return PulledRating(
        external_id=f"r{ticket}", ticket_external_id=ticket, kind=RatingKind.CSAT, value=float(good), at=at
    )


async def connected(
    office: Office, pulled: Sequence[PulledTicket], ratings: Sequence[PulledRating] = (), *, team: Team | None = None
) -> None:
    """Care's help desk tells these now; agents are matched by their e-mail addresses."""
    store, care = office.bot.store, team or office.teams["Care"]
    async with store.write() as session:
        source = await sources.connect(
            session,
            workspace_id=care.workspace_id,
            kind="zendesk",
            name="care.zendesk.com",
            since=office.now - timedelta(days=DAYS),
            by_id=None,
            now=office.now,
        )
        source.last_good_at = source.filled_at = office.now
        await sources.link(session, source.id, care.id, [EVERYTHING_ELSE])
        agents = [PulledAgent(external_id=name, name=name, email=f"{name}@care.example") for name in ("ben", "cara")]
        await sources.keep_agents(session, source, agents)
    for start in range(0, len(pulled), 300):
        async with store.write() as session:
            await ticket_pages.keep(session, source, pulled[start : start + 300], ratings if start == 0 else ())
    await count_marked_days(store, care.workspace_id)


async def fresh(office: Office, *, failing: str | None = None) -> None:
    """The desk was read just now; or has been failing since."""
    async with office.bot.store.write() as session:
        for source in await sources.of_workspace(session, office.sim.workspace.team_id):
            if failing is None:
                source.last_good_at, source.failing_since, source.last_error = office.now, None, None
            else:
                source.failing_since, source.last_error = office.now, failing


async def asks(office: Office, who: Actor, words: str, *, channel: str = "#care", containing: str = "") -> str:
    await who.types(words, channel=channel)
    await office.settles()
    return (await who.privately(containing)).text
