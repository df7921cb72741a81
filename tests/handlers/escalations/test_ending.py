"""Bringing a case to its documented end: resolved, confirmed or reopened, and what must not be forgotten."""

import pytest

from simulator.acting import FormErrors
from tests.handlers.escalations.stories import CARDS, card, fills, press, raised, resolves, submit
from tests.office import Office


async def test_resolve_tells_outcome_cause_and_what_was_done(office: Office) -> None:
    await raised(office, office.mei)
    await press(office, office.ramon, "Claim")
    await resolves(office, office.ramon, outcome="workaround", root_cause="product_defect", done="Use the old page")
    shown = await card(office, office.mei)
    for part in ("Resolved", "Workaround · Product defect", "Use the old page", "The customer was told", "in time"):
        assert part in shown.text
    assert shown.buttons() == ["Confirm", "Reopen…", "More…"]
    assert "Confirm" in (await office.mei.finds("@bot", "resolved it")).buttons()


async def test_what_was_typed_stays_when_the_rest_of_the_form_is_opened(office: Office) -> None:
    await raised(office, office.mei)
    await press(office, office.ramon, "Resolve…")
    form = await office.ramon.modal()
    form.fill("outcome", "solved").fill("root_cause", "process_gap").fill("done", "Restarted it").fill("told", "yes")
    await office.ramon.clicks(form, "Prevent a repeat, or name the duplicate")
    await office.settles()
    form = await office.ramon.modal()
    assert form.value("done") == "Restarted it"
    assert form.value("root_cause") == "Process gap"
    await submit(office, form, prevent="Write it down", prevent_owner="Aoife", prevent_due="2026-06-05")
    shown = await card(office, office.mei)
    assert "Write it down (Aoife, Fri 5 Jun)" in shown.text


@pytest.mark.parametrize(
    ("fields", "at", "sentence"),
    [
        ({"prevent": "Write it", "prevent_owner": None}, "prevent_owner", "Say who"),
        ({"prevent": "Write it", "prevent_due": None}, "prevent_due", "by when"),
        ({"prevent": "Write it", "prevent_due": "2026-06-01"}, "prevent_due", "is over"),
        ({"outcome": "duplicate"}, "outcome", "Which one"),
        ({"outcome": "duplicate", "duplicate_of": "E-1"}, "duplicate_of", "its own duplicate"),
        ({"outcome": "duplicate", "duplicate_of": "E-99"}, "duplicate_of", "don’t know"),
        ({"outcome": "duplicate", "duplicate_of": "the other"}, "duplicate_of", "Which one"),
    ],
)
async def test_what_does_not_fit_is_said_at_its_field(
    office: Office, fields: dict[str, str | None], at: str, sentence: str
) -> None:
    await raised(office, office.mei)
    await press(office, office.ramon, "Resolve…")
    form = await office.ramon.modal()
    await office.ramon.clicks(form, "Prevent a repeat, or name the duplicate")
    await office.settles()
    form = await office.ramon.modal()
    given = {"outcome": "solved", "root_cause": "product_defect", "done": "Done", "told": "yes"} | fields
    for name, value in given.items():
        form.fill(name, value)
    with pytest.raises(FormErrors) as refused:
        await form.submit()
    assert sentence in refused.value.errors[at]
    assert form.value("done") == "Done"


async def test_not_known_and_not_told_make_follow_ups(office: Office) -> None:
    await raised(office, office.mei)
    await press(office, office.ramon, "Claim")
    await resolves(office, office.ramon, root_cause="not_known", told="no")
    text = (await card(office, office.mei)).text
    assert "Find out why it happened (E-1) (Ramon" in text
    assert "Tell the customer how it ended (E-1) (Mei" in text
    assert "The customer has not been told yet" in text


async def test_what_an_ending_left_to_do_is_asked_for_once_and_closed_by_an_ending_that_settles_it(
    office: Office,
) -> None:
    await raised(office, office.mei)
    await press(office, office.ramon, "Claim")
    for _ in range(2):
        await resolves(office, office.ramon, root_cause="not_known", told="no")
        await fills(office, office.mei, "Reopen…", reason="Still there")
    await resolves(office, office.ramon, root_cause="not_known", told="yes")
    text = (await card(office, office.mei)).text
    assert text.count("Tell the customer") == text.count("Find out why") == 1
    await office.mei.types("/escalate follow-ups", channel="#care")
    open_ = (await office.mei.privately("Follow-ups")).text
    assert "Find out why it happened" in open_
    assert "Tell the customer" not in open_


