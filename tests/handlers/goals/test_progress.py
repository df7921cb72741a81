"""Goals fill themselves, are asked for, posted, told of when they turn, and come to an end."""

from datetime import UTC, datetime, timedelta

import pytest

from simulator.acting import FormErrors
from simulator.shown import Shown
from storage.goals import Ending, State
from tests.handlers.escalations.stories import letters, raised, resolves, screens, submit
from tests.handlers.goals.stories import by_hand, goal, sets, shows
from tests.office import Office


async def test_a_team_goal_counts_what_happens_and_shows_its_budget_and_what_threatens_it(office: Office) -> None:
    await sets(office, office.aoife, whose="Team Care", metric="Escalations resolved in time", target="80%")
    for number, words in enumerate(("Refund is stuck", "Wrong VAT", "Login loops", "Import hangs", "Dark mode"), 1):
        await raised(office, office.mei, words)
        await resolves(office, office.ramon, f"E-{number}")
    await raised(office, office.mei, "Exports are empty")
    await office.passes(minutes=31)
    kept = await goal(office)
    assert (kept.level, kept.sample) == (100.0, 5)
    shown = (await shows(office, office.cara)).text
    assert "100 % (n=5)" in shown
    assert "0 missed so far" in shown
    assert "Open, and would count as a miss" in shown
    assert "Exports are empty" in shown
    await office.passes(days=6)  # E-6 breaches: the same days count again, and no other
    again = await goal(office)
    assert "would count as a miss" not in (await shows(office, office.cara)).text, "it has been missed"
    assert (round(again.level or 0, 1), again.sample) == (83.3, 6)
    posted = screens(office.cara, "#care")
    assert "Goals of Care" in posted
    assert "keep at least 80 %" in posted
    rolled = letters(office.jonas, "Goals in Support")
    assert len(rolled) == 1
    assert "Care   1 on track\n" in rolled[0]
    assert rolled[0].index("Care") < rolled[0].index("No goals: Platform")


async def test_numbers_by_hand_are_asked_for_once_a_week_in_one_form(office: Office) -> None:
    await by_hand(office, office.ben, counted="Articles written", target="8")
    await by_hand(office, office.ben, counted="Calls listened to", target="20")
    await office.passes(days=4)
    (asked,) = [one for one in office.ben.sees("@bot") if "Where do your goals stand?" in one.text]
    await office.ben.clicks(asked, "Give the numbers…")
    await office.settles()
    form = await office.ben.modal()
    assert form.fields == ["G-1 Articles written", "G-2 Calls listened to"]
    form.fill("goal_1", "3").fill("goal_2", "two")
    with pytest.raises(FormErrors) as refused:
        await form.submit()
    assert "goal_2" in refused.value.errors
    assert "goal_1" not in refused.value.errors
    assert (await goal(office)).level is None
    form.fill("goal_2", "12")
    await form.submit()
    await office.settles()
    assert ((await goal(office)).level, (await goal(office, 2)).level) == (3, 12)
    assert "up to date" in letters(office.ben, "goals")[-1]
    assert "3 of 8" in (await shows(office, office.aoife)).text


async def test_who_moved_to_another_zone_is_asked_and_posted_to_at_ten_there(office: Office) -> None:
    await sets(office, office.aoife, whose="Team Care", metric="Escalations raised", target="5")
    await by_hand(office, office.ben, counted="Articles written", target="8")
    await raised(office, office.cara, "Refund is stuck")
    office.sim.workspace.alter("Ben", tz="America/New_York")
    await office.aoife.types("/backstop team edit", channel="#care")
    await office.aoife.clicks(await office.aoife.modal(titled="Edit team"), "More…")
    await office.settles()
    form = await office.aoife.modal()
    await form.suggestions("Time zone", "manila")
    await submit(office, form.fill("Time zone", "Asia/Manila (UTC+8)"))
    await office.passes(minutes=31)
    at_ten = datetime(2026, 6, 5, 14, 0, tzinfo=UTC), datetime(2026, 6, 8, 2, 0, tzinfo=UTC)
    for instant in at_ten:
        await office.sleeps(seconds=(instant - office.now).total_seconds() - 300)
        await office.passes(minutes=10)
    (asked,) = [one for one in office.ben.sees("@bot") if "Where do your goals stand?" in one.text]
    (posted,) = [one for one in office.cara.sees("#care") if "Goals of Care" in one.text]
    assert (sent_at(asked), sent_at(posted)) == at_ten


def sent_at(shown: Shown) -> datetime:
    """To the second."""
    return datetime.fromtimestamp(int(float(shown.ts)), UTC)


async def test_a_verb_without_its_goal_asks_which(office: Office) -> None:
    for verb in ("show", "close"):
        await office.ben.types(f"/goal {verb}", channel="#care")
        assert f"/goal {verb} G-7" in (await office.ben.privately("Say which one")).text


async def test_a_goal_closes_with_a_note_and_takes_no_number_after_that(office: Office) -> None:
    await by_hand(office, office.ben, target="8")
    await office.ben.types("/goal update", channel="#care")
    await office.settles()
    late = await office.ben.modal()
    await office.aoife.types("/goal close G-1", channel="#care")
    await submit(office, await office.aoife.modal(), ending="dropped", note="The tool went away")
    kept = await goal(office)
    assert (kept.state, kept.ending, kept.closing_note) == (State.CLOSED, Ending.DROPPED, "The tool went away")
    late.fill("goal_1", "5")
    with pytest.raises(FormErrors) as refused:
        await late.submit()
    assert "closed" in refused.value.errors["goal_1"]
    assert "The tool went away" in (await shows(office, office.aoife)).text


