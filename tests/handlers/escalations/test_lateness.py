"""The bot was down: what was due then happens once, and says how late it is. Restarts repeat nothing."""

import re

from sqlalchemy import func, select

from storage.escalation_events import Event
from storage.escalations import State
from storage.schedule import Timer
from tests.handlers.escalations.stories import chooses, letters, press, raised, thread
from tests.office import Office, escalation

UNCLAIMED = "Nobody claimed this in time"


async def test_a_breach_that_was_slept_through_is_said_once_and_labelled(office: Office) -> None:
    await raised(office, office.mei, severity="S1")
    await office.sleeps(minutes=27)
    assert letters(office.ramon, "Nobody has claimed this yet") == []  # the warning's time is over
    pages = letters(office.ramon, UNCLAIMED)
    assert len(pages) == 1
    assert re.search(r"Late 1\d min: Backstop was down", pages[0])
    [line] = [line for line in await thread(office) if "overdue" in line]
    assert re.search(r"Late 1\d min: Backstop was down", line)


async def test_a_long_outage_makes_one_page_and_the_next_follows_at_the_usual_pace(office: Office) -> None:
    await raised(office, office.mei, severity="S1")
    await office.sleeps(hours=5)
    assert len(letters(office.aoife, UNCLAIMED)) == 1
    await office.passes(minutes=14)
    assert letters(office.jonas, UNCLAIMED) == []
    await office.passes(minutes=2)
    assert len(letters(office.jonas, UNCLAIMED)) == 1
    assert "Late" not in letters(office.jonas, UNCLAIMED)[0]


async def test_a_hold_whose_date_passed_meanwhile_ends_late(office: Office) -> None:
    await raised(office, office.ben)
    await press(office, office.cara, "Claim")
    until = office.now.replace(hour=11, minute=0)
    await chooses(office, office.cara, "Put on hold…", reason="The vendor looks", until=until)
    await office.sleeps(hours=3)
    assert (await escalation(office, 1)).state == State.IN_PROGRESS
    [line] = [line for line in await thread(office) if "hold is over" in line]
    assert re.search(r"Late \d h( \d+ min)?: Backstop was down", line)


async def test_a_step_in_time_says_nothing_of_lateness(office: Office) -> None:
    await raised(office, office.mei, severity="S1")
    await office.passes(minutes=16)
    assert not [text for text in letters(office.ramon, "E-1") if "Backstop was down" in text]


async def test_a_restart_repeats_nothing(office: Office) -> None:
    await raised(office, office.mei, severity="S1")
    await office.passes(minutes=16)
    said = [len(office.ramon.sees("@bot")), len(office.aoife.sees("@bot")), len(await thread(office))]
    await office.restarts()
    await office.settles()
    await office.passes(minutes=10)
    assert [len(office.ramon.sees("@bot")), len(office.aoife.sees("@bot")), len(await thread(office))] == said


async def test_a_stricter_severity_is_due_at_once_and_not_late(office: Office) -> None:
    await raised(office, office.ben, severity="S3")
    await office.passes(hours=1)
    await chooses(office, office.cara, "Change severity…", severity="S1", reason="Everybody is down")
    await office.settles()
    pages = letters(office.aoife, UNCLAIMED)
    assert len(pages) == 1
    assert "Late" not in pages[0]


async def test_steps_leave_no_timers_behind_but_those_to_come(office: Office) -> None:
    await raised(office, office.mei, severity="S1")
    await office.passes(hours=4)
    async with office.bot.store.read() as session:
        overdue = select(func.count()).select_from(Timer).where(Timer.due_at <= office.now)
        assert (await session.execute(overdue)).scalar_one() == 0
        breaches = select(func.count()).select_from(Event).where(Event.kind == "breached")
        assert (await session.execute(breaches)).scalar_one() <= 3
