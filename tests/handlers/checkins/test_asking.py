"""Each one is asked once, at their own hour, told of beforehand with every skip and its reason, and loses nothing when
times change."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from handlers.checkins.rules.windows import OVER
from simulator.errors import FormErrors, Impossible
from storage.checkins import Prompt, Round
from storage.people import Person
from tests.handlers.checkins.stories import at, enables, grows, prompts, round_of, settings, taps
from tests.office import Office

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Where nothing but times differs, one database is enough."""


@SQLITE
async def test_a_manager_reads_each_coming_question_and_each_skip_with_its_reason_before_it_happens(
    office: Office,
) -> None:
    await office.cara.types("/availability away until friday", channel="#care")
    await office.petra.types("/checkin off", channel="#care")
    await office.petra.privately("I don’t ask you any more, and nobody is told")
    await enables(office)
    await office.aoife.types("/backstop upcoming", channel="#care")
    told = (await office.aoife.privately("Coming up")).text
    assert "2:30 PM · Check-in · Care → @Ben (Tue 14:30 their time)" in told
    assert "✗ · Check-in · Care → @Cara (Tue 14:30 their time) (away)" in told
    assert "Petra" not in told
    await office.petra.types("/backstop upcoming", channel="#care")
    assert "(switched off by themselves)" in (await office.petra.privately("Coming up")).text
    await at(office, "14:31")
    assert [len(prompts(who)) for who in (office.ben, office.cara, office.petra)] == [1, 0, 0]
    assert [len(prompts(who)) for who in (office.niamh, office.sean, office.yusuf, office.aoife)] == [1] * 4
    assert office.sim.surprises == []


async def test_who_has_not_answered_is_nudged_once_and_who_answered_early_is_not_asked(office: Office) -> None:
    await enables(office)
    await office.niamh.types("/checkin", channel="#care")
    form = await office.niamh.modal()
    assert "open until" in form.text
    form.fill("load", "light").fill("feeling", "good")
    await form.submit()
    await office.settles()
    assert "Noted: light, work felt good. You can change it until 17:30." in (await office.niamh.modal()).text
    await at(office, "14:31")
    assert prompts(office.niamh) == []
    await taps(office, office.ben, "right")
    await taps(office, office.ben, "heavy")
    await taps(office, office.ben, "✓ heavy")
    assert "✓ heavy" in prompts(office.ben)[0].buttons()
    await at(office, "16:46")
    assert [len(prompts(who)) for who in (office.niamh, office.ben, office.sean)] == [0, 1, 2]
    assert "Still open until 5:30 PM" in prompts(office.sean)[1].text
    nudge = prompts(office.sean)[1]
    await office.sean.clicks(nudge, "right")
    await office.settles()
    assert all("✓ right" in shown.buttons() for shown in prompts(office.sean))
    office.clock.advance(timedelta(minutes=45))  # the message still shows its buttons
    await office.ben.clicks(prompts(office.ben)[0], "light")
    closed = await office.ben.privately("closed at 17:30")
    assert "its answers don’t change any more" in closed.text
    await office.settles()
    await office.ben.types("/checkin", channel="#care")
    assert "What you answered stands: heavy" in (await office.ben.privately("What you answered stands")).text


@SQLITE
async def test_after_midnight_an_answer_still_belongs_to_the_day_whose_window_is_open(office: Office) -> None:
    await enables(office, window="720", nudge="0")
    await at(office, "14:31")
    await at(office, "00:30")
    await office.ben.types("/checkin", channel="#care")
    form = await office.ben.modal()
    assert "Tuesday 2 June" in form.text
    await form.fill("load", "heavy").submit()
    await office.settles()
    assert "✓ heavy" in prompts(office.ben)[0].buttons()
    await at(office, "02:31")
    assert "You said: heavy" in office.ben.sees("@bot")[-1].text


