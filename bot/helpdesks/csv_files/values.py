"""Cells → values. A cell that can't be read raises Unreadable, which says why; an empty one is None."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from enum import Enum
from zoneinfo import ZoneInfo

from storage.pulled import Priority, Status

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
MACHINES_LENGTHS = frozenset({19, 20, 25})
"""Of 2026-06-02 09:00:00, with nothing behind it, with Z, or with +02:00."""
UNSET = frozenset({"", "-", "–", "n/a", "na", "null", "none", "nil", "not set", "1970-01-01", "1970-01-01 00:00:00"})
"""How exports write that there is nothing; the epoch is what Request Tracker and others show for no date."""
LONGEST_UNSET = max(map(len, UNSET))

STATUSES: Mapping[str, Status] = {
    **dict.fromkeys(("new", "neu", "unassigned", "untriaged"), Status.NEW),
    **dict.fromkeys(
        ("open", "opened", "offen", "reopened", "in progress", "in bearbeitung", "active", "assigned", "waiting on us"),
        Status.OPEN,
    ),
    **dict.fromkeys(
        (
            "pending",
            "waiting on customer",
            "waiting on contact",
            "awaiting reply",
            "awaiting your reply",
            "answered",
            "wartend",
        ),
        Status.PENDING,
    ),
    **dict.fromkeys(
        ("hold", "on hold", "on-hold", "stalled", "waiting on third party", "paused", "zuruckgestellt"), Status.HOLD
    ),
    **dict.fromkeys(("solved", "resolved", "done", "completed", "gelost", "geloest", "fixed"), Status.SOLVED),
    **dict.fromkeys(("closed", "geschlossen", "archived", "rejected", "cancelled", "canceled"), Status.CLOSED),
}
GONE = frozenset({"deleted", "spam", "geloscht", "geloescht"})
PRIORITIES: Mapping[str, Priority] = {
    **dict.fromkeys(("low", "niedrig", "p4", "p5", "minor", "trivial", "lowest"), Priority.LOW),
    **dict.fromkeys(("normal", "medium", "mittel", "p3", "moderate"), Priority.NORMAL),
    **dict.fromkeys(("high", "hoch", "p2", "major"), Priority.HIGH),
    **dict.fromkeys(("urgent", "dringend", "critical", "p1", "blocker", "highest", "emergency"), Priority.URGENT),
}
YES = frozenset({"yes", "y", "true", "1", "ja", "oui", "vip", "x"})
NO = frozenset({"no", "n", "false", "0", "nein", "non"})
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january", "januar"),
            ("feb", "february", "februar"),
            ("mar", "march", "mär", "märz", "mrz"),
            ("apr", "april"),
            ("may", "mai"),
            ("jun", "june", "juni"),
            ("jul", "july", "juli"),
            ("aug", "august"),
            ("sep", "sept", "september"),
            ("oct", "october", "okt", "oktober"),
            ("nov", "november"),
            ("dec", "december", "dez", "dezember"),
        ),
        start=1,
    )
    for name in names
}
CLOCK = (
    r"(?:[T ,]+(?:at )?(?P<h>\d{1,2})[:.](?P<mi>\d{2})(?:[:.](?P<s>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?"
)
OFFSET = r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?"
ISO = re.compile(rf"(?P<y>\d{{4}})[-/.](?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}}){CLOCK}{OFFSET}")
NUMBERS = re.compile(rf"(?P<a>\d{{1,2}})(?P<sign>[-/.])(?P<b>\d{{1,2}})[-/.](?P<y>\d{{4}}|\d{{2}}){CLOCK}{OFFSET}")
DAY_NAMED = re.compile(
    rf"(?:[A-Za-z]{{2,9}}\.?,? )?(?P<d>\d{{1,2}})\.?[ -](?P<name>[^\W\d]{{3,9}})\.?,?[ -](?P<y>\d{{4}}){CLOCK}{OFFSET}"
)
MONTH_NAMED = re.compile(
    rf"(?:[A-Za-z]{{2,9}}\.?,? )?(?P<name>[^\W\d]{{3,9}})\.? (?P<d>\d{{1,2}}),? (?P<y>\d{{4}}){CLOCK}{OFFSET}"
)
CTIME = re.compile(
    r"[A-Z][a-z]{2} (?P<name>[A-Z][a-z]{2}) +(?P<d>\d{1,2}) (?P<h>\d{2}):(?P<mi>\d{2}):(?P<s>\d{2}) (?P<y>\d{4})"
)
EPOCH = re.compile(r"\d{10}(?:\d{3})?")


class UnreadableValueError(ValueError):
    """The cell holds something that can't be what its column tells."""


