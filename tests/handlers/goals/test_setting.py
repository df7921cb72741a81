"""Setting goals: for oneself, for another who accepts, for a team; what the form tells, and what it refuses."""

import asyncio
from datetime import UTC, datetime

import pytest

from simulator.acting import FormErrors
from storage.goals import Kind, State, Whose
from tests.handlers.escalations.stories import letters, raised, resolves
from tests.handlers.goals.stories import begin, by_hand, choose, goal, sets, shows
from tests.handlers.queue.stories import connected, history, rating
from tests.office import Office


async def test_somebody_sets_a_goal_for_themselves_and_sees_where_it_stands(office: Office) -> None:
    await sets(office, office.ben, target="4")
    kept = await goal(office)
    assert (kept.state, kept.kind, kept.target) == (State.OPEN, Kind.REACH, 4)
    shown = await shows(office, office.ben)
    assert "reach 4" in shown.text
    assert "0 of 4" in shown.text
    await raised(office, office.mei)
    await office.ben.types("/goal list", channel="#care")
    listed = await office.ben.privately("Goals")
    assert "G-1" in listed.text


async def test_a_goal_for_another_waits_until_they_accept_it(office: Office) -> None:
    await sets(office, office.aoife, whose="Somebody in my team", person="Ben", more={"note": "For the audit"})
    assert (await goal(office)).state == State.PROPOSED
    proposal = await office.ben.finds("@bot", "proposes a goal")
    assert "For the audit" in proposal.text
    await office.ben.clicks(proposal, "Let’s talk")
    await office.settles()
    assert (await goal(office)).state == State.TALKING
    answer = await office.aoife.finds("@bot", "would like to talk")
    await office.aoife.clicks(answer, "Open")
    await office.settles()
    await office.aoife.clicks(await office.aoife.privately("to be talked about"), "Change…")
    await office.settles()
    modal = await office.aoife.modal()
    modal.fill("target", "6")
    await modal.submit()
    await office.settles()
    assert ((await goal(office)).state, (await goal(office)).target) == (State.PROPOSED, 6)
    await office.ben.clicks(await office.ben.finds("@bot", "proposes a goal"), "Accept")
    await office.settles()
    assert (await goal(office)).state == State.OPEN
    assert letters(office.aoife, "accepted")
    assert "You accepted this goal" in letters(office.ben, "G-1")[0]


async def test_only_the_person_and_their_managers_see_a_goal(office: Office) -> None:
    await sets(office, office.ben)
    assert "reach 10" in (await shows(office, office.aoife)).text
    for other in (office.cara, office.omar, office.jonas, office.tomas):
        await other.types("/goal show G-1", channel="#general")
        assert "I don’t know that goal" in (await other.privately("goal")).text
        await other.types("/goal list", channel="#general")
        assert "G-1" not in (await other.privately("oal")).text
    await office.ben.types("/backstop my-data", channel="#care")
    assert (await office.ben.privately("looked at")).text.count("looked at a goal of yours") == 1
    await office.aoife.types("/goal list", channel="#care")
    assert "reach 10" in (await office.aoife.privately("Ben")).text
    await office.ben.types("/goal list", channel="#care")
    await office.ben.types("/backstop my-data", channel="#care")
    assert (await office.ben.privately("looked at")).text.count("looked at a goal of yours") == 2


async def test_the_form_shows_the_periods_before_and_warns_of_what_was_never_reached(office: Office) -> None:
    for words in ("Refund is stuck", "Invoice names the wrong country", "Login loops for ever"):
        await raised(office, office.mei, words)
    for number in (1, 2, 3):
        await resolves(office, office.ramon, f"E-{number}")
    await office.sleeps(days=30)
    modal = await begin(office, office.aoife, whose="Team Care", metric="Escalations resolved")
    assert "(latest first): 3\nonly one of them was measured" in modal.text, "one is no best, and no median"
    modal.fill("target", "40")
    await modal.submit()
    assert "beyond the best" in modal.text
    assert modal.value("target") == "40"
    await modal.submit()
    await office.settles()
    assert (await goal(office)).target == 40


