"""Counting: days that changed are measured again, and the goals that they lie in follow. Slow: a job's work."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.goals.rules import standing
from handlers.local_time import local_date, parse_zone
from handlers.measures import Adds, Days, Measure, Scope, level, level_of_sums, share
from storage import goal_standings, measured_days, memberships, teams
from storage.goal_standings import ToCount
from storage.goals import Kind, Whose
from storage.measured_days import Part, Series, Span
from storage.store import Store

OVERLAP = timedelta(minutes=5)
"""Changes are read again from so long before the last look: a transaction may have been slow to commit."""
GAP = 7
"""Days that lie closer together than this are read in one query."""
ROWS_AT_ONCE = 500
SPANS_AT_ONCE = 8
"""Stretches of days whose sums are read in one query."""
_DAY = timedelta(days=1)
T = TypeVar("T")
Write = Callable[[AsyncSession], Any]
Measured = dict[int, dict[date, Part]]
"""What local days measured of each owner, by the owners' ids."""


@dataclass(frozen=True)
class Batch:
    """Goals of one metric, of one kind of owner, in one zone: counted together."""

    measure: Measure
    whose: Whose
    zone: str
    goals: tuple[ToCount, ...]
    scopes: Mapping[int, Scope]
    """Of whom it is measured, by the owners' ids."""

    @property
    def series(self) -> Series:
        return Series(self.measure.key, self.whose, self.zone)


async def recount(
    store: Store, workspace_id: str, measures: Mapping[str, Measure], *, now: datetime, hold: Write | None = None
) -> int:
    """Brings every standing goal up to `now`, and returns how many were written. Counts outside transactions; writes in
    short ones, each of which first calls `hold` (a job's fence). A day's news and where the goals stand that read it
    are one transaction: whoever is stopped in between would find no news the next time."""
    async with store.read() as session:
        standing_goals = await goal_standings.to_count(session, workspace_id)
        until = await measured_days.counted_until(session, workspace_id)
        batches = await _batches(session, workspace_id, standing_goals, measures)
    marks = {id(one): one for batch in batches if (one := batch.measure.marks) is not None}.values()
    for one in marks:
        async with store.write() as session:
            if hold is not None:
                await hold(session)
            await one.take(session, workspace_id)
    changed: dict[tuple[str, str], dict[int, set[date]]] = {}
    fresh: list[tuple[Batch, Measured]] = []
    read: dict[Any, Any] = {}
    for batch in batches:
        key = batch.measure.key
        async with store.read() as session:
            share(session, read)
            if (key, batch.zone) not in changed:
                since = until.get(key)
                found = [] if since is None else await batch.measure.changes(session, workspace_id, since - OVERLAP)
                changed[key, batch.zone] = _days_of_teams(found, batch.zone, now)
            stale = _stale(batch, changed[key, batch.zone])
            fresh.append((batch, await _count(session, batch, stale, is_first=key not in until, now=now)))
    written = set()
    rest = []
    for batch, days in fresh:
        written |= await _write_news(store, batch, days, hold, now)
        due = [goal for goal in batch.goals if goal.id not in written and _is_due(goal, now)]
        async with store.read() as session:
            rest += await _standings(session, batch, due, now)
    await _write_rest(store, workspace_id, rest, {batch.measure.key for batch in batches}, hold, now)
    for one in marks:
        async with store.write() as session:
            if hold is not None:
                await hold(session)
            await one.settle(session, workspace_id)
    return len(written) + len(rest)


def _days_of_teams(changed: Iterable[tuple[int, datetime]], zone: str, now: datetime) -> dict[int, set[date]]:
    """By team, the local days in which something changed, up to today: what lies ahead is nothing yet."""
    there = parse_zone(zone)
    today = local_date(now, there)
    found: dict[int, set[date]] = {}
    for team_id, at in changed:
        if (day := local_date(at, there)) <= today:
            found.setdefault(team_id, set()).add(day)
    return found


def _stale(batch: Batch, changed: Mapping[int, set[date]]) -> dict[int, set[date]]:
    """By owner, the days in which something of their teams changed. Owners of whom nothing changed are left out."""
    none: set[date] = set()
    found = {
        one: none.union(*(changed.get(team, ()) for team in scope.team_ids)) for one, scope in batch.scopes.items()
    }
    return {one: days for one, days in found.items() if days}