class Order(Enum):
    """What 03/04 means."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


def order_of(dates: Iterable[str]) -> Order | None:
    """Which of the two comes first in these dates, shown by the first that leaves no doubt; None: all leave it open."""
    for written in dates:
        found = NUMBERS.fullmatch(written.strip())
        if found is None:
            continue
        if found["sign"] == "." or int(found["a"]) > 12:
            return Order.DAY_FIRST
        if int(found["b"]) > 12:
            return Order.MONTH_FIRST
    return None


def instant(written: str, zone: ZoneInfo, order: Order) -> datetime | None:
    """The instant, UTC; times without a zone are `zone`'s (of an hour that comes twice, the first). Raises
    UnreadableValueError."""
    if (at := _as_machines_write(written, zone)) is not None:
        return _sane(at, written)
    written = " ".join(written.split())
    if written.casefold() in UNSET:
        return None
    if EPOCH.fullmatch(written):
        seconds = int(written) / (1000 if len(written) == 13 else 1)
        return _sane(datetime.fromtimestamp(seconds, UTC), written)
    for pattern in (ISO, NUMBERS, DAY_NAMED, MONTH_NAMED, CTIME):
        if found := pattern.fullmatch(written):
            return _sane(_composed(found.groupdict(), written, zone, order), written)
    raise UnreadableValueError(f"{_shown(written)} is no date that I can read")


def _as_machines_write(written: str, zone: tzinfo) -> datetime | None:
    """The instant where it is written as most exports do: 2026-06-02 09:00:00, and nothing, Z, an offset or UTC behind
    it. That shape needs no search. None for every other, whatever it may be, and for what comes before EARLIEST."""
    if written[13:14] != ":" or written[16:17] != ":" or written[10] not in "T ":
        return None
    if written[19:] == " UTC":
        written, zone = written[:19], UTC
    elif len(written) not in MACHINES_LENGTHS or written[19:20] in {".", ","}:
        return None
    try:
        at = datetime.fromisoformat(written)
        at = (at.replace(tzinfo=zone) if at.tzinfo is None else at).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if at >= EARLIEST else None


def _composed(parts: Mapping[str, str | None], written: str, zone: ZoneInfo, order: Order) -> datetime:
    year = int(parts["y"] or 0)
    if name := parts.get("name"):
        if name.casefold() not in MONTHS:
            raise UnreadableValueError(f"{_shown(written)}: {name} is no month that I know")
        month, day = MONTHS[name.casefold()], int(parts["d"] or 0)
    elif parts.get("sign"):
        first, second = int(parts["a"] or 0), int(parts["b"] or 0)
        # what stands between dots is always day.month
        day_first = order is Order.DAY_FIRST or parts["sign"] == "."
        day, month = (first, second) if day_first else (second, first)
        year += 2000 if year < 100 else 0
    else:
        month, day = int(parts["m"] or 0), int(parts["d"] or 0)
    hour = int(parts.get("h") or 0)
    if half := parts.get("half"):
        hour = hour % 12 + (12 if half.casefold().startswith("p") else 0)
    try:
        minute, second = int(parts.get("mi") or 0), min(int(parts.get("s") or 0), 59)
        local = datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        raise UnreadableValueError(f"{_shown(written)} is no date of the calendar") from None
    try:
        return _zoned(local, parts.get("zone"))
    except OverflowError:  # the first or the last day of all, and an offset
        raise _outside(written) from None


def _zoned(local: datetime, said: str | None) -> datetime:
    if said is None:
        return local.astimezone(UTC)
    if said in {"Z", "UTC", "GMT"}:
        return local.replace(tzinfo=UTC)
    sign = -1 if said[0] == "-" else 1
    digits = said[1:].replace(":", "").ljust(4, "0")
    return local.replace(tzinfo=UTC) - sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))


def _sane(at: datetime, written: str) -> datetime | None:
    if at.year == 1970:
        return None
    if not EARLIEST <= at <= LATEST:
        raise _outside(written)
    return at


def _outside(written: str) -> UnreadableValueError:
    return UnreadableValueError(f"{_shown(written)} lies outside 1995–2100")


def folded(written: str) -> str:
    """In small letters, without accents and without spaces around: what words are compared by."""
    bare = unicodedata.normalize("NFKD", written.replace("ß", "ss"))
    return "".join(character for character in bare if not unicodedata.combining(character)).strip().lower()


def word(written: str) -> str | None:
    if not written:
        return None
    given = " ".join(written.split())
    return None if len(given) <= LONGEST_UNSET and given.casefold() in UNSET else given


def whole(written: str) -> int | None:
    """A number that is counted; "3.0" is one too. Raises UnreadableValueError."""
    if (given := word(written)) is None:
        return None
    try:
        number = float(given.replace(",", "."))
    except ValueError:
        number = -1.0
    if not 0 <= number < 1e9 or number != int(number):
        raise UnreadableValueError(f"{_shown(given)} is no whole number")
    return int(number)


def minutes(written: str) -> timedelta | None:
    """Raises UnreadableValueError."""
    if (given := word(written)) is None:
        return None
    try:
        number = float(given.replace(",", "."))
    except ValueError:
        number = -1.0
    if not 0 <= number < 1e8:
        raise UnreadableValueError(f"{_shown(given)} is no number of minutes")
    return timedelta(minutes=number)


def yes_or_no(written: str) -> bool | None:
    """Raises UnreadableValueError."""
    if (given := word(written)) is None:
        return None
    if given.casefold() in YES | NO:
        return given.casefold() in YES
    raise UnreadableValueError(f"{_shown(given)} is neither yes nor no")


def priority(written: str) -> Priority | None:
    """None for a word that isn't known: it stands beside as it was written."""
    return PRIORITIES.get(folded(written))


