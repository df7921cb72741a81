"""What goals measure beside the queue and escalations: a team's check-ins, never a person's, and training."""

import re
from datetime import timedelta

import pytest

from simulator.acting import FormErrors
from tests.handlers.checkins.stories import at, enables, everybody_taps
from tests.handlers.escalations.stories import raised, resolves
from tests.handlers.goals.stories import begin, goal, sets, shows
from tests.handlers.training.test_required import requires
from tests.office import Office

LOAD = "Felt load (mean of check-ins, 1 too little to 5 too much)"
DUBLIN = ("Ben", "Cara", "Niamh", "Sean", "Yusuf", "Petra")
REQUIRED = "Required training done in time"
AS_OF = re.compile(r"Counted .*")


async def test_a_team_goal_reads_the_mean_of_its_check_ins_that_leave_five_others_to_each_reader(
    office: Office,
) -> None:
    with pytest.raises(FormErrors) as refused:
        await sets(office, office.aoife, whose="Team Care", metric=LOAD, target="3.5")
    assert "Nobody is asked about their load there" in refused.value.errors["metric"]
    await (await office.aoife.modal()).close()
    own = await begin(office, office.ben)
    assert LOAD not in own.options("metric")
    assert "Check-ins answered" not in own.options("metric")
    await own.close()
    await enables(office)
    await sets(office, office.aoife, whose="Team Care", metric=LOAD, target="3.5")
    await sets(office, office.aoife, whose="Team Care", metric="Check-ins answered", target="50%")
    await at(office, "14:31")
    await everybody_taps(office, "heavy", "heavy", "heavy", "right", "right", "right", people=DUBLIN)
    await at(office, "17:35")
    await office.passes(minutes=31)
    assert ((await goal(office)).level, (await goal(office)).sample) == (3.5, 6)
    answered = await goal(office, 2)
    assert answered.sample > 6
    assert answered.level == pytest.approx(100 * 6 / answered.sample)


async def test_a_goal_counts_required_training_once_its_date_has_passed(
    office: Office,
) -> None:
    with pytest.raises(FormErrors) as refused:
        await sets(office, office.aoife, whose="Team Care", metric=REQUIRED, target="90%")
    assert "No training is required there" in refused.value.errors["metric"]
    await (await office.aoife.modal()).close()
    form = await requires(office)
    await form.fill("title", "Fire safety").fill("due_on", "2026-06-02").submit()
    await (await office.aoife.modal()).close()
    await office.settles()
    await sets(office, office.aoife, whose="Team Care", metric=REQUIRED, target="90%")
    await sets(office, office.ben, metric=REQUIRED, target="100%")
    await office.ben.clicks(await office.ben.finds("@bot", "A training is required of you"), "I’ve done it")
    await office.passes(hours=1)
    assert (await goal(office)).sample == 0, "its date hasn't passed"
    await office.passes(hours=16)
    team, own = await goal(office), await goal(office, 2)
    assert (own.level, own.sample) == (100.0, 1)
    assert team.sample > 5
    assert team.level == pytest.approx(100 / team.sample)


async def test_nobody_is_read_off_a_team_s_figure(office: Office) -> None:
    """Of fewer than six who have a training to do by one date, each could tell who of the others hasn't."""
    form = await requires(office, more=True)
    form.fill("title", "Fire safety").fill("due_on", "2026-06-02").fill("people", ["Ben", "Cara", "Niamh", "Sean"])
    await form.submit()
    await (await office.aoife.modal()).close()
    await office.settles()
    with pytest.raises(FormErrors) as refused:
        await sets(office, office.aoife, whose="Team Care", metric=REQUIRED, target="90%")
    assert "six or more people" in refused.value.errors["metric"]
    await (await office.aoife.modal()).close()
    await sets(office, office.ben, metric=REQUIRED, target="100%")
    form = await requires(office)
    await form.fill("title", "Privacy").fill("due_on", "2026-06-04").submit()
    await (await office.aoife.modal()).close()
    await office.settles()
    await sets(office, office.aoife, whose="Team Care", metric=REQUIRED, target="90%")
    await office.ben.clicks(await office.ben.finds("@bot", "Fire safety"), "I’ve done it")
    await office.passes(hours=24)
    assert ((await goal(office)).level, (await goal(office)).sample) == (100.0, 1)
    assert (await goal(office, 2)).sample == 0, "four had it to do"


async def test_only_the_goals_of_a_team_in_which_something_happened_are_counted_again(office: Office) -> None:
    await sets(office, office.ben)
    await sets(office, office.tomas, channel="#platform")
    await office.passes(minutes=31)
    before = {number: (await goal(office, number)).counted_at for number in (1, 2)}
    await raised(office, office.mei)
    await resolves(office, office.ben)
    await office.passes(minutes=31)
    after = {number: (await goal(office, number)).counted_at for number in (1, 2)}
    assert (await goal(office)).level == 1
    assert after[1] != before[1]
    assert after[2] == before[2]


async def test_who_did_nothing_new_is_left_alone_and_shown_as_of_the_last_count(office: Office) -> None:
    await sets(office, office.ben)
    await sets(office, office.cara)
    await raised(office, office.mei)
    await resolves(office, office.ben)
    await office.passes(minutes=31)
    before = (await goal(office, 2)).counted_at
    await raised(office, office.mei, "Exports are empty")
    await resolves(office, office.ben, "E-2")
    await office.passes(minutes=31)
    ben, cara = await goal(office, 1), await goal(office, 2)
    assert ben.level == 2
    assert cara.counted_at == before
    (of_ben,) = AS_OF.findall((await shows(office, office.ben, 1)).text)
    assert AS_OF.findall((await shows(office, office.cara, 2)).text) == [of_ben]


async def test_the_first_count_of_a_day_writes_every_goal(office: Office) -> None:
    await sets(office, office.cara)
    await office.passes(minutes=31)
    before = (await goal(office)).counted_at
    await office.passes(minutes=31)
    assert (await goal(office)).counted_at == before
    await office.passes(hours=24)
    assert before is not None
    assert office.now - ((await goal(office)).counted_at or before) < timedelta(hours=24)
