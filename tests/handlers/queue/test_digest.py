"""The daily digest: at the team's hour, what needs somebody first, each line with buttons that do what they say."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from simulator.acting import Actor
from simulator.shown import Shown
from storage.digests import Digest
from tests.handlers.escalations.stories import raised
from tests.handlers.escalations.test_roles import presses_forged
from tests.office import Office

WEDNESDAY_NINE = datetime(2026, 6, 3, 8, 0, tzinfo=UTC)
TITLE = "Care: today"
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Where nothing depends on the database's kind."""


async def until_nine(office: Office) -> None:
    await office.passes(seconds=(WEDNESDAY_NINE - office.now).total_seconds() + 5)


async def digest(who: Actor, channel: str = "#care") -> Shown:
    return await who.finds(channel, TITLE)


async def made(office: Office) -> list[Digest]:
    async with office.bot.store.read() as session:
        query = select(Digest).where(Digest.team_id == office.teams["Care"].id, ~Digest.weekly).order_by(Digest.until)
        return list((await session.execute(query)).scalars())


async def test_the_morning_brings_what_needs_somebody_to_the_channel_and_to_the_managers(office: Office) -> None:
    await raised(office, office.ben, "Login loops after the update")
    await raised(office, office.cara, "Invoices in the wrong language", severity="S4", need="decision")
    await until_nine(office)
    for shown in (await digest(office.ben), await digest(office.aoife, "@bot")):
        assert "Needs you today" in shown.text
        assert shown.text.index("Login loops") < shown.text.index("Invoices")
        assert "2 open · 2 overdue · 2 without an owner" in shown.text
        assert "since the last one 2 raised, 0 resolved" in shown.text
        assert "No help desk is connected" in shown.text
    assert not [shown for shown in office.ben.sees("@bot") if TITLE in shown.text], "only managers have their own"


@on_sqlite
async def test_it_covers_exactly_the_time_since_the_last_one(office: Office) -> None:
    await until_nine(office)
    await office.passes(days=2)
    first, second, third = await made(office)
    assert first.until == second.since
    assert second.until == third.since
    assert third.until == office.now.replace(second=third.until.second, microsecond=third.until.microsecond)


async def test_a_line_is_taken_by_one_and_every_copy_says_so(office: Office) -> None:
    await raised(office, office.ben)
    await until_nine(office)
    [first] = await made(office)
    await office.cara.clicks(await digest(office.cara), "I’ll take it")
    await office.settles()
    assert "You took it" in (await office.cara.privately()).text
    for shown in (await digest(office.ben), await digest(office.aoife, "@bot")):
        assert "Cara took it" in shown.text
        assert "I’ll take it" not in shown.buttons()
    too_late = await presses_forged(office, office.ramon, "queue.take", f"{first.id}:channel:0")
    assert "Too late: Cara took it" in too_late


@on_sqlite
async def test_who_snoozes_a_line_is_reminded_alone_unless_somebody_took_it(office: Office) -> None:
    await raised(office, office.ben)
    await until_nine(office)
    for person in (office.cara, office.niamh):
        await person.clicks(await digest(person), "Snooze for me")
        await office.settles()
        assert "I’ll remind you" in (await person.privately()).text
    await office.passes(hours=2, minutes=1)
    assert "You asked me to remind you" in (await office.cara.finds("@bot", "remind you")).text
    again = await office.cara.finds("@bot", "remind you")
    await office.cara.clicks(again, "Snooze for me")
    await office.settles()
    await office.niamh.clicks(await digest(office.niamh), "I’ll take it")
    await office.settles()
    await office.passes(hours=2, minutes=1)
    assert len([shown for shown in office.cara.sees("@bot") if "You asked me to remind you" in shown.text]) == 1


@on_sqlite
async def test_an_outsider_and_a_forged_value_are_refused(office: Office) -> None:
    await raised(office, office.ben)
    await until_nine(office)
    [first] = await made(office)
    for forged, said in (
        (f"{first.id}:managers:0", "Only Care’s members"),
        (f"{first.id}:channel:7", "isn’t there any more"),
        (f"{first.id}:nobody:0", "isn’t there any more"),
        ("999999:channel:0", "isn’t there any more"),
        ("x", "can’t read that"),
    ):
        assert said in await presses_forged(office, office.ben, "queue.take", forged), forged


@on_sqlite
async def test_late_it_says_so_and_too_late_it_is_skipped_with_the_reason(office: Office) -> None:
    await office.sleeps(seconds=(WEDNESDAY_NINE - office.now).total_seconds() + 40 * 60)
    await office.settles()
    assert "late 40 min: Backstop was down" in (await digest(office.ben)).text
    await office.sleeps(hours=30)
    await office.settles()
    assert len(await made(office)) == 1
    await office.aoife.types("/backstop upcoming", channel="#care")
    assert "Backstop was down until" in (await office.aoife.privately("Coming up")).text


@on_sqlite
async def test_a_manager_sets_hour_and_place_and_switches_it_off(office: Office) -> None:
    await office.aoife.types("/backstop team", channel="#care")
    await office.aoife.clicks(await office.aoife.privately("Care"), "Digest…")
    form = await office.aoife.modal(titled="Digest")
    await form.fill("at", "08:15").fill("where", ["managers"]).submit()
    await office.settles()
    assert "at 08:15 (Europe/Dublin) to its managers’ direct messages" in (await office.aoife.modal()).text
    await until_nine(office)
    assert not [shown for shown in office.ben.sees("#care") if TITLE in shown.text]
    assert (await made(office))[0].until.hour == 7
    await office.aoife.types("/backstop team", channel="#care")
    await office.aoife.clicks(await office.aoife.privately("Care"), "Digest…")
    form = await office.aoife.modal(titled="Digest")
    await form.fill("where", []).submit()
    await office.settles()
    assert "no digest any more" in (await office.aoife.modal()).text
    await office.passes(days=1)
    assert len(await made(office)) == 1


@on_sqlite
async def test_a_preview_is_sent_to_nobody_and_shows_each_what_they_may_read(office: Office) -> None:
    await raised(office, office.ben)
    await office.cara.types("/availability away until friday", channel="#care")
    await office.aoife.types("/backstop preview digest", channel="#care")
    shown = (await office.aoife.privately("Preview")).text
    assert "Login loops" in shown
    assert "Away: Cara" in shown
    await office.ben.types("/backstop preview digest", channel="#care")
    shown = (await office.ben.privately("Preview")).text
    assert "Login loops" in shown
    assert "Away" not in shown
    await office.ben.types("/backstop preview weekly", channel="#care")
    assert "goes to managers and heads" in (await office.ben.privately()).text
    await office.jonas.types("/backstop preview weekly Care", channel="#care")
    assert "the week" in (await office.jonas.privately("Preview")).text
    assert not [one for one in office.ben.sees("#care") if TITLE in one.text and not one.is_ephemeral]
