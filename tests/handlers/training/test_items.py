"""Topics: noted with an owner and a date, reminded, changed, planned as a session, done."""

from datetime import date, timedelta

import pytest

from simulator.acting import FormErrors
from tests.handlers.training.stories import invitation, letters, overview
from tests.office import Office


async def test_a_topic_goes_from_its_note_over_a_session_to_done(office: Office) -> None:
    await office.aoife.types("/training new Refunds above the limit <!channel>", channel="#care")
    form = await office.aoife.modal(titled="New training item")
    assert form.value("topic") == "Refunds above the limit <!channel>"
    await form.fill("owner", "Ben").fill("due_on", "2026-06-05").submit()
    assert "Ben sees to it, due Friday 5 June" in (await office.aoife.modal()).text
    await office.settles()
    handed = await office.ben.finds("@bot", "Aoife asks you to see to a training topic")
    assert office.sim.workspace.notified == [] or not office.ben.notifications("channel")
    assert "Edit…" not in (await overview(office.cara)).buttons()
    await office.ben.clicks(handed, "Plan a session…")
    await office.settles()
    form = await office.ben.modal(titled="Plan a session")
    assert form.value("title") == "Refunds above the limit <!channel>"
    await office.ben.clicks(form, "More…")
    await office.settles()
    form = await office.ben.modal()
    assert form.value("title") == "Refunds above the limit <!channel>"
    await form.fill("starts_at", office.now + timedelta(days=2)).submit()
    await office.settles()
    assert "held by Ben" in (await invitation(office.cara, "Refunds above")).text
    await office.passes(days=3, hours=2)
    due = await office.ben.finds("@bot", "A training topic of yours is due")
    home = await office.ben.opens_home()
    assert "Who was at" in home.text, "he held the session"
    assert "Plan a session…" in home.buttons(), "the topic is due"
    await office.ben.clicks(due, "Done")
    await office.settles()
    await office.passes(seconds=10)
    assert "Plan a session…" not in (await office.ben.opens_home()).buttons()
    assert "Done:" in (await office.ben.finds("@bot", "Done:")).text
    assert "Topics" not in (await overview(office.aoife)).text
    await office.passes(days=10)
    assert len(letters(office.ben, "is due")) == 0


async def test_once_its_owner_has_left_the_managers_hear_when_it_is_due(office: Office) -> None:
    await office.aoife.types("/training new Escalations", channel="#care")
    form = await office.aoife.modal()
    with pytest.raises(FormErrors) as refused:
        await form.fill("owner", "Ben").fill("due_on", "2026-06-01").submit()
    assert "That day is over" in refused.value.errors["Until"]
    with pytest.raises(FormErrors) as refused:
        await form.fill("due_on", "2026-06-08").fill("owner", "Dana").submit()
    assert "Dana isn’t in Care" in refused.value.errors["Who sees to it"]
    await form.fill("owner", "Ben").submit()
    await office.settles()
    await office.ben.types("/backstop team", channel="#care")
    await office.ben.clicks(await office.ben.privately("Care"), "Leave…")
    await office.settles()
    await office.passes(days=7)
    told = await office.aoife.finds("@bot", "has left Care")
    assert not letters(office.ben, "is due")
    await office.aoife.clicks(told, "Edit…")
    form = await office.aoife.modal(titled="Training item")
    await form.fill("owner", "Cara").fill("due_on", date(2026, 6, 12).isoformat()).submit()
    await office.settles()
    assert letters(office.cara, "Escalations")
