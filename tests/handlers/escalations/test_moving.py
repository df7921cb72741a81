"""Moving a case, as the people on duty, the reporter and the managers do it; and clicks that come too late."""

import asyncio

import pytest

from simulator.acting import FormErrors
from tests.handlers.escalations.stories import (
    CARDS,
    card,
    chooses,
    fills,
    opens,
    press,
    raised,
    resolves,
    screens,
    submit,
)
from tests.office import Office


async def test_claim_makes_an_owner_and_tells_it_in_the_thread(office: Office) -> None:
    await raised(office, office.mei)
    await press(office, office.ramon, "Claim")
    shown = await card(office, office.mei)
    assert "In progress" in shown.text
    assert "Ramon" in shown.text
    assert "Acknowledged in time" in shown.text
    assert "Claim" not in shown.buttons()
    assert "Ramon claimed it" in (await office.mei.finds(CARDS, "claimed", thread=shown.ts)).text


async def test_two_who_claim_in_the_same_instant_make_one_owner_and_one_private_sentence(office: Office) -> None:
    await raised(office, office.mei)
    shown = await card(office, office.ramon)
    lees = await card(office, office.lee)
    await asyncio.gather(office.ramon.clicks(shown, "Claim"), office.lee.clicks(lees, "Claim"))
    await office.settles()
    told = [actor for actor in (office.ramon, office.lee) if "Too late" in screens(actor, CARDS)]
    assert len(told) == 1
    owner = "Lee" if told == [office.ramon] else "Ramon"
    assert f"Too late: {owner} claimed it at 17:00" in screens(told[0], CARDS)
    assert f"Owner  {owner}" in (await card(office, office.mei)).text


async def test_a_stale_button_says_who_and_when_and_the_card_is_shown_anew(office: Office) -> None:
    await raised(office, office.mei)
    old = await card(office, office.ben)
    await press(office, office.ramon, "Claim")
    await office.passes(minutes=5)
    for button in ("Claim",):
        await office.ben.clicks(old, button, stale=True)
        await office.settles()
        assert "Too late: Ramon claimed it at 10:00" in (await office.ben.privately("Too late")).text
    await resolves(office, office.ramon)
    for button in ("Update…", "Return…", "Resolve…"):
        await office.ben.clicks(old, button, stale=True)
        await office.settles()
        assert "Ramon resolved it" in (await office.ben.privately("Too late")).text
    assert not office.sim.workspace.modals.get(office.ben.id)


async def test_an_update_with_a_promise_stands_in_the_thread_and_on_the_card(office: Office) -> None:
    await raised(office, office.mei)
    await press(office, office.ramon, "Claim")
    await fills(office, office.ramon, "Update…", news="Found the cause", promise=office.now.replace(hour=14, minute=45))
    shown = await card(office, office.mei)
    assert "Customer update by today 10:45 PM" in shown.text  # in Manila
    note = await office.mei.finds(CARDS, "Found the cause", thread=shown.ts)
    assert "Next update promised for" in note.text


async def test_an_update_that_is_submitted_twice_is_told_once(office: Office) -> None:
    await raised(office, office.mei)
    await press(office, office.ramon, "Claim")
    await fills(office, office.ramon, "Update…", news="Found the cause")
    kind, payload = next(
        pair for pair in reversed(office.sim.interactions.sent) if pair[1].get("type") == "view_submission"
    )
    await office.sim.interactions.redeliver(kind, payload)
    await office.settles()
    shown = await card(office, office.mei)
    told = [one for one in office.mei.sees(CARDS, thread=shown.ts) if "Found the cause" in one.text]
    assert len(told) == 1


async def test_return_asks_the_reporter_and_the_answer_goes_on(office: Office) -> None:
    await raised(office, office.mei)
    await press(office, office.ramon, "Claim")
    await fills(office, office.ramon, "Return…", reason="Which browser?")
    shown = await card(office, office.mei)
    assert "Mei, one question: Which browser?" in shown.text
    assert "Resolve paused" in shown.text
    asked = await office.mei.finds("@bot", "Which browser?")
    await office.passes(minutes=6)
    await office.mei.clicks(asked, "Answer…")
    await office.settles()
    form = await office.mei.modal()
    assert "Which browser?" in form.text
    await submit(office, form, answer="Firefox 140")
    assert "In progress" in (await card(office, office.ramon)).text
    assert "Firefox 140" in (await office.ramon.finds("@bot", "Firefox 140")).text


async def test_only_the_reporter_or_a_manager_answers(office: Office) -> None:
    await raised(office, office.mei)
    await fills(office, office.ramon, "Return…", reason="Which browser?")
    await press(office, office.lee, "Answer…")
    assert "Only Mei" in (await office.lee.privately("Only Mei")).text
    await press(office, office.aoife, "Answer…")
    assert (await office.aoife.modal()).title == "Answer E-1"


async def test_hold_stops_the_clock_until_somebody_resumes(office: Office) -> None:
    await raised(office, office.mei)
    await press(office, office.ramon, "Claim")
    await chooses(
        office, office.ramon, "Put on hold…", reason="The bank answers tomorrow", until=office.now.replace(day=4)
    )
    shown = await card(office, office.mei)
    assert "On hold until" in shown.text
    assert "The bank answers tomorrow" in shown.text
    await press(office, office.ramon, "Resume")
    assert "In progress" in (await card(office, office.mei)).text


