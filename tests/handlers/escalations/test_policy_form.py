"""What a severity promises: anyone looks, managers change it, what is open keeps what it was raised under."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.escalations.rules.lengths import minutes_of
from handlers.escalations.views.words import short
from simulator.acting import FormErrors
from simulator.shown import Modal
from tests.handlers.escalations.stories import begin, card, raised, submit
from tests.office import Office


async def change(office: Office, severity: str) -> Modal:
    await office.aoife.types("/escalate policy", channel="#care")
    shown = await office.aoife.privately("What Care promises")
    await office.aoife.clicks(shown, f"escalations.change_policy={office.teams['Care'].id}:{severity}")
    await office.settles()
    return await office.aoife.modal()


async def test_anyone_may_look_and_only_managers_have_buttons(office: Office) -> None:
    await office.mei.types("/escalate policy", channel="#care")
    shown = await office.mei.privately("What Care promises")
    assert "claim in 15 min · resolve in 4 h · update every 1 h · day and night" in shown.text
    assert "Its managers change this: Aoife" in shown.text
    assert shown.buttons() == []


async def test_a_manager_changes_a_severity_and_what_is_open_keeps_its_deadlines(office: Office) -> None:
    await raised(office, office.mei, "Export is empty", severity="S2")
    before = (await card(office, office.ramon)).text
    form = await change(office, "S2")
    assert "keep the deadlines they were raised with" in form.text
    assert form.value("acknowledge") == "1 h"
    await submit(office, form, acknowledge="30 min", resolve="1 h 30 min", update=None, counts="working", repeat="2h")
    assert "claim in 30 min · resolve in 1 h 30 min" in (await office.aoife.modal(titled="Saved")).text
    assert (await card(office, office.ramon)).text == before
    form = await begin(office, office.ben, "Payment was doubled")
    assert "claim in 30 min · resolve in 1 h 30 min" in form.text


@pytest.mark.parametrize(
    ("field", "written", "sentence"),
    [
        ("acknowledge", "soon", "Write a length such as"),
        ("resolve", "10 min", "sooner than it must be claimed"),
        ("update", "1 min", "too short or too long"),
        ("repeat", "3 weeks", "Write a length such as"),
        ("resolve", "999 d", "too short or too long"),
    ],
)
async def test_what_is_no_length_is_said_at_its_field(office: Office, field: str, written: str, sentence: str) -> None:
    form = await change(office, "S2")
    form.fill(field, written)
    with pytest.raises(FormErrors) as refused:
        await form.submit()
    assert sentence in refused.value.errors[field]
    assert form.value(field) == written


async def test_a_severity_that_the_team_does_not_use_is_not_offered_and_not_taken(office: Office) -> None:
    open_form = await begin(office, office.ben, "Payment was doubled")
    open_form.fill("severity", "S4").fill("need", "decision")
    await submit(office, await change(office, "S4"), used=[])
    with pytest.raises(FormErrors) as refused:
        await open_form.submit()
    assert "Care doesn’t use S4" in refused.value.errors["severity"]
    assert open_form.value("what") == "Payment was doubled"
    form = await begin(office, office.mei)
    assert not any("S4" in option for option in form.options("severity"))


async def test_whoever_manages_nothing_is_refused_by_the_button_itself(office: Office) -> None:
    await office.aoife.types("/escalate policy", channel="#care")
    await office.aoife.privately("What Care promises")
    await office.mei.types("/escalate E-9", channel="#care")
    form = await change(office, "S2")
    kind, payload = office.sim.interactions.sent[-1]
    assert payload["type"] == "block_actions"
    mei = {**payload, "user": {**payload["user"], "id": office.mei.id}}
    await office.sim.interactions.redeliver(kind, mei)
    await office.settles()
    assert form.is_open
    assert any("managers of Care" in str(call.args) for call in office.sim.calls[-3:])


@given(st.integers(min_value=1, max_value=50_000), st.booleans())
def test_a_length_reads_back_as_it_is_written(minutes: int, every_minute: bool) -> None:
    assert minutes_of(short(minutes, every_minute=every_minute), every_minute=every_minute) == minutes


@given(st.text(max_size=40), st.booleans())
def test_any_text_is_a_length_or_refused(written: str, every_minute: bool) -> None:
    with contextlib.suppress(ValueError):
        assert minutes_of(written, every_minute=every_minute) > 0
