"""What help desks answer, read with care: fields change type, go missing, or say "unset" in some way of their own."""

import html
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.helpdesks import CursorLostError, DeskAwayError

log = structlog.get_logger(__name__)

Row = Mapping[str, Any]
T = TypeVar("T")

NEVER = datetime(1970, 1, 2, tzinfo=UTC)
"""Instants before this are some desk's way to write "unset"."""
LONGEST_SAID = 4000
"""Characters of one turn of a conversation."""


class UnreadableError(Exception):
    """A row lacks what makes it what it is; the message names the field."""


class Cursor(BaseModel):
    """Where a pull goes on. Kept as JSON; opaque to everybody but its desk."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def written(self) -> str:
        return self.model_dump_json(exclude_defaults=True)


C = TypeVar("C", bound=Cursor)


def read_cursor(kind: type[C], written: str) -> C:
    """Raises CursorLostError for what no version of this desk wrote."""
    try:
        return kind.model_validate_json(written)
    except ValidationError as error:
        raise CursorLostError("Where the last pull ended can’t be read: it begins anew.") from error


class Place(Cursor):
    """Where one goes on in a list that is sorted by the time of last change, oldest first, and asked for from an
    instant on. What changes meanwhile moves to its end and lets the rest slip towards its beginning, so that a page's
    number is good only while nothing happens: the next page is the first one *from the last instant seen*, unless
    nothing but that instant fits on a page."""

    since: datetime
    page: int = 1

    def after(
        self,
        seen: Sequence[datetime],
        *,
        full: bool,
        tick: timedelta,
        pages: int,
        overlap: timedelta = timedelta(),
    ) -> "Place":
        """The place after a page whose rows changed at `seen`. `full`: there may be more. `tick`: how fine the desk's
        times are; `pages`: how many it lets one turn; `overlap`: how much earlier the next pull begins."""
        latest = max(seen, default=None)
        if not full:
            since = self.since if latest is None else max(self.since, latest - overlap)
            return self.model_copy(update={"since": since, "page": 1})
        if latest is not None and latest >= self.since + tick:
            return self.model_copy(update={"since": latest, "page": 1})
        if self.page < pages:
            return self.model_copy(update={"page": self.page + 1})
        # more rows of one instant than the desk shows: going on beats standing still
        return self.model_copy(update={"since": self.since + tick, "page": 1})


def read_each(rows: Any, read: Callable[[Row], T], *, desk: str, what: str) -> list[T]:
    """Those that can be read; one that can't is logged by its id and left out. Raises DeskAwayError when none can:
    then it is the desk that has changed."""
    if not isinstance(rows, list):
        raise DeskAwayError(f"{desk} answered without {what}.")
    done: list[T] = []
    for row in rows:
        try:
            done.append(read(row))
        except (UnreadableError, AttributeError, TypeError, KeyError, ValueError) as failed:
            id_of = row.get("id") if isinstance(row, dict) else None
            log.warning("left out what can't be read", desk=desk, what=what, id=id_of, why=type(failed).__name__)
    if rows and not done:
        raise DeskAwayError(f"{desk} has changed how it answers: none of its {what} can be read.")
    return done


def part(row: Any, name: str) -> Row:
    """The object under that name; an empty one if there is none."""
    found = row.get(name) if isinstance(row, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def parts(row: Any, name: str) -> list[Row]:
    """The objects in the list under that name."""
    found = row.get(name) if isinstance(row, Mapping) else None
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def words(value: object) -> str | None:
    """Text, or a number as text; None for what is empty or neither."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value).strip() or None


def needed_words(row: Row, name: str) -> str:
    value = words(row.get(name))
    if value is None:
        raise UnreadableError(name)
    return value


def several(value: object) -> list[str]:
    """A list of texts, whatever else is in it left out."""
    return [one for each in value if (one := words(each)) is not None] if isinstance(value, list) else []


def count(value: object) -> int | None:
    """A number of things, also where it is written as text; None for anything else."""
    try:
        number = int(float(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    except (ValueError, OverflowError):
        return None
    return number if number is not None and number >= 0 else None


def number(value: object) -> float | None:
    try:
        return float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    except ValueError:
        return None


def instant(value: object) -> datetime | None:
    """ISO 8601 with its zone (without: UTC), or milliseconds since 1970. None for what is unset or no instant."""
    try:
        if isinstance(value, str) and value.strip().isdigit() and len(value.strip()) >= 11:
            value = int(value)
        if isinstance(value, str):
            at = datetime.fromisoformat(value.strip())
        elif isinstance(value, int | float) and not isinstance(value, bool):
            at = datetime.fromtimestamp(value / 1000, UTC)
        else:
            return None
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return at if at >= NEVER else None


def needed_instant(row: Row, name: str) -> datetime:
    at = instant(row.get(name))
    if at is None:
        raise UnreadableError(name)
    return at


def iso(at: datetime) -> str:
    """2026-06-02T09:00:00Z: what every desk here reads."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def plain(text: object, *, is_html: bool = True) -> str:
    """What somebody wrote, without markup, at most LONGEST_SAID characters."""
    shown = text if isinstance(text, str) else ""
    if is_html:
        shown = re.sub(r"(?is)<(script|style)\b.*?</\1\s*>", "", shown)
        shown = re.sub(r"(?i)<br\s*/?>|</(p|div|li|tr|h[1-6]|blockquote)\s*>", "\n", shown)
        shown = html.unescape(re.sub(r"<[^>]*>", "", shown))
    shown = re.sub(r"[ \t\r\f\v\xa0]+", " ", shown)
    shown = re.sub(r" ?\n ?", "\n", shown)
    shown = re.sub(r"\n{3,}", "\n\n", shown).strip()
    return shown if len(shown) <= LONGEST_SAID else shown[: LONGEST_SAID - 1] + "…"


def as_html(text: str) -> str:
    """Plain text for a desk that takes HTML."""
    return html.escape(text).replace("\n", "<br>")


def says_vip(tags: Iterable[str]) -> bool:
    return any(tag.casefold() == "vip" for tag in tags)
