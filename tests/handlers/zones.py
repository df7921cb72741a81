"""What the tests of time share: every zone, and where its clocks change between 2024 and 2030."""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import settings
from hypothesis import strategies as st

ZONES = sorted(available_timezones() - {"localtime", "posixrules", "Factory"})
FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)


@cache
def changes(name: str) -> tuple[tuple[datetime, timedelta, timedelta], ...]:
    """(instant, offset before, offset after) of every change of the zone's clocks, to the second."""
    zone, found, week = ZoneInfo(name), [], timedelta(days=7)
    low = FIRST
    while low < LAST:
        high = low + week
        before, after = low.astimezone(zone).utcoffset(), high.astimezone(zone).utcoffset()
        assert before is not None
        assert after is not None
        if before != after:
            early, late = low, high
            while late - early > timedelta(seconds=1):
                middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
                if middle.astimezone(zone).utcoffset() == before:
                    early = middle
                else:
                    late = middle
            found.append((late, before, after))
        low = high
    return tuple(found)


@cache
def behaviours() -> dict[str, list[str]]:
    """Zones by how their clocks run in these years: one name for each way, with all that share it."""
    alike: dict[object, list[str]] = {}
    for name in ZONES:
        alike.setdefault((FIRST.astimezone(ZoneInfo(name)).utcoffset(), changes(name)), []).append(name)
    return {names[0]: names for names in alike.values()}


unhurried = settings(max_examples=60, deadline=None)  # how busy the machine is, is no property of time
zones = st.sampled_from(ZONES)
instants = st.datetimes(FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None), timezones=st.just(UTC))


def near_changes(names: st.SearchStrategy[str] = zones) -> st.SearchStrategy[tuple[str, datetime]]:
    """A zone and an instant, as often as not within two days of a change of its clocks."""

    @st.composite
    def draw_one(draw: st.DrawFn) -> tuple[str, datetime]:
        name = draw(names)
        found, near = changes(name), draw(st.booleans())
        if found and near:
            away = timedelta(seconds=draw(st.integers(-172_800, 172_800)))
            return name, draw(st.sampled_from(found))[0] + away
        return name, draw(instants)

    return draw_one()
