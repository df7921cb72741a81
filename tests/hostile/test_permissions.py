"""The matrix of rights: everything that is registered, sent by everybody who has no right to it, changes nothing and
reaches nobody."""

import json
from typing import Any

import pytest

from bot.app import furnish
from simulator.payloads import Kind, Payload
from tests.hostile.forging import Forger
from tests.hostile.rights import RIGHTS
from tests.hostile.touring import Visitor
from tests.office import Office

MANAGERS_WORDS = (
    "/backstop team",
    "/escalate Login loops",
    "/training new Refunds",
    "/training session Refunds",
    "/training required",
    "/training onboarding",
    "/poll",
    "/goal",
    "/queue",
    "/backstop duty",
    "/availability away",
    "/availability hours",
    "/escalate policy",
    "/escalate E-1",
)
WHAT_IS_LEFT = ("/training", "/poll list", "/goal list", "/backstop team", "/escalate list", "/escalate follow-ups")
AGENTS_WORDS = ("/checkin", "/training", "/availability", "/escalate mine")
VISITED_AT_LEAST = 0.5
"""Of all doors: the tour meets them with values that the bot gave out. The rest is met with made-up ones."""


def doors() -> set[str]:
    house = furnish()
    return {*house.actions, *house.submissions, *house.shortcuts}


def test_everything_that_can_be_clicked_or_submitted_says_whose_it_is() -> None:
    assert doors() - set(RIGHTS) == set(), "say in tests/hostile/rights.py who may send it"
    assert set(RIGHTS) - doors() <= {"polls.quiz_for_session"}


@pytest.mark.timeout(240)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_is_sent_without_the_right_changes_no_row_and_reaches_nobody(office: Office) -> None:
    forger = Forger(office, RIGHTS)
    known = office.sim.app_manifest.commands
    for ends, who, words in (
        (False, office.aoife, MANAGERS_WORDS),
        (False, office.ben, AGENTS_WORDS),
        (True, office.aoife, WHAT_IS_LEFT),
    ):
        visitor = Visitor(office, who, colleague="Ben", ends=ends)
        for command in words:
            if command.split()[0] in known:
                await visitor.types(command)
        await visitor.looks("#care", "#care-escalations", "@bot")
    for door in sorted(doors() - set(forger.tried)):
        kind, payload = made_up(office, door)
        assert kind == "interactive"
        await forger.forge(door, payload)
    forger.close()
    assert "\n".join(sorted(set(forger.failures))) == ""
    visited = set(forger.tried) & doors()
    assert len(visited) >= VISITED_AT_LEAST * len(doors()), sorted(doors() - visited)


def made_up(office: Office, door: str) -> tuple[Kind, Payload]:
    """What nobody was given a button for: ids that may exist, as a forger would guess them."""
    guessed = {"key": "f" * 32, "id": 1, "team": 1, "item": 1, "prompt": 1, "poll": 1, "round": 1, "day": 0}
    view: dict[str, Any] = {
        "id": "V0FORGED",
        "type": "modal" if door in furnish().submissions else "home",
        "callback_id": door,
        "hash": "1.a",
        "private_metadata": json.dumps(guessed),
        "blocks": [],
        "state": {"values": {}},
    }
    payload: Payload = {
        "type": "view_submission" if door in furnish().submissions else "block_actions",
        "token": "t",
        "team": {"id": office.sim.workspace.team_id, "domain": "care"},
        "user": {"id": office.sim.workspace.person("Aoife").id},
        "trigger_id": "1.2.forged",
        "view": view,
    }
    if payload["type"] == "block_actions":
        pressed = {"action_id": door, "block_id": "b", "type": "button", "value": "1", "action_ts": "1.0"}
        payload |= {"container": {"type": "view", "view_id": view["id"]}, "actions": [pressed]}
    if door in furnish().shortcuts:
        payload |= {"type": "shortcut", "callback_id": door}
    return "interactive", payload
