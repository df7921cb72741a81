"""`/backstop duty` over the wire. Care's rota: Ramon, Ben, Mei, Cara; hand-over on Mondays at 9:00 in Dublin."""

from datetime import timedelta

import pytest

from simulator.acting import Actor, FormErrors
from tests.office import Office


async def duty(person: Actor, channel: str = "#care") -> str:
    await person.types("/backstop duty", channel=channel)
    return (await person.privately("on duty")).text.replace("@", "")


async def test_it_shows_who_is_on_duty_until_when_and_who_is_next(office: Office) -> None:
    shown = await duty(office.ben)
    assert "Care: Ramon is on duty until" in shown
    assert "• Ben from" in shown
    await office.passes(days=6)
    assert "Care: Ben is on duty until" in await duty(office.ben)


async def test_who_is_away_is_passed_over_and_it_says_so(office: Office) -> None:
    await office.ramon.types("/availability away until friday", channel="#care")
    shown = await duty(office.aoife)
    assert "Care: Ben is on duty" in shown
    assert "Passed over: Ramon, away" in shown


async def test_who_is_in_do_not_disturb_is_passed_over(office: Office) -> None:
    office.sim.workspace.set_dnd(office.sim.workspace.person("Ramon"), True)
    await office.sim.events.settle()
    await office.settles()
    assert "Passed over: Ramon, in Do Not Disturb" in await duty(office.aoife)
    office.sim.workspace.set_dnd(office.sim.workspace.person("Ramon"), False)
    await office.sim.events.settle()
    await office.settles()
    assert "Care: Ramon is on duty" in await duty(office.aoife)


async def test_without_a_rota_the_managers_are_on_duty(office: Office) -> None:
    await office.aoife.types("/backstop duty", channel="#care")
    await office.aoife.clicks(await office.aoife.privately("on duty"), "Edit rota…")
    form = await office.aoife.modal(titled="Rota")
    assert form.value("Who takes turns") == [
        office.sim.workspace.person(name).id for name in ("Ramon", "Ben", "Mei", "Cara")
    ]
    await form.fill("Who takes turns", []).submit()
    assert "Aoife is on duty, as the team’s manager." in (await office.aoife.modal()).text.replace("@", "")


async def test_a_manager_sets_the_rota_and_its_hand_over(office: Office) -> None:
    await office.aoife.types("/backstop duty", channel="#care")
    await office.aoife.clicks(await office.aoife.privately("on duty"), "Edit rota…")
    form = await office.aoife.modal(titled="Rota")
    form.fill("Who takes turns", ["Cara", "Tala"]).fill("Hand over", "Every day").fill("At", "12:00")
    await form.submit()
    assert "Cara is on duty" in (await office.aoife.modal()).text.replace("@", "")
    await office.passes(hours=2)
    assert "Care: Tala is on duty" in await duty(office.ben)
    await office.passes(days=1)
    assert "Care: Cara is on duty" in await duty(office.ben)


async def test_nobody_from_outside_the_team_takes_turns(office: Office) -> None:
    await office.aoife.types("/backstop duty", channel="#care")
    await office.aoife.clicks(await office.aoife.privately("on duty"), "Edit rota…")
    form = await office.aoife.modal(titled="Rota")
    with pytest.raises(FormErrors) as refused:
        await form.fill("Who takes turns", ["Ramon", "Dana"]).submit()
    assert "Dana is not in this team" in refused.value.errors["Who takes turns"]


async def test_a_manager_lets_somebody_stand_in_who_hears_of_it(office: Office) -> None:
    await office.aoife.types("/backstop duty", channel="#care")
    await office.aoife.clicks(await office.aoife.privately("on duty"), "Stand in…")
    form = await office.aoife.modal(titled="Stand in")
    form.fill("Who stands in", "Yusuf").fill("From", office.now).fill("Until", office.now + timedelta(hours=6))
    await form.submit()
    assert "Yusuf stands in" in (await office.aoife.modal()).text.replace("@", "")
    await office.settles()
    assert "Aoife asks you to stand in on duty for Care" in (await office.yusuf.finds("@bot", "stand in")).text
    shown = await duty(office.ben)
    assert "Care: Yusuf is on duty until" in shown
    assert "standing in" in shown
    await office.aoife.types("/backstop duty", channel="#care")
    await office.aoife.clicks(await office.aoife.privately("Yusuf"), "Take back")
    assert "the rota holds again" in (await office.aoife.privately("Taken back")).text
    assert "Care: Ramon is on duty" in await duty(office.ben)


async def test_who_is_in_the_rota_gives_only_their_own_turn_away(office: Office) -> None:
    await office.ben.types("/backstop duty", channel="#care")
    shown = await office.ben.privately("on duty")
    assert "Edit rota…" not in shown.buttons()
    await office.ben.clicks(shown, "Give my turn away…")
    form = await office.ben.modal(titled="Give my turn away")
    with pytest.raises(FormErrors) as refused:
        await form.fill("Who stands in", "Cara").fill("From", office.now + timedelta(hours=1)).submit()
    assert "isn’t your turn alone" in refused.value.errors["From"]
    await form.close()
    await office.ben.clicks(shown, "Give my turn away…")
    form = await office.ben.modal(titled="Give my turn away")
    await form.fill("Who stands in", "Cara").submit()
    await office.settles()
    await office.passes(days=6)
    assert "Care: Cara is on duty" in await duty(office.aoife)


@pytest.mark.parametrize(("since", "until", "field"), [(1, 0.5, "Until"), (-5, -4, "Until"), (1, 24 * 70, "Until")])
async def test_impossible_times_are_refused_at_the_field(
    office: Office, since: float, until: float, field: str
) -> None:
    await office.aoife.types("/backstop duty", channel="#care")
    await office.aoife.clicks(await office.aoife.privately("on duty"), "Stand in…")
    form = await office.aoife.modal(titled="Stand in")
    form.fill("Who stands in", "Yusuf").fill("From", office.now + timedelta(hours=since))
    with pytest.raises(FormErrors) as refused:
        await form.fill("Until", office.now + timedelta(hours=until)).submit()
    assert field in refused.value.errors


async def test_nobody_on_duty_is_said_with_its_reason(office: Office) -> None:
    await office.tomas.types("/availability away", channel="#platform")
    shown = await duty(office.tomas, "#platform")
    assert "nobody is on duty. Everybody who could be on duty is away" in shown
