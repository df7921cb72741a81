"""Private answers are readable by nobody but their writer; named ones come after a day's notice."""

import asyncio
import json
import logging
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update

from simulator.errors import FormErrors, Impossible
from storage.base import Base
from storage.checkin_answers import Answer, Blocker, CheckinShare
from storage.checkins import Prompt, Round, Visibility
from storage.messages import Message
from storage.migrating import models
from storage.people import DataAccess
from tests.handlers.checkins.stories import (
    at,
    enables,
    everybody_taps,
    person_of,
    prompts,
    round_of,
    settings,
    taps,
)
from tests.handlers.escalations.test_roles import presses_forged
from tests.office import Office

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CANARY = "Xylophones everywhere"


async def writes(office: Office, name: str, what: str) -> None:
    """Says what is in the way, in the form behind the message."""
    who = office.sim.acts_as(name)
    shown = prompts(who)[0]
    label = next(one for one in shown.buttons() if "is in the way…" in one or one.startswith("What is in"))
    await who.clicks(shown, label)
    await office.settles()
    form = await who.modal()
    form.fill("load", "too much").fill("feeling", "awful").fill("blocker", what)
    await form.submit()
    await office.settles()


def before_the_eyes_of(office: Office, name: str) -> str:
    """Everything that somebody can see in Slack."""
    who = office.sim.acts_as(name)
    channels = ["@bot", *(f"#{one.name}" for one in office.sim.workspace.channels.values() if one.name)]
    seen = []
    for channel in channels:
        try:
            seen += [shown.text + shown.notification for shown in who.sees(channel)]
        except (Impossible, KeyError):
            continue
    whispers = office.sim.workspace.ephemerals.get(who.id, {}).values()
    return "\n".join([*seen, *(json.dumps(one.message) for one in whispers)])


async def everywhere_but_the_answers(office: Office) -> str:
    """Every row of the database but the answers themselves."""
    models()
    kept = []
    async with office.bot.store.read() as session:
        for table in Base.metadata.sorted_tables:
            if table.name != Answer.__tablename__:
                kept += [str(tuple(row)) for row in await session.execute(select(table))]
    return "\n".join(kept)