def tags(written: str) -> tuple[str, ...]:
    """Between commas, semicolons or bars; without any of these, between spaces."""
    separators = r"[,;|]" if re.search(r"[,;|]", written) else r"\s"
    stripped = (tag.strip().strip("[]\"'").lower() for tag in re.split(separators, written))
    return tuple(tag for tag in stripped if tag and tag not in UNSET)


def satisfaction(written: str) -> float | None:
    """1 good, 0 bad, 0.5 neither; of stars, 4 and 5 are good, 1 and 2 bad. None: offered, not answered. Raises
    UnreadableValueError."""
    given = folded(written)
    if given in UNSET or given in {"offered", "unoffered", "not offered", "no response", "not rated"}:
        return None
    if given in {"good", "positive", "satisfied", "very satisfied", "great", "happy", "gut", "extremely happy", "👍"}:
        return 1.0
    if given in {
        "bad",
        "negative",
        "dissatisfied",
        "very dissatisfied",
        "unhappy",
        "schlecht",
        "extremely unhappy",
        "👎",
    }:
        return 0.0
    if given in {"neutral", "ok", "okay"}:
        return 0.5
    if stars := re.fullmatch(r"([1-5])(?:[.,]0+)?(?: ?/ ?5)?", given):
        return {1: 0.0, 2: 0.0, 3: 0.5}.get(int(stars[1]), 1.0)
    raise UnreadableValueError(f"{_shown(written)} is no rating that I know (good, bad, 1–5)")


def promoter_score(written: str) -> float | None:
    """0–10. Raises UnreadableValueError."""
    number = whole(written)
    if number is not None and number > 10:
        raise UnreadableValueError(f"{_shown(written)} is no NPS answer (0–10)")
    return None if number is None else float(number)


def _shown(written: str) -> str:
    return f"“{written[:40]}{'…' if len(written) > 40 else ''}”"
