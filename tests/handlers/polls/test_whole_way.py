"""A poll from its template to its result, as its people do it."""

from sqlalchemy import func, select

from storage.ballots import Answer, NamedBallot, SecretBallot
from storage.base import Base
from tests.handlers.polls.stories import answers, crew, latest, letter, preview, result, sent, taps
from tests.office import Office


async def rows(office: Office, model: type[Base]) -> int:
    async with office.bot.store.read() as session:
        return (await session.execute(select(func.count()).select_from(model))).scalar_one()


async def test_an_anonymous_poll_from_template_to_result(office: Office) -> None:
    shown = await preview(office, office.aoife, "training")
    assert "Asked: Care (12 people)" in shown.text
    assert "What is most challenging" in shown.text
    await office.aoife.clicks(shown, "See it as they will")
    await office.settles()
    seen = await office.aoife.modal(titled="Poll")
    assert "This is a preview" in seen.text
    await seen.close()
    await (await office.aoife.modal(titled="Preview")).submit()
    await office.settles()
    assert "is sent to 12 people" in (await office.aoife.modal(titled="Sent")).text
    poll = await latest(office)
    assert poll.label == "P-1"

    dublin = crew(office, ("Ben", "Cara", "Niamh", "Sean", "Petra", "Yusuf"))
    for number, person in enumerate(dublin):
        message = await letter(person, poll)
        assert "Anonymous." in message.text
        await answers(person, poll, {1: f"Refunds {number}", 2: "More pairing"})
    await answers(office.ben, poll, {1: "Invoices instead"})
    assert await rows(office, SecretBallot) == 6
    assert await rows(office, Answer) == 0

    await office.aoife.types("/poll list", channel="#care")
    assert "6 of 12 answered" in (await office.aoife.privately("P-1")).text
    await office.passes(days=2, hours=1)
    assert await rows(office, SecretBallot) == 0
    window = (await result(office, office.aoife, poll)).text
    assert "Invoices instead" in window
    assert "Refunds 0" not in window
    assert "Refunds 4" in window
    assert "More pairing" not in window  # five answered this one: Ben left it empty when he answered again
    assert "too few answered this question" in window
    assert "is closed" in (await letter(office.cara, poll)).text
    assert "6 of 12 answered" in (await office.aoife.finds("@bot", "is closed: 6 of 12")).text


async def test_a_tap_in_the_message_counts_once_and_can_be_changed(office: Office) -> None:
    poll = await sent(office, office.aoife, "blank", question="Tea or coffee?", options="Tea\nCoffee")
    for person in crew(office, ("Ben", "Cara", "Niamh", "Sean", "Petra", "Yusuf")):
        await taps(office, person, poll, 0)
        assert "Your answer is counted" in (await letter(person, poll)).text
    await taps(office, office.ben, poll, 1)
    await taps(office, office.ben, poll, 1)
    assert await rows(office, SecretBallot) == 6
    await office.aoife.types("/poll close P-1", channel="#care")
    await office.settles()
    text = (await result(office, office.cara, poll)).text
    assert "████████░░ 5  Tea" in text
    assert "██░░░░░░░░ 1  Coffee" in text


async def test_a_named_poll_shows_live_results_in_its_channel_and_names_to_managers_only(office: Office) -> None:
    poll = await sent(
        office, office.aoife, "date", more=True, options="Mon 8 June\nTue 9 June", channel="#care", teams=[]
    )
    post = await office.ben.finds("#care", "Which dates suit")
    for person in crew(office, ("Ben", "Cara")):
        await answers(person, poll, {1: ["Tue 9 June"]}, where=post)
    await answers(office.mei, poll, {1: ["Mon 8 June", "Tue 9 June"]}, where=post)
    await office.passes(seconds=10)
    shown = (await office.ben.finds("#care", "Session date")).text
    assert "██████████ 3  Tue 9 June" in shown
    assert "3 of 13 answered" in shown
    assert "Ben" not in shown.replace("Ben asks", "")
    assert await rows(office, NamedBallot) == 3
    window = await result(office, office.aoife, poll)
    await office.aoife.clicks(window, "Who said what")
    await office.settles()
    assert "Mei" in (await office.aoife.modal(titled="Who said what")).text
    await office.mei.types("/backstop my-data", channel="#care")
    assert "read what they answered in the poll P-1" in (await office.mei.privately("What is kept")).text
