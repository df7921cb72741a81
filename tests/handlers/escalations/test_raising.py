"""Raising, as people do it: by command, from a message, from anywhere; in four fields or with all of them."""

import asyncio

import pytest

from tests.handlers.escalations.stories import CARDS, begin, card, press, raised, screens, submit
from tests.office import Office


async def test_an_empty_command_opens_the_four_fields(office: Office) -> None:
    form = await begin(office, office.mei)
    assert form.fields == ["Ticket", "How bad is it?", "What is happening?", "What do you need?"]
    assert "Care" in form.text
    assert "claim in 15 min · resolve in 4 h · update every 1 h · day and night" in form.text


async def test_forms_that_open_at_once_name_each_their_own_team(office: Office) -> None:
    people = (office.mei, office.dana, office.omar, office.jonas)
    mei, dana, omar, jonas = await asyncio.gather(*(begin(office, who, channel="#general") for who in people))
    assert "Goes to Care in" in mei.text
    assert "Goes to Platform in" in dana.text
    for of_no_team in (omar, jonas):
        assert "You’re in none of these teams" in of_no_team.text
        assert "Goes to" not in of_no_team.text


@pytest.mark.parametrize(
    ("typed", "ticket"),
    [
        ("48213", "48213"),
        ("#48213", "48213"),
        ("https://desk.example/tickets/48213", "https://desk.example/tickets/48213"),
        ("<https://desk.example/t/9|desk.example/t/9>", "https://desk.example/t/9"),
    ],
)
async def test_a_number_or_a_link_is_the_ticket(office: Office, typed: str, ticket: str) -> None:
    form = await begin(office, office.mei, typed)
    assert form.value("ticket") == ticket
    assert form.value("what") in (None, "")


async def test_words_behind_a_tickets_link_are_what_is_happening(office: Office) -> None:
    form = await begin(office, office.mei, "<https://desk.example/t/9> Tom &amp; Co is <furious>")
    assert form.value("ticket") == "https://desk.example/t/9"
    assert form.value("what") == "Tom & Co is <furious>"


@pytest.mark.parametrize(
    "sentence",
    [
        "list of payments fails",
        "why is the login so slow",
        "stats page shows zero",
        "handover to the bank fails",
        "help!!",
    ],
)
async def test_a_sentence_that_begins_like_a_verb_is_a_sentence(office: Office, sentence: str) -> None:
    form = await begin(office, office.mei, sentence)
    assert form.value("what") == sentence


async def test_a_slip_in_a_verb_asks_and_does_nothing(office: Office) -> None:
    await office.mei.types("/escalate lisst overdue", channel="#care")
    answer = await office.mei.privately("Did you mean")
    assert "/escalate list overdue" in answer.text
    assert not office.sim.workspace.modals.get(office.mei.id)


@pytest.mark.parametrize(("bare", "used"), [("why", "/escalate why E-42"), ("handover", "/escalate handover @person")])
async def test_a_verb_without_what_it_needs_says_how_it_is_used_and_opens_no_form(
    office: Office, bare: str, used: str
) -> None:
    await office.mei.types(f"/escalate {bare}", channel="#care")
    told = (await office.mei.privately(used)).text
    assert f"called “{bare}”, type it into the form" in told
    assert not office.sim.workspace.modals.get(office.mei.id)


async def test_a_number_that_nobody_gave_is_answered_privately(office: Office) -> None:
    await office.mei.types("/escalate E-42", channel="#care")
    assert "E-42" in (await office.mei.privately("don’t know an escalation")).text


async def test_the_umbrella_command_escalates_too(office: Office) -> None:
    await office.mei.types("/backstop escalate Refund is stuck", channel="#care")
    assert (await office.mei.modal()).value("what") == "Refund is stuck"


async def test_the_command_works_where_the_bot_is_not(office: Office) -> None:
    form = await begin(office, office.ben, "Invoice is empty", channel="#vip-customers")
    await submit(office, form, severity="S3", need="decision")
    assert "Invoice is empty" in (await card(office, office.ramon)).text


async def test_the_card_tells_the_whole_truth_and_notifies_nobody(office: Office) -> None:
    await raised(office, office.mei, "Login loops", severity="S1", need="decision")
    shown = await card(office, office.ramon)
    for part in ("E-1", "Login loops", "S1", "Mei", "nobody yet", "A decision", "On duty: Ramon", "Acknowledge by"):
        assert part in shown.text
    assert shown.buttons() == ["Claim", "Update…", "Return…", "Resolve…", "More…"]
    heard = [one for one in office.sim.workspace.notified if one.channel_id == shown.channel]
    assert heard == []


async def test_whoever_is_on_duty_and_the_reporter_have_it_in_a_message(office: Office) -> None:
    await raised(office, office.mei, "Login loops", severity="S1")
    page = await office.ramon.finds("@bot", "E-1")
    assert "Mei needs technical help from Care" in page.text
    assert page.buttons()[0] == "Claim"
    assert "You raised this" in (await office.mei.finds("@bot", "E-1")).text
    assert "E-1" not in screens(office.ben, "@bot")


