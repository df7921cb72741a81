"""What the features' forms share: view state → values, a model of a form, and the memory that a view carries."""

import json
import secrets
from datetime import UTC, datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from handlers.blocks import clean
from handlers.refusals import FormRefusal, Refusal

REQUIRED = "This is needed."
CHOOSE = "Choose one."
NOT_OURS = "I can’t read that any more. Please open it again, and try there."
GREATEST_ID = 2**31 - 1
FIRST_PICKED, LAST_PICKED = 10**9, 10**10 - 1
"""Seconds since 1970."""
TOO_LONG = "That is too long: {} characters, and at most {} fit."


def values(view: dict[str, Any]) -> dict[str, Any]:
    """What stands in each input block of a view, by block id; None where nothing does.

    Text, a choice, a list of choices, an instant (aware UTC), a date or time of day as Slack writes it, people. Raises
    Refusal for what no field of Slack's holds.
    """
    try:
        return {
            block_id: _value(next(iter(elements.values())))
            for block_id, elements in (view["state"].get("values") or {}).items()
            if elements
        }
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError, OSError):
        raise Refusal(NOT_OURS) from None


def _value(element: dict[str, Any]) -> Any:
    match element.get("type"):
        case "plain_text_input":
            return clean(element.get("value") or "") or None
        case "static_select" | "radio_buttons" | "external_select":
            return choice(element.get("selected_option"))
        case "checkboxes" | "multi_static_select" | "multi_external_select":
            return [_text(chosen["value"]) for chosen in element.get("selected_options") or []]
        case "multi_users_select":
            return [_text(chosen) for chosen in element.get("selected_users") or []]
        case "users_select":
            return _text(element.get("selected_user"))
        case "conversations_select":
            return _text(element.get("selected_conversation"))
        case "channels_select":
            return _text(element.get("selected_channel"))
        case "datetimepicker":
            return _instant(element.get("selected_date_time"))
        case "datepicker":
            return _text(element.get("selected_date"))
        case "timepicker":
            return _text(element.get("selected_time"))
        case _:
            return _text(element.get("value"))


def choice(option: Any) -> str | None:
    """The value of what was chosen; None: nothing was. Raises TypeError for what no option of Slack's is."""
    return None if option is None else _text(option["value"])


def _instant(seconds: Any) -> datetime | None:
    """Raises ValueError for what Slack's picker can't give, nor take as its beginning."""
    if seconds is None:
        return None
    if not isinstance(seconds, int) or not FIRST_PICKED <= seconds <= LAST_PICKED:
        raise ValueError("an instant has ten digits")
    return datetime.fromtimestamp(seconds, UTC)


def _text(value: Any) -> str | None:
    if not isinstance(value, str | None):
        raise TypeError("what stands behind a button or an option is text")
    return value


def clicked(body: dict[str, Any]) -> dict[str, Any] | None:
    """What was clicked, if anything was; a button without a value has an empty one. Raises Refusal for what no button
    or menu of Slack's sends."""
    action: dict[str, Any] | None = (body.get("actions") or [None])[0]
    try:
        if action is None:
            return None
        choice(action.get("selected_option"))
        return action | {"value": _text(action.get("value")) or ""}
    except (AttributeError, KeyError, TypeError):
        raise Refusal(NOT_OURS) from None


def its_message(shortcut: dict[str, Any]) -> dict[str, Any]:
    """The message that a shortcut was chosen at. Raises Refusal for a shortcut at none."""
    message: dict[str, Any] | None = shortcut.get("message")
    if message is None:
        raise Refusal(NOT_OURS)
    return message


def identifier(value: object) -> int:
    """The row that a button's value (or a choice's) names. Raises Refusal for what no button of ours carries."""
    written = str(value)
    if not written.isascii() or not written.isdecimal() or not 0 < int(written[:20]) <= GREATEST_ID:
        raise Refusal(NOT_OURS)
    return int(written)


class Memory(BaseModel):
    """What a view remembers in its private_metadata: its key (once per submission), and what it is about."""

    model_config = ConfigDict(extra="ignore", defer_build=True)  # built when first used, not while starting

    key: str = Field(default_factory=lambda: secrets.token_hex(16), min_length=8, max_length=64)
    team: int | None = None
    subject: int | None = None
    """Which row of the feature's own it is about."""
    more: bool = False

    @classmethod
    def of(cls, view: dict[str, Any]) -> Self:
        """The view's own memory. Raises Refusal when it was not made by us (or by an older release)."""
        try:
            remembered = json.loads(view["private_metadata"])
            return cls.model_validate(remembered | {"key": remembered["key"]})  # each form of ours has one
        except (ValueError, TypeError, KeyError, RecursionError):
            raise Refusal(NOT_OURS) from None

    def kept(self) -> str:
        """As private_metadata."""
        return self.model_dump_json()


class Form(BaseModel):
    """A form's fields, named as its blocks are."""

    model_config = ConfigDict(extra="ignore", validate_default=True, defer_build=True)

    @classmethod
    def read(cls, view: dict[str, Any]) -> Self:
        """The form's values. Raises FormRefusal, each sentence at the field that it is about."""
        return cls.of(values(view))

    @classmethod
    def of(cls, typed: dict[str, Any]) -> Self:
        """The same from values that were read before (a draft)."""
        try:
            return cls.model_validate({name: value for name, value in typed.items() if value is not None})
        except ValidationError as error:
            raise FormRefusal({str(one["loc"][0]): _sentence(dict(one)) for one in error.errors()}) from None


def _sentence(problem: dict[str, Any]) -> str:
    match problem["type"]:
        case "missing" | "string_too_short" | "too_short":
            return REQUIRED
        case "string_too_long":
            return TOO_LONG.format(len(problem["input"]), problem["ctx"]["max_length"])
        case "enum" | "literal_error":
            return CHOOSE
        case _:
            return str(problem["msg"]).removeprefix("Value error, ")
