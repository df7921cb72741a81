"""What follows a session: its quiz, which newcomers are asked too, the week's report; and one day it is forgotten."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from handlers.training.nightly import KEPT_FOR, PROOF_KEPT_FOR
from storage.base import Base
from storage.onboarding import Enrolment
from storage.polls import Poll
from storage.requirements import Assignment
from storage.training import Item, Place, Session
from tests.handlers.polls.stories import answers as answers_poll
from tests.handlers.polls.stories import latest, letter, taps
from tests.handlers.training.stories import answers, plans
from tests.handlers.training.test_onboarding import joins, says
from tests.handlers.training.test_required import requires
from tests.office import Office


async def _held(office: Office) -> None:
    """A session to which Ben and Mei came."""
    await plans(office, office.aoife)
    for who in (office.ben, office.mei):
        await answers(office, who, "I’m going")
    await office.sleeps(days=2, hours=2)
    await office.aoife.clicks(await office.aoife.finds("@bot", "Who was there?"), "Who was there…")
    await (await office.aoife.modal(titled="Who was there")).submit()
    await (await office.aoife.modal()).close()
    await office.settles()


async def _followed_by_a_quiz(office: Office) -> Poll:
    after = await office.aoife.finds("@bot", "were there")
    await office.aoife.clicks(after, "Follow-up quiz…")
    form = await office.aoife.modal(titled="New poll")
    assert form.value("title") == "Quiz: Refunds"
    assert form.value("people") == [office.ben.id, office.mei.id], "those who were there"
    form.fill("question", "Who signs a refund above € 500?").fill("options", "*A manager\nNobody")
    await form.fill("closes", office.now + timedelta(days=20)).submit()
    await office.settles()
    await (await office.aoife.modal(titled="Preview")).submit()
    await (await office.aoife.modal(titled="Sent")).close()
    await office.settles()
    assert "Follow-up quiz…" not in (await office.aoife.finds("@bot", "were there")).buttons()
    return await latest(office)


async def test_a_quiz_follows_a_session_and_stands_in_a_newcomers_day(office: Office) -> None:
    await _held(office)
    quiz = await _followed_by_a_quiz(office)
    assert (quiz.asked, quiz.session_id) == (2, 1)
    await taps(office, office.ben, quiz, 0)
    assert not [shown for shown in office.cara.sees("@bot") if "Quiz: Refunds" in shown.text]

    await says(office, 0, "Try yourself at our refunds.", poll=f"{quiz.label} {quiz.title}")
    await joins(office, "Dana")
    first = await office.dana.finds("@bot", "Your first day in Care")
    await answers_poll(office.dana, quiz, {1: "Nobody"}, where=first)
    assert (await latest(office)).asked == 3
    await office.sleeps(days=21)
    assert "You had *1 of 1* right" in str((await letter(office.ben, quiz)).blocks)
    await office.dana.clicks(first, f"polls.answer={quiz.id}", stale=True)
    assert "is closed" in (await office.dana.privately(quiz.label)).text
    assert (await latest(office)).passed == 1


async def _left(office: Office, *models: type[Base]) -> list[int]:
    async with office.bot.store.read() as session:
        return [(await session.execute(select(func.count()).select_from(model))).scalar_one() for model in models]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_weekly_report_counts_training_without_names_and_all_of_it_is_forgotten_in_time(
    office: Office,
) -> None:
    await _held(office)
    await says(office, 0, "Welcome.")
    await joins(office, "Dana")
    await office.aoife.types("/training new Exports", channel="#care")
    await (await office.aoife.modal()).submit()
    await (await office.aoife.modal()).close()
    form = await requires(office)
    await form.fill("title", "Fire safety").fill("due_on", (office.now + timedelta(days=1)).date().isoformat()).submit()
    await (await office.aoife.modal()).close()
    await office.settles()
    await office.ben.clicks(await office.ben.finds("@bot", "required of you"), "I’ve done it")
    await office.settles()
    await office.sleeps(days=2)
    await office.jonas.types("/backstop preview weekly Care", channel="#care")
    told = (await office.jonas.privately("Preview")).text
    assert "• 1 session held · 2 were there" in told
    assert "1 topic open · 1 newcomer in onboarding" in told
    assert "1 of 13 have done it · :warning: 12 overdue" in told
    training = told[told.index("Training") :]
    assert not [name for name in ("Ben", "Mei", "Dana") if name in training]

    await office.aoife.types("/training required", channel="#care")
    await office.aoife.clicks(await office.aoife.privately("In the teams that you lead"), "End it")
    await office.settles()
    await office.aoife.types("/training", channel="#care")
    await office.aoife.clicks(await office.aoife.privately("Exports"), "Done")
    await office.settles()
    assert await _left(office, Session, Place, Item, Enrolment, Assignment) == [1, 2, 1, 1, 13]
    await office.sleeps(days=92)  # the last day of Dana's onboarding is over
    await office.sleeps(days=KEPT_FOR.days - 93)
    assert await _left(office, Session, Place, Item, Enrolment) == [0, 0, 1, 1]
    await office.sleeps(days=100)
    assert await _left(office, Item, Enrolment, Assignment) == [0, 0, 13]
    await office.sleeps(days=(PROOF_KEPT_FOR - KEPT_FOR).days - 97)
    assert await _left(office, Assignment) == [0]
