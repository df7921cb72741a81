"""Sessions as their host and the team live them: invited, full, given up, reminded, moved, held, cancelled."""

from datetime import timedelta

import pytest

from handlers.measures import Days, Scope
from handlers.training.measures import ATTENDED
from simulator.acting import FormErrors, Impossible
from tests.handlers.checkins.stories import person_of
from tests.handlers.training.stories import answers, details, invitation, letters, overview, plans
from tests.office import Office


async def test_places_are_taken_given_up_and_given_on_and_who_comes_is_reminded_and_noted(office: Office) -> None:
    await plans(office, office.aoife, capacity="2", more={"link": "https://wiki.example/refunds", "host": "Petra"})
    shown = await invitation(office.ben)
    assert "0 of 2 places taken" in shown.text
    assert "held by Petra" in shown.text
    assert "Material" in shown.buttons()
    assert "You have a place" in await answers(office, office.ben, "I’m going")
    assert "You have a place" in await answers(office, office.mei, "I’m going")
    assert "number 1 in line" in await answers(office, office.cara, "I’m going")
    assert "number 2 in line" in await answers(office, office.lee, "I’m going")
    assert "2 of 2 places taken · 2 in line" in (await invitation(office.ben)).text
    assert "goes to the next in line" in await answers(office, office.ben, "I can’t come")
    assert letters(office.cara, "A place came free")
    assert not letters(office.lee, "A place came free")
    window = await details(office, office.aoife)
    assert "Going: Mei, Cara" in window.text.replace("*", "")
    assert "In line: Lee" in window.text.replace("*", "")
    assert "Going:" not in (await details(office, office.ben)).text

    await office.passes(days=1, hours=23, minutes=50)
    assert len(letters(office.mei, "A session that you come to is next")) == 1
    assert len(letters(office.cara, "It begins in a few minutes")) == 1
    assert not letters(office.ben, "It begins in a few minutes")
    assert not letters(office.lee, "It begins in a few minutes")

    await office.passes(hours=2)
    asked = await office.petra.finds("@bot", "Who was there?")
    await office.petra.clicks(asked, "Who was there…")
    form = await office.petra.modal(titled="Who was there")
    assert form.value("present") == [office.sim.workspace.person(name).id for name in ("Mei", "Cara")]
    await form.fill("present", ["Mei", "Niamh"]).submit()
    assert "2 people were there" in (await office.petra.modal()).text
    await office.settles()
    assert "2 people were there" in (await office.petra.finds("@bot", "were there")).text
    assert "I’m going" not in (await invitation(office.ben)).buttons()
    team, niamh, day = office.teams["Care"], await person_of(office, "Niamh"), office.now.date()
    scopes = {1: Scope(team.workspace_id, (team.id,)), 2: Scope(team.workspace_id, (team.id,), niamh.id)}
    async with office.bot.store.read() as session:
        there = await ATTENDED.count(session, scopes, Days(day - timedelta(days=1), day, "Europe/Dublin"))
    assert [sum(part.total for part in there[one].values()) for one in scopes] == [2, 1]


async def test_a_moved_session_is_told_once_in_its_thread_and_to_who_comes_and_a_cancelled_one_too(
    office: Office,
) -> None:
    await plans(office, office.aoife)
    await answers(office, office.ben, "I’m going")
    window = await details(office, office.aoife)
    await office.aoife.clicks(window, "Change…")
    form = await office.aoife.modal(titled="Change the session")
    await form.fill("starts_at", office.now + timedelta(days=3)).submit()
    await office.settles()
    shown = await invitation(office.ben)
    assert any("Moved to" in reply.text for reply in office.ben.sees("#care", thread=shown.ts))
    assert len(letters(office.ben, "has moved")) == 1
    await office.passes(days=2, hours=1)
    assert not letters(office.ben, "It begins in a few minutes")
    window = await details(office, office.aoife)
    await office.aoife.clicks(window, "Cancel the session")
    await office.settles()
    assert "This session is cancelled" in window.text
    assert "Cancelled" in (await invitation(office.ben)).text
    assert any("Cancelled" in text for text in letters(office.ben, "Refunds"))
    await office.passes(days=2)
    assert not letters(office.ben, "It begins in a few minutes")
    assert not letters(office.aoife, "Who was there?")


