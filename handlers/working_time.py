"""Working time: which stretches of time count, from people's hours, days, holidays and absences.

A person works a *shift*: hours in their own zone, on their days, but not on holidays of their country nor while away.
A team's working time runs while any member's shift does: the union of the shifts that the caller passes. A team with
fixed hours is one shift. An absence closes its own shift only, so a team counts on while somebody else works.

Everything is exact to the microsecond; intervals are half-open, aware, UTC. Nothing here reads a clock.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from handlers.clock_receipt import Reason, Stretch, Why, why_closed
from handlers.local_time import as_utc
from handlers.shifts import Absence, Hours, Interval, Shift, days_around, holiday_on, shift_on

__all__ = [
    "ALWAYS",
    "HORIZON",
    "WORKING_DAY",
    "WORKING_DAY_MINUTES",
    "Absence",
    "BeyondHorizon",
    "Calendar",
    "Hours",
    "Interval",
    "NeverCloses",
    "NeverWorks",
    "Reason",
    "Shift",
    "Stretch",
    "Why",
    "holiday_on",
    "shift_on",
]

WORKING_DAY_MINUTES = 480
WORKING_DAY = timedelta(minutes=WORKING_DAY_MINUTES)
"""One day of a policy ("resolve within 3 d") is 8 hours of working time, however long the team's own day is.

So a day promises the same amount of work everywhere; a team that is there for 18 hours a day is through with it sooner.
"""

HORIZON = timedelta(days=731)
"""How far ahead anything is looked for: two years. What isn't over by then is a mistake in the hours, to be told."""

_ZERO = timedelta(0)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BLOCK = timedelta(days=28)


class BeyondHorizon(ArithmeticError):  # noqa: N818 (these say what is the matter; Refusal has no suffix either)
    """That doesn’t happen within two years."""

    def __str__(self) -> str:
        return str(self.__doc__)


class NeverWorks(BeyondHorizon):
    """This much working time doesn’t pass within two years: nobody has hours, or everybody is away."""


class NeverCloses(BeyondHorizon):
    """Working time doesn’t end within two years: somebody is always on."""


@dataclass(frozen=True)
class Calendar:
    """When time counts: while any of `shifts` runs, or at every instant if `always`.

    Instants are taken in any zone (ValueError if naive) and given in UTC. Calendars with equal inputs are equal, and
    share what was worked out for them; `to_json` keeps the inputs, so that a frozen policy keeps its meaning.
    """

    shifts: tuple[Shift, ...] = ()
    always: bool = False

    def add(self, start: datetime, worked: timedelta) -> datetime:
        """The earliest instant at which exactly `worked` of working time has passed since `start`.

        That is inside a shift or at its very end (a deadline is 17:00 today, not 09:00 tomorrow); `start` itself when
        `worked` is zero. Raises NeverWorks beyond two years, ValueError when `worked` is negative.
        """
        start = as_utc(start)
        if worked < _ZERO:
            raise ValueError("working time runs forward only")
        if worked == _ZERO:
            return start
        first, last = _block_number(start), _block_number(start + HORIZON)
        left = worked + self._block(first).worked_until(start)
        for number in range(first, last + 1):
            block = self._block(number)
            if left <= block.total:
                reached = block.when_worked(left)
                if reached - start <= HORIZON:
                    return reached
                break
            left -= block.total
        raise NeverWorks

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time in [start, end), exactly; negative when `end` lies before `start`."""
        start, end = as_utc(start), as_utc(end)
        if end < start:
            return -self.between(end, start)
        first, last = _block_number(start), _block_number(end)
        whole = sum((self._block(number).total for number in range(first, last)), _ZERO)
        return whole + self._block(last).worked_until(end) - self._block(first).worked_until(start)

    def is_open(self, at: datetime) -> bool:
        """Whether working time runs at this instant."""
        at = as_utc(at)
        block = self._block(_block_number(at))
        n = bisect_right(block.starts, at)
        return n > 0 and at < block.ends[n - 1]

    def next_open(self, at: datetime) -> datetime:
        """`at` itself while working time runs, else when it starts next. Raises NeverWorks beyond two years."""
        at = as_utc(at)
        if self.is_open(at):
            return at
        for opens, _ in self.open_intervals(at, at + HORIZON):
            return opens
        raise NeverWorks

    def next_close(self, at: datetime) -> datetime:
        """When the stretch of working time ends that runs at `at`, or else the next one.

        Raises NeverWorks when none starts within two years, NeverCloses when it doesn't end by then.
        """
        at = as_utc(at)
        for _, closes in self.open_intervals(at, at + HORIZON):
            if closes == at + HORIZON:
                raise NeverCloses
            return closes
        raise NeverWorks

    def open_intervals(self, start: datetime, end: datetime) -> Iterator[Interval]:
        """The stretches of working time in [start, end): in order, apart from each other, cut to the range, lazily."""
        start, end = as_utc(start), as_utc(end)
        if start >= end:
            return
        held: Interval | None = None
        for number in range(_block_number(start), _block_number(end) + 1):
            block = self._block(number)
            for starts, ends in zip(block.starts, block.ends, strict=True):
                opens, closes = max(starts, start), min(ends, end)
                if opens >= closes:
                    continue
                if held and held[1] == opens:  # one stretch over the border of two blocks
                    held = (held[0], closes)
                    continue
                if held:
                    yield held
                held = (opens, closes)
        if held:
            yield held

    def explain(self, start: datetime, end: datetime) -> list[Stretch]:
        """[start, end) in stretches, each with whether it counted and why; their counting ones sum to `between`.

        Work is proportional to days and shifts; neighbours with the same reasons are one stretch.
        """
        start, end = as_utc(start), as_utc(end)
        counts = (Reason(Why.ALWAYS if self.always else Why.WORKING),)
        stretches: list[Stretch] = []
        at = start
        for opens, closes in self.open_intervals(start, end):
            stretches += why_closed(self.shifts, at, opens)
            stretches.append(Stretch(opens, closes, counts=True, reasons=counts))
            at = closes
        stretches += why_closed(self.shifts, at, end)
        return stretches

    def to_json(self) -> dict[str, Any]:
        """The inputs as a JSON object; equal calendars give equal objects."""
        kept: dict[str, Any] = _calendars().dump_python(self, mode="json")
        return kept

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Calendar":
        """The calendar that `to_json` kept. Raises ValueError when it isn't one."""
        return _calendars().validate_python(kept)

    def _block(self, number: int) -> "_Block":
        return _work_out(self.shifts, self.always, number)


