"""Arguments of Web API calls: query, form or JSON, with the same meaning in each."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from aiohttp import web

from simulator.errors import SlackError

T = TypeVar("T")


async def read_arguments(request: web.Request) -> dict[str, Any]:
    """Raises SlackError: invalid_json, json_not_object, invalid_form_data."""
    args: dict[str, Any] = dict(request.query)
    if request.method != "POST":
        return args
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except json.JSONDecodeError:
            raise SlackError("invalid_json") from None
        if not isinstance(body, dict):
            raise SlackError("json_not_object")
        return args | body
    if request.content_type in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        return args | dict(await request.post())
    return args


class Arguments:
    """Typed reading of one call's arguments. Every method raises SlackError("invalid_arguments") for a wrong shape."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given

    def text(self, name: str) -> str | None:
        value = self._given.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, (str, int, float)) or isinstance(value, bool):
            raise _wrong(f"must be a string: {name}")
        return str(value)

    def need(self, name: str) -> str:
        value = self.text(name)
        if value is None:
            raise _wrong(f"missing required field: {name}")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self._given.get(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        return str(value).lower() in {"1", "true"}

    def number(self, name: str, default: int) -> int:
        value = self._given.get(name)
        if value in {None, ""}:
            return default
        try:
            return int(str(value))
        except ValueError:
            raise _wrong(f"must be a number: {name}") from None

    def given(self, name: str) -> bool:
        return self._given.get(name) is not None

    def structure(self, name: str) -> Any:
        """A JSON value, given as such or as a string holding JSON; None if absent."""
        value = self._given.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            raise _wrong(f"not valid JSON: {name}") from None

    def structures(self, name: str) -> list[Any] | None:
        """The same, for an array."""
        value = self.structure(name)
        if value is not None and not isinstance(value, list):
            raise _wrong(f"must be an array: {name}")
        return value

    def names(self, name: str) -> list[str]:
        """A comma-separated list."""
        value = self._given.get(name)
        if isinstance(value, list):
            return [str(part) for part in value]
        return [part.strip() for part in str(value).split(",") if part.strip()] if value else []


def page_of(items: Sequence[T], args: Arguments, *, default: int, most: int) -> tuple[list[T], dict[str, Any]]:
    """One page by `limit` and `cursor`, with the `response_metadata` that names the next."""
    limit = args.number("limit", default)
    if not 0 < limit <= most:
        raise SlackError("invalid_limit")
    start = int(_cursor(args, "next") or 0)
    page = list(items[start : start + limit])
    following = start + limit
    return page, {"next_cursor": _as_cursor("next", str(following)) if following < len(items) else ""}


def page_from(ordered: Sequence[str], args: Arguments, *, default: int, most: int) -> tuple[list[str], dict[str, Any]]:
    """The same for a list of `ts`: the cursor names a message, so that what is posted in between shifts no page."""
    limit = args.number("limit", default)
    if not 0 < limit <= most:
        raise SlackError("invalid_limit")
    begins_at = _cursor(args, "next_ts")
    if begins_at is not None and begins_at not in ordered:
        raise SlackError("invalid_cursor")
    start = ordered.index(begins_at) if begins_at is not None else 0
    following = ordered[start + limit] if start + limit < len(ordered) else None
    next_cursor = _as_cursor("next_ts", following) if following is not None else ""
    return list(ordered[start : start + limit]), {"next_cursor": next_cursor}


def _as_cursor(word: str, value: str) -> str:
    return base64.urlsafe_b64encode(f"{word}:{value}".encode()).decode()


def _cursor(args: Arguments, word: str) -> str | None:
    cursor = args.text("cursor")
    if cursor is None:
        return None
    try:
        said, _, value = base64.urlsafe_b64decode(cursor.encode()).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        said, value = "", ""
    if said != word or not value.replace(".", "").isdigit():
        raise SlackError("invalid_cursor")
    return value


def _wrong(line: str) -> SlackError:
    return SlackError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {line}"]})
