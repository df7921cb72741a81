"""Figures about one person are theirs: a goal that somebody else proposes tells nothing of them before they agree."""

import pytest

from simulator.acting import FormErrors
from storage.goals import State
from tests.handlers.goals.stories import begin, choose, goal, sets, shows
from tests.handlers.queue.stories import connected, history
from tests.office import Office

SOMEBODY = "Somebody in my team"


async def test_who_proposes_a_goal_does_not_read_what_was_usual_for_somebody(office: Office) -> None:
    await connected(office, history(office.now))
    modal = await begin(office, office.aoife, whose=SOMEBODY)
    modal.fill("person", "Ben")
    await choose(office, office.aoife, "goals.metric", "One-touch resolution")
    assert "best" not in modal.text
    assert "for them alone to see" in modal.text
    await modal.fill("target", "100%").submit()
    await office.settles()
    assert (await goal(office)).state == State.PROPOSED, "nor is told that they never reached it"
    await begin(office, office.ben, metric="One-touch resolution")
    assert "best" in (await office.ben.modal()).text, "they read it themselves"


async def test_nothing_is_counted_of_somebody_before_they_agree(office: Office) -> None:
    await connected(office, history(office.now))
    await sets(office, office.aoife, whose=SOMEBODY, metric="Solved", target="50", person="Ben")
    await (await office.aoife.modal()).close()
    await office.passes(minutes=31)
    assert (await goal(office)).level is None
    await office.aoife.types("/goal close G-1", channel="#care")
    closing = await office.aoife.modal(titled="Close the goal")
    assert "not measured" in closing.text
    await closing.close()
    await office.ben.clicks(await office.ben.finds("@bot", "proposes a goal"), "Accept")
    await office.settles()
    await office.passes(seconds=5)
    assert (await goal(office)).level is not None, "at once"
    assert "of 50" in (await shows(office, office.aoife)).text


async def test_where_figures_about_one_person_are_switched_off_no_goal_is_measured_by_them(office: Office) -> None:
    await connected(office, history(office.now))
    await office.aoife.types("/backstop team", channel="#care")
    await office.aoife.clicks(await office.aoife.privately("Care"), "Figures…")
    form = await office.aoife.modal(titled="Figures")
    await form.fill("personal", "off").submit()
    await office.settles()
    modal = await begin(office, office.ben, metric="Solved")
    assert "Nothing was measured" in modal.text
    with pytest.raises(FormErrors) as refused:
        await modal.fill("target", "50").submit()
    assert "switched off" in refused.value.errors["metric"]
    assert modal.value("target") == "50"