async def test_the_form_says_which_period_it_is_for_and_how_much_of_it_is_left(office: Office) -> None:
    office.clock.at = datetime(2026, 6, 29, 9, 0, tzinfo=UTC)
    modal = await begin(office, office.ben)
    assert "For June 2026, of which 2 working days are left. More… has other periods." in modal.text
    await office.ben.clicks(modal, "More…")
    await office.settles()
    await choose(office, office.ben, "goals.period", "Quarterly")
    assert "For Q2 2026, of which 2 working days are left." in modal.text
    modal.fill("starts", "2026-07-01")
    await choose(office, office.ben, "goals.period", "Monthly")
    assert "For July 2026, which begins on 1 July." in modal.text


async def test_the_period_ahead_and_the_kind_stand_behind_more(office: Office) -> None:
    await by_hand(
        office,
        office.ben,
        more={"period": "quarter", "starts": "2026-08-01", "kind": "keep", "unit": "points", "better": "down"},
        target="2.5",
    )
    kept = await goal(office)
    assert (kept.first_day.isoformat(), kept.last_day.isoformat(), kept.kind) == ("2026-07-01", "2026-09-30", Kind.KEEP)
    assert "Q3 2026" in (await shows(office, office.ben)).text


WRONG_TARGETS = {
    ("Escalations resolved in time", "2h"): "percentage",
    ("Escalations resolved in time", "120%"): "More than 100%",
    ("Escalations resolved", "95%"): "Write a number",
    ("Escalations resolved", "1,5"): "meant as 1.5 or as 15",
    ("Escalations resolved", "1.5"): "whole",
    ("Escalations resolved", "0"): "zero",
    ("Escalations resolved", "-3"): "below zero",
}


async def test_a_wrong_target_is_said_at_its_field_and_nothing_is_lost(office: Office) -> None:
    for (metric, target), sentence in WRONG_TARGETS.items():
        modal = await begin(office, office.ben, metric=metric)
        modal.fill("target", target)
        with pytest.raises(FormErrors) as refused:
            await modal.submit()
        assert sentence in refused.value.errors["target"]
        assert modal.value("target") == target
        await modal.close()


async def test_whoever_chooses_faster_than_the_form_is_redrawn_hears_of_no_trouble(office: Office) -> None:
    modal = await begin(office, office.aoife)
    choices = {"goals.who": "Team Care", "goals.metric": "Escalations resolved"}
    await asyncio.gather(*(office.aoife.clicks(modal, menu, option=chosen) for menu, chosen in choices.items()))
    await office.settles()
    assert await office.aoife.modal() == modal, "nothing lies on top of it"
    await modal.fill("target", "7").submit()
    await office.settles()
    assert ((await goal(office)).whose, (await goal(office)).metric) == (Whose.TEAM, "escalations.resolved")


async def test_a_period_that_is_over_is_said_at_its_field(office: Office) -> None:
    with pytest.raises(FormErrors) as refused:
        await sets(office, office.ben, more={"starts": "2026-04-30"})
    assert "over" in refused.value.errors["starts"]


async def test_a_second_goal_on_one_metric_and_period_is_said_at_its_field(office: Office) -> None:
    await sets(office, office.ben)
    with pytest.raises(FormErrors) as refused:
        await sets(office, office.ben, target="12")
    assert "G-1 has the same metric" in refused.value.errors["metric"]


async def test_somebody_who_left_or_whom_one_does_not_manage_is_said_at_the_field(office: Office) -> None:
    for name, sentence in {"Dana": "don’t manage", "Ben": "has left"}.items():
        modal = await begin(office, office.aoife, whose="Somebody in my team", metric="Escalations resolved")
        modal.fill("person", name)
        modal.fill("target", "5")
        if name == "Ben":
            office.sim.workspace.deactivate("Ben")
            await office.settles()
        with pytest.raises(FormErrors) as refused:
            await modal.submit()
        assert sentence in refused.value.errors["person"]
        await modal.close()


