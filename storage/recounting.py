"""Counts the days of teams from their tickets and ratings; the days to count are those that writing tickets marked."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import teams
from storage.base import insertion
from storage.pulled import RatingKind
from storage.teams import Team
from storage.ticket_days import ALL, COUNTS, HOURS, StaleDay, TicketDay, day_bounds, mark
from storage.tickets import Rating, Ticket

A_FEW = 8
"""Days to a transaction: a form that is submitted meanwhile waits no longer than that."""


async def stale(session: AsyncSession, workspace_id: str, *, most: int) -> dict[int, set[date]]:
    """Up to `most` marked UTC dates, by team; the latest first."""
    of_workspace = select(Team.id).where(Team.workspace_id == workspace_id)
    query = select(StaleDay.team_id, StaleDay.utc_date).where(StaleDay.team_id.in_(of_workspace))
    found: dict[int, set[date]] = defaultdict(set)
    for team_id, day in await session.execute(query.order_by(StaleDay.utc_date.desc(), StaleDay.team_id).limit(most)):
        found[team_id].add(day)
    return found


async def recount(session: AsyncSession, team: Team, utc_dates: Iterable[date]) -> None:
    """Counts the local days that these UTC dates touch anew, from the tickets and ratings, and takes their marks away.
    Lock the team before: two counts of one day at once could leave the older."""
    wanted = set(utc_dates)
    zone = ZoneInfo(team.zone)
    # a local day lies in at most three UTC dates; a UTC date in at most three local ones
    around = {day + timedelta(days=shift) for day in wanted for shift in (-1, 0, 1)}
    for day in sorted(around):
        since, until = day_bounds(day, zone)
        if not {since.date(), (until - timedelta(microseconds=1)).date()} & wanted:
            continue
        rows = await count_day(session, team.id, day, zone)
        await session.execute(delete(TicketDay).where(TicketDay.team_id == team.id, TicketDay.local_date == day))
        if rows:
            await session.execute(insertion(session, TicketDay), rows)
    await session.execute(delete(StaleDay).where(StaleDay.team_id == team.id, StaleDay.utc_date.in_(wanted)))


async def mark_moved_zone(session: AsyncSession, team: Team) -> None:
    """Days that were cut in another zone than the team's must be counted again."""
    query = select(TicketDay.local_date).where(TicketDay.team_id == team.id, TicketDay.zone != team.zone).distinct()
    days = (await session.execute(query)).scalars().all()
    # noon UTC of the neighbours too: what a day held may belong to either of them now
    moments = [datetime.combine(day + timedelta(days=shift), time(12), UTC) for day in days for shift in (-1, 0, 1)]
    await mark(session, ((team.id, at) for at in moments))


async def count_day(session: AsyncSession, team_id: int, day: date, zone: ZoneInfo) -> list[dict[str, Any]]:
    """The day's rows as the tickets and ratings say now; what counted nothing is left out."""
    since, until = day_bounds(day, zone)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    hours: dict[str, list[int]] = defaultdict(lambda: [0] * HOURS)
    there = (Ticket.team_id == team_id) & Ticket.gone.is_(None)
    created = select(Ticket.created_at, Ticket.tags).where(there, Ticket.created_at >= since, Ticket.created_at < until)
    for at, tags in await session.execute(created):
        for tag in (ALL, *tags):
            counts[tag]["created"] += 1
            hours[tag][at.astimezone(zone).hour] += 1
    solved = select(Ticket.tags, Ticket.reopened, Ticket.replies)
    for tags, reopened, replies in await session.execute(
        solved.where(there, Ticket.solved_at >= since, Ticket.solved_at < until)
    ):
        for tag in (ALL, *tags):
            counts[tag].update(_solved(reopened, replies))
    rated = select(Rating.kind, Rating.value, Ticket.tags).join(Ticket, Ticket.id == Rating.ticket_id, isouter=True)
    rated = rated.where(Rating.team_id == team_id, Rating.at >= since, Rating.at < until)
    for kind, value, tags in await session.execute(rated.where(or_(Rating.ticket_id.is_(None), Ticket.gone.is_(None)))):
        for tag in (ALL, *(tags or ())):
            counts[tag].update(_rated(kind, value))
    return [
        {
            "team_id": team_id,
            "local_date": day,
            "tag": tag,
            "zone": zone.key,
            "by_hour": hours[tag],
            **{name: counts[tag][name] for name in COUNTS},
        }
        for tag in sorted(counts)
    ]


def _solved(reopened: int | None, replies: int | None) -> Mapping[str, int]:
    judged = replies is not None
    return {
        "solved": 1,
        "reopened": int(bool(reopened)),
        "reopened_known": int(reopened is not None),
        "one_touch": int(judged and (replies or 0) <= 1 and not reopened),
        "one_touch_known": int(judged),
    }


def _rated(kind: RatingKind, value: float) -> Mapping[str, Any]:
    match kind:
        case RatingKind.CSAT:
            return {"csat_good": int(value > 0.5), "csat_bad": int(value < 0.5)}
        case RatingKind.NPS:
            band = "nps_promoters" if value >= 9 else "nps_passives" if value >= 7 else "nps_detractors"
            return {band: 1}
        case _:
            return {"ces_sum": value, "ces_count": 1}


async def recount_some(session: AsyncSession, workspace_id: str) -> int:
    """Counts a few of the marked days again; returns how many marks it followed. 0: none is left."""
    marked = await stale(session, workspace_id, most=A_FEW)
    for team_id in sorted(marked):
        if (team := await teams.locked(session, team_id)) is not None:
            await recount(session, team, marked[team_id])
    return sum(len(days) for days in marked.values())
