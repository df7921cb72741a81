"""Times as people type them: "until friday 14:00", "tomorrow", "2h".

What could mean two different times is refused with a sentence that says which words settle it; a guess would be wrong
half of the time, and noticed late. English only, as commands are.
"""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers.local_time import as_utc, at_local, local_date

FORMS = "Write a time such as 14:00, tomorrow 9:00, friday, mon 9:00, 2026-06-05 14:00, 5 june, 30m or 2h."
TOO_FAR = "That is more than five years away."
NO_SUCH_DATE = "The calendar has no such date."
NO_SUCH_TIME = "The day has no such time. Write it as 14:00 or 2pm."
NUMERIC_DATE = "Day first or month first? Write the date as 2026-06-05 or 5 june."
BARE_NUMBER = "A number alone could be an hour or a date. Write 9:00, 9am or 5 june."
MIDNIGHT = "Midnight at which end of the day? Write 0:00 or 23:59, with the day."
NEXT = "“Next” could mean this week’s or the following one’s. Write the day alone, or a date such as 2026-06-05."
DAYS = "Counted from today or from tomorrow? Write the day, such as friday or 2026-06-05."

_LONGEST = 60  # characters; the longest form that is understood has fewer
_FARTHEST = timedelta(days=5 * 366)
_DAY = timedelta(days=1)
_YEARLESS_PAST = timedelta(days=30)

_LEAD = re.compile(r"(?:(?:until|till|til|by|on|at)\s+)+")
_MINUTE_UNIT = r"(?:m|mins?|minutes?)"
_HOURS = re.compile(
    rf"(?:in )?(?P<hours>[0-9]{{1,3}}(?:[.,][0-9])?) ?(?:h|hrs?|hours?)(?: ?(?P<minutes>[0-9]{{1,3}}) ?{_MINUTE_UNIT})?"
)
_MINUTES = re.compile(rf"(?:in )?(?P<minutes>[0-9]{{1,4}}) ?{_MINUTE_UNIT}")
_CLOCK = (
    r"(?:(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2}) ?(?P<half>am|pm)?"
    r"|(?P<hour_only>[0-9]{1,2}) ?(?P<half_only>am|pm)"
    r"|(?P<noon>noon))"
)
_CLOCK_LAST = re.compile(rf"(?:(?P<day>.+?)(?:,? (?:at )?|t(?=[0-9]{{2}}:)))?{_CLOCK}")
_CLOCK_FIRST = re.compile(rf"{_CLOCK},? (?:on )?(?P<day>.+)")
_ISO = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")
_DAY_MONTH = re.compile(r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)? (?:of )?(?P<month>[a-z]+)\.?(?:,? (?P<year>[0-9]{4}))?")
_MONTH_DAY = re.compile(r"(?P<month>[a-z]+)\.? (?P<day>[0-9]{1,2})(?:st|nd|rd|th)?(?:,? (?P<year>[0-9]{4}))?")

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY_NUMBER = {name[:letters]: n for n, name in enumerate(_WEEKDAYS) for letters in (3, len(name))} | {
    "tues": 1,
    "thur": 3,
    "thurs": 3,
}
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_MONTH_NUMBER = {name[:letters]: n for n, name in enumerate(_MONTHS, 1) for letters in (3, len(name))} | {"sept": 9}

_AMBIGUOUS = (
    (re.compile(r"(?:.* )?next .*"), NEXT),
    (re.compile(r"(?:.* )?midnight"), MIDNIGHT),
    (re.compile(r"(?:in )?[0-9]+ ?(?:d|days?|w|weeks?)"), DAYS),
    (re.compile(r"(?:.* )?[0-9]{1,4}(?:[/-][0-9]{1,2}(?:[/-][0-9]{1,4})?|(?:\.[0-9]{1,4}){2}\.?)"), NUMERIC_DATE),
    (re.compile(r"(?:[a-z]+ )?[0-9]{1,2}"), BARE_NUMBER),
)


