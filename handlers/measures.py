"""What goals are measured by: each feature registers its measures with the house, and a goal reads any of them alike.

A measure counts local days. A period's level is put together from its days (`level`), so a day is counted once for all
goals that it lies in, and again only when something in it changed.
"""

import math
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.local_time import at_local, parse_zone
from storage.goals import Better, Unit
from storage.measured_days import Part


@dataclass(frozen=True)
class Scope:
    """Of whom something is measured: a team, a department's teams, or one person in their teams."""

    workspace_id: str
    team_ids: tuple[int, ...]
    person_id: int | None = None


class Adds(Enum):
    """How the days of a period make its level."""

    TOTAL = "total"
    """Their sum."""
    SHARE = "share"
    """The cases that were good, as percent of all."""
    MEAN = "mean"
    """The sum by the number of cases."""
    MEDIAN = "median"
    """The nearest-rank median of all values (Hyndman & Fan 1996, definition 1)."""


@dataclass(frozen=True)
class Days:
    """The local days that are asked for, both ends included, in an IANA zone."""

    first: date
    last: date
    zone: str


Count = Callable[[AsyncSession, Mapping[int, Scope], Days], Awaitable[Mapping[int, Mapping[date, Part]]]]
"""What each of the days measured of each scope, by the scope's key; days in which nothing happened are left out. All
scopes at once: ten thousand goals are a few queries."""
Changes = Callable[[AsyncSession, str, datetime], Awaitable[Iterable[tuple[int, datetime]]]]
"""(session, workspace id, since) → (team id, an instant in whose day something of that team changed since then)."""
Unmeasured = Callable[[AsyncSession, Scope], Awaitable[str | None]]
"""Why there is nothing to measure (a sentence with what to do about it), or None."""


@dataclass(frozen=True)
class Marks:
    """How changes are kept where instants don't tell them (a desk's tickets come late): the days are marked, taken
    before a count, and settled after it. What is marked in between stands for the next count."""

    take: Callable[[AsyncSession, str], Awaitable[None]]
    settle: Callable[[AsyncSession, str], Awaitable[None]]


@dataclass(frozen=True)
class Threat:
    """Something still open that would count as a miss."""

    text: str
    """One line of mrkdwn."""
    action_id: str
    value: int
    label: str


Threats = Callable[[AsyncSession, Scope, int | None, datetime, datetime], Awaitable[Sequence[Threat]]]
"""(session, scope, who reads it (None: a channel), the period's end, now) → what threatens the goal, soonest first."""


@dataclass(frozen=True)
class Measure:
    key: str
    """`feature.name`: kept with every goal that it measures, so never renamed."""
    title: str
    unit: Unit
    better: Better
    adds: Adds
    count: Count
    changes: Changes
    of_people: bool = False
    """Whether it can be measured of one person."""
    is_theirs: bool = False
    """Of one person it is theirs alone to see, until they agree to a goal on it."""
    of_teams: bool = True
    unmeasured: Unmeasured | None = None
    marks: Marks | None = None
    threats: Threats | None = None
    """For a deadline that is met or missed: what is still open."""


@dataclass(frozen=True)
class Case:
    """One case that a measure counts: when, in whose work, and its value (1 or 0 for good or bad)."""

    at: datetime
    team_id: int | None
    person_id: int | None
    value: float


SHARED = "cases"
SHARED_WITHIN = timedelta(days=15)
"""What lies in so few days is read once for all measures that are counted together. Longer stretches aren't kept: of a
large desk three months are hundreds of MiB, and they are only read when a goal is new."""
Rows = TypeVar("Rows")
Read = Callable[[AsyncSession, Sequence[int], datetime, datetime], Awaitable[Rows]]
"""(session, team ids, from, until) → what happened in [from, until)."""


def share(session: AsyncSession, kept: dict[Any, Any]) -> None:
    """From here on `read_once` keeps in `kept` what it finds, for this session and whoever is given the same."""
    session.info[SHARED] = kept


async def read_once(
    session: AsyncSession, read: Read[Rows], teams: Sequence[int], start: datetime, end: datetime
) -> Rows:
    """What `read` finds: read again only where nobody who shares has asked for the same."""
    kept: dict[Any, Any] | None = session.info.get(SHARED)
    if kept is None or end - start > SHARED_WITHIN:
        return await read(session, teams, start, end)
    asked = (read, tuple(teams), start, end)
    if asked not in kept:
        kept[asked] = await read(session, teams, start, end)
    found: Rows = kept[asked]
    return found


def by_day(
    cases: Iterable[Case], scopes: Mapping[int, Scope], zone: str, *, keep_raw: bool = False
) -> dict[int, dict[date, Part]]:
    """The cases' days in the zone, for each scope that they belong to: somebody's own where the scope is a person's,
    else their team's. `keep_raw` where a median needs every value."""
    there = parse_zone(zone)
    of_person: dict[tuple[int | None, int | None], list[int]] = {}
    of_team: dict[int | None, list[int]] = {}
    for key, scope in scopes.items():
        for team_id in scope.team_ids:
            if scope.person_id is None:
                of_team.setdefault(team_id, []).append(key)
            else:
                of_person.setdefault((team_id, scope.person_id), []).append(key)
    values: dict[tuple[int, date], list[float]] = {}
    for case in cases:
        day = case.at.astimezone(there).date()
        for key in (*of_team.get(case.team_id, ()), *of_person.get((case.team_id, case.person_id), ())):
            values.setdefault((key, day), []).append(case.value)
    found: dict[int, dict[date, Part]] = {}
    for (key, day), several in values.items():
        raw = tuple(several) if keep_raw else ()
        found.setdefault(key, {})[day] = Part(math.fsum(several), len(several), raw)
    return found


def instants_of(days: Iterable[tuple[int, date]]) -> list[tuple[int, datetime]]:
    """Instants that lie in the local days of these (team's) dates, whatever the zone: what `Changes` tells of whole
    days."""
    return [(team, datetime.combine(day, wall, UTC)) for team, day in days for wall in (time.min, time(12), time.max)]


def bounds(days: Days) -> tuple[datetime, datetime]:
    """[from, until) of the days, in UTC."""
    zone = parse_zone(days.zone)
    return at_local(days.first, time.min, zone), at_local(days.last + timedelta(days=1), time.min, zone)


def level(adds: Adds, parts: Iterable[Part]) -> tuple[float | None, int]:
    """(the level, of how many cases) that days make together: in the measure's unit, None where nothing happened.

    A total of nothing is 0: nothing happening is what it measures.
    """
    known = list(parts)
    count = sum(part.count for part in known)
    if adds == Adds.MEDIAN and count:
        ordered = sorted(value for part in known for value in part.raw)
        return ordered[math.ceil(len(ordered) / 2) - 1], count
    return level_of_sums(adds, math.fsum(part.total for part in known), count), count


def level_of_sums(adds: Adds, total: float, count: int) -> float | None:
    """The same of what days add up to; for anything but a median, which sums don't tell."""
    if adds == Adds.TOTAL:
        return total
    if count == 0:
        return None
    return 100 * total / count if adds == Adds.SHARE else total / count
