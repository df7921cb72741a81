"""Required trainings: asked of a team or of some, done by a tap or by being there, reminded, again next year."""

import pytest

from simulator.acting import FormErrors
from simulator.shown import Modal
from tests.handlers.training.stories import answers, letters, plans
from tests.office import Office


async def requires(office: Office, *, more: bool = False) -> Modal:
    """The form, as Aoife opens it."""
    await office.aoife.types("/training required", channel="#care")
    await office.aoife.clicks(await office.aoife.privately(), "Require a training…")
    await office.settles()
    form = await office.aoife.modal(titled="Require a training")
    if more:
        await office.aoife.clicks(form, "More…")
        await office.settles()
    return await office.aoife.modal(titled="Require a training")


async def test_it_is_asked_done_by_a_tap_reminded_and_overdue_ones_are_listed_to_who_leads(office: Office) -> None:
    form = await requires(office)
    with pytest.raises(FormErrors) as refused:
        await form.fill("title", "Fire safety").fill("due_on", "2026-06-01").fill("link", "fire").submit()
    assert "isn’t a link" in refused.value.errors["Link"]
    with pytest.raises(FormErrors) as refused:
        await form.fill("link", "https://learn.example/fire").submit()
    assert "That day is over" in refused.value.errors["Until"]
    await form.fill("due_on", "2026-06-12").submit()
    assert "is required of Care" in (await office.aoife.modal()).text
    await (await office.aoife.modal()).close()
    await office.settles()
    asked = await office.ben.finds("@bot", "A training is required of you")
    assert "due Friday 12 June" in asked.text
    await office.ben.clicks(asked, "I’ve done it")
    await office.settles()
    assert "you have done Fire safety" in (await office.ben.finds("@bot", "you have done")).text.replace("*", "")
    home = await office.cara.opens_home()
    assert "Fire safety" in home.text
    await office.cara.clicks(home, "I’ve done it")
    await office.settles()
    assert "Fire safety" not in home.text

    await office.sleeps(days=3)
    await office.passes(hours=3)
    assert letters(office.niamh, "due in a week")
    assert not letters(office.ben, "due in a week")
    await office.sleeps(days=9)
    await office.passes(hours=21)
    await office.aoife.types("/training required", channel="#care")
    shown = await office.aoife.privately("In the teams that you lead")
    assert "2 of 12 have done it" in shown.text
    assert "10 overdue" in shown.text
    await office.aoife.clicks(shown, "Who is missing…")
    await office.settles()
    missing = await office.aoife.modal(titled="Who is missing")
    assert "Niamh, :warning: overdue since Friday 12 June" in missing.text
    assert "Ben" not in missing.text
    await office.niamh.types("/backstop my-data", channel="#care")
    assert "looked at who hasn’t done a required training" in (await office.niamh.privately("What is kept")).text
    await missing.close()
    home = await office.aoife.opens_home()
    assert "10 overdue" in home.text
    await office.aoife.clicks(shown, "End it")
    await office.settles()
    assert "overdue" not in home.text
    reminded = len(letters(office.niamh, "Fire safety"))
    await office.sleeps(days=6)
    await office.passes(hours=24)
    assert len(letters(office.niamh, "Fire safety")) == reminded


async def test_who_was_at_its_session_has_done_it_and_only_who_is_named_is_asked(office: Office) -> None:
    await plans(office, office.aoife, "Tone of voice")
    form = await requires(office, more=True)
    assert form.options("session") == ["Tone of voice (Thursday 4 June)"]
    form.fill("title", "Tone of voice").fill("people", ["Ben", "Dana"])
    with pytest.raises(FormErrors) as refused:
        await form.submit()
    assert "Dana is in none of these teams" in refused.value.errors["Only these people"].replace("the chosen", "these")
    form.fill("people", ["Ben", "Cara"]).fill("session", form.options("session")[0])
    await form.submit()
    await office.settles()
    assert letters(office.ben, "A training is required of you")
    assert not letters(office.niamh, "required of you")
    await answers(office, office.ben, "I’m going", "Tone of voice")
    await office.passes(days=2, hours=2)
    await office.aoife.clicks(await office.aoife.finds("@bot", "Who was there?"), "Who was there…")
    await (await office.aoife.modal(titled="Who was there")).submit()
    await office.settles()
    assert letters(office.ben, "you have done")
    assert letters(office.cara, "A training is required of you")


async def test_it_is_asked_again_each_year_and_of_who_joins_later(office: Office) -> None:
    form = await requires(office, more=True)
    await form.fill("title", "Privacy").fill("due_on", "2026-06-10").fill("yearly", ["yearly"]).submit()
    await (await office.aoife.modal()).close()
    await office.settles()
    await office.ben.clicks(await office.ben.finds("@bot", "required of you"), "I’ve done it")
    await office.aoife.types("/backstop team edit", channel="#care")
    form = await office.aoife.modal()
    members = [*form.value("members"), office.sim.workspace.person("Dana").id]
    await form.fill("members", members).submit()
    await (await office.aoife.modal()).close()
    await office.settles()
    await office.passes(days=1)
    assert "due Wednesday 17 June" in (await office.dana.finds("@bot", "A training is required of you")).text
    await office.sleeps(days=345)
    await office.passes(days=2)
    assert letters(office.ben, "required of you again")