async def test_more_fields_keeps_what_was_typed_and_tells_it_all_on_the_card(office: Office) -> None:
    form = await begin(office, office.mei, "Checkout fails")
    form.fill("ticket", "48213").fill("severity", "S2").fill("need", "decision")
    await office.mei.clicks(form, "More fields")
    await office.settles()
    form = await office.mei.modal()
    assert form.value("ticket") == "48213"
    assert form.value("what") == "Checkout fails"
    assert "decision" in str(form.typed["need"])
    await submit(
        office,
        form,
        customer="Acme",
        vip=["vip"],
        began="Today 08:40",
        tried="Another browser",
        impact="They can’t sell",
        promise=office.now.replace(hour=15),
    )
    text = (await card(office, office.ramon)).text
    for part in ("Acme", "VIP", "Today 08:40", "Another browser", "They can’t sell", "48213", "Customer update by"):
        assert part in text


async def test_choosing_another_team_keeps_everything_typed(office: Office) -> None:
    """Jonas leads the department and is in no team: he chooses, and changes his mind."""
    await office.jonas.types("/escalate Data is missing", channel="#care")
    form = await office.jonas.modal()
    assert form.fields[0] == "Which team?"
    await office.jonas.clicks(form, "More fields")
    await office.settles()
    form = await office.jonas.modal()
    form.fill("severity", "S2").fill("need", "another_team").fill("vip", ["vip"]).fill("viewers", ["Aoife"])
    form.fill("promise", office.now.replace(hour=16)).fill("tried", "Everything")
    await office.jonas.clicks(form, "Which team?", option="Care")
    await office.settles()
    form = await office.jonas.modal()
    await office.jonas.clicks(form, "Which team?", option="Platform")
    await office.settles()
    form = await office.jonas.modal()
    assert form.value("tried") == "Everything"
    assert form.value("vip") == ["VIP customer"]
    assert form.value("viewers") == [office.aoife.id]
    await form.submit()
    await office.settles()
    assert "Data is missing" in (await card(office, office.tomas, channel="#platform")).text


async def test_somebody_in_no_team_must_say_which(office: Office) -> None:
    await office.jonas.types("/escalate Data is missing", channel="#care")
    form = await office.jonas.modal()
    form.fill("severity", "S2").fill("need", "decision")
    await office.jonas.clicks(form, "Which team?", option="Platform")
    await office.settles()
    form = await office.jonas.modal()
    assert "claim in 15 min · resolve in 4 h · update every 1 h" in form.text
    assert "day and night" not in form.text  # Platform's duty doesn't cover nights
    await form.submit()
    await office.settles()
    assert "Data is missing" in (await card(office, office.tomas, channel="#platform")).text


async def test_without_any_team_the_way_to_one_is_told(make_office: object) -> None:
    office = await make_office()  # type: ignore[operator]
    await office.opens(with_teams=False)
    await office.mei.types("/escalate help me", channel="#care")
    assert "/backstop team create" in (await office.mei.privately("no team")).text


async def test_a_message_is_escalated_with_its_words_and_its_link(office: Office) -> None:
    said = await office.ben.types("@Cara the <b>customer</b> & @channel see #care", channel="#care")
    assert said is not None
    before = len(office.sim.workspace.notified)
    await office.mei.message_shortcut("escalations.escalate_message", said)
    form = await office.mei.modal()
    assert "private conversation" not in form.text
    await submit(office, form, severity="S3", need="decision", what="See the quote")
    shown = await card(office, office.ramon)
    assert "@Cara the <b>customer</b> & @channel see #channel" in shown.text
    assert f"archives/{said.channel}/p{said.ts.replace('.', '')}" in str(shown.blocks)
    heard = office.sim.workspace.notified[before:]
    assert {one.user_id for one in heard} <= {office.ramon.id, office.mei.id}


async def test_quoting_a_private_channel_is_said_before_it_happens(office: Office) -> None:
    said = await office.ben.types("Between us: they will cancel", channel="#vip-customers")
    assert said is not None
    await office.ben.message_shortcut("Escalate this message", said)
    form = await office.ben.modal()
    assert (
        "You’re quoting from a private conversation. Everyone in #care-escalations will be able to read it" in form.text
    )


async def test_quoting_a_direct_message_is_said_too(office: Office) -> None:
    said = await office.ben.types("a note to the bot", channel="@bot")
    assert said is not None
    await office.ben.message_shortcut("Escalate this message", said)
    assert "private conversation" in (await office.ben.modal()).text


async def test_a_long_quote_in_any_script_opens_the_form(office: Office) -> None:
    said = await office.ben.types("ระบบล่ม 🔥" * 400, channel="#care")
    assert said is not None
    await office.ben.message_shortcut("Escalate this message", said)
    form = await office.ben.modal()
    await submit(office, form, severity="S3", need="decision", what="See the quote")
    assert "ระบบล่ม" in (await card(office, office.ramon)).text