async def test_a_team_or_department_of_one_is_no_group(office: Office) -> None:
    with pytest.raises(FormErrors) as refused:
        await sets(
            office, office.tomas, whose="Team Platform", metric="Escalations raised", target="5", channel="#platform"
        )
    assert "one person" in refused.value.errors["who"]
    await (await office.tomas.modal()).close()
    await office.omar.types("/backstop team edit Platform", channel="#general")
    await office.omar.clicks(await office.omar.modal(), "More…")
    await office.settles()
    form = await office.omar.modal()
    await form.suggestions("Department", "Engineering")
    await form.fill("Department", "New: Engineering").fill("Heads of the department", ["Jonas"]).submit()
    await office.settles()
    with pytest.raises(FormErrors) as refused:
        await sets(office, office.jonas, whose="Department Engineering", metric="Escalations raised", target="5")
    assert "Engineering has one person in it" in refused.value.errors["who"]


async def test_a_metric_that_the_team_does_not_measure_is_said_at_its_field_until_it_does(office: Office) -> None:
    await begin(office, office.aoife, whose="Team Care", metric="First response time")
    assert "Nothing was measured in the 8 periods before" in (await office.aoife.modal()).text
    with pytest.raises(FormErrors) as refused:
        await (await office.aoife.modal()).fill("target", "40 min").submit()
    assert "No help desk is connected" in refused.value.errors["metric"]
    assert "/backstop team connect" in refused.value.errors["metric"], "what to do about it"
    assert (await office.aoife.modal()).value("target") == "40 min"
    await connected(office, history(office.now))
    await (await office.aoife.modal()).submit()
    await office.settles()
    assert (await goal(office)).metric == "queue.first_response"
    await office.passes(minutes=31)
    assert (await goal(office)).level == 1800, "every one was answered after half an hour"


async def test_the_form_looks_back_at_the_periods_that_are_chosen_and_not_at_too_few_cases(office: Office) -> None:
    """The tickets of two months are about thirty a week of each agent; of rated ones there are four."""
    tickets = history(office.now)
    rated = [rating(one.external_id, one.updated_at, good=True) for one in tickets[-6:-2]]
    await connected(office, tickets, rated)
    modal = await begin(office, office.aoife, whose="Team Care", metric="CSAT")
    assert "Nothing was measured" in modal.text, "four ratings are no level"
    await choose(office, office.aoife, "goals.metric", "Solved")
    months = (await office.aoife.modal()).text
    assert "The last 8 periods" in months
    assert "only two of them were measured" in months
    assert "median" not in months
    assert "–" not in months
    await office.aoife.clicks(modal, "More…")
    await office.settles()
    await choose(office, office.aoife, "goals.period", "Weekly")
    weeks = (await office.aoife.modal()).text
    assert "best 60, median 60" in weeks
    assert "best 60" not in months


async def test_the_form_looks_back_at_the_person_who_is_chosen_whenever_that_is(office: Office) -> None:
    await raised(office, office.mei)
    await resolves(office, office.ramon)
    await office.sleeps(days=30)
    modal = await begin(office, office.aoife, whose="Somebody in my team", metric="Escalations resolved")
    assert "The last 8 periods" not in modal.text
    await choose(office, office.aoife, "goals.person", "Ramon")
    assert "(latest first): 1" in modal.text
    await choose(office, office.aoife, "goals.person", "Ben")
    assert "(latest first)" not in modal.text
    assert "Nothing was measured" in modal.text


async def test_a_metric_of_teams_is_not_offered_for_a_person(office: Office) -> None:
    modal = await begin(office, office.ben)
    assert "Escalations raised" not in modal.options("metric")
    await choose(office, office.ben, "goals.metric", "Something else: I give the numbers")
    modal.fill("target", "5")
    modal.fill("counted", "\u202e")
    with pytest.raises(FormErrors) as refused:
        await modal.submit()
    assert refused.value.errors["counted"]