async def test_four_private_answers_are_read_by_nobody_on_no_screen_and_in_no_row_but_their_writers_own(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await enables(office)
    await at(office, "14:31")
    await writes(office, "Ben", CANARY)
    await everybody_taps(office, "too much", "too much", "heavy", people=("Cara", "Sean", "Aoife"))
    assert CANARY in before_the_eyes_of(office, "Ben")
    await at(office, "17:31")
    await at(office, "09:30")
    result = await office.aoife.finds("@bot", "Check-in of Care")
    assert "4 of 12 answered" in result.text
    assert "Too few to show" in result.text
    assert "image" not in [block["type"] for block in result.blocks]
    await office.aoife.clicks(result, "All of it…")
    await office.settles()
    window = (await office.aoife.modal()).text
    await office.aoife.types("/checkin trend", channel="#care")
    trend = (await office.aoife.privately("Load of Care")).text
    assert "too few answers" in trend
    await office.omar.types("/backstop upcoming", channel="#general")
    await office.jonas.types("/checkin trend", channel="#care")
    everybody = [member.name for member in office.sim.workspace.people.values() if not member.is_bot]
    others = [before_the_eyes_of(office, name) for name in everybody if name != "Ben"]
    rows = await everywhere_but_the_answers(office)
    for place in (window, trend, rows, caplog.text, *others):
        assert CANARY not in place
    async with office.bot.store.read() as session:
        kept = (await session.execute(select(Round.load, Round.feeling))).all()
        assert (await session.execute(select(func.count()).select_from(Blocker))).scalar_one() == 0
    assert all(row == (None, None) for row in kept)


@SQLITE
async def test_what_the_manager_said_themselves_does_not_make_five(office: Office) -> None:
    await enables(office)
    await at(office, "14:31")
    await everybody_taps(office, "right", "right", "heavy", "right", people=("Ben", "Cara", "Sean", "Niamh"))
    await taps(office, office.aoife, "light")
    await at(office, "17:31")
    closed = await round_of(office)
    assert (closed.answered, closed.load) == (5, None)


@SQLITE
async def test_five_answers_are_shown_once_with_what_is_in_the_way_and_no_name_and_the_team_reads_what_was_done(
    office: Office,
) -> None:
    await enables(office)
    await at(office, "14:31")
    await writes(office, "Ben", "Staging is down <!channel>")
    await everybody_taps(office, "right", "heavy", "right", "too much", people=("Cara", "Sean", "Niamh", "Petra"))
    await at(office, "17:31")
    await at(office, "09:30")
    result = await office.aoife.finds("@bot", "Check-in of Care")
    assert "Staging is down <!channel>" in result.text
    assert "Ben" not in result.text
    await office.aoife.clicks(result, "What I did…")
    await office.settles()
    form = await office.aoife.modal()
    assert "The team reads this" in form.text
    await form.fill("done", "Moved the deploy to noon").submit()
    await office.settles()
    assert "What was done (Aoife): Moved the deploy to noon" in (await office.aoife.finds("@bot", "Check-in of")).text
    await at(office, "14:31")
    again = next(shown.text for shown in prompts(office.sean) if "3 June" in shown.text)
    assert "Since the last check-in\n• Aoife: Moved the deploy to noon" in again
    assert "Staging" not in again
    assert office.sim.surprises == []


@SQLITE
async def test_nobody_answers_reads_or_sets_what_is_not_theirs_with_a_forged_button(office: Office) -> None:
    await enables(office)
    await at(office, "14:31")
    await everybody_taps(office, *["right"] * 5, people=("Ben", "Cara", "Sean", "Niamh", "Petra"))
    async with office.bot.store.write() as session:
        theirs = (await session.execute(select(Prompt.id).order_by(Prompt.id))).scalars().all()
        round_id = (await session.execute(select(func.min(Round.id)))).scalar_one()
        blocker = Blocker(round_id=round_id, text=CANARY)
        session.add(blocker)
    await at(office, "17:31")
    forged: list[tuple[str, Any]] = [
        ("checkins.load_5", theirs[0]),
        ("checkins.say_more", theirs[0]),
        ("checkins.show_result", round_id),
        ("checkins.who", round_id),
        ("checkins.done", blocker.id),
        ("checkins.settings", office.teams["Care"].id),
        ("checkins.start", office.teams["Care"].id),
        ("checkins.show_result", "1; DROP TABLE"),
        ("checkins.load_1", 999_999),
    ]
    yusuf = await person_of(office, "Yusuf")
    mine = (await answers(office))[:]
    for action_id, value in forged:
        await presses_forged(office, office.yusuf, action_id, str(value))
    assert await answers(office) == mine
    assert CANARY not in before_the_eyes_of(office, "Yusuf")
    assert yusuf.id not in {row[0] for row in mine}


async def answers(office: Office) -> list[tuple[int, int | None]]:
    async with office.bot.store.read() as session:
        found = await session.execute(select(Answer.person_id, Answer.load).order_by(Answer.id))
        return [(person_id, load) for person_id, load in found]


@SQLITE
async def test_named_answers_need_an_admin_and_a_days_notice_and_every_reading_is_logged(office: Office) -> None:
    form = await settings(office, office.aoife)
    form.fill("use", "on").fill("days", [str(day) for day in range(5)]).fill("visibility", "Named")
    with pytest.raises(FormErrors, match="Only an admin turns on named answers"):
        await form.submit()
    await enables(office, office.omar, days=[str(day) for day in range(5)], visibility="Named")
    assert "Named answers count from" in (await office.omar.modal(titled="Saved")).text
    await at(office, "14:31")
    assert "Private: stored for you" in prompts(office.ben)[0].text
    assert "are named" in (await office.ben.finds("@bot", "will see your answers with your name")).text
    await taps(office, office.ben, "heavy")
    await at(office, "17:31")
    await at(office, "17:31")
    await at(office, "14:31")
    named = next(shown for shown in prompts(office.ben) if "4 June" in shown.text)
    assert "Named: your managers and their heads see your answer with your name" in named.text
    await office.ben.clicks(named, "too much")
    await office.settles()
    await at(office, "17:31")
    await at(office, "09:30")
    result = await office.aoife.finds("@bot", "Check-in of Care, Thursday")
    assert "1 too much" in result.text
    await office.aoife.clicks(result, "Who said what…")
    await office.settles()
    assert "Ben: too much" in (await office.aoife.modal()).text
    await office.ben.types("/backstop my-data", channel="#care")
    assert "@Aoife, read your check-in of 2026-06-04" in (await office.ben.privately("What is kept about you")).text
    async with office.bot.store.read() as session:
        first = (await session.execute(select(Round.visibility).order_by(Round.day))).scalars().first()
        read = (await session.execute(select(func.count()).select_from(DataAccess))).scalar_one()
    assert first == Visibility.PRIVATE
    assert read == 1


@SQLITE
async def test_who_was_not_told_in_time_is_not_asked_under_names(office: Office) -> None:
    await enables(office, office.omar, visibility="Named")
    await at(office, "17:31")
    await at(office, "17:31")
    async with office.bot.store.write() as session:
        ben = (await person_of(office, "Ben")).id
        untold = (Message.renderer == "checkins.named") & (Message.person_id == ben)
        await session.execute(update(Message).where(untold).values(sent_at=office.now))
    await at(office, "14:31")
    asked = [shown.text for shown in prompts(office.ben) if "4 June" in shown.text]
    assert asked == []
    assert [shown for shown in prompts(office.cara) if "4 June" in shown.text] != []


@SQLITE
async def test_after_90_days_the_answers_are_gone_from_the_file_and_the_sums_stay(
    office: Office, database_url: str
) -> None:
    await enables(office)
    await at(office, "14:31")
    await writes(office, "Ben", CANARY)
    await everybody_taps(office, *["right"] * 4, people=("Cara", "Sean", "Niamh", "Petra"))
    await at(office, "17:31")
    async with office.bot.store.write() as session:
        await session.execute(text("UPDATE teams SET checkins = false"))
        await session.execute(delete(Message).where(Message.renderer == "checkins.result"))
    await office.sleeps(days=91)
    await office.passes(hours=25)
    async with office.bot.store.read() as session:
        left = [
            (await session.execute(select(func.count()).select_from(model))).scalar_one()
            for model in (Answer, Prompt, Blocker, CheckinShare)
        ]
        sums = (await session.execute(select(Round.load).where(Round.load.is_not(None)))).scalars().all()
    assert left == [0, 0, 0, 0]
    assert any(sum(one or []) == 5 for one in sums)
    file = Path(database_url.removeprefix("sqlite:///"))
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert CANARY.encode() not in await asyncio.to_thread(file.read_bytes)


@SQLITE
async def test_my_data_shows_ones_own_answers_and_erases_them(office: Office) -> None:
    await enables(office)
    await at(office, "14:31")
    await writes(office, "Ben", CANARY)
    await office.ben.types("/backstop my-data", channel="#care")
    shown = await office.ben.privately("What is kept about you")
    assert "Your check-ins: load, feeling, what is in the way: 1" in shown.text
    await office.ben.clicks(shown, "Erase…")
    await office.ben.privately("Erased")
    assert await answers(office) == []


@SQLITE
async def test_what_the_operator_measures_does_not_tell_what_somebody_tapped(office: Office) -> None:
    """/metrics names each listener: one of its own for each step of a scale would count the answers."""
    await enables(office)
    await at(office, "14:31")
    await taps(office, office.ben, "too much", "awful")
    counted = _listeners(office.bot.listening.measures.exposition())
    assert any("tap" in one for one in counted)
    await taps(office, office.cara, "light", "great")
    assert _listeners(office.bot.listening.measures.exposition()) == counted


def _listeners(exposition: bytes) -> set[str]:
    return set(re.findall(r'backstop_listener_seconds_count{listener="([^"]+)"}', exposition.decode()))
