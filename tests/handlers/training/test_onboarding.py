"""Onboarding: the plan day by day, for who joins after it was made; at their hours; until they leave."""

import pytest

from simulator.acting import FormErrors
from simulator.shown import Modal
from tests.handlers.training.stories import letters
from tests.office import Office


async def plan(office: Office) -> Modal:
    await office.aoife.types("/training onboarding", channel="#care")
    return await office.aoife.modal(titled="Onboarding")


async def says(office: Office, day: int, text: str, **fields: object) -> None:
    """Aoife writes what newcomers read on that day."""
    window = await plan(office)
    await office.aoife.clicks(window, f"training.edit_day={office.teams['Care'].id}:{day}")
    await office.settles()
    form = await office.aoife.modal()
    for name, value in ({"text": text} | fields).items():
        form.fill(name, value)
    await form.submit()
    await office.settles()
    window = await office.aoife.modal(titled="Onboarding")
    await window.close()


async def joins(office: Office, *names: str) -> None:
    await office.passes(minutes=5)
    await office.aoife.types("/backstop team edit", channel="#care")
    form = await office.aoife.modal()
    members = [*form.value("members"), *(office.sim.workspace.person(name).id for name in names)]
    await form.fill("members", members).submit()
    await (await office.aoife.modal()).close()
    await office.settles()


async def test_a_newcomer_gets_the_plan_with_a_buddy_until_they_leave_and_nobody_else_does(office: Office) -> None:
    await says(office, 0, "Read the handbook first.", link="https://wiki.example/handbook", buddy=["buddy"])
    await says(office, 3, "By now you know the macros. <!here>")
    await says(office, 7, "Sit in on a refund call.")
    window = await plan(office)
    assert "Read the handbook first" in window.text
    await office.aoife.clicks(window, "Buddies…")
    await office.settles()
    form = await office.aoife.modal(titled="Buddies")
    with pytest.raises(FormErrors) as refused:
        await form.fill("people", ["Cara", "Tomas"]).submit()
    assert "Tomas isn’t in Care" in next(iter(refused.value.errors.values()))
    await form.fill("people", ["Cara"]).submit()
    await office.settles()
    assert "Buddies, in turns: Cara" in window.text
    await window.close()

    await joins(office, "Dana")
    first = await office.dana.finds("@bot", "Your first day in Care")
    assert "Open it" in first.buttons()
    assert "Your buddy is @Cara" in first.text
    assert letters(office.cara, "Dana is new in Care")
    assert not letters(office.ben, "Your first day")
    home = await office.dana.opens_home()
    assert "on day 0 of the onboarding in Care" in home.text.replace("*", "")
    await office.aoife.types("/backstop upcoming", channel="#care")
    assert "Onboarding, day 3 · Dana" in (await office.aoife.privately("Coming up")).text
    window = await plan(office)
    assert "Dana · day 0, buddy Cara" in window.text.replace("*", "")
    await window.close()
    await office.passes(days=3)
    assert len(letters(office.dana, "By now you know the macros")) == 1
    await office.dana.types("/backstop team leave care", channel="#platform")
    await office.dana.clicks(await office.dana.privately("Leave"), "Leave…")
    await office.settles()
    window = await plan(office)
    assert "Nobody goes through it now" in window.text
    await window.close()
    await office.passes(days=5)
    assert not letters(office.dana, "Sit in on a refund call")


async def test_a_manager_starts_it_for_who_was_there_before_stops_it_and_changes_the_buddy(office: Office) -> None:
    window = await plan(office)
    await office.aoife.clicks(window, "Start for somebody…")
    assert "The plan says nothing yet" in (await office.aoife.modal(titled="Backstop")).text
    await (await office.aoife.modal(titled="Backstop")).close()
    await window.close()
    await says(office, 0, "Welcome back.", buddy=["buddy"])
    await says(office, 7, "A week already.")
    window = await plan(office)
    await office.aoife.clicks(window, "Start for somebody…")
    await office.settles()
    await (await office.aoife.modal(titled="Start onboarding")).fill("people", ["Ben", "Mei"]).submit()
    assert "begin the onboarding of Care today" in (await office.aoife.modal()).text.replace("*", "")
    await (await office.aoife.modal()).close()
    await office.settles()
    assert letters(office.ben, "Welcome back")
    window = await office.aoife.modal(titled="Onboarding")
    ben = [button for button in window.buttons() if button == "Buddy…"]
    assert len(ben) == 2
    await window.close()
    await office.passes(days=7, hours=12)
    assert letters(office.ben, "A week already")
    assert letters(office.mei, "A week already")


async def test_only_who_leads_the_team_opens_its_plan(office: Office) -> None:
    await office.ben.types("/training onboarding", channel="#care")
    assert "you lead none" in (await office.ben.privately()).text
    await office.jonas.types("/training onboarding", channel="#care")
    shown = await office.jonas.privately("Whose onboarding?")
    await office.jonas.clicks(shown, "Platform")
    await office.settles()
    assert "Who joins Platform" in (await office.jonas.modal(titled="Onboarding")).text.replace("*", "")
    await office.omar.types("/training", channel="#general")
    assert "You are in no team yet" in (await office.omar.privately()).text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_it_stops_when_the_account_is_closed_and_who_is_gone_is_not_shown(office: Office) -> None:
    await says(office, 0, "Welcome.", buddy=["buddy"])
    await says(office, 3, "By now you know the macros.")
    await joins(office, "Dana")
    assert letters(office.dana, "Your first day")
    office.sim.workspace.deactivate(office.dana.id)
    await office.settles()
    assert "Nobody goes through it now" in (await plan(office)).text
    await office.passes(days=4)
    assert not letters(office.dana, "By now you know")
    assert not letters(office.aoife, "couldn’t")