async def test_a_follow_up_is_closed_with_a_note_by_its_owner_only(office: Office) -> None:
    await raised(office, office.mei)
    await press(office, office.ramon, "Claim")
    await resolves(office, office.ramon, told="no")
    await office.lee.types("/escalate follow-ups", channel="#care")
    listed = await office.lee.privately("Follow-ups")
    await office.lee.clicks(listed, "Close…")
    await office.settles()
    assert "Only Mei" in (await office.lee.privately("Only Mei")).text
    await office.mei.types("/escalate follow-ups", channel="#care")
    listed = await office.mei.privately("Follow-ups")
    await office.mei.clicks(listed, "Close…")
    await office.settles()
    await submit(office, await office.mei.modal(), note="Called them")
    told = await office.mei.modal(titled="Follow-up")
    assert "Tell the customer" in told.text
    assert "is closed" in told.text
    await told.close()
    assert ":white_check_mark: Tell the customer" in (await card(office, office.ramon)).text
    await office.mei.clicks(listed, "Close…", stale=True)
    await office.settles()
    assert "closed already, by Mei" in (await office.mei.privately("closed already")).text


async def test_the_reporter_confirms_and_others_are_told_who_can(office: Office) -> None:
    await raised(office, office.mei)
    await resolves(office, office.ramon)
    await press(office, office.lee, "Confirm")
    assert "Only Mei" in (await office.lee.privately("Only Mei")).text
    await press(office, office.mei, "Confirm")
    shown = await card(office, office.ramon)
    assert "Confirmed" in shown.text
    assert shown.buttons() == ["Reopen…", "More…"]


async def test_it_is_confirmed_by_itself_after_two_days(office: Office) -> None:
    await raised(office, office.mei)
    await resolves(office, office.ramon)
    await office.passes(days=2, minutes=1)
    assert "Confirmed" in (await card(office, office.ramon)).text


async def test_reopening_asks_its_last_owner(office: Office) -> None:
    await raised(office, office.mei)
    await press(office, office.ramon, "Claim")
    await resolves(office, office.ramon)
    await fills(office, office.mei, "Reopen…", reason="It loops again")
    shown = await card(office, office.ramon)
    assert "Waiting for an owner" in shown.text
    assert "Claim" in shown.buttons()
    assert "claim it again" in (await office.ramon.finds("@bot", "claim it again")).text
    assert "Mei reopened it" in (await office.ramon.finds(CARDS, "reopened", thread=shown.ts)).text


async def test_how_it_was_acknowledged_before_a_reopening_stays_on_the_card(office: Office) -> None:
    await raised(office, office.mei)
    await press(office, office.ramon, "Claim")
    await resolves(office, office.ramon)
    await fills(office, office.mei, "Reopen…", reason="It loops again")
    waiting = (await card(office, office.mei)).text
    assert "Acknowledge by" in waiting
    assert "Earlier: acknowledged in time" in waiting
    await resolves(office, office.ramon)
    assert "Earlier: acknowledged in time" in (await card(office, office.mei)).text
    await fills(office, office.mei, "Reopen…", reason="Once more")
    await office.passes(hours=10)
    await press(office, office.ramon, "Claim")
    shown = (await card(office, office.mei)).text
    assert "Acknowledged late" in shown
    assert "Earlier: acknowledged in time" in shown


async def test_an_acknowledgement_that_was_late_or_never_came_is_not_forgotten_by_a_reopening(office: Office) -> None:
    for label, claimed in (("E-1", True), ("E-2", False)):
        await raised(office, office.mei, f"Case {label}", severity="S1")
        await office.passes(minutes=20)
        if claimed:
            await press(office, office.ramon, "Claim", label)
        await resolves(office, office.ramon, label)
        await fills(office, office.mei, "Reopen…", label, reason="It loops again")
    assert "Earlier: acknowledged late (" in (await card(office, office.mei, "E-1")).text
    assert "Earlier: acknowledge missed, due" in (await card(office, office.mei, "E-2")).text


async def test_a_confirmation_that_comes_after_a_reopening_is_stale(office: Office) -> None:
    await raised(office, office.mei)
    await resolves(office, office.ramon)
    old = await card(office, office.mei)
    await fills(office, office.aoife, "Reopen…", reason="Not yet")
    await office.mei.clicks(old, "Confirm", stale=True)
    await office.settles()
    assert "Aoife reopened it" in (await office.mei.privately("Too late")).text
