"""Home shows what waits for its reader, each with the button that does it, and follows what they do."""

import pytest

from simulator.changes import NeverHappened
from tests.handlers.escalations.stories import card, fills, press, raised, resolves, submit
from tests.office import Office


async def test_an_empty_home_says_what_to_do_next(office: Office) -> None:
    home = await office.mei.opens_home()
    assert "Nothing waits for you, Mei" in home.text
    assert "Raise an escalation" in home.buttons()


async def test_a_guest_reads_in_one_sentence_that_it_is_not_for_them(office: Office) -> None:
    home = await office.gwen.opens_home()
    assert "for the members of this workspace" in home.text
    assert home.buttons() == []


async def test_who_becomes_a_guest_reads_no_more_what_stood_there(office: Office) -> None:
    await raised(office, office.mei, "The export is empty")
    assert "The export is empty" in (await office.mei.opens_home()).text
    office.sim.workspace.alter("Mei", is_restricted=True)
    await office.settles()
    home = await office.mei.opens_home()
    assert "for the members of this workspace" in home.text
    assert "The export is empty" not in home.text


async def test_its_button_raises_one_and_home_follows(office: Office) -> None:
    home = await office.mei.opens_home()
    await office.mei.clicks(home, "Raise an escalation")
    await office.settles()
    await submit(office, await office.mei.modal(), what="Export is empty", severity="S2", need="decision")
    assert "Export is empty" in home.text
    assert "Export is empty" in (await card(office, office.ramon)).text


async def test_what_has_no_owner_waits_for_whoever_is_on_duty_and_is_claimed_there(office: Office) -> None:
    await raised(office, office.mei)
    home = await office.ramon.opens_home()
    assert "Waits for you" in home.text
    await office.ramon.clicks(home, "Claim")
    await office.settles()
    assert "Claim" not in home.buttons()
    assert "In progress" in home.text
    assert "Ramon" in (await card(office, office.mei)).text


async def test_a_question_waits_for_the_reporter_and_is_answered_there(office: Office) -> None:
    await raised(office, office.mei)
    await fills(office, office.ramon, "Return…", reason="Which browser?")
    home = await office.mei.opens_home()
    assert "Which browser?" in home.text
    await office.mei.clicks(home, "Answer…")
    await office.settles()
    await submit(office, await office.mei.modal(), answer="Firefox")
    assert "Which browser?" not in home.text


async def test_what_is_handed_over_waits_with_its_two_buttons(office: Office) -> None:
    await raised(office, office.mei)
    await press(office, office.ramon, "Claim")
    await office.ramon.types("/escalate handover @Lee", channel="#care")
    await office.settles()
    home = await office.lee.opens_home()
    assert {"Take it", "Not me"} <= set(home.buttons())
    await office.lee.clicks(home, "Take it")
    await office.settles()
    assert "Take it" not in home.buttons()
    assert "Lee" in (await card(office, office.mei)).text


async def test_follow_ups_and_confirmations_wait_until_they_are_done(office: Office) -> None:
    await raised(office, office.mei)
    await resolves(office, office.ramon, told="no")
    home = await office.mei.opens_home()
    assert {"Confirm", "Close…"} <= set(home.buttons())
    await office.mei.clicks(home, "Confirm")
    await office.settles()
    assert "Confirm" not in home.buttons()
    await office.mei.clicks(home, "Close…")
    await office.settles()
    await submit(office, await office.mei.modal(), note="Called them")
    assert "Nothing waits for you" in home.text


async def test_a_home_that_nobody_looks_at_is_left_alone(office: Office) -> None:
    home = await office.mei.opens_home()
    await office.passes(minutes=11)
    published = len([call for call in office.sim.calls if call.method == "views.publish"])
    await raised(office, office.mei)
    assert len([call for call in office.sim.calls if call.method == "views.publish"]) == published
    assert "Nothing waits for you" in home.text


async def test_it_is_drawn_at_most_once_in_five_seconds(office: Office) -> None:
    await raised(office, office.mei)
    home = await office.ramon.opens_home()
    began = office.now
    await office.ramon.clicks(home, "Claim")
    await office.ben.types("/escalate mine", channel="#care")
    await office.bot.listening.drain(at_most_s=5)
    assert published(office) == 1
    await office.settles()
    assert (published(office), (office.now - began).total_seconds()) == (2, 5)
    assert "Claim" not in home.buttons()


async def test_what_others_do_is_seen_by_whoever_looks_and_by_nobody_else(office: Office) -> None:
    watched = await office.aoife.opens_home()
    left = await office.cara.opens_home()
    await office.passes(minutes=9)
    await raised(office, office.mei, "The importer eats umlauts")
    await office.passes(seconds=5)
    assert "The importer eats umlauts" in watched.text
    await office.passes(minutes=2)
    await raised(office, office.mei, "Invoices come twice")
    await office.passes(minutes=1)
    assert "Invoices come twice" not in left.text


async def test_a_deadline_that_passes_shows_by_itself(office: Office) -> None:
    await raised(office, office.mei, severity="S2")
    await office.passes(minutes=55)
    home = await office.ramon.opens_home()
    assert "overdue" not in home.text
    await office.passes(minutes=7)
    assert "overdue" in home.text


async def test_nothing_is_published_while_nothing_changes(office: Office) -> None:
    await office.mei.opens_home()
    await office.passes(minutes=9)
    assert published(office) == 1


async def test_a_home_that_was_lost_on_its_way_is_published_by_the_next_look(office: Office) -> None:
    """As where the process dies between its claim and its call: only what Slack has taken is written down as shown."""
    office.sim.faults.drop_before("views.publish")
    with pytest.raises(NeverHappened):
        await office.mei.opens_home(within=0.5)
    await office.passes(minutes=2)
    assert office.mei.id in office.sim.workspace.homes


def published(office: Office) -> int:
    return len([call for call in office.sim.calls if call.method == "views.publish"])
