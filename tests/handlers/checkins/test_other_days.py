"""Days that aren't like others: the clocks change under a window, and a holiday is one person's alone."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from tests.handlers.checkins.stories import EVERY_DAY, at, enables, everybody_taps, lived, prompts, taps
from tests.handlers.checkins.test_asking import SQLITE
from tests.office import Office, StillClock

SPRING, AUTUMN = datetime(2026, 3, 28, 17, 0, tzinfo=UTC), datetime(2026, 10, 24, 16, 0, tzinfo=UTC)

CORPUS_CHRISTI = datetime(2026, 6, 4, 9, 0, tzinfo=UTC)
"""A holiday in Austria, and none in Ireland."""


@SQLITE
@pytest.mark.parametrize(
    ("begins", "asked", "ends"),
    [
        (SPRING, SPRING.replace(hour=22, minute=30), SPRING.replace(day=29, hour=1, minute=30)),
        (AUTUMN, AUTUMN.replace(hour=23, minute=30), AUTUMN.replace(day=25, hour=2, minute=30)),
    ],
    ids=["an hour less", "an hour more"],
)
async def test_three_hours_before_the_end_of_a_shift_are_three_hours_also_when_the_clocks_change(
    make_office: Callable[[], Awaitable[Office]], clock: StillClock, begins: datetime, asked: datetime, ends: datetime
) -> None:
    clock.at = begins
    office = await make_office()
    await office.opens()
    await office.ben.types("/availability hours", channel="#care")
    form = await office.ben.modal(titled="My hours")
    await form.fill("days", EVERY_DAY).fill("Start", "18:00").fill("End", "02:30").submit()
    await enables(office)
    await office.passes(seconds=(asked - office.now).total_seconds() - 60)
    assert prompts(office.ben) == []
    await office.passes(minutes=2)
    assert "You can change it until 2:30 AM" in prompts(office.ben)[0].text
    await taps(office, office.ben, "heavy")
    await office.passes(seconds=(ends - office.now).total_seconds() - 60)
    assert "✓ heavy" in prompts(office.ben)[0].buttons()
    await office.passes(minutes=2)
    assert "You said: heavy" in office.ben.sees("@bot")[-1].text
    assert office.sim.surprises == []


async def test_a_holiday_is_for_whose_country_has_it_and_a_result_stands_beside_the_four_weeks_before(
    make_office: Callable[[], Awaitable[Office]], clock: StillClock
) -> None:
    clock.at = CORPUS_CHRISTI
    office = await make_office()
    await office.opens()
    await office.ben.types("/availability hours", channel="#care")
    form = await office.ben.modal(titled="My hours")
    await form.suggestions("Country", "austria")
    await form.fill("Country", "AT").submit()
    await lived(office, {1: [0, 0, 5, 0, 0], 2: [0, 0, 5, 0, 0]})
    await enables(office)
    await office.aoife.types("/backstop upcoming", channel="#care")
    assert "@Ben (Thu 14:30 their time) (a holiday: " in (await office.aoife.privately("Coming up")).text
    await at(office, "14:31")
    assert [len(prompts(who)) for who in (office.ben, office.cara)] == [0, 1]
    await everybody_taps(office, *["heavy"] * 5, people=("Cara", "Niamh", "Sean", "Petra", "Yusuf"))
    await at(office, "09:31")
    result = (await office.aoife.finds("@bot", "Check-in of Care, Thursday 4 June")).text.replace("*", "")
    assert "5 of 11 answered" in result
    assert "Mean 4.0 of 5, 1.0 above the four weeks before (3.0, 2 check-ins)" in result
