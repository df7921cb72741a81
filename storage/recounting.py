"""Counts the days of teams from their tickets and ratings; the days to count are those that writing tickets marked."""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import String, cast, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage import teams
from storage.base import insertion
from storage.pulled import RatingKind
from storage.teams import Team
from storage.ticket_days import ALL, COUNTS, HOURS, StaleDay, TicketDay, day_bounds, mark
from storage.tickets import Rating, Ticket

A_FEW = 16
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
    around = sorted({day + timedelta(days=shift) for day in wanted for shift in (-1, 0, 1)})
    days = [day for day in around if _utc_dates_of(day, zone) & wanted]
    rows = await count_days(session, team.id, days, zone)
    await session.execute(delete(TicketDay).where(TicketDay.team_id == team.id, TicketDay.local_date.in_(days)))
    if rows:
        await session.execute(insertion(session, TicketDay.__table__), rows)
    await session.execute(delete(StaleDay).where(StaleDay.team_id == team.id, StaleDay.utc_date.in_(wanted)))


def _utc_dates_of(day: date, zone: ZoneInfo) -> set[date]:
    since, until = day_bounds(day, zone)
    return {since.date(), (until - timedelta(microseconds=1)).date()}


async def mark_moved_zone(session: AsyncSession, team: Team) -> None:
    """Days that were cut in another zone than the team's must be counted again."""
    query = select(TicketDay.local_date).where(TicketDay.team_id == team.id, TicketDay.zone != team.zone).distinct()
    days = (await session.execute(query)).scalars().all()
    # noon UTC of the neighbours too: what a day held may belong to either of them now
    moments = [datetime.combine(day + timedelta(days=shift), time(12), UTC) for day in days for shift in (-1, 0, 1)]
    await mark(session, ((team.id, at) for at in moments))


async def count_days(session: AsyncSession, team_id: int, days: Sequence[date], zone: ZoneInfo) -> list[dict[str, Any]]:
    """The rows of these local dates (given in their order) as the tickets and ratings say now; what counted nothing
    is left out. Days that follow one another are read at once."""
    counted: list[dict[str, Any]] = []
    for run in _runs(days):
        counted += await _count_run(session, team_id, run, zone)
    return counted


def _runs(days: Sequence[date]) -> Iterator[list[date]]:
    """The days in their order, those together that follow one another."""
    run: list[date] = []
    for day in days:
        if run and day - run[-1] != timedelta(days=1):
            yield run
            run = []
        run.append(day)
    if run:
        yield run


async def _count_run(session: AsyncSession, team_id: int, days: Sequence[date], zone: ZoneInfo) -> list[dict[str, Any]]:
    starts = [day_bounds(day, zone)[0] for day in days]
    since, until = starts[0], day_bounds(days[-1], zone)[1]
    counts: dict[tuple[date, str], dict[str, Any]] = defaultdict(lambda: dict.fromkeys(COUNTS, 0))
    hours: dict[tuple[date, str], list[int]] = defaultdict(lambda: [0] * HOURS)

    def day_of(at: datetime) -> date:
        return days[bisect_right(starts, at) - 1]

    there = (Ticket.team_id == team_id) & Ticket.gone.is_(None)
    written = cast(Ticket.tags, String)
    created = select(Ticket.created_at, written).where(there, Ticket.created_at >= since, Ticket.created_at < until)
    for at, tags in await session.execute(created):
        day, hour = day_of(at), at.astimezone(zone).hour
        for tag in (ALL, *_read(tags)):
            counts[day, tag]["created"] += 1
            hours[day, tag][hour] += 1
    solved = select(Ticket.solved_at, written, Ticket.reopened, Ticket.replies)
    solved = solved.where(there, Ticket.solved_at >= since, Ticket.solved_at < until)
    for ended, tags, reopened, replies in await session.execute(solved):
        assert ended is not None, "it is one of these days"
        _add(counts, day_of(ended), _read(tags), _solved(reopened, replies))
    rated = select(Rating.at, Rating.kind, Rating.value, written)
    rated = rated.join(Ticket, Ticket.id == Rating.ticket_id, isouter=True)
    rated = rated.where(Rating.team_id == team_id, Rating.at >= since, Rating.at < until)
    # every kind is named, so that the index leads to the days
    rated = rated.where(Rating.kind.in_(list(RatingKind)), or_(Rating.ticket_id.is_(None), Ticket.gone.is_(None)))
    for at, kind, value, tags in await session.execute(rated):
        _add(counts, day_of(at), _read(tags) if tags else (), _rated(kind, value))
    return [
        {
            "team_id": team_id,
            "local_date": day,
            "tag": tag,
            "zone": zone.key,
            "by_hour": hours[day, tag],
            **counts[day, tag],
        }
        for day, tag in sorted(counts)
    ]


def _add(
    counts: Mapping[tuple[date, str], dict[str, Any]], day: date, tags: Iterable[str], what: Mapping[str, Any]
) -> None:
    """To the day's whole, and to each tag's."""
    for tag in (ALL, *tags):
        sums = counts[day, tag]
        for name, many in what.items():
            sums[name] += many


@lru_cache(maxsize=1024)
def _read(tags: str) -> tuple[str, ...]:
    """The tags of a ticket as they are written: few lists are many tickets'."""
    return tuple(json.loads(tags))


@lru_cache(maxsize=256)
def _solved(reopened: int | None, replies: int | None) -> Mapping[str, int]:
    judged = replies is not None
    counts = {
        "solved": True,
        "reopened": bool(reopened),
        "reopened_known": reopened is not None,
        "one_touch": judged and (replies or 0) <= 1 and not reopened,
        "one_touch_known": judged,
    }
    return {name: 1 for name, counted in counts.items() if counted}


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