async def test_the_end_of_the_period_closes_it_and_one_press_sets_the_next(office: Office) -> None:
    await sets(
        office, office.aoife, whose="Team Care", metric="Escalations raised", target="5", more={"period": "week"}
    )
    await raised(office, office.mei)
    await office.passes(days=6)
    kept = await goal(office)
    assert (kept.state, kept.ending, kept.level) == (State.CLOSED, Ending.MET, 1)
    (ended,) = [one for one in office.aoife.sees("@bot") if "Met:" in one.text]
    await office.aoife.clicks(ended, "Set the next…")
    await office.settles()
    form = await office.aoife.modal()
    assert form.title == "The next goal"
    await form.submit()
    await office.settles()
    following = await goal(office, 2)
    assert following.first_day == kept.last_day + timedelta(days=1)
    await office.aoife.types("/goal list closed", channel="#care")
    assert "G-1" in (await office.aoife.privately("Goals that ended")).text


async def test_a_goal_by_hand_that_is_over_asks_for_its_last_number_and_does_not_call_it_too_little(
    office: Office,
) -> None:
    await by_hand(office, office.ben, target="8", more={"period": "week"})
    await office.ben.types("/goal update", channel="#care")
    await (await office.ben.modal(titled="Where do they stand?")).fill("goal_1", "7").submit()
    await (await office.ben.modal(titled="Saved")).close()
    await office.passes(days=6)
    (ended,) = [one for one in office.ben.sees("@bot") if "give the last number" in one.text]
    assert "7 of 8" in ended.text
    assert "too little" not in ended.text
    assert ended.buttons()[-4:] == ["Update…", "Close…", "Set the next…", "Open"]
    assert "straight line" not in (await shows(office, office.ben)).text, "there are no days left"
    home = await office.ben.opens_home()
    assert "over: its last number may still come · 7 of 8" in home.text
    assert "missed" not in home.text
    await office.ben.clicks(ended, "Close…")
    assert (await office.ben.modal()).value("ending") == "Missed"


async def test_a_weekly_goal_is_not_missed_on_its_saturday(office: Office) -> None:
    await by_hand(office, office.ben, target="8", more={"period": "week"})
    await office.ben.types("/goal update", channel="#care")
    await (await office.ben.modal(titled="Where do they stand?")).fill("goal_1", "7").submit()
    await office.sleeps(days=4)
    shown = (await shows(office, office.ben)).text
    assert "7 of 8" in shown
    assert "missed" not in shown


async def test_a_proposal_that_nobody_answered_says_so_once_its_period_is_over(office: Office) -> None:
    await sets(office, office.aoife, whose="Somebody in my team", person="Ben", more={"period": "week"})
    await office.passes(days=6)
    assert (await goal(office)).ending == Ending.DROPPED
    (proposal,) = letters(office.ben, "G-1")
    assert "ended before it was accepted" in proposal


async def test_a_roll_up_that_comes_after_everything_ended_is_not_sent(office: Office) -> None:
    """Whoever leads the department is away on Monday, and the month is over when they are back."""
    office.clock.at = datetime(2026, 6, 26, 8, 0, tzinfo=UTC)
    await sets(office, office.aoife, whose="Team Care", metric="Escalations raised", target="50")
    await office.jonas.types("/availability away until 2026-07-02 09:00", channel="#care")
    await office.passes(days=5, hours=23)
    assert office.now == datetime(2026, 7, 2, 7, 0, tzinfo=UTC)
    await office.passes(hours=4)
    assert (await goal(office)).state == State.CLOSED
    assert not letters(office.jonas, "Goals in Support")


async def test_its_people_hear_once_when_it_turns(office: Office) -> None:
    await sets(office, office.ben, target="4", more={"period": "week"})
    await office.passes(days=2, hours=2)
    assert len(letters(office.ben, "is behind")) == 1
    await office.passes(hours=12)
    assert len(letters(office.ben, "is behind")) == 1
    assert not letters(office.aoife, "is behind")


async def test_home_shows_what_waits_and_where_goals_stand(office: Office) -> None:
    await sets(office, office.aoife, whose="Somebody in my team", person="Ben")
    await sets(office, office.aoife, whose="Team Care", metric="Escalations raised", target="9")
    home = await office.ben.opens_home()
    assert "Accept" in home.buttons()
    assert "at 9 or less" in home.text
    await office.ben.clicks(home, "Accept")
    await office.settles()
    assert "reach 10" in home.text
    other = await office.cara.opens_home()
    assert "reach 10" not in other.text
    assert "at 9 or less" in other.text
    assert "No goal runs now" in (await office.dana.opens_home()).text


async def test_whoever_has_nothing_yet_is_told_what_to_do_next(office: Office) -> None:
    await office.ben.types("/goal list", channel="#care")
    listed = await office.ben.privately("No goals yet")
    assert "Set a goal…" in listed.buttons()
    await office.ben.clicks(listed, "Those that ended")
    ended = await office.ben.privately("No goal has ended yet")
    assert "Set a goal…" in ended.buttons()
    await office.ben.types("/goal update", channel="#care")
    assert "/goal list" in (await office.ben.privately("nothing to type")).text
    for verb in ("show G-9", "close G-9", "update G-9"):
        await office.ben.types(f"/goal {verb}", channel="#care")
        assert "/goal list" in (await office.ben.privately("don’t know that goal")).text
    home = await office.ben.opens_home()
    assert "One that you can reach this month is a good one to begin with" in home.text
    await office.ben.clicks(home, "Set a goal…")
    assert (await office.ben.modal()).title == "Set a goal"
