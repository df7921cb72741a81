"""Quizzes, repeating polls, results by team and their change, files, and who may do what."""

import asyncio
import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.polls import closing
from handlers.polls.rules import drafting, secrecy
from storage import polls
from storage.ballots import Answer, NamedBallot
from storage.people import DataAccess
from storage.polls import Kind, Poll, PollState, Question
from tests.handlers.escalations.stories import raised, resolves
from tests.handlers.polls.stories import CARE_WITHOUT_LEAD, answers, crew, form, latest, letter, preview, result, sent
from tests.office import Office

PULSE = {"Ben": "4", "Cara": "4", "Niamh": "4", "Sean": "2", "Petra": "2", "Yusuf": "2"}


async def test_a_quiz_tells_each_their_own_result_and_the_managers_everybodys(office: Office) -> None:
    poll = await sent(office, office.aoife, "quiz", question="How long may a refund take?", options="*Two days\nA week")
    assert "Quiz." in (await letter(office.ben, poll)).text
    for person, option in ((office.ben, "Two days"), (office.cara, "A week"), (office.mei, "A week")):
        await person.clicks(
            await letter(person, poll),
            f"polls.tap={poll.id}:{poll.questions[0].id}:{('Two days', 'A week').index(option)}",
        )
    await office.settles()
    await office.mei.clicks(await letter(office.mei, poll), f"polls.tap={poll.id}:{poll.questions[0].id}:0")
    await office.settles()
    await office.aoife.types("/poll close", channel="#care")
    await office.aoife.clicks(await office.aoife.privately("P-1"), "Close")
    await office.settles()
    assert "You had *1 of 1* right: passed" in str((await letter(office.mei, poll)).blocks)
    assert "You had *0 of 1* right: not passed" in str((await letter(office.cara, poll)).blocks)
    theirs = await result(office, office.cara, poll)
    assert "2 of 3 passed" in theirs.text
    assert "Who said what" not in theirs.buttons()
    window = await result(office, office.aoife, poll)
    await office.aoife.clicks(window, "Who said what")
    names = (await office.aoife.modal(titled="Who said what")).text
    assert "Cara   0 of 1, not passed" in names
    assert "Ben   1 of 1, passed" in names


async def test_a_poll_repeats_in_its_weeks_without_a_lone_newcomer_shows_the_change_and_stops(office: Office) -> None:
    poll = await sent(office, office.aoife, "pulse", more=True, every_weeks="Every two weeks")
    for name, rating in PULSE.items():
        await answers(office.sim.acts_as(name), poll, {1: rating})
    await office.sleeps(days=7)
    assert (await latest(office)).label == "P-1"
    await office.aoife.types("/backstop team edit", channel="#care")
    form = await office.aoife.modal()
    await form.fill("members", [*form.value("members"), office.dana.id]).submit()
    await (await office.aoife.modal()).close()
    await office.sleeps(days=7)
    await office.settles()
    again = await latest(office)
    assert again.asked == 12, "Dana, set against the last result, would be alone"
    assert (again.label, again.state) == ("P-2", PollState.OPEN)
    assert again.opened_at is not None
    assert again.closes_at - again.opened_at > timedelta(days=1, hours=23)
    for person in crew(office, PULSE):
        await answers(person, again, {1: "4"})
    await office.aoife.types("/poll close P-2", channel="#care")
    told = (await office.aoife.privately("P-2 is closed")).text
    assert "/poll P-2 shows its result" in told
    assert "asked again, every two weeks" in told
    text = (await result(office, office.aoife, again)).text
    assert "Mean 4.0 of 5 (+1.0)" in text.replace("*", "")
    assert "change since" in text
    await office.aoife.types("/poll P-2", channel="#care")
    listed = await office.aoife.privately("P-2 Pulse")
    assert "every two weeks" in listed.text
    await office.aoife.clicks(listed, "Stop repeating")
    await office.settles()
    await office.sleeps(days=14)
    await office.settles()
    assert (await latest(office)).label == "P-2"


async def test_one_person_more_than_was_asked_holds_results_back_for_eight_weeks(office: Office) -> None:
    asks = {"question": "Tea or coffee?", "options": "Tea\nCoffee", "more": True, "results": "managers"}
    for people, days, counted in (([], 0, "6  Coffee"), (["Dana"], 55, None), (["Dana"], 2, "7 (+0 points)  Coffee")):
        await office.sleeps(days=days)
        poll = await sent(office, office.aoife, "blank", people=people, **asks)
        for person in crew(office, [*PULSE, *people]):
            await person.clicks(await letter(person, poll), f"polls.tap={poll.id}:{poll.questions[0].id}:1")
        await office.settles()
        await office.aoife.types(f"/poll close {poll.label}", channel="#care")
        window = await result(office, office.aoife, poll)
        assert ("set against earlier" in window.text) == (counted is None)
        assert counted is None or counted in window.text
        await window.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_repeat_that_too_few_would_answer_is_not_sent_and_told(office: Office) -> None:
    poll = await sent(office, office.aoife, "pulse", more=True, every_weeks="Every week", teams=[], people=list(PULSE))
    for name in ("Ben", "Cara"):
        office.sim.workspace.deactivate(office.sim.acts_as(name).id)
    await office.settles()
    await office.sleeps(days=7)
    await office.settles()
    assert (await latest(office)).id == poll.id
    told = await office.aoife.finds("@bot", "was not asked again")
    assert "Only 4 people would be asked" in told.text