def parse_when(words: str, *, now: datetime, zone: ZoneInfo, end_of_day: time | None = None) -> datetime:
    """The instant (aware, UTC) that `words` mean to a reader in `zone` at `now`; it may lie in the past.

    Understood: a length from now (30m, 2h, 1h 30m, 1.5 hours); a time today (14:00, 2pm, noon); a day with or without
    a time, in either order (today, tomorrow, a weekday, 2026-06-05, 5 june, june 5 2027); each after "until", "by",
    "on" or "at". A day alone ends at `end_of_day` on it, or with that day if None. A weekday is the next one; a date
    without a year is this year's, or next year's once it's 30 days past.

    Raises ValueError, with a sentence for the reader that repeats nothing of what was typed, for anything else and for
    what could mean two times: numeric dates (05/06), bare numbers, midnight, "next friday", today's weekday, "3 days".
    """
    now = as_utc(now)
    said = " ".join(words.casefold().split())
    if lead := _LEAD.match(said):
        said = said[lead.end() :]
    if not said or len(said) > _LONGEST:
        raise ValueError(FORMS)
    if (length := _length(said)) is not None:
        return now + length
    today = local_date(now, zone)
    clock = _CLOCK_LAST.fullmatch(said) or _CLOCK_FIRST.fullmatch(said)
    day = _day(clock["day"] or "today" if clock else said, today)
    if abs(day - today) > _FARTHEST:
        raise ValueError(TOO_FAR)
    if clock:
        return at_local(day, _wall(clock), zone)
    return at_local(day, end_of_day, zone) if end_of_day else at_local(day + _DAY, time.min, zone)


def _length(said: str) -> timedelta | None:
    if hours := _HOURS.fullmatch(said):
        return timedelta(hours=float(hours["hours"].replace(",", ".")), minutes=int(hours["minutes"] or 0))
    if minutes := _MINUTES.fullmatch(said):
        return timedelta(minutes=int(minutes["minutes"]))
    return None


def _wall(clock: re.Match[str]) -> time:
    if clock["noon"]:
        return time(12)
    hour, minute = int(clock["hour"] or clock["hour_only"]), int(clock["minute"] or 0)
    if half := clock["half"] or clock["half_only"]:
        if not 1 <= hour <= 12:
            raise ValueError(NO_SUCH_TIME)
        hour = hour % 12 + (12 if half == "pm" else 0)
    try:
        return time(hour, minute)
    except ValueError as wrong:
        raise ValueError(NO_SUCH_TIME) from wrong


def _day(said: str, today: date) -> date:
    if said in ("today", "tomorrow"):
        return today + (_DAY if said == "tomorrow" else timedelta(0))
    if (weekday := _WEEKDAY_NUMBER.get(said)) is not None:
        if weekday == today.weekday():
            following = today + 7 * _DAY
            raise ValueError(
                f"It is {_WEEKDAYS[weekday].capitalize()} today. Write today, or {following} for the next."
            )
        return today + (weekday - today.weekday()) % 7 * _DAY
    if iso := _ISO.fullmatch(said):
        return _date(int(iso["year"]), int(iso["month"]), int(iso["day"]))
    named = _DAY_MONTH.fullmatch(said) or _MONTH_DAY.fullmatch(said)
    if named and (month := _MONTH_NUMBER.get(named["month"])):
        if named["year"]:
            return _date(int(named["year"]), month, int(named["day"]))
        long_past = (today - _YEARLESS_PAST).timetuple()[:3]
        gone = (today.year, month, int(named["day"])) < long_past
        return _date(today.year + gone, month, int(named["day"]))
    raise ValueError(next((sentence for form, sentence in _AMBIGUOUS if form.fullmatch(said)), FORMS))


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as wrong:
        raise ValueError(NO_SUCH_DATE) from wrong