async def _batches(
    session: AsyncSession, workspace_id: str, found: Iterable[ToCount], measures: Mapping[str, Measure]
) -> list[Batch]:
    grouped: dict[tuple[str, Whose, str], list[ToCount]] = {}
    owners: dict[Whose, set[int]] = {}
    for goal in found:
        if goal.metric in measures:
            grouped.setdefault((goal.metric, goal.whose, goal.zone), []).append(goal)
            owners.setdefault(goal.whose, set()).add(goal.whose_id)
    scopes = {whose: await scopes_of(session, whose, ids, workspace_id) for whose, ids in owners.items()}
    return [
        Batch(
            measures[metric],
            whose,
            zone,
            tuple(members),
            {one.whose_id: scopes[whose][one.whose_id] for one in members},
        )
        for (metric, whose, zone), members in grouped.items()
    ]


async def scopes_of(session: AsyncSession, whose: Whose, ids: Iterable[int], workspace_id: str) -> dict[int, Scope]:
    """What is measured of these people, teams or departments, by their ids."""
    wanted = sorted(set(ids))
    match whose:
        case Whose.TEAM:
            return {one: Scope(workspace_id, (one,)) for one in wanted}
        case Whose.DEPARTMENT:
            found = await teams.by_department(session, wanted)
            return {one: Scope(workspace_id, tuple(team.id for team in found.get(one, ()))) for one in wanted}
        case Whose.PERSON:
            joined = await memberships.teams_by_person(session, wanted)
            return {one: Scope(workspace_id, tuple(joined.get(one, ())), one) for one in wanted}


async def _count(
    session: AsyncSession, batch: Batch, stale: Mapping[int, set[date]], *, is_first: bool, now: datetime
) -> Measured:
    """The days that changed, of those in the batch of whom they did; every day of the goals that were never counted."""
    today = local_date(now, parse_zone(batch.zone))
    fresh: Measured = {}
    new = [goal for goal in batch.goals if (goal.counted_at is None or is_first) and goal.first_day <= today]
    for (first, last), ids in _by_days(new):
        days = Days(first, min(last, today), batch.zone)
        scopes = {one: batch.scopes[one] for one in ids}
        for one, parts in (await batch.measure.count(session, scopes, days)).items():
            fresh.setdefault(one, {}).update(parts)
    within = {} if is_first else _within(batch, stale)
    for first, last in _stretches({day for days in within.values() for day in days}):
        touched = {one: some for one, days in within.items() if (some := {day for day in days if first <= day <= last})}
        scopes = {one: batch.scopes[one] for one in touched}
        found = await batch.measure.count(session, scopes, Days(first, last, batch.zone))
        for one, some in touched.items():
            # a day of which nothing is left is nothing now
            made = found.get(one, {})
            fresh.setdefault(one, {}).update({day: made.get(day, Part()) for day in some})
    return fresh


def _within(batch: Batch, stale: Mapping[int, set[date]]) -> dict[int, set[date]]:
    """Of the days that changed those that a goal reads, by owner."""
    spans: dict[int, set[tuple[date, date]]] = {}
    for goal in batch.goals:
        if goal.whose_id in stale:
            spans.setdefault(goal.whose_id, set()).add((goal.first_day, goal.last_day))
    return {
        one: {day for day in stale[one] if any(first <= day <= last for first, last in theirs)}
        for one, theirs in spans.items()
    }


def _by_days(found: Iterable[ToCount]) -> Iterator[tuple[tuple[date, date], list[int]]]:
    grouped: dict[tuple[date, date], list[int]] = {}
    for goal in found:
        grouped.setdefault((goal.first_day, goal.last_day), []).append(goal.whose_id)
    yield from grouped.items()


def _stretches(days: Iterable[date]) -> Iterator[tuple[date, date]]:
    """The days as stretches; those near each other as one."""
    first = last = None
    for day in sorted(days):
        if first is None or last is None:
            first = last = day
        elif (day - last).days <= GAP:
            last = day
        else:
            yield first, last
            first = last = day
    if first is not None and last is not None:
        yield first, last


def _is_due(goal: ToCount, now: datetime) -> bool:
    """Whether the goal is to be written though nothing in its days is news: it is new, or this is the first count of
    its local day, with which a trend moves on."""
    zone = parse_zone(goal.zone)
    today = local_date(now, zone)
    return goal.first_day <= today and (goal.counted_at is None or local_date(goal.counted_at, zone) != today)