async def test_the_global_shortcut_opens_the_form(office: Office) -> None:
    await office.mei.shortcut("Raise an escalation")
    form = await office.mei.modal()
    await submit(office, form, severity="S4", need="decision", what="A question")
    assert "A question" in (await card(office, office.ramon)).text


async def test_this_escalation_answers_in_a_cards_thread_and_says_so_elsewhere(office: Office) -> None:
    await raised(office, office.mei)
    shown = await card(office, office.ramon)
    word = await office.ramon.types("Looking", channel=CARDS, thread=shown.ts)
    assert word is not None
    await office.ramon.message_shortcut("This escalation", word)
    assert "Claim" in (await office.ramon.privately("E-1")).buttons()
    elsewhere = await office.ramon.types("Good morning", channel="#care")
    assert elsewhere is not None
    await office.ramon.message_shortcut("This escalation", elsewhere)
    assert "isn’t an escalation’s card" in (await office.ramon.privately("card")).text


async def test_the_same_problem_is_offered_and_joined(office: Office) -> None:
    await raised(office, office.mei, "Login loops after the June update", more={"ticket": "48213"})
    form = await begin(office, office.ben, "Login loops since the update in June")
    form.fill("ticket", "48777").fill("severity", "S2").fill("need", "technical_help")
    await form.submit()
    offer = await office.ben.modal(titled="The same problem?")
    assert "E-1" in offer.text
    offer.fill("choice", offer.options("choice")[1])
    await offer.submit()
    await office.settles()
    assert "thread of E-1" in (await office.ben.modal()).text
    shown = await card(office, office.ramon)
    assert "Also reported" in shown.text
    assert "48777" in shown.text
    assert "E-2" not in screens(office.ramon, CARDS)
    assert "48777" in (await office.mei.finds("@bot", "joined")).text


async def test_back_keeps_the_text_and_its_new_raises_it(office: Office) -> None:
    await raised(office, office.mei, "Login loops after the June update")
    form = await begin(office, office.ben, "Login loops since the update in June")
    form.fill("severity", "S2").fill("need", "technical_help")
    await form.submit()
    offer = await office.ben.modal(titled="The same problem?")
    await offer.close()
    form = await office.ben.modal()
    assert form.value("what") == "Login loops since the update in June"
    await form.submit()
    offer = await office.ben.modal(titled="The same problem?")
    await submit(office, offer, choice="new")
    assert "since the update" in (await card(office, office.ramon, "E-2")).text


async def test_one_that_was_resolved_while_it_was_offered_is_said_at_the_choice(office: Office) -> None:
    await raised(office, office.mei, "Login loops after the June update")
    form = await begin(office, office.ben, "Login loops since the update in June")
    form.fill("severity", "S2").fill("need", "technical_help")
    await form.submit()
    offer = await office.ben.modal(titled="The same problem?")
    from tests.handlers.escalations.stories import resolves

    await resolves(office, office.ramon)
    offer.fill("choice", offer.options("choice")[1])
    with pytest.raises(Exception, match="E-1 was resolved in the meantime"):
        await offer.submit()
    await submit(office, offer, choice="new")
    assert "E-2" in screens(office.ramon, CARDS)


async def test_a_form_that_is_submitted_twice_raises_one(office: Office) -> None:
    await raised(office, office.mei)
    kind, payload = next(
        pair for pair in reversed(office.sim.interactions.sent) if pair[1].get("type") == "view_submission"
    )
    await office.sim.interactions.redeliver(kind, payload)
    await office.settles()
    assert "E-2" not in screens(office.ramon, CARDS)
    assert len([one for one in office.ramon.sees("@bot") if "E-1" in one.text]) == 1


async def test_an_offer_that_is_submitted_twice_counts_once(office: Office) -> None:
    await raised(office, office.mei, "Login loops after the June update")
    form = await begin(office, office.ben, "Login loops since the update in June")
    form.fill("ticket", "48777").fill("severity", "S2").fill("need", "technical_help")
    await form.submit()
    offer = await office.ben.modal(titled="The same problem?")
    await submit(office, offer, choice="new")
    kind, payload = next(
        pair for pair in reversed(office.sim.interactions.sent) if pair[1].get("type") == "view_submission"
    )
    await office.sim.interactions.redeliver(kind, payload)
    await office.settles()
    assert "E-3" not in screens(office.ramon, CARDS)


async def test_a_customers_third_in_90_days_is_marked(office: Office) -> None:
    for words in ("Export is empty", "Payment was doubled", "Colours are wrong on screens"):
        await raised(office, office.mei, words, more={"customer": "Acme "})
    assert "third in 90 days" in (await card(office, office.ramon, "E-3")).text


async def test_a_card_leads_to_the_window_with_everything(office: Office) -> None:
    await raised(office, office.mei, "Long story. " * 150)
    await press(office, office.ramon, "More…")
    window = await office.ramon.modal()
    assert window.text.count("Long story.") > 140
    assert {"Claim", "Reassign…", "Put on hold…", "Restrict…", "History", "Why these deadlines?"} <= set(
        window.buttons()
    )
