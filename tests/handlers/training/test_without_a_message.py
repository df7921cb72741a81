"""Reminders to somebody whom the bot can't write to: nobody else waits for them, and Home has what they missed."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from simulator.faults import Fault
from tests.handlers.training.stories import answers, letters, plans
from tests.office import Office

TOMORROW, SOON = "A session that you come to is next", "It begins in a few minutes"


async def both_come(office: Office) -> None:
    await plans(office, office.aoife, capacity="5")
    for person in (office.ben, office.cara):
        assert "You have a place" in await answers(office, person, "I’m going")


def refuses_letters_to(office: Office, name: str, error: str) -> None:
    person = office.sim.workspace.person(name)
    closed = {person.id, office.sim.workspace.im_with(person).id}

    def choose(method: str, asked: Mapping[str, Any]) -> Fault | None:
        to_them = method in {"chat.postMessage", "chat.update"} and asked.get("channel") in closed
        return Fault("error", answer={"ok": False, "error": error}) if to_them else None

    office.sim.faults.choose = choose


@pytest.mark.parametrize("error", ["messages_tab_disabled", "channel_not_found", "restricted_action"])
async def test_whom_slack_lets_nobody_write_to_finds_the_session_on_home_and_everybody_else_is_reminded(
    error: str, office: Office
) -> None:
    await both_come(office)
    refuses_letters_to(office, "Ben", error)
    begins = office.now + timedelta(days=2)
    await office.passes(days=1, hours=20)
    assert [len(letters(person, TOMORROW)) for person in (office.ben, office.cara)] == [0, 1]
    assert "Refunds" in (await office.ben.opens_home()).text
    office.sim.faults.choose = None
    await office.passes(seconds=(begins - office.now).total_seconds() - 300)
    assert [len(letters(person, SOON)) for person in (office.ben, office.cara)] == [1, 1]
    assert len(letters(office.cara, TOMORROW)) == 1


async def test_whose_account_was_closed_is_not_reminded_and_gives_up_their_place(office: Office) -> None:
    await both_come(office)
    office.sim.workspace.deactivate("Ben")
    await office.passes(days=1, hours=23, minutes=50)
    assert not letters(office.ben, TOMORROW) + letters(office.ben, SOON)
    assert len(letters(office.cara, SOON)) == 1
    assert "1 of 5 places taken" in (await office.cara.finds("#care", "places taken")).text
    assert office.sim.surprises == []
