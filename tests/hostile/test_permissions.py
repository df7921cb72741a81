"""The matrix of rights: everything that is registered, sent by everybody who has no right to it, changes nothing and
reaches nobody."""

import json
from typing import Any

import pytest
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.app import furnish
from simulator.payloads import Kind, Payload
from storage.departments import Department
from tests.hostile.forging import FOREIGN_ID, FOREIGN_WORKSPACE, OUTSIDERS, ROLES, Digest, Forger
from tests.hostile.rights import MENUS, RIGHTS
from tests.hostile.touring import tour
from tests.office import Office

ELSEWHERES = "Canary of another workspace"
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
    await tour(office)
    for door in sorted(doors() - set(forger.tried)):
        kind, payload = made_up(office, door)
        assert kind == "interactive"
        await forger.forge(door, payload)
    forger.close()
    assert "\n".join(sorted(set(forger.failures))) == ""
    visited = set(forger.tried) & doors()
    assert len(visited) >= VISITED_AT_LEAST * len(doors()), sorted(doors() - visited)


def test_every_menu_that_asks_for_its_options_says_to_whom() -> None:
    assert set(furnish().options) == set(MENUS), "say in tests/hostile/rights.py who is offered any"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_menu_offers_its_options_to_no_others_and_changes_nothing(office: Office) -> None:
    async with office.bot.store.write() as session:
        session.add(Department(workspace_id=FOREIGN_WORKSPACE, name=ELSEWHERES))
    forger, digest = Forger(office, RIGHTS), Digest(str(office.bot.store.write_engine.url.database))
    before, heard = dict(digest.taken()), len(office.sim.workspace.notified)
    suggestion = office.sim.interactions._payloads.suggestion
    wrong = []
    for menu, may in MENUS.items():
        for role, name in {**OUTSIDERS, **ROLES}.items():
            user_id = office.sim.workspace.person(name).id if name else FOREIGN_ID
            offered = ""
            for typed in ("", "e", ELSEWHERES):
                asked = suggestion(office.sim.workspace.person("Aoife"), "b", menu, typed, view={"type": "modal"})
                body = forger.sent_by(asked, user_id)
                del body["trigger_id"]  # Slack gives none with these
                answer = await office.bot.bolt.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))
                offered += "".join(option["value"] for option in json.loads(answer.body)["options"])
            if bool(offered) != (role in may) or ELSEWHERES in offered.replace(f"new:{ELSEWHERES}", ""):
                wrong.append(f"{menu} offered {role} {offered!r}")
    assert wrong == []
    assert (dict(digest.taken()), len(office.sim.workspace.notified)) == (before, heard)
    digest.close()
    forger.close()


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
