"""Zones and countries, found by what somebody types."""

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

MOST = 100
"""Slack shows at most this many choices."""
_UNCOMMON = ("Etc/", "SystemV/", "US/", "Canada/", "Brazil/", "Chile/", "Mexico/")


def zones_matching(typed: str) -> list[str]:
    """IANA zones whose name has every typed word, those whose place begins with it first; at most MOST."""
    words = typed.casefold().replace("_", " ").split()
    found = [name for name in _zones() if all(word in _spoken(name) for word in words)]
    begins = " ".join(words)
    return sorted(found, key=lambda name: (not _place(name).startswith(begins), name.startswith(_UNCOMMON), name))[
        :MOST
    ]


def zone_label(name: str, now: datetime) -> str:
    """`Europe/Dublin (UTC+1)`, with the offset that holds at `now`."""
    offset = ZoneInfo(name).utcoffset(now.astimezone(ZoneInfo(name)).replace(tzinfo=None))
    assert offset is not None
    minutes = int(offset.total_seconds() // 60)
    sign, size = ("−" if minutes < 0 else "+"), abs(minutes)
    shown = f"{size // 60}" + (f":{size % 60:02}" if size % 60 else "")
    return f"{name} (UTC{sign}{shown})" if minutes or name != "UTC" else name


def countries_matching(typed: str) -> list[str]:
    """Codes of countries whose holidays are known, by the beginning of any word of their name, or by their code."""
    wanted = typed.casefold().strip()
    return [
        code
        for code, name in _countries().items()
        if code.casefold() == wanted or any(part.startswith(wanted) for part in _beginnings(name))
    ][:MOST]


def country_label(code: str) -> str:
    """`Ireland (IE)`."""
    name = _countries().get(code)
    return f"{name} ({code})" if name else code


def _beginnings(name: str) -> list[str]:
    words = name.casefold().split()
    return [" ".join(words[at:]) for at in range(len(words))]


@lru_cache(maxsize=1)
def _zones() -> tuple[str, ...]:
    return tuple(sorted(name for name in available_timezones() if "/" in name or name == "UTC"))


def _spoken(name: str) -> str:
    return name.casefold().replace("_", " ")


def _place(name: str) -> str:
    return _spoken(name).rpartition("/")[2]


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    from holidays.registry import COUNTRIES  # importing `holidays` takes long: only when somebody looks for a country

    named = {entry[1]: module.replace("_", " ").title() for module, entry in COUNTRIES.items() if len(entry[1]) == 2}
    return dict(sorted(named.items(), key=lambda pair: pair[1]))