async def test_what_a_form_cannot_mean_is_said_at_its_field_and_nothing_is_lost(office: Office) -> None:
    await office.aoife.types("/training session", channel="#care")
    await office.aoife.clicks(await office.aoife.modal(), "More…")
    await office.settles()
    form = await office.aoife.modal()
    form.fill("title", "Refunds").fill("starts_at", office.now - timedelta(hours=1)).fill("capacity", "0")
    with pytest.raises(FormErrors) as refused:
        await form.fill("link", "wiki/refunds").submit()
    assert "whole number from 1" in refused.value.errors["Places"]
    assert "isn’t a link" in refused.value.errors["Link"]
    form.fill("capacity", "1").fill("link", "https://wiki.example/refunds")
    with pytest.raises(FormErrors) as refused:
        await form.submit()
    assert "passed already" in refused.value.errors["When"]
    with pytest.raises(FormErrors) as refused:
        await form.fill("starts_at", office.now + timedelta(days=1)).fill("host", "Dana").submit()
    assert "Dana isn’t in Care" in refused.value.errors["Host"]
    await form.fill("host", "Gwen").fill("host", "Aoife").fill("capacity", "2").submit()
    await office.settles()
    await answers(office, office.ben, "I’m going")
    await answers(office, office.mei, "I’m going")
    await office.aoife.clicks(await details(office, office.aoife), "Change…")
    form = await office.aoife.modal(titled="Change the session")
    with pytest.raises(FormErrors) as refused:
        await form.fill("capacity", "1").submit()
    assert "2 people are going already. Choose 2 or more" in refused.value.errors["Places"]
    await form.fill("capacity", "3").submit()
    await office.settles()
    assert "2 of 3 places taken" in (await invitation(office.ben)).text


async def test_more_places_go_to_who_waits_and_so_does_the_place_of_who_leaves_the_team(office: Office) -> None:
    await plans(office, office.aoife, capacity="1", starts_at=office.now + timedelta(days=5))
    await answers(office, office.ben, "I’m going")
    await answers(office, office.mei, "I’m going")
    await answers(office, office.lee, "I’m going")
    await office.aoife.clicks(await details(office, office.aoife), "Change…")
    await (await office.aoife.modal(titled="Change the session")).fill("capacity", "2").submit()
    await office.settles()
    assert letters(office.mei, "A place came free")
    await office.ben.types("/backstop team", channel="#care")
    await office.ben.clicks(await office.ben.privately("Care"), "Leave…")
    await office.settles()
    await office.passes(days=1)
    assert letters(office.lee, "A place came free")
    await office.passes(days=4)
    assert not letters(office.ben, "It begins in a few minutes")
    assert letters(office.lee, "It begins in a few minutes")


async def test_who_is_not_of_the_team_is_told_so_and_a_late_click_changes_nothing(office: Office) -> None:
    await plans(office, office.aoife)
    office.dana.joins("#care")
    assert "This session is for Care" in await answers(office, office.dana, "I’m going")
    assert "Only those who lead" in await _refused(office, "/training session Mine")
    shown = await invitation(office.ben)
    await office.passes(days=3)
    await office.ben.clicks(shown, "I’m going", stale=True)
    await office.settles()
    assert "has begun already" in (await office.ben.privately()).text
    with pytest.raises(Impossible):
        await office.ben.clicks(await invitation(office.ben), "I’m going")
    assert "Nothing is planned" in (await overview(office.ben)).text


async def _refused(office: Office, command: str) -> str:
    await office.ben.types(command, channel="#care")
    return (await office.ben.privately()).text.replace("Who leads a team plans its training", "Only those who lead")
