"""Looking back: what one's own answers show, to oneself first; what managers find."""

from datetime import timedelta

import pytest

from simulator.acting import Actor
from storage.checkin_answers import Answer
from tests.handlers.checkins.stories import at, enables, everybody_taps, lived, person_of, taps
from tests.office import Office

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def said_before(office: Office, name: str, *loads: int) -> None:
    """Somebody's answers of the days before, the latest yesterday's."""
    person = await person_of(office, name)
    async with office.bot.store.write() as session:
        for ago, load in enumerate(reversed(loads), start=1):
            day = office.now.date() - timedelta(days=ago)
            session.add(
                Answer(workspace_id=person.workspace_id, person_id=person.id, day=day, load=load, changed_at=office.now)
            )


async def trend(who: Actor, weeks: str = "", *, titled: str = "Your own check-ins", channel: str = "#care") -> str:
    await who.types(f"/checkin trend {weeks}".strip(), channel=channel)
    return (await who.privately(titled)).text


@SQLITE
async def test_who_asked_for_it_hears_first_that_their_load_stays_high_and_chooses_to_share_it(office: Office) -> None:
    await said_before(office, "Ben", 4, 3, 5)
    await said_before(office, "Cara", 5, 5, 5)
    await office.ben.types("/checkin trend", channel="#care")
    mine = await office.ben.privately("Your own check-ins")
    assert "too much" in mine.text
    await office.ben.clicks(mine, "Tell me")
    await office.settles()
    await enables(office)
    await at(office, "14:31")
    await taps(office, office.ben, "heavy")
    await taps(office, office.cara, "too much")
    await at(office, "17:31")
    await at(office, "09:01")
    warned = await office.ben.finds("@bot", "heavy or more in 3 of your last 4")
    assert "Nobody else hears it from me" in warned.text
    assert [shown.text for shown in office.cara.sees("@bot") if "of your last" in shown.text] == []
    await office.aoife.types("/backstop upcoming", channel="#care")
    assert "for you alone" not in (await office.aoife.privately("Coming up")).text
    await office.ben.clicks(warned, "Share with my manager…")
    await office.settles()
    form = await office.ben.modal()
    assert "To Aoife.\nThey read your last 4 loads (heavy, right, too much, heavy)" in form.text
    await form.fill("words", "Fewer <!channel> escalations on Fridays").submit()
    await office.settles()
    told = await office.aoife.finds("@bot", "wants you to know")
    assert "heavy, right, too much, heavy" in told.text
    assert "Fewer <!channel> escalations" in told.text
    assert office.sim.surprises == []


@SQLITE
async def test_managers_and_heads_read_the_weeks_and_members_only_their_own(office: Office) -> None:
    await lived(office, {4: [0, 0, 5, 0, 0], 3: [0, 0, 4, 1, 0], 2: None, 1: [0, 0, 0, 3, 3]})
    shown = await trend(office.aoife, "8", titled="Load of Care")
    assert "3.0 week of 4 May · 5 answers, 0 heavy or too much" in shown
    assert "– week of 18 May · too few answers" in shown
    assert "4.5 week of 25 May · 6 answers, 6 heavy or too much" in shown
    assert "week of 1 Jun" not in shown, "its check-ins are still to come"
    assert "3.2 week of 11 May" in await trend(office.jonas, "52", titled="Load of Care")
    assert "Load of Care" not in await trend(office.ben)
    assert "Load of Care" not in await trend(office.omar, channel="#general")


@SQLITE
async def test_the_question_waits_on_home_and_the_result_stands_there_and_in_the_managers_digest(
    office: Office,
) -> None:
    await enables(office)
    await at(office, "14:31")
    assert "How is your load today?" in (await office.ben.opens_home()).text
    await everybody_taps(office, *["too much"] * 3, "right", "heavy", people=("Ben", "Cara", "Sean", "Niamh", "Petra"))
    await at(office, "14:40")
    assert "How is your load today?" not in (await office.ben.opens_home()).text
    await at(office, "17:31")
    assert "5 of 12 answered; 4 heavy or too much" in (await office.aoife.opens_home()).text
    assert "answered" not in (await office.ben.opens_home()).text
    await at(office, "09:31")
    news = await office.aoife.finds("@bot", "Check-in of Care")
    assert "3 of 5 said too much" in news.text[news.text.index("Needs you today") :]
    assert news.text.count("5 of 12 answered") == 1, "the result stands above the digest: it isn't said again"
    assert "Load, as the team feels it" not in news.text
    in_the_channel = "\n".join(shown.text for shown in office.aoife.sees("#care"))
    assert "Load, as the team feels it" not in in_the_channel
    assert "too much" not in in_the_channel
    await office.aoife.types("/backstop preview weekly Care", channel="#care")
    weekly = (await office.aoife.privately("Load, as the team feels it")).text
    assert "5 of 12 answered; 4 heavy or too much" in weekly


@SQLITE
async def test_an_answer_on_any_day_is_kept_for_oneself_and_does_not_slip_into_a_later_round(office: Office) -> None:
    await office.ben.types("/checkin", channel="#care")
    form = await office.ben.modal()
    assert "No check-in of yours is open now" in form.text
    await form.fill("load", "too much").fill("blocker", "For myself").submit()
    assert "Noted, for you alone: too much" in (await office.ben.modal()).text
    await enables(office, days=["6"])
    await office.aoife.types("/checkin start-round", channel="#care")
    await office.aoife.clicks(await office.aoife.privately("Ask Care now?"), "Ask now")
    await office.settles()
    asked = await office.ben.finds("@bot", "How is your load today?")
    assert "✓" not in "".join(asked.buttons())
    await taps(office, office.ben, "light")
    assert "For myself" not in (await office.ben.finds("@bot", "How is your load today?")).text
    assert "light" in await trend(office.ben)