async def test_the_hold_ends_by_itself_at_its_date(office: Office) -> None:
    await raised(office, office.mei)
    await press(office, office.ramon, "Claim")
    await chooses(office, office.ramon, "Put on hold…", reason="Tomorrow", until=office.now.replace(day=3))
    await office.passes(days=1)
    assert "In progress" in (await card(office, office.mei)).text


async def test_a_hold_until_yesterday_is_refused_at_its_field_and_keeps_the_text(office: Office) -> None:
    await raised(office, office.mei)
    window = await opens(office, office.ramon)
    await office.ramon.clicks(window, "Put on hold…")
    await office.settles()
    form = await office.ramon.modal()
    form.fill("reason", "Waiting").fill("until", office.now.replace(day=1))
    with pytest.raises(FormErrors) as refused:
        await form.submit()
    assert "in the past" in refused.value.errors["until"]
    assert form.value("reason") == "Waiting"


async def test_reassign_gives_it_to_a_member_and_tells_both(office: Office) -> None:
    await raised(office, office.mei)
    await press(office, office.ramon, "Claim")
    await chooses(office, office.ramon, "Reassign…", to="Lee")
    assert "Owner  Lee" in (await card(office, office.mei)).text
    assert "E-1" in (await office.lee.finds("@bot", "E-1")).text


@pytest.mark.parametrize(("name", "sentence"), [("Dana", "isn’t in Care"), ("Gwen", "can’t be given work")])
async def test_whoever_cannot_own_it_is_refused_by_name_at_the_field(office: Office, name: str, sentence: str) -> None:
    await office.dana.types("/escalate help", channel="#platform")  # somebody of whom Backstop has heard
    await raised(office, office.mei)
    window = await opens(office, office.mei)
    await office.mei.clicks(window, "Reassign…")
    await office.settles()
    form = await office.mei.modal()
    form.fill("to", name)
    with pytest.raises(FormErrors) as refused:
        await form.submit()
    assert name in refused.value.errors["to"]
    assert sentence in refused.value.errors["to"]


async def test_severity_changes_with_its_reason(office: Office) -> None:
    await raised(office, office.mei, severity="S3")
    await chooses(office, office.mei, "Change severity…", severity="S2", reason="A second customer")
    shown = await card(office, office.ramon)
    assert "S2" in shown.text
    assert "from S3 to S2: A second customer" in (await office.ramon.finds(CARDS, "S3 to S2", thread=shown.ts)).text


async def test_a_ticket_is_joined_once(office: Office) -> None:
    await raised(office, office.mei, more={"ticket": "48213"})
    await chooses(office, office.lee, "Join a ticket…", ticket="49000", customer="Globex")
    assert "Also reported: #49000 (Globex)" in (await card(office, office.mei)).text
    window = await opens(office, office.lee)
    await office.lee.clicks(window, "Join a ticket…")
    await office.settles()
    form = await office.lee.modal()
    form.fill("ticket", "#48213")
    with pytest.raises(FormErrors, match="stands on this escalation already"):
        await form.submit()


async def test_the_window_moves_the_case_and_shows_it_anew(office: Office) -> None:
    await raised(office, office.mei)
    window = await opens(office, office.ramon)
    assert "nobody yet" in window.text
    await office.ramon.clicks(window, "Claim")
    await office.settles()
    assert "In progress" in window.text
    assert "Claim" not in window.buttons()
    await office.ramon.clicks(window, "History")
    await office.settles()
    assert "Ramon claimed it" in (await office.ramon.modal()).text


async def test_a_private_answer_is_shown_anew_after_its_own_click(office: Office) -> None:
    await raised(office, office.mei)
    await office.ramon.types("/escalate e1", channel="#care")
    answer = await office.ramon.privately("E-1")
    await office.ramon.clicks(answer, "Claim")
    await office.settles()
    assert "In progress" in (await office.ramon.privately("E-1")).text


async def test_whoever_may_do_nothing_sees_no_buttons_that_refuse(office: Office) -> None:
    await raised(office, office.mei)
    await press(office, office.ramon, "Claim")
    window = await opens(office, office.dana)
    assert {"Claim", "Resolve…", "Reassign…", "Restrict…"}.isdisjoint(window.buttons())
    assert {"Join a ticket…", "History", "Why these deadlines?"} <= set(window.buttons())


async def test_somebody_of_another_team_is_told_who_can_do_it(office: Office) -> None:
    await raised(office, office.mei)
    await press(office, office.dana, "Claim")
    assert "Only Care can do this" in (await office.dana.privately("Only Care")).text
    assert "nobody yet" in (await card(office, office.mei)).text


async def test_a_guest_is_refused_politely_everywhere(office: Office) -> None:
    await raised(office, office.mei)
    await office.gwen.types("/escalate help", channel="#care")
    assert "for the members of this workspace" in (await office.gwen.privately("members")).text
    await office.gwen.shortcut("Raise an escalation")
    await office.settles()
    assert "for the members of this workspace" in (await office.gwen.modal()).text
    await office.stella.types("/escalate E-1", channel="#acme-shared")
    assert "for the members of this workspace" in (await office.stella.privately("members")).text
