"""Polls that are open while the clocks change: they close when everybody was told, by the clock on their wall."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from storage.polls import PollState
from tests.handlers.polls.stories import form, latest, letter
from tests.office import Office, StillClock

SPRING, AUTUMN = datetime(2026, 3, 27, 9, tzinfo=UTC), datetime(2026, 10, 23, 8, tzinfo=UTC)
"""Fridays, nine o'clock in Dublin; on Sunday its clocks change. Manila's never do."""
MakeOffice = Callable[[], Awaitable[Office]]


async def opens_on(day: datetime, make_office: MakeOffice, clock: StillClock) -> Office:
    clock.at = day
    office = await make_office()
    await office.opens()
    return office


async def asks(office: Office, closes: datetime | None, **more: str) -> None:
    """Aoife sends a pulse; without `closes`, when the form proposes."""
    modal = await form(office, office.aoife, "pulse", more=bool(more))
    if closes is not None:
        modal.fill("closes", closes)
    for field, value in more.items():
        modal.fill(field, value)
    await modal.submit()
    await office.settles()
    await (await office.aoife.modal(titled="Preview")).submit()
    await office.settles()


@pytest.mark.parametrize("day", [SPRING, AUTUMN], ids=["an hour less", "an hour more"])
async def test_it_closes_at_the_hour_that_each_was_told_though_the_clocks_change(
    day: datetime, make_office: MakeOffice, clock: StillClock
) -> None:
    office = await opens_on(day, make_office, clock)
    six_in_dublin = day.replace(day=day.day + 2, hour=17 if day is SPRING else 18)
    await asks(office, six_in_dublin)
    poll = await latest(office)
    assert poll.closes_at == six_in_dublin
    assert f"{six_in_dublin:%b %d, %Y} at 6:00 PM" in (await letter(office.ben, poll)).text
    assert ("1:00 AM" if day is SPRING else "2:00 AM") in (await letter(office.mei, poll)).text
    await office.passes(seconds=(six_in_dublin - office.now).total_seconds() - 60)
    assert (await latest(office)).state == PollState.OPEN
    await office.passes(minutes=2)
    assert (await latest(office)).state == PollState.CLOSED
    assert "is closed" in (await letter(office.ben, poll)).text
    assert office.sim.surprises == []


@pytest.mark.parametrize("day", [SPRING, AUTUMN], ids=["an hour less", "an hour more"])
async def test_one_that_repeats_keeps_its_hours_over_the_weekend_when_the_clocks_change(
    day: datetime, make_office: MakeOffice, clock: StillClock
) -> None:
    """Each Friday at nine until Monday at five."""
    office = await opens_on(day - timedelta(weeks=1), make_office, clock)
    await asks(office, office.now + timedelta(days=3, hours=8), every_weeks="Every week")
    await office.sleeps(weeks=1)
    again = await latest(office)
    assert (again.label, again.opened_at) == ("P-2", day)
    assert again.closes_at == day + timedelta(days=3, hours=7 if day is SPRING else 9)
    assert "5:00 PM" in (await letter(office.ben, again)).text
    await office.sleeps(weeks=1, hours=-1 if day is SPRING else 1)
    after = await latest(office)
    assert (after.label, after.closes_at - again.closes_at) == ("P-3", timedelta(weeks=1))