@SQLITE
async def test_a_changed_zone_in_mid_window_brings_no_second_question_and_loses_none(office: Office) -> None:
    await enables(office)
    office.sim.workspace.alter("Cara", tz="Europe/Berlin")
    await at(office, "13:31")
    assert [len(prompts(who)) for who in (office.cara, office.ben)] == [1, 0]
    office.sim.workspace.alter("Yusuf", tz="America/New_York")
    await at(office, "14:31")
    assert [len(prompts(who)) for who in (office.cara, office.ben, office.yusuf)] == [1, 1, 0]
    office.sim.workspace.alter("Ben", tz="America/New_York")
    await at(office, "19:31")
    assert len(prompts(office.yusuf)) == 1
    assert prompts(office.ben) == []
    assert len([shown for shown in office.ben.sees("@bot") if "Closed at" in shown.text]) == 1


@SQLITE
async def test_whose_day_is_over_where_they_are_now_is_not_asked_and_nobody_blames_an_outage(office: Office) -> None:
    await enables(office)
    await at(office, "13:10")
    office.sim.workspace.alter("Ben", tz="Asia/Manila")  # it is ten past eight in the evening there
    office.sim.workspace.alter("Cara", tz="Asia/Tokyo")
    await at(office, "16:30")
    assert [len(prompts(who)) for who in (office.ben, office.cara, office.niamh)] == [0, 0, 1]
    assert {await skip_of(office, name) for name in ("Ben", "Cara")} == {OVER}


async def skip_of(office: Office, name: str) -> str | None:
    """Why somebody isn't asked in the round of today."""
    async with office.bot.store.read() as session:
        query = select(Prompt.skip).join(Round).join(Person, Person.id == Prompt.person_id)
        return (await session.execute(query.where(Person.name == name, Round.day == office.now.date()))).scalar_one()


@SQLITE
async def test_who_leaves_in_mid_round_is_neither_nudged_nor_counted_and_who_joins_is_asked(office: Office) -> None:
    await enables(office)
    await at(office, "14:31")
    await grows(office, "Care", "Dana", now=office.now)
    await office.passes(minutes=61)
    await taps(office, office.dana, "right")
    await office.ben.types("/backstop team leave", channel="#care")
    await office.ben.clicks(await office.ben.privately("Care"), "Leave…")
    await office.settles()
    await at(office, "16:46")
    assert len([shown for shown in office.ben.sees("@bot") if "Still open" in shown.text]) == 0
    await at(office, "17:31")
    closed = await round_of(office)
    assert (closed.asked, closed.answered) == (12, 1)


@SQLITE
async def test_who_can_not_be_written_to_counts_as_not_asked_and_can_still_answer(office: Office) -> None:
    await enables(office)
    office.sim.faults.fail("chat.postMessage", "messages_tab_disabled", times=None)
    await at(office, "14:31")
    office.sim.faults.heal()
    await office.ben.types("/checkin", channel="#care")
    await (await office.ben.modal()).fill("load", "right").submit()
    await at(office, "17:31")
    closed = await round_of(office)
    assert (closed.answered, closed.asked) == (1, 6)


@SQLITE
async def test_after_an_outage_the_question_comes_late_while_there_is_time_and_not_at_all_afterwards(
    office: Office,
) -> None:
    await enables(office)
    await office.sleeps(hours=5, minutes=30)
    assert "Late by 60 min: Backstop was down." in prompts(office.ben)[0].text
    await office.sleeps(hours=24)
    assert [shown.text for shown in prompts(office.ben) if "3 June" in shown.text] != []
    await office.sleeps(hours=30)
    assert [shown.text for shown in prompts(office.ben) if "4 June" in shown.text] == []


