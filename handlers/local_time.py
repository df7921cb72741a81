"""Local times: when a wall clock somewhere shows something, as an instant.

The rule for the two nights a year that break clocks: an instant is the *first* one at which the wall clock shows the
wanted time or a later one of that day. So in spring a time that is skipped shifts to the first existing minute, and in
autumn a time that comes twice means its first coming.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_LONGEST_WAIT_DAYS = 16  # a weekly day comes within 7 days; an island that skips a date may lose one week's

# Readable by ZoneInfo, yet no place's time: what they show depends on the machine, or counts leap seconds.
_NO_PLACE = ("localtime", "posixrules", "Factory")
_NO_PLACE_FOLDERS = ("right/", "posix/")


def parse_zone(name: str) -> ZoneInfo:
    """The time zone with this IANA name, such as `Europe/Dublin`; capitals and spaces around it don't matter.

    Raises ValueError, with a sentence for the reader that repeats nothing of what was typed.
    """
    wanted = name.strip().replace(" ", "_")
    if wanted not in _NO_PLACE and not wanted.startswith(_NO_PLACE_FOLDERS):
        try:
            return ZoneInfo(wanted)
        except (KeyError, ValueError, OSError):  # unknown; not a zone's name; a folder's name, or a very long one
            pass
    known = _known_zones()
    if exact := known.get(wanted.casefold()):
        return ZoneInfo(exact)
    from difflib import get_close_matches  # for a misspelled zone alone

    near = get_close_matches(wanted[:60].casefold(), known, n=1)
    meant = f" Did you mean {known[near[0]]}?" if near else ""
    raise ValueError(f"That isn’t a time zone I know.{meant} Zones are named like Europe/Dublin or Asia/Manila.")


@lru_cache(maxsize=1)
def _known_zones() -> dict[str, str]:
    return {
        name.casefold(): name
        for name in sorted(available_timezones())
        if name not in _NO_PLACE and not name.startswith(_NO_PLACE_FOLDERS)
    }


def at_local(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """The first instant (aware, UTC) at which clocks in `zone` show `wall` on `day`, or later than that.

    Skipped times, and dates that a place skipped altogether (Samoa had no 30 December 2011), give the first instant
    after the gap; times that come twice give the first. Raises ValueError when `wall` carries a zone of its own.
    """
    if wall.tzinfo is not None:
        raise ValueError("a wall time carries no zone")
    shown = datetime.combine(day, wall.replace(fold=0))
    instant = shown.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None, fold=0) == shown:
        return instant
    return _after_gap(shown, zone)


def _after_gap(shown: datetime, zone: ZoneInfo) -> datetime:
    """Where the gap ends that swallowed `shown`.

    PEP 495: inside a gap, fold=1 reckons with the offset after it (so lands before the gap's instant) and fold=0 with
    the one before it (lands at or after). Offsets change at whole seconds, so those are searched.
    """
    before = shown.replace(tzinfo=zone, fold=1, microsecond=0).astimezone(UTC)
    seconds = (shown.replace(tzinfo=zone, fold=0).astimezone(UTC) - before) // _SECOND + 1
    low, high = 0, seconds  # before + low shows an earlier time than `shown`, before + high a later one
    while high - low > 1:
        middle = (low + high) // 2
        if (before + middle * _SECOND).astimezone(zone).replace(tzinfo=None) < shown:
            low = middle
        else:
            high = middle
    return before + high * _SECOND


def local_date(instant: datetime, zone: tzinfo) -> date:
    """The date that a calendar in `zone` shows at `instant`. Raises ValueError for a naive instant."""
    return as_utc(instant).astimezone(zone).date()


def as_utc(instant: datetime) -> datetime:
    """The same instant, in UTC. Raises ValueError for a naive one, which is no instant."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs its zone; this one is naive")
    return instant.astimezone(UTC)


def exists(day: date, zone: ZoneInfo) -> bool:
    """Whether `zone` had (or will have) this date at all; places that crossed the date line skipped one."""
    return local_date(at_local(day, time.min, zone), zone) == day


def next_fire(after: datetime, wall: time, weekdays: frozenset[int], zone: ZoneInfo) -> tuple[datetime, date]:
    """When a weekly rule fires next: the first instant (UTC) strictly after `after`, with the local date it is for.

    Each local date on one of `weekdays` (Monday is 0) fires once, at `at_local(date, wall, zone)`; a date that the zone
    skipped doesn't fire. In a gap over midnight the instant may fall on the date that follows; the date returned is
    the one that the fire is for. Raises ValueError when `weekdays` is empty or has anything but 0 … 6.
    """
    _require_weekdays(weekdays)
    # One day early: when clocks go back over midnight, yesterday's date isn't over yet.
    first = local_date(after, zone) - _DAY
    for day in (first + n * _DAY for n in range(_LONGEST_WAIT_DAYS + 2)):
        if day.weekday() in weekdays and (instant := at_local(day, wall, zone)) > after and exists(day, zone):
            return instant, day
    raise AssertionError(f"no weekday of {sorted(weekdays)} in {_LONGEST_WAIT_DAYS} days from {first} in {zone}")


def latest_fire(until: datetime, wall: time, weekdays: frozenset[int], zone: ZoneInfo) -> tuple[datetime, date]:
    """The last fire of the rule (see `next_fire`) at or before `until`: the one to run after an outage."""
    _require_weekdays(weekdays)
    last = local_date(until, zone) + _DAY
    for day in (last - n * _DAY for n in range(_LONGEST_WAIT_DAYS + 2)):
        if day.weekday() in weekdays and (instant := at_local(day, wall, zone)) <= until and exists(day, zone):
            return instant, day
    raise AssertionError(f"no weekday of {sorted(weekdays)} in {_LONGEST_WAIT_DAYS} days before {last} in {zone}")


def _require_weekdays(weekdays: Iterable[int]) -> None:
    days = set(weekdays)
    if not days or not days <= set(range(7)):
        raise ValueError("weekdays are numbers from 0 (Monday) to 6 (Sunday), at least one")
