"""What local days measured of a person, a team or a department, kept once for every goal that reads it.

Totals, counts and raw values add up over days, so a period is put together from its days, and only a day in which
something changed is ever counted again.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Date,
    String,
    Text,
    and_,
    case,
    cast,
    delete,
    func,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, OneOf, replacing
from storage.goals import Whose

Span = tuple[date, date]
"""Local days, both ends included."""


@dataclass(frozen=True)
class Part:
    """What a day measured: the sum of its cases' values, how many there were, and the values where they are needed."""

    total: float = 0.0
    count: int = 0
    raw: tuple[float, ...] = ()


class Series(NamedTuple):
    """Days that belong together: what is measured, of which kind of owner, and the IANA zone in which a day begins."""

    metric: str
    whose: Whose
    zone: str


class MeasuredDay(Base):
    """What one local day measured of somebody (a team, a department, a person)."""

    __tablename__ = "measured_days"

    metric: Mapped[str] = mapped_column(String(160), primary_key=True)
    whose: Mapped[Whose] = mapped_column(OneOf(Whose, 16), primary_key=True)
    whose_id: Mapped[int] = mapped_column(primary_key=True)
    zone: Mapped[str] = mapped_column(String(64), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    total: Mapped[float]
    count: Mapped[int]
    raw: Mapped[list[Any]] = mapped_column(default=list)
    """Every value of the day, where a median needs them."""


class CountedUntil(Base):
    """Up to when the changes of a metric have found their way into its days."""

    __tablename__ = "counted_until"

    workspace_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    metric: Mapped[str] = mapped_column(String(160), primary_key=True)
    until: Mapped[datetime]


async def raw_of(
    session: AsyncSession, series: Series, ids: Sequence[int], spans: Sequence[Span]
) -> dict[tuple[int, Span], Part]:
    """What the days of each span make together, of each of these that has any, with every raw value. The days'
    lists come as one text: to read each by itself took longer than everything else."""
    lists = cast(MeasuredDay.raw, Text)
    found = await _over_spans(
        session, series, ids, spans, lambda within: func.aggregate_strings(case((within, lists)), ",")
    )
    return {
        one: Part(total, count, tuple(value for day in json.loads(f"[{days}]") for value in day))
        for one, (total, count, days) in found.items()
    }


async def sums_of(
    session: AsyncSession, series: Series, ids: Sequence[int], spans: Sequence[Span]
) -> dict[tuple[int, Span], tuple[float, int]]:
    """(total, count) over the days of each span, of each of these that has any."""
    found = await _over_spans(session, series, ids, spans)
    return {one: (total, count) for one, (total, count) in found.items()}


async def _over_spans(
    session: AsyncSession,
    series: Series,
    ids: Sequence[int],
    spans: Sequence[Span],
    *further: Callable[[ColumnElement[bool]], ColumnElement[Any]],
) -> dict[tuple[int, Span], tuple[Any, ...]]:
    """(total, count, `further`) of each span's days, of each of these that has any: the days are walked once for all
    spans, which mostly lie in one another."""
    columns: list[ColumnElement[Any]] = []
    for first, last in spans:
        within = MeasuredDay.day.between(first, last)
        columns += [func.sum(case((within, MeasuredDay.total))), func.sum(case((within, MeasuredDay.count)))]
        columns += [one(within) for one in further]
    query = select(MeasuredDay.whose_id, *columns).where(_days(series, ids, spans))
    width = 2 + len(further)
    found: dict[tuple[int, Span], tuple[Any, ...]] = {}
    for whose_id, *row in await session.execute(query.group_by(MeasuredDay.whose_id)):
        for place, span in enumerate(spans):
            total, count, *more = row[place * width : (place + 1) * width]
            if count is not None:
                found[whose_id, span] = (total, int(count), *more)
    return found


def _days(series: Series, ids: Sequence[int], spans: Sequence[Span]) -> ColumnElement[bool]:
    """The days from the beginning of the first span to the end of the last."""
    return and_(
        MeasuredDay.metric == series.metric,
        MeasuredDay.whose == series.whose,
        MeasuredDay.whose_id.in_(ids),
        MeasuredDay.zone == series.zone,
        MeasuredDay.day.between(min(first for first, _ in spans), max(last for _, last in spans)),
    )


async def keep_days(
    session: AsyncSession, series: Series, days: Mapping[int, Mapping[date, Part]]
) -> dict[int, set[date]]:
    """Writes what these days measured of each of these, in the place of what they measured before; returns those that
    were news. A day is counted again when anything in its team changed: for most of its people nothing did."""
    dates = {day for parts in days.values() for day in parts}
    if not dates:
        return {}
    values = (MeasuredDay.whose_id, MeasuredDay.day, MeasuredDay.total, MeasuredDay.count, MeasuredDay.raw)
    there = select(*values).where(_days(series, list(days), [(min(dates), max(dates))]))
    before = {
        (one, day): Part(total, count, tuple(raw)) for one, day, total, count, raw in await session.execute(there)
    }
    nothing = Part()
    news = {
        (one, day): part
        for one, parts in days.items()
        for day, part in parts.items()
        if before.get((one, day), nothing) != part
    }
    rows = [
        {
            **series._asdict(),
            "whose_id": one,
            "day": day,
            "total": part.total,
            "count": part.count,
            "raw": list(part.raw),
        }
        for (one, day), part in news.items()
    ]
    if rows:
        once = ("metric", "whose", "whose_id", "zone", "day")
        await session.execute(replacing(session, MeasuredDay, once=once), rows)
    found: dict[int, set[date]] = {}
    for one, day in news:
        found.setdefault(one, set()).add(day)
    return found


async def counted_until(session: AsyncSession, workspace_id: str) -> dict[str, datetime]:
    """By metric, up to when its changes are in its days."""
    query = select(CountedUntil.metric, CountedUntil.until).where(CountedUntil.workspace_id == workspace_id)
    return {row.metric: row.until for row in await session.execute(query)}


async def keep_counted_until(session: AsyncSession, workspace_id: str, metrics: Iterable[str], until: datetime) -> None:
    rows = [{"workspace_id": workspace_id, "metric": metric, "until": until} for metric in metrics]
    if rows:
        await session.execute(replacing(session, CountedUntil, once=("workspace_id", "metric")), rows)


async def forget_days(session: AsyncSession, *, before: date, most: int) -> int:
    """Deletes measured days before that one, at most so many; how many it were."""
    keys = (MeasuredDay.metric, MeasuredDay.whose, MeasuredDay.whose_id, MeasuredDay.zone, MeasuredDay.day)
    old = (await session.execute(select(*keys).where(MeasuredDay.day < before).limit(most))).all()
    if old:
        await session.execute(delete(MeasuredDay).where(tuple_(*keys).in_([tuple(row) for row in old])))
    return len(old)


async def forget_days_of(session: AsyncSession, person_id: int) -> None:
    """Deletes what days measured of one person."""
    theirs = (MeasuredDay.whose == Whose.PERSON) & (MeasuredDay.whose_id == person_id)
    await session.execute(delete(MeasuredDay).where(theirs))
