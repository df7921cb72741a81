"""Words to the bot: the button for what they ask for, or the help for one's role."""

from collections.abc import Awaitable, Callable

import pytest

from handlers.house import House
from tests.office import Office


async def test_a_sentence_in_a_channel_is_answered_privately_with_a_form_that_begins_with_it(office: Office) -> None:
    await office.mei.types("@Backstop escalate 4711 customer is furious", channel="#care")
    await office.settles()
    told = await office.mei.privately("I can raise an escalation")
    assert all("I can raise" not in one.text for one in office.ben.sees("#care"))
    await office.mei.clicks(told, "Raise an escalation")
    await office.settles()
    form = await office.mei.modal()
    assert (form.value("ticket"), form.value("what")) == ("4711", "customer is furious")


async def test_a_direct_message_gets_the_button_or_the_help(office: Office) -> None:
    await office.mei.types("how are my goals", channel="@bot")
    await office.settles()
    await office.mei.clicks(await office.mei.finds("@bot", "where they stand"), "My goals")
    await office.settles()
    await office.mei.types("hello there", channel="@bot")
    await office.settles()
    told = await office.mei.finds("@bot", "I do read commands")
    assert "Raise an escalation" in told.buttons()


@pytest.mark.parametrize("name", ["Gwen", "Stella"])
async def test_a_guest_or_a_stranger_who_writes_is_told_once_a_day_whom_it_is_for(office: Office, name: str) -> None:
    outsider = office.sim.acts_as(name)

    async def writes(words: str) -> list[str]:
        await outsider.types(words, channel="@bot")
        await office.settles()
        return [shown.text for shown in outsider.sees("@bot") if "members of this workspace" in shown.text]

    assert len(await writes("hello")) == 1
    assert len(await writes("is anybody there?")) == 1
    await office.sleeps(days=1)
    assert len(await writes("hello again")) == 2


async def test_help_tells_each_role_what_it_can_do(office: Office) -> None:
    told = {}
    for name in ("ben", "aoife", "jonas", "omar"):
        person = office.sim.acts_as(name.capitalize())
        await person.types("/backstop help", channel="#general")
        told[name] = (await person.privately("What you can do here")).text
    assert "For those who lead" not in told["ben"]
    assert "For those who lead" in told["aoife"]
    assert "For those who lead" in told["jonas"]
    assert "For admins" in told["omar"]
    assert "No team yet?" in told["omar"]
    assert all("/goal" in text and "/escalate" in text and "/backstop my-data" in text for text in told.values())
    assert len(told["aoife"]) < 2800


async def test_each_command_answers_help(office: Office) -> None:
    house: House = office.bot.house
    for name, command in house.commands.items():
        typed = f"/{name} help" if command.standalone else f"/backstop {name} help"
        before = len(office.sim.calls)
        await office.ben.types(typed, channel="#general")
        await office.settles()
        shown = office.ben.sees("#general")[-1]
        assert shown.is_ephemeral, typed
        assert f"/{name}" in shown.text or name in shown.text, typed
        assert len(office.sim.calls) >= before


async def test_commands_are_named_as_the_installation_names_them(
    make_office: Callable[..., Awaitable[Office]],
) -> None:
    office = await make_office(BACKSTOP_COMMAND_PREFIX="care-")
    await office.opens()
    await office.ben.types("/care-backstop help", channel="#general")
    told = (await office.ben.privately("What you can do here")).text
    assert "/care-goal" in told
    assert "/goal" not in told
    await office.ben.types("/care-goal show G-9", channel="#general")
    assert "/care-goal list" in (await office.ben.privately("don’t know that goal")).text
    assert "/care-backstop help" in (await office.ben.opens_home()).text