async def test_teams_are_shown_by_themselves_only_where_nobody_is_left_over(office: Office) -> None:
    """Platform has two members: Care by itself would tell what they said."""
    shown = await preview(
        office, office.jonas, "blank", question="Tea?", options="Tea\nCoffee", teams=["Care", "Platform"]
    )
    await shown.submit()
    await office.settles()
    poll = await latest(office)
    for name in (*CARE_WITHOUT_LEAD[:6], "Dana"):
        person = office.sim.acts_as(name)
        await person.clicks(await letter(person, poll), f"polls.tap={poll.id}:{poll.questions[0].id}:0")
    await office.settles()
    await office.jonas.types("/poll close P-1", channel="#care")
    await office.settles()
    text = (await result(office, office.jonas, poll)).text
    assert "7  Tea" in text
    assert "Care:" not in text
    async with office.bot.store.read() as session:
        assert set((await session.execute(select(Answer.team_id))).scalars()) == {None}


async def test_the_file_follows_the_same_rules_and_holds_no_formulas(office: Office) -> None:
    poll = await sent(office, office.aoife, "training")
    for person in crew(office, PULSE):
        await answers(person, poll, {1: '=HYPERLINK("http://evil.example")'})
    await answers(office.mei, poll, {2: "Alone with this"})
    await office.aoife.types("/poll close P-1", channel="#care")
    await office.aoife.clicks(await result(office, office.aoife, poll), "CSV")
    await office.settles()
    content = next(iter(office.sim.workspace.files.values())).content
    rows = list(csv.reader(io.StringIO((content or b"").decode())))
    assert rows[1][3].startswith("'=")
    assert "Alone with this" not in str(rows)
    assert [row for row in rows if row[3] == "not shown"]
    assert not any(name in str(rows) for name in PULSE)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_names_in_a_file_are_logged_for_each_of_them(office: Office) -> None:
    poll = await sent(office, office.aoife, "date", options="Mon\nTue")
    await answers(office.ben, poll, {1: ["Mon"]})
    await office.aoife.clicks(await result(office, office.aoife, poll), "CSV")
    await office.settles()
    content = next(iter(office.sim.workspace.files.values())).content
    assert "Ben,Mon" in (content or b"").decode()
    async with office.bot.store.read() as session:
        logged = (await session.execute(select(DataAccess.what))).scalars().all()
    assert logged == ["exported what they answered in the poll P-1"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_only_those_who_lead_ask_close_and_export_and_strangers_learn_nothing(office: Office) -> None:
    await office.ben.types("/poll", channel="#care")
    assert "Polls are sent by managers" in (await office.ben.privately("managers")).text
    poll = await sent(office, office.aoife, "pulse", more=True, results="managers")
    await office.tomas.types("/poll close P-1", channel="#platform")
    assert "I don’t know a poll P-1" in (await office.tomas.privately("P-1")).text
    await office.ben.types("/poll close P-1", channel="#care")
    assert "Only whoever sent P-1" in (await office.ben.privately("P-1")).text
    await office.jonas.types("/poll close P-1", channel="#care")
    await office.settles()
    assert "goes to the managers" in (await letter(office.ben, poll)).text
    await office.ben.types("/poll list", channel="#care")
    assert "Result" not in (await office.ben.privately("Pulse")).buttons()
    await office.aoife.types("/poll clsoe P-1", channel="#care")
    assert "Did you mean `/poll close P-1`" in str((await office.aoife.privately("Did you mean")).message)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_after_ninety_days_names_and_words_are_gone_and_counts_stay(office: Office) -> None:
    poll = await sent(office, office.aoife, "pulse", more=True, mode="named")
    await answers(office.ben, poll, {1: "4", 2: "Something only Ben would say"})
    secret = await sent(office, office.aoife, "training")
    for person in crew(office, PULSE):
        await answers(person, secret, {1: "Words"})
    await office.sleeps(days=3)
    await office.sleeps(days=91)
    async with office.bot.store.read() as session:
        assert (await session.execute(select(func.count()).select_from(NamedBallot))).scalar_one() == 0
        left = (await session.execute(select(Answer.option, Answer.text))).all()
    assert [tuple(row) for row in left] == [(3, None)]
    await office.sleeps(days=640)
    async with office.bot.store.read() as session:
        assert (await session.execute(select(func.count()).select_from(Poll))).scalar_one() == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_knowledge_gaps_that_repeat_begin_the_next_topic_vote(office: Office) -> None:
    for number, words in enumerate(("Refund above the limit", "Export of contacts is empty"), 1):
        await raised(office, office.ben, words, severity="S3")
        await resolves(office, office.aoife, f"E-{number}", root_cause="knowledge_gap")
    modal = await form(office, office.aoife, "topic")
    assert modal.value("options") == "Export of contacts is empty\nRefund above the limit"
    assert "knowledge gaps" in modal.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_home_upcoming_and_the_words_about_trust(office: Office) -> None:
    poll = await sent(office, office.aoife, "pulse")
    home = await office.ben.opens_home()
    assert "Pulse" in home.text
    await office.aoife.types("/backstop upcoming", channel="#care")
    assert "A poll closes" in (await office.aoife.privately("Coming up")).text
    await office.ben.types("/poll privacy", channel="#care")
    told = (await office.ben.privately("What anonymous means")).text
    assert "Backups" in told
    assert "5 answers" in told
    await office.ben.types("/poll help", channel="#care")
    assert "/poll privacy" in (await office.ben.privately("Ask")).text
    await answers(office.ben, poll, {1: "3"})
    await office.ben.types("/backstop my-data", channel="#care")
    assert "Answers in anonymous polls that are open: 1" in (await office.ben.privately("What is kept")).text


async def test_a_post_that_the_channel_refuses_is_told_to_whoever_asked(office: Office) -> None:
    shown = await preview(office, office.aoife, "pulse", more=True, channel="care-leads", teams=["Care"])
    office.sim.faults.fail("chat.postMessage", "restricted_action", times=1)
    await shown.submit()
    await office.settles()
    assert "I couldn’t post" in (await office.aoife.finds("@bot", "couldn’t post")).text


async def test_a_result_becomes_a_training_item_with_an_owner_and_a_date_once(office: Office) -> None:
    poll = await sent(office, office.aoife, "topic", options="Refunds\nExports")
    for person in crew(office, PULSE):
        await answers(person, poll, {1: ["Refunds"]})
    await office.aoife.types("/poll close P-1", channel="#care")
    window = await result(office, office.aoife, poll)
    assert window.text.count("What should we train next?") == 1
    await office.aoife.clicks(window, "Make it a training item: Refunds")
    item = await office.aoife.modal(titled="New training item")
    assert item.value("topic") == "Refunds"
    await item.fill("owner", "Petra").fill("due_on", "2026-06-12").submit()
    assert "Petra sees to it, due Friday 12 June" in (await office.aoife.modal(titled="Backstop")).text
    await (await office.aoife.modal()).close()
    await office.settles()
    await window.close()
    window = await result(office, office.aoife, poll)
    assert "A training item: /training shows it" in window.text
    assert "Make it a training item" not in window.buttons()
    await office.petra.clicks(
        await office.petra.finds("@bot", "asks you to see to a training topic"), "Plan a session…"
    )
    await office.settles()
    await (await office.petra.modal()).fill("starts_at", office.now + timedelta(days=2)).submit()
    await office.settles()
    await office.aoife.types("/training", channel="#care")
    topics = await office.aoife.privately("From a poll: What should we train next?")
    assert "Its session: " in topics.text
    assert topics.buttons().count("Plan a session…") == 1, "only the one for another topic"


ONE_TO_FIVE = {"question": "How is it going?", "options": "1\n2\n3\n4\n5", "more": True, "results": "managers"}


async def _both_asked(office: Office) -> tuple[Poll, Poll]:
    """The same question to six people, and to them and Dana; everybody answers."""
    asked = []
    for people in (list(PULSE), [*PULSE, "Dana"]):
        asked.append(await sent(office, office.aoife, "blank", teams=[], people=people, **ONE_TO_FIVE))
        for person in crew(office, people):
            await person.clicks(
                await letter(person, asked[-1]), f"polls.tap={asked[-1].id}:{asked[-1].questions[0].id}:1"
            )
        await office.settles()
    return asked[0], asked[1]


async def _close(office: Office, poll: Poll, session: AsyncSession) -> str | None:
    """Why its result isn't shown."""
    locked = await polls.locked(session, poll.id)
    assert locked is not None
    await closing.close(session, locked, by=None, now=office.now)
    return locked.questions[0].held_back


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_two_that_close_in_one_instant_are_set_against_each_other(office: Office) -> None:
    """Each in a process of its own: neither may miss what the other is about to publish."""
    first, second = await _both_asked(office)

    async def closes_the_other() -> str | None:
        async with office.bot.store.write() as session:
            return await _close(office, second, session)

    async with office.bot.store.write() as session:
        assert await _close(office, first, session) is None
        other = asyncio.create_task(closes_the_other())
        await asyncio.wait({other}, timeout=0.5)
        assert not other.done(), "it waits for what is published here"
    assert await other == secrecy.DIFFERENCE


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_rating_and_a_choice_in_the_same_words_are_set_against_each_other(office: Office) -> None:
    first, second = await _both_asked(office)
    async with office.bot.store.write() as session:
        asked = await session.get_one(Question, first.questions[0].id)
        asked.kind, asked.sameness = Kind.RATING, drafting.sameness(Kind.RATING, asked.text)
    async with office.bot.store.write() as session:
        assert await _close(office, first, session) is None
    async with office.bot.store.write() as session:
        assert await _close(office, second, session) == secrecy.DIFFERENCE
