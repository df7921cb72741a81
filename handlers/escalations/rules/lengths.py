"""Lengths of time as people write them in a policy: 15 min, 4 h, 1 h 30 min, 3 d."""

import re

from handlers.working_time import WORKING_DAY_MINUTES

WRITE = "Write a length such as 15 min, 4 h, 1 h 30 min or 3 d."
OUT_OF_RANGE = "Between {} and {}, please."
_PART = re.compile(r"(?P<count>[0-9]{1,5}(?:[.,][0-9]{1,2})?)\s*(?P<unit>[a-z]+)\.?")
_UNITS = {
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 1),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 60),
}
_DAYS = frozenset({"d", "day", "days"})
CALENDAR_DAY_MINUTES = 24 * 60


def minutes_of(written: str, *, every_minute: bool) -> int:
    """Minutes of the severity's own time; a day is a working day (8 h), or 24 h where every minute counts.

    Raises ValueError, with a sentence for the reader, for anything else.
    """
    text = " ".join(written.casefold().replace(",", ".").split())
    total, at = 0.0, 0
    while at < len(text):
        part = _PART.match(text, at)
        if part is None or not (size := _size(part["unit"], every_minute)):
            raise ValueError(WRITE)
        total += float(part["count"]) * size
        at = part.end() + (1 if text[part.end() : part.end() + 1] == " " else 0)
    if not total or total != int(total):
        raise ValueError(WRITE)
    return int(total)


def _size(unit: str, every_minute: bool) -> int | None:
    if unit in _DAYS:
        return CALENDAR_DAY_MINUTES if every_minute else WORKING_DAY_MINUTES
    return _UNITS.get(unit)