async def _standings(
    session: AsyncSession, batch: Batch, moved: Sequence[ToCount], now: datetime
) -> list[dict[str, Any]]:
    """Where these goals of the batch stand by the days that were counted: rows to write."""
    today = local_date(now, parse_zone(batch.zone))
    recent = {goal.id: _recent_days(goal, today) for goal in moved if goal.kind == Kind.IMPROVE}
    spans = {(goal.first_day, goal.last_day) for goal in moved} | set(recent.values())
    made = await _levels(session, batch, {goal.whose_id for goal in moved}, sorted(spans))
    nothing: tuple[float | None, int] = (None, 0)
    rows = []
    for goal in moved:
        span = (goal.first_day, goal.last_day)
        reached, sample = made.get((goal.whose_id, span), level(batch.measure.adds, ()))
        lately = made.get((goal.whose_id, recent[goal.id]), nothing) if goal.id in recent else nothing
        row = {"level": reached, "sample": sample, "recent": lately[0], "recent_sample": lately[1]}
        rows.append({"goal_id": goal.id, "counted_at": now, **row})
    return rows


def _recent_days(goal: ToCount, today: date) -> Span:
    """The last days of the goal's period so far, in which its trend shows."""
    upto = min(today, goal.last_day)
    return max(goal.first_day, upto - (standing.recent_days(goal.first_day, goal.last_day) - 1) * _DAY), upto


async def _levels(
    session: AsyncSession, batch: Batch, ids: Iterable[int], spans: Sequence[Span]
) -> dict[tuple[int, Span], tuple[float | None, int]]:
    """(level, sample) of each over the days of each span, from the days that were counted; none: left out."""
    adds = batch.measure.adds
    found: dict[tuple[int, Span], tuple[float | None, int]] = {}
    for some, those in itertools.product(_in_parts(sorted(ids), ROWS_AT_ONCE), _in_parts(spans, SPANS_AT_ONCE)):
        if adds == Adds.MEDIAN:
            raw = await measured_days.raw_of(session, batch.series, some, those)
            found |= {one: level(adds, [part]) for one, part in raw.items()}
        else:
            sums = await measured_days.sums_of(session, batch.series, some, those)
            found |= {one: (level_of_sums(adds, total, count), count) for one, (total, count) in sums.items()}
    return found


def _in_parts(whole: Sequence[T], most: int) -> list[Sequence[T]]:
    return [whole[start : start + most] for start in range(0, len(whole), most)]


async def _write_news(
    store: Store, batch: Batch, days: Mapping[int, Mapping[date, Part]], hold: Write | None, now: datetime
) -> set[int]:
    """Writes which of the days are news, and where the goals stand that read them; returns the ids of these goals."""
    written = set()
    for some in _portions(days):
        async with store.write() as session:
            if hold is not None:
                await hold(session)
            news = await measured_days.keep_days(session, batch.series, some)
            moved = [
                goal
                for goal in batch.goals
                if any(goal.first_day <= day <= goal.last_day for day in news.get(goal.whose_id, ()))
            ]
            await goal_standings.keep(session, await _standings(session, batch, moved, now))
        written |= {goal.id for goal in moved}
    return written


def _portions(days: Mapping[int, Mapping[date, Part]]) -> Iterator[dict[int, Mapping[date, Part]]]:
    """As many days at once as one short transaction writes; each owner's together."""
    some: dict[int, Mapping[date, Part]] = {}
    rows = 0
    for one, parts in days.items():
        some[one] = parts
        rows += len(parts)
        if rows >= ROWS_AT_ONCE:
            yield some
            some, rows = {}, 0
    if some:
        yield some


async def _write_rest(
    store: Store,
    workspace_id: str,
    rows: Sequence[dict[str, Any]],
    metrics: Iterable[str],
    hold: Write | None,
    now: datetime,
) -> None:
    """Writes where these goals stand, and with the last of them up to when their metrics are counted."""
    for start in range(0, max(len(rows), 1), ROWS_AT_ONCE):
        async with store.write() as session:
            if hold is not None:
                await hold(session)
            await goal_standings.keep(session, rows[start : start + ROWS_AT_ONCE])
            if start + ROWS_AT_ONCE >= len(rows):
                await measured_days.keep_counted_until(session, workspace_id, sorted(metrics), now)


async def look_back(
    session: AsyncSession,
    measure: Measure,
    whose: Whose,
    whose_id: int,
    ranges: Sequence[tuple[date, date]],
    zone: str,
    workspace_id: str,
) -> list[tuple[float | None, int]]:
    """(level, sample) of each of these periods (the latest first), counted from what there is: for the form."""
    scopes = await scopes_of(session, whose, [whose_id], workspace_id)
    days = Days(ranges[-1][0], ranges[0][1], zone)
    parts = (await measure.count(session, scopes, days)).get(whose_id, {})
    return [
        level(measure.adds, [part for day, part in parts.items() if first <= day <= last]) for first, last in ranges
    ]
