"""Bad input: a sentence at its field, nothing lost; and answers that come too late, twice, or from others."""

from datetime import timedelta
from typing import Any

import pytest

from handlers.polls.listeners.drafting import ASK_SOMEBODY, CANT_POST, CANT_SEE, NOT_IN_IT
from handlers.polls.rules import drafting
from simulator.acting import FormErrors
from tests.handlers.polls.stories import answers, form, latest, letter, preview, sent, taps
from tests.office import Office

ON_ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Of what is refused before any is asked."""


@ON_ONE_DATABASE
async def test_each_bad_field_of_a_new_poll_says_what_is_wrong_and_keeps_what_was_typed(office: Office) -> None:
    modal = await form(office, office.aoife, "blank", more=True)
    cases: list[tuple[dict[str, Any], dict[str, str]]] = [
        ({"question": "Tea?", "options": "Tea"}, {"options": drafting.ONE_OPTION}),
        ({"options": "\n".join(map(str, range(21)))}, {"options": drafting.TOO_MANY.format(21)}),
        ({"options": "Tea\nCoffee\nTEA"}, {"options": drafting.TWICE.format("TEA")}),
        ({"options": "Tea\nCoffee", "closes": office.now - timedelta(minutes=5)}, {"closes": drafting.PAST}),
        ({"closes": office.now + timedelta(days=400)}, {"closes": drafting.TOO_LATE}),
        ({"closes": office.now + timedelta(days=1), "teams": []}, {"teams": ASK_SOMEBODY}),
        ({"teams": ["Care"], "results": "live"}, {"results": drafting.LIVE_IS_NAMED}),
        ({"results": "after_close", "teams": [], "people": ["Ben"]}, {"mode": drafting.TOO_FEW.format("one person")}),
        ({"channel": "launch-2024"}, {"channel": CANT_POST}),
        ({"channel": "vip-customers"}, {"channel": CANT_SEE}),
        ({"channel": "platform"}, {"channel": NOT_IN_IT}),
        ({"channel": None, "people": ["Gwen"]}, {"people": "I don’t know one of these people"}),
    ]
    for fields, expected in cases:
        for field, value in fields.items():
            modal.fill(field, value)
        with pytest.raises(FormErrors) as refused:
            await modal.submit()
        for field, sentence in expected.items():
            assert sentence in refused.value.errors[field], (fields, refused.value.errors)
    assert modal.value("question") == "Tea?"
    assert modal.value("options") == "Tea\nCoffee"


@ON_ONE_DATABASE
async def test_a_team_of_two_that_is_asked_anonymously_is_told_at_once(office: Office) -> None:
    modal = await form(office, office.tomas, "pulse", channel="#platform")
    with pytest.raises(FormErrors) as refused:
        await modal.submit()
    assert refused.value.errors["teams"] == drafting.TOO_FEW.format("2 people")


@ON_ONE_DATABASE
async def test_nobody_in_the_audience_is_said(office: Office) -> None:
    for name in ("Tomas", "Dana"):
        office.sim.workspace.deactivate(office.sim.acts_as(name).id)
    await office.settles()
    modal = await form(office, office.jonas, "date")
    modal.fill("options", "Mon\nTue").fill("teams", ["Platform"])
    with pytest.raises(FormErrors) as refused:
        await modal.submit()
    assert refused.value.errors["teams"] == drafting.NOBODY


@ON_ONE_DATABASE
async def test_a_quiz_needs_a_right_answer_and_a_question_that_fits_its_kind(office: Office) -> None:
    modal = await form(office, office.aoife, "quiz")
    modal.fill("question", "What is 2 + 2?").fill("options", "Four\nFive")
    with pytest.raises(FormErrors) as refused:
        await modal.submit()
    assert refused.value.errors["options"] == drafting.NO_RIGHT_ANSWER
    modal.fill("options", "* Four\nFive")
    await modal.submit()
    shown = await office.aoife.modal(titled="Preview")
    await office.aoife.clicks(shown, "Add a question")
    question = await office.aoife.modal(titled="Question")
    cases: list[tuple[dict[str, Any], dict[str, str]]] = [
        (
            {"text": "Which are even?", "options": "*Two\n*Four\nFive", "kind": "one"},
            {"options": drafting.MANY_RIGHT.format(2)},
        ),
        ({"kind": "several", "most": "5"}, {"most": drafting.NOT_SO_MANY.format(3)}),
        ({"options": "Two\nFour"}, {"options": drafting.NO_RIGHT_ANSWER}),
    ]
    for fields, expected in cases:
        for field, value in fields.items():
            question.fill(field, value)
        with pytest.raises(FormErrors) as refused:
            await question.submit()
        assert {field: refused.value.errors[field] for field in expected} == expected
    question.fill("options", "*Two\n*Four\nFive").fill("most", "2")
    await question.submit()
    await office.settles()
    assert "Which are even?" in shown.text


@ON_ONE_DATABASE
async def test_questions_are_added_edited_moved_and_removed_before_it_is_sent(office: Office) -> None:
    shown = await preview(office, office.aoife, "pulse")
    await office.aoife.clicks(shown, "Add a question")
    question = await office.aoife.modal(titled="Question")
    question.fill("text", "Where do you sit?").fill("options", "\n".join(f"Desk {n}" for n in range(12)))
    await question.submit()
    await office.settles()
    assert "3. Where do you sit?" in shown.text
    await office.aoife.clicks(shown, "Move question 3 up")
    await office.settles()
    assert shown.text.index("Where do you sit?") < shown.text.index("What should we know?")
    await office.aoife.clicks(shown, "Remove question 3")
    await office.settles()
    assert "What should we know?" not in shown.text
    await office.aoife.clicks(shown, "Edit question 2…")
    question = await office.aoife.modal(titled="Question")
    question.fill("kind", "text").fill("options", "")
    await question.submit()
    await office.settles()
    assert "Free text" in shown.text
    await shown.submit()
    await office.settles()
    assert [one.kind for one in (await latest(office)).questions] == ["rating", "text"]


async def test_answers_after_the_close_are_refused_by_button_and_by_form(office: Office) -> None:
    poll = await sent(
        office, office.aoife, "blank", question="Tea or coffee?", options="Tea\nCoffee\nWater\nMilk\nJuice\nAle"
    )
    other = await sent(office, office.aoife, "training")
    early = await letter(office.ben, poll)
    await office.ben.clicks(await letter(office.ben, other), f"polls.answer={other.id}")
    modal = await office.ben.modal()
    await office.sleeps(days=3)
    await office.settles()
    await office.ben.clicks(early, "polls.tap", option="Tea", stale=True)
    assert "is closed" in (await office.ben.privately("P-1")).text
    modal.fill(f"question-{other.questions[0].id}", "Too late")
    with pytest.raises(FormErrors) as refused:
        await modal.submit()
    assert "P-2 is closed" in next(iter(refused.value.errors.values()))
    assert "Too late" in modal.text or modal.value(f"question-{other.questions[0].id}") == "Too late"


@ON_ONE_DATABASE
async def test_more_choices_than_allowed_are_said_at_their_question(office: Office) -> None:
    poll = await sent(office, office.aoife, "topic", options="Refunds\nExports\nInvoices\nMail")
    await office.ben.clicks(await letter(office.ben, poll), f"polls.answer={poll.id}")
    modal = await office.ben.modal()
    field = f"question-{poll.questions[0].id}"
    modal.fill(field, ["Refunds", "Exports", "Invoices", "Mail"])
    with pytest.raises(FormErrors) as refused:
        await modal.submit()
    assert refused.value.errors[field] == "Choose at most 3."


async def test_whoever_left_in_the_middle_keeps_their_vote_and_whoever_came_later_is_not_asked(office: Office) -> None:
    poll = await sent(office, office.aoife, "blank", question="Tea or coffee?", options="Tea\nCoffee")
    await taps(office, office.ben, poll, 0)
    await office.ben.types("/backstop team leave", channel="#care")
    await office.settles()
    await taps(office, office.cara, poll, 0)
    await office.aoife.types("/poll list", channel="#care")
    assert "2 of 12 answered" in (await office.aoife.privately("P-1")).text
    await office.dana.types("/poll P-1", channel="#platform")
    assert "I don’t know a poll P-1" in (await office.dana.privately("P-1")).text


@ON_ONE_DATABASE
async def test_a_direct_message_that_slack_refuses_leaves_the_poll_on_home(office: Office) -> None:
    office.sim.faults.fail("chat.postMessage", "messages_tab_disabled", times=12)
    poll = await sent(office, office.aoife, "pulse")
    assert not [shown for shown in office.ben.sees("@bot") if poll.title in shown.text]
    home = await office.ben.opens_home()
    assert "Pulse" in home.text
    await office.ben.clicks(home, f"polls.answer={poll.id}")
    modal = await office.ben.modal(titled="Poll")
    modal.fill(f"question-{poll.questions[0].id}", "4")
    await modal.submit()
    await office.settles()
    await office.passes(seconds=10)
    assert "Pulse" not in str(office.sim.workspace.homes[office.ben.id].view["blocks"])


async def test_the_same_form_sent_twice_is_one_poll(office: Office) -> None:
    await sent(office, office.aoife, "pulse")
    for kind, payload in [pair for pair in office.sim.interactions.sent if pair[1].get("type") == "view_submission"]:
        await office.sim.interactions.redeliver(kind, payload)
    await office.settles()
    poll = await latest(office)
    assert poll.label == "P-1"
    await answers(office.ben, poll, {1: "4"})
    assert len([shown for shown in office.ben.sees("@bot") if poll.title in shown.text]) == 1
