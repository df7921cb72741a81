"""Targets and numbers: what people type → a value in the goal's unit, and back."""

import re

from storage.goals import Unit

HOW: dict[Unit, str] = {
    Unit.COUNT: "Write a number, such as 40.",
    Unit.PERCENT: "This is a share: write a percentage, such as 95 or 97.5%.",
    Unit.DURATION: "This is a length of time: write 45 min, 2 h, 1 h 30 min or 3 d.",
    Unit.POINTS: "This is a score: write a number, such as 40 or 4.2.",
}
COMMA = "Is {0} meant as {1} or as {2}? Write it without the comma."
ZERO = "A target of zero can’t be worked towards. Write a number above zero."
NEGATIVE = "That is below zero. Write it without the minus."
ABOVE_ALL = "More than 100% can’t be reached. Write a percentage up to 100."
TOO_LARGE = "That is more than I can count to."
WHOLE = "This is counted in whole ones: write {}."
AT_MOST = 1e9
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3}){2,}(?:\.[0-9]+)?")
_WITH_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_PART = re.compile(
    r"(?P<number>[0-9]+(?:\.[0-9]+)?) ?(?P<unit>s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)\b"
)
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def target_of(typed: str, unit: Unit) -> float:
    """The target that was typed. Raises ValueError with a sentence for its field (also for zero and beyond reach)."""
    value = number_of(typed, unit)
    if unit != Unit.POINTS and value == 0:
        raise ValueError(ZERO)
    return value


def number_of(typed: str, unit: Unit) -> float:
    """A value in the unit (a duration in seconds). Raises ValueError with a sentence for its field."""
    text = " ".join(typed.casefold().replace("−", "-").split())
    value = _duration(text) if unit == Unit.DURATION else _plain(text, unit)
    if abs(value) > AT_MOST:
        raise ValueError(TOO_LARGE)
    if value < 0 and unit != Unit.POINTS:
        raise ValueError(NEGATIVE)
    if unit == Unit.PERCENT and value > 100:
        raise ValueError(ABOVE_ALL)
    if unit == Unit.COUNT and value != int(value):
        raise ValueError(WHOLE.format(f"{int(value)} or {int(value) + 1}"))
    return value


def _plain(text: str, unit: Unit) -> float:
    if unit == Unit.PERCENT:
        text = text.removesuffix("%").removesuffix("percent").strip()
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    _refuse_comma(text)
    if not _NUMBER.fullmatch(text):
        raise ValueError(HOW[unit])
    return float(text)


def _duration(text: str) -> float:
    _refuse_comma(re.sub(r"[ a-z]", "", text))
    found = list(_PART.finditer(text))
    rest = _PART.sub("", text).replace("and", "").strip(" +")
    if not found or rest:
        raise ValueError(HOW[Unit.DURATION])
    return sum(float(part["number"]) * SECONDS[part["unit"][0]] for part in found)


def _refuse_comma(text: str) -> None:
    """1,5 is one and a half here and fifteen hundred there: a guess would be wrong for half of the readers."""
    if _WITH_COMMA.fullmatch(text):
        raise ValueError(COMMA.format(text, text.replace(",", "."), text.replace(",", "")))


def shown(value: float | None, unit: Unit) -> str:
    """A value in words: 40, 97.5 %, 1 h 30 min, 4.2; "not measured" for None."""
    if value is None:
        return "not measured"
    match unit:
        case Unit.PERCENT:
            return f"{_short(value)} %"
        case Unit.DURATION:
            return _length(value)
        case _:
            return _short(value)


def typed_as(value: float, unit: Unit) -> str:
    """A value as one would type it: what a form is filled with."""
    return shown(value, unit).replace(" %", "%").replace(",", "")


def _short(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def _length(seconds: float) -> str:
    """At most two parts: 45 s, 12 min, 3 h 20 min, 2 d 4 h."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = [f"{count} {unit}" for count, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if count]
    return " ".join(parts[:2])