@lru_cache(maxsize=1)
def _calendars() -> TypeAdapter[Calendar]:
    """Built on first use: that takes longer than importing this module."""
    return TypeAdapter(Calendar)


ALWAYS = Calendar(always=True)
"""Every instant counts: the calendar of always-counting severities."""


# Time is cut into blocks of 28 days (UTC), each worked out once and kept: the sums in it make `add` and `between`
# a search in a sorted list.


@dataclass(frozen=True)
class _Block:
    starts: tuple[datetime, ...]
    ends: tuple[datetime, ...]
    worked: tuple[timedelta, ...]  # in the block before each interval
    total: timedelta

    def worked_until(self, at: datetime) -> timedelta:
        """Working time from the block's beginning up to an instant in it."""
        n = bisect_right(self.starts, at) - 1
        return _ZERO if n < 0 else self.worked[n] + min(at, self.ends[n]) - self.starts[n]

    def when_worked(self, worked: timedelta) -> datetime:
        """The earliest instant by which that much (above zero, at most `total`) has been worked in the block."""
        n = bisect_left(self.worked, worked) - 1
        return self.starts[n] + (worked - self.worked[n])


def _block_number(at: datetime) -> int:
    return (at - _EPOCH) // _BLOCK


@lru_cache(maxsize=1024)
def _work_out(shifts: tuple[Shift, ...], always: bool, number: int) -> _Block:
    opens = _EPOCH + number * _BLOCK
    intervals: Iterable[Interval]
    if always:
        intervals = [(opens, opens + _BLOCK)]
    else:
        intervals = _union(part for shift in shifts for part in _present(shift, number))
    starts, ends, worked, total = [], [], [], _ZERO
    for start, end in intervals:
        starts.append(start)
        ends.append(end)
        worked.append(total)
        total += end - start
    return _Block(tuple(starts), tuple(ends), tuple(worked), total)


def _union(intervals: Iterable[Interval]) -> list[Interval]:
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _present(shift: Shift, number: int) -> Iterable[Interval]:
    intervals: Iterable[Interval] = _worked_by_hours(shift.hours, number)
    for absence in shift.absences:
        intervals = [part for interval in intervals for part in _without(interval, absence)]
    return intervals


def _without(interval: Interval, absence: Absence) -> Iterator[Interval]:
    start, end = interval
    if start < (leaves := min(end, absence.start)):
        yield start, leaves
    if absence.end is not None and (back := max(start, absence.end)) < end:
        yield back, end


@lru_cache(maxsize=1024)
def _worked_by_hours(hours: Hours, number: int) -> tuple[Interval, ...]:
    """The shifts of these hours in a block, cut to it."""
    opens = _EPOCH + number * _BLOCK
    closes = opens + _BLOCK
    cut = (
        (max(shift[0], opens), min(shift[1], closes))
        for day in days_around(opens, closes)
        if (shift := shift_on(hours, day))
    )
    return tuple((start, end) for start, end in cut if start < end)