@SQLITE
async def test_a_manager_starts_one_by_hand_on_any_day_and_nobody_else_does(office: Office) -> None:
    await enables(office, days=["6"])
    await office.ben.types("/checkin start-round", channel="#care")
    assert "You manage no team" in (await office.ben.privately("manage")).text
    await office.aoife.types("/checkin start-round", channel="#care")
    offer = await office.aoife.privately("Ask Care now?")
    assert "Private: stored for you" in offer.text
    await office.aoife.clicks(offer, "Ask now")
    await office.settles()
    await office.aoife.privately("The check-in of Care has begun")
    assert len(prompts(office.ben)) == 1
    assert len(prompts(office.mei)) == 1
    await office.aoife.clicks(offer, "Ask now")
    await office.settles()
    assert "One a day is enough" in (await office.aoife.privately("One a day")).text
    await office.aoife.types("/checkin start-round", channel="#care")
    again = await office.aoife.privately("Care has its check-in of")
    assert again.buttons() == [], "what can't be done is not offered"
    await at(office, "17:31")
    await at(office, "17:31")
    assert len([shown for shown in office.ben.sees("@bot") if "Closed at" in shown.text]) == 1


@SQLITE
async def test_bad_settings_stay_in_the_form_at_their_field(office: Office) -> None:
    form = await settings(office, office.aoife, more=True)
    form.fill("use", "on").fill("days", ["1"]).fill("lead", "1 h").fill("nudge", "90")
    with pytest.raises(FormErrors, match="before they are asked"):
        await form.submit()
    form.fill("nudge", "30")
    await form.submit()
    assert "Tue, 1 h before each member’s shift ends" in (await office.aoife.modal(titled="Saved")).text


@SQLITE
async def test_settings_are_the_managers_and_the_admins_and_a_small_team_is_told_at_once(office: Office) -> None:
    await office.ben.types("/backstop team Care", channel="#care")
    with pytest.raises(Impossible):
        await office.ben.clicks(await office.ben.privately("Care"), "Check-ins…")
    form = await settings(office, office.omar, "Platform")
    assert "Platform has 2 members: fewer than 5 private answers are never shown" in form.text
    form.fill("use", "on")
    await form.submit()
    assert "you would see no result" in (await office.omar.modal(titled="Saved")).text


@SQLITE
async def test_words_that_mean_nothing_here_are_said_so(office: Office) -> None:
    await office.ben.types("/checkin trent", channel="#care")
    assert "Did you mean /checkin trend?" in (await office.ben.privately("Did you mean")).text
    await office.ben.types("/checkin please <!channel>", channel="#care")
    assert "/checkin help shows the rest" in (await office.ben.privately("I don’t know")).text
    await office.ben.types("/checkin trend 99", channel="#care")
    assert "I don’t know “trend 99”" in (await office.ben.privately("trend 99")).text
    await office.ben.types("/checkin help", channel="#care")
    await office.ben.privately("/checkin answers early")


@SQLITE
async def test_berlin_austin_and_auckland_are_asked_at_their_own_hour_of_the_same_date(office: Office) -> None:
    there = {"Niamh": "Pacific/Auckland", "Ben": "Europe/Berlin", "Cara": "America/Chicago"}
    for name, zone in there.items():
        office.sim.workspace.alter(name, tz=zone)
    await office.settles()
    await enables(office, days=["2"])
    await at(office, "11:01")  # Wednesday begins where dates begin first on Earth
    for name in there:
        who = office.sim.acts_as(name)
        await who.types("/backstop upcoming", channel="#care")
        assert f"@{name} (Wed 14:30 their time)" in (await who.privately("Coming up")).text
    asked: list[str] = []
    title = "Check-in, Wednesday 3 June"
    for name, zone in there.items():  # the day comes to Auckland first, and to Austin last
        await at(office, "14:29", zone)
        assert [who for who in there if prompts(office.sim.acts_as(who), title)] == asked
        await at(office, "14:31", zone)
        asked.append(name)
        assert [who for who in there if prompts(office.sim.acts_as(who), title)] == asked
        await taps(office, office.sim.acts_as(name), "right")
    await at(office, "17:31", "America/Chicago")
    closed = await round_of(office)
    assert (closed.answered, str(closed.day)) == (3, "2026-06-03")
